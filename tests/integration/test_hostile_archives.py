"""Exported sessions that somebody else made: each is refused in a sentence, in bounded memory and time."""

import io
import json
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tests.harness.application import Application
from tests.harness.program import pizarra

from pizarra.exports.reader import ArchiveError, open_archive, problem_with
from pizarra.exports.restore import import_archive
from pizarra.exports.writer import FORMAT, LOG_FILES, VERSION
from pizarra.kit.clock import utc_now
from pizarra.timeline.integrity.chain import first_link, next_link

MOST = 100_000_000
NOW = "2026-12-01T12:00:00+00:00"
STARTED: dict[str, Any] = {
    "run_id": "a" * 32,
    "language": "python",
    "path": "main.py",
    "stdin": "",
    "at": 0,
    "terminal": None,
    "limits": {},
}


def manifest(entries: list[dict[str, Any]], **session: Any) -> dict[str, Any]:
    """Return the `session.json` of a session with these entries, whose hashes are made to fit."""
    session_id = session.get("session_id", "5" * 32)
    link = first_link("shared", session_id)
    for entry in entries:
        entry["hash"] = link = next_link(link, entry)
    about = {"session_id": session_id, "title": "x", "language": "python", "initial_code": ""}
    about |= {"created_at": NOW, "signals": "all", "rules": ""} | session
    logs = {"shared": {"entries": len(entries), "hash": link}}
    return {"format": FORMAT, "version": VERSION, "session": about, "people": [], "logs": logs}


def packed(
    about: object,
    entries: list[dict[str, Any]],
    method: int = zipfile.ZIP_DEFLATED,
    more: dict[str, bytes] | None = None,
) -> bytes:
    out = io.BytesIO()
    lines = "\n".join(map(json.dumps, entries))
    files = {"session.json": json.dumps(about), LOG_FILES["shared"]: lines} | (more or {})
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def entry(**fields: Any) -> dict[str, Any]:
    whole = {"seq": 1, "at": NOW, "kind": "run.started", "participant_id": None, "data": STARTED}
    return whole | fields


def with_head(archive: bytes, offset: int, value: bytes) -> bytes:
    """Return an archive in whose directory something else is said of the first file, and in its own head."""
    whole = bytearray(archive)
    for at in (whole.index(b"PK\3\4") - 2, whole.index(b"PK\1\2")):
        whole[at + offset : at + offset + len(value)] = value
    return bytes(whole)


PLAIN = packed(manifest([]), [])
ENCRYPTED, BY_METHOD_99 = with_head(PLAIN, 8, b"\1\0"), with_head(PLAIN, 10, b"\x63\0")
NO_LOGS: list[Any] = [{}, [], None, 5, {"private": {}}]
LOGLESS = [manifest([]) | {"logs": logs} for logs in NO_LOGS]
ENDLESS = [
    manifest([]) | {"logs": {"shared": end}}
    for end in (5, {}, {"entries": True, "hash": ""}, {"entries": 0.0, "hash": ""}, {"entries": 0})
]
NO_SESSIONS: list[Any] = [None, [], {}, {"session_id": 5}]
NAMELESS = [manifest([]) | {"session": about} for about in NO_SESSIONS]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (ENCRYPTED, "it is encrypted"),
        (BY_METHOD_99, "session.json is compressed in a way that is not taken"),
        (packed(manifest([]), [], zipfile.ZIP_BZIP2), "in a way that is not taken"),
        (with_head(PLAIN, 6, b"\xff\0"), "cannot be read"),
        (packed("[", []), "Pizarra did not export it"),
        *((packed(about, []), "names no log") for about in LOGLESS),
        *((packed(about, []), "does not say where its logs end") for about in ENDLESS),
        *((packed(about, []), "names no session") for about in NAMELESS),
        (
            packed(manifest([]), [], more={"scores.json": bytes(17 << 20)}),
            "scores.json is too large",
        ),
        (packed(manifest([]), [], more={f"code/{n}": b"" for n in range(20_001)}), "20,000 files"),
    ],
)
def test_an_archive_that_is_none_of_ours_gets_a_sentence(
    tmp_path: Path, content: bytes, says: str
) -> None:
    file = tmp_path / "session.zip"
    file.write_bytes(content)
    with pytest.raises(ArchiveError, match=says):
        open_archive(file, MOST)


def test_the_command_says_so_in_one_line(tmp_path: Path) -> None:
    """Without a log there was nothing to be wrong: it said that nothing was changed."""
    file = tmp_path / "session.zip"
    for content in (ENCRYPTED, packed(LOGLESS[0], [])):
        file.write_bytes(content)
        told = pizarra("timeline", "verify", str(file))
        assert told.returncode == 1
        assert len(told.stderr.splitlines()) == 1
        assert not told.stdout


