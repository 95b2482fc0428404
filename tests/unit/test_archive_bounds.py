"""An archive that would unpack to more than a session can have is refused before any of it is read."""

import zipfile
from pathlib import Path

import pytest

from pizarra.exports.reader import ArchiveError, open_archive


def test_an_archive_of_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "session.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("session.json", "{}")
        packed.writestr("timeline.ndjson", b"\0" * 2_000_000)
    with pytest.raises(ArchiveError, match="unpacked it would have more than 1,000,000 bytes"):
        open_archive(path, max_unpacked=1_000_000)
