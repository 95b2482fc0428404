"""What people may take with them: the files, and what was recorded, as one ZIP archive."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from pizarra.kit.paths import portable

_README = """This is what Pizarra kept of the session "{title}".

code/           the files as they are at the end
timeline.jsonl  everything recorded, one JSON object a line: seq, at, kind, participant_id, data
people.json     who took part
"""


def build_archive(
    title: str,
    files: Mapping[str, str],
    people: Iterable[dict[str, Any]],
    timeline: Iterable[str] | None,
) -> bytes:
    """Return the archive; `timeline` are entries as lines of JSON, None leaves what was recorded out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README.format(title=title))
        # A name that would lead out of the folder it is unpacked in, or that a computer cannot hold, gets another one.
        for name, text in zip(portable(files), files.values(), strict=True):
            archive.writestr(f"code/{name}", text.encode("utf-8", errors="replace"))
        archive.writestr("people.json", json.dumps(list(people), ensure_ascii=False, indent=1))
        if timeline is not None:
            archive.writestr(
                "timeline.jsonl",
                "".join(f"{line}\n" for line in timeline).encode("utf-8", "replace"),
            )
    return buffer.getvalue()