@pytest.mark.parametrize("seq", [True, 1.0])
def test_a_number_that_is_none_of_a_log_is_a_change(tmp_path: Path, seq: float) -> None:
    entries = [entry(seq=seq)]
    file = tmp_path / "session.zip"
    file.write_bytes(packed(manifest(entries), entries))
    assert problem_with(open_archive(file, MOST), "shared") == "entry 1 is missing"


def test_a_page_of_beginnings_takes_no_time(tmp_path: Path) -> None:
    """Each was looked for the end of: 200,000 of them took longer than anybody waited."""
    file = tmp_path / "session.html"
    file.write_text('<script type="application/json" id="session">' * 200_000)
    began = time.process_time()
    with pytest.raises(ArchiveError, match="neither an archive nor a page"):
        open_archive(file, MOST)
    assert time.process_time() - began < 2


def test_a_page_of_one_endless_line_is_not_read_into_memory(tmp_path: Path) -> None:
    file = tmp_path / "session.html"
    about = json.dumps(manifest([]))
    with file.open("wb") as page:
        page.write(b'<script type="application/json" id="session">%b</script>\n' % about.encode())
        page.write(b'<script type="application/x-ndjson" id="shared">\n')
        for _ in range(400):
            page.write(b"x" * (1 << 20))
    archive = open_archive(file, MOST)
    tracemalloc.start()
    try:
        assert "a line is too long" in str(problem_with(archive, "shared"))
        assert tracemalloc.get_traced_memory()[1] < 300 << 20
    finally:
        tracemalloc.stop()


AT_NO_TIME = ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")


@pytest.mark.parametrize("instant", AT_NO_TIME)
@pytest.mark.parametrize("of", ["created_at", "ended_at", "clock_started_at", "an entry"])
async def test_nothing_is_imported_that_was_at_no_time(
    running: Application, tmp_path: Path, of: str, instant: str
) -> None:
    """Of a session from the year 9999 nobody could reckon when its links end: no list that had it could be read."""
    entries = [entry(at=instant) if of == "an entry" else entry()]
    session = {of: instant} if of != "an entry" else {}
    file, database = tmp_path / "session.zip", running.app.state.services.database
    file.write_bytes(packed(manifest(entries, **session), entries))
    with pytest.raises(
        ArchiveError, match=r"nothing was imported: (Overflow|ValueError.*an instant)"
    ):
        await import_archive(database, open_archive(file, MOST), utc_now())
    async with database.read() as db:
        assert await db.scalar(text("SELECT count(*) FROM sessions")) == 0


POSED: dict[str, Any] = {
    "question_id": "q",
    "version": 1,
    "form": "stdio",
    "title": "Two",
    "statement": "",
    "spoken": "en",
}


@pytest.mark.parametrize(
    "odd", [{"translations": {"es": {}}}, {"signature": {"function": 5}}, {"title": ""}]
)
async def test_a_question_that_cannot_be_shown_is_not_imported(
    running: Application, tmp_path: Path, odd: dict[str, Any]
) -> None:
    """Whoever opened the session was told that something broke on our side."""
    file, database = tmp_path / "session.zip", running.app.state.services.database
    for more, is_good in (
        (odd, False),
        ({"translations": {"es": {"title": "Dos", "statement": ""}}}, True),
    ):
        entries = [entry(kind="problem", data=POSED | more)]
        file.write_bytes(packed(manifest(entries), entries))
        if is_good:
            assert await import_archive(database, open_archive(file, MOST), utc_now()) == 1
        else:
            with pytest.raises(ArchiveError, match="nothing was imported"):
                await import_archive(database, open_archive(file, MOST), utc_now())


async def test_ids_of_another_session_are_not_taken(running: Application, tmp_path: Path) -> None:
    """It was said that the database could not be used."""
    file, database = tmp_path / "session.zip", running.app.state.services.database
    entries = [entry()]
    file.write_bytes(packed(manifest(entries), entries))
    assert await import_archive(database, open_archive(file, MOST), utc_now()) == 1
    file.write_bytes(packed(manifest(entries, session_id="6" * 32), entries))
    with pytest.raises(ArchiveError, match="names somebody or a run twice"):
        await import_archive(database, open_archive(file, MOST), utc_now())
    async with database.read() as db:
        assert await db.scalar(text("SELECT count(*) FROM sessions")) == 1
