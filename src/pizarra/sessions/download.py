"""What people may take with them: the files, and what was recorded, as one ZIP archive."""

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from pizarra.collab.document import Document
from pizarra.models import InterviewSession
from pizarra.runs.planning import is_safe_path
from pizarra.timeline.schemas import TimelineEntryRead

_README = """This is what Pizarra kept of the session "{title}".

code/           the files as they are at the end
timeline.jsonl  everything recorded, one JSON object a line: seq, at, kind, participant_id, data
people.json     who took part
"""


def build_archive(
    session: InterviewSession,
    document: Document,
    people: Iterable[dict[str, Any]],
    timeline: Iterable[TimelineEntryRead] | None,
) -> bytes:
    """Return the archive; `timeline` of None leaves what was recorded out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README.format(title=session.title))
        for number, file in enumerate(document.files(), 1):
            # A name that would lead out of the folder it is unpacked in gets another one.
            name = file.path if is_safe_path(file.path) else f"file-{number}"
            archive.writestr(f"code/{name}", (document.text(file.path) or "").encode("utf-8", errors="replace"))
        archive.writestr("people.json", json.dumps(list(people), ensure_ascii=False, indent=1))
        if timeline is not None:
            lines = (entry.model_dump_json() + "\n" for entry in timeline)
            archive.writestr("timeline.jsonl", "".join(lines))
    return buffer.getvalue()
