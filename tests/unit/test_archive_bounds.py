"""An archive that would unpack to more than a session can have is refused before any of it is read."""

import base64
import json
import zipfile
from pathlib import Path

import pytest
from tests.unit.test_hostile_updates import place

from pizarra.collab.wire.codec import var_uint
from pizarra.exports.reader import ArchiveError, open_archive
from pizarra.exports.replaying import replay
from pizarra.exports.writer import FORMAT, VERSION
from pizarra.timeline.integrity.chain import FIELDS

ABOUT = {
    "format": FORMAT,
    "version": VERSION,
    "session": {"session_id": "5" * 32},
    "logs": {"shared": {"entries": 1, "hash": ""}},
}


def test_an_archive_of_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "session.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("session.json", "{}")
        packed.writestr("timeline.ndjson", b"\0" * 2_000_000)
    with pytest.raises(ArchiveError, match="unpacked it would have more than 1,000,000 bytes"):
        open_archive(path, max_unpacked=1_000_000)


def early(client: int) -> bytes:
    """Return an edit by `client` that builds on a letter of the same client's that nobody has."""
    return b"\1\1" + var_uint(client) + b"\1\x84" + place(client, 0) + b"\1a\0"


def test_an_archive_of_edits_that_build_on_nothing_is_refused(tmp_path: Path) -> None:
    """All that wait are gone through with each one that comes: ten thousand with ten thousand took hours."""
    path = tmp_path / "session.zip"
    for count, refused in ((1_000, False), (1_001, True)):
        entries = [
            dict.fromkeys(FIELDS)
            | {"seq": seq, "kind": "edit", "data": {"update": base64.b64encode(edit).decode()}}
            for seq, edit in enumerate(map(early, range(7, 7 + count)), 1)
        ]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("session.json", json.dumps(ABOUT))
            packed.writestr("timeline.jsonl", "\n".join(map(json.dumps, entries)))
        archive = open_archive(path, max_unpacked=10_000_000)
        if refused:
            with pytest.raises(ArchiveError, match="entry 1001: an edit that no server"):
                replay(archive)
        else:
            replay(archive)
