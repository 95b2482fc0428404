"""Whether what stands beside the logs in an export is what was exported: code, report, scores, the player."""

import hashlib
import re
import zipfile

from pizarra.exports.reader import UNREADABLE, Archive, ArchiveError
from pizarra.exports.replaying import replay
from pizarra.exports.writer import code_members

_SEAL = re.compile(rb"<!--sha256:([0-9a-f]{64})-->\n\Z")
_SEAL_BYTES = len("<!--sha256:-->\n") + 64
_PIECE = 1024 * 1024


def problem_with_rest(archive: Archive) -> str | None:
    """Return what beside the logs was changed, or None. Look at the logs first: the code is compared with them."""
    try:
        document = replay(archive)
        if not zipfile.is_zipfile(archive.path):
            return _problem_with_page(archive)
        with zipfile.ZipFile(archive.path) as opened:
            if (name := opened.testzip()) is not None:
                return f"{name} was changed"
            names = {name for name in opened.namelist() if name.startswith("code/")}
            for name, content in code_members(document.texts()):
                if (
                    name not in names
                    or opened.getinfo(name).file_size != len(content)
                    or opened.read(name) != content
                ):
                    return f"{name} is not what the log comes to"
                names.discard(name)
            return f"{min(names)} is not in the log" if names else None
    except ArchiveError as error:
        return str(error)
    except UNREADABLE as error:
        return f"it cannot be read: {error}"


def _problem_with_page(archive: Archive) -> str | None:
    whole, left = hashlib.sha256(), archive.path.stat().st_size - _SEAL_BYTES
    with archive.path.open("rb") as page:
        while left > 0 and (piece := page.read(min(left, _PIECE))):
            whole.update(piece)
            left -= len(piece)
        found = _SEAL.match(page.read())
    if found is None:
        return "its last line is missing or was changed" if archive.manifest.get("sealed") else None
    return None if found[1].decode() == whole.hexdigest() else "something in the page was changed"
