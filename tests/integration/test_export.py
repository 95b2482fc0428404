"""Taking a session away: what is in an export, that a changed byte is found, and that it comes back elsewhere."""

import base64
import contextlib
import io
import json
import random
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pycrdt import Doc, Text
from sqlalchemy import text
from tests.harness.application import Application
from tests.harness.peer import connect_peer
from tests.harness.ports import wait_until
from tests.harness.program import pizarra
from tests.harness.rooms import appended, create, join, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.wire.codec import SyncStep, sync_frame, var_uint
from pizarra.config import Settings
from pizarra.exports.reader import ArchiveError, open_archive, problem_with
from pizarra.exports.restore import import_archive
from pizarra.exports.verify_attachments import problem_with_rest
from pizarra.exports.writer import LOG_FILES
from pizarra.kit.clock import utc_now
from pizarra.timeline.integrity.chain import Log, first_link, next_link

MAX_UNPACKED = Settings().max_unpacked_bytes


async def interview(server: ServerProcess) -> tuple[dict[str, Any], str]:
    """Two people type at once, one runs, one takes notes; return the session and Zoë's credential."""
    body = {"initial_code": "print(6 * 7)\n", "title": "Two </script> Sum", "candidate_name": "Zoë"}
    session = httpx2.post(f"{server.url}/api/sessions", json=body).json()
    path, token = f"{server.url}/api/sessions/{session['session_id']}", join(server, session)
    async with (
        connect_peer(url_of(server, session), control=True) as host,
        connect_peer(url_of(server, session), control=True, token=token) as zoe,
    ):
        for number in range(20):
            await host.insert(0, f"# host {number} <b> 👩🏽‍💻\n")
            last = await zoe.insert(len(str(zoe.text)), f"# zoë {number}\n")
        await zoe.wait_acknowledged(last)
        await zoe.control(type="run.start", stdin="")
        await zoe.wait_for(lambda: bool(zoe.controls_of("run.ended")), 20)

    def left() -> bool:
        entries = httpx2.get(f"{path}/timeline", params={"limit": 1000}).json()
        return [entry["kind"] for entry in entries].count("leave") == 2

    wait_until(left, "the end of their connections")
    httpx2.post(f"{path}/notes", json={"text": "s3cret note"})
    httpx2.put(
        f"{path}/scores",
        json={"scores": [{"criterion": "Testing", "score": 3, "comment": "s3cret why"}]},
    )
    httpx2.post(f"{path}/scores/submit")
    return session, token


def export(
    server: ServerProcess, session: dict[str, Any], token: str | None = None, **query: str
) -> bytes:
    """Return an export, as the owner or as somebody with a credential."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    address = f"{server.url}/api/sessions/{session['session_id']}/export"
    answer = httpx2.get(address, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.content


def members(archive: bytes) -> dict[str, str]:
    """Return the files of an archive."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def rewrite(archive: bytes, changed: dict[str, str]) -> bytes:
    """Return an archive some of whose files are others."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as rewritten:
        for name, text in (members(archive) | changed).items():
            rewritten.writestr(name, text)
    return out.getvalue()


async def test_an_export_holds_everything_that_was_recorded(shared_server: ServerProcess) -> None:
    session, _ = await interview(shared_server)
    files = members(export(shared_server, session))
    assert {
        "README.txt",
        "session.json",
        "timeline.jsonl",
        "notes.jsonl",
        "scores.json",
        "report.html",
    } <= set(files)
    path = f"{shared_server.url}/api/sessions/{session['session_id']}"
    assert files["code/main.py"] == httpx2.get(f"{path}/files/main.py").text
    lines = [json.loads(line) for line in files["timeline.jsonl"].splitlines()]
    assert [{key: entry[key] for key in entry if key != "hash"} for entry in lines] == httpx2.get(
        f"{path}/timeline", params={"limit": 1000}
    ).json()
    manifest = json.loads(files["session.json"])
    assert manifest["logs"]["shared"] == {"entries": len(lines), "hash": lines[-1]["hash"]}
    assert {person["name"] for person in manifest["people"]} == {"Host", "Zoë"}
    assert "s3cret note" in files["notes.jsonl"]
    assert "s3cret why" in files["scores.json"]
    assert "s3cret note" in files["report.html"]
    assert "Two &lt;/script&gt; Sum" in files["report.html"]


async def test_a_report_is_written_in_the_readers_language(shared_server: ServerProcess) -> None:
    session, _ = await interview(shared_server)
    english = export(shared_server, session, format="report").decode()
    spanish = export(shared_server, session, format="report", language="es").decode()
    for said in (">Notes<", ">Runs<", "exited 0", "(candidate)", "typing"):
        assert (said in english, said in spanish) == (True, False), said
    for said in (
        'lang="es"',
        ">Notas<",
        ">Ejecuciones<",
        "salió con 0",
        "(candidatura)",
        "escribiendo",
    ):
        assert (said in english, said in spanish) == (False, True), said
    assert "salió con 0" in members(export(shared_server, session, language="es"))["report.html"]
    address = f"{shared_server.url}/api/sessions/{session['session_id']}/export"
    assert httpx2.get(address, params={"format": "report", "language": "tlh"}).status_code == 422


async def test_a_candidates_export_holds_nothing_private(shared_server: ServerProcess) -> None:
    session, token = await interview(shared_server)
    archive, page = (
        export(shared_server, session, token),
        export(shared_server, session, token, format="html"),
    )
    files = members(archive)
    assert not {"notes.jsonl", "scores.json"} & set(files)
    assert "private" not in json.loads(files["session.json"])["logs"]
    for content in (*files.values(), page.decode()):
        assert "s3cret" not in content
    assert "candidate_name" not in files["session.json"]
    assert "rubric" not in files["session.json"]


CHANGES: list[tuple[str, str]] = [
    ('"kind":"join"', '"kind":"junk"'),
    ('"exit_code":0', '"exit_code":1'),
    ('"seq":5,', '"seq":6,'),
]


@pytest.mark.parametrize("kind", ["archive", "html"])
async def test_a_changed_byte_of_an_export_is_found(
    shared_server: ServerProcess, tmp_path: Path, kind: str
) -> None:
    session, token = await interview(shared_server)
    file = tmp_path / f"session.{kind}"
    for who in (None, token):  # the candidate's copy can be shown to be whole too
        content = export(shared_server, session, who, format=kind)
        file.write_bytes(content)
        found = pizarra("timeline", "verify", file)
        assert found.returncode == 0, found.stdout + found.stderr
        assert "none changed" in found.stdout
        lines = members(content)["timeline.jsonl"] if kind == "archive" else content.decode()
        less = "".join(
            line for line in lines.splitlines(keepends=True) if not line.startswith('{"seq":7,')
        )
        for changed in (*(lines.replace(*change, 1) for change in CHANGES), less):
            assert changed != lines
            file.write_bytes(
                rewrite(content, {"timeline.jsonl": changed})
                if kind == "archive"
                else changed.encode()
            )
            assert problem_with(open_archive(file, MAX_UNPACKED), "shared") is not None
        found = pizarra("timeline", "verify", file)
        assert found.returncode == 1
        assert "✗ shared log: entry 7 is missing" in found.stdout
    end = len(content) // 2 if kind == "archive" else content.index(b'{"seq":9,') + 20
    file.write_bytes(content[:end])
    assert pizarra("timeline", "verify", file).returncode == 1


@pytest.mark.parametrize("kind", ["archive", "html"])
async def test_one_byte_changed_anywhere_is_found(
    shared_server: ServerProcess, tmp_path: Path, kind: str
) -> None:
    session, _ = await interview(shared_server)
    content, chance = export(shared_server, session, format=kind), random.Random(5)
    file = tmp_path / f"session.{kind}"
    places = [chance.randrange(len(content)) for _ in range(60)]
    if kind == "archive":  # in what it holds: a date in the archive's own list says nothing
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            held = [
                (
                    start := info.header_offset + 30 + len(info.filename.encode()),
                    start + info.compress_size,
                )
                for info in opened.infolist()
            ]
        places = [chance.randrange(*each) for each in held for _ in range(8)]
    for place in places:
        changed = (
            content[:place]
            + bytes([content[place] ^ (1 << chance.randrange(8))])
            + content[place + 1 :]
        )
        if kind == "archive" and _same(changed, content):
            continue  # a bit that compression leaves unused
        file.write_bytes(changed)
        assert not _is_whole(file), place


def _same(one: bytes, other: bytes) -> bool:
    with contextlib.suppress(
        zipfile.BadZipFile, zlib.error, UnicodeDecodeError, NotImplementedError, EOFError
    ):
        return members(one) == members(other)
    return False


def _is_whole(file: Path) -> bool:
    try:
        archive = open_archive(file, MAX_UNPACKED)
    except ArchiveError:
        return False
    return (
        all(problem_with(archive, log) is None for log in archive.logs)
        and problem_with_rest(archive) is None
    )


async def test_the_code_in_an_archive_is_what_its_log_comes_to(
    shared_server: ServerProcess, tmp_path: Path
) -> None:
    session, _ = await interview(shared_server)
    content, file = export(shared_server, session), tmp_path / "session.zip"
    better = members(content)["code/main.py"].replace("6 * 7", "9 * 9")
    for changed, told in (
        ({"code/main.py": better}, "code/main.py is not what the log comes to"),
        ({"code/more.py": "x"}, "code/more.py is not in the log"),
    ):
        file.write_bytes(rewrite(content, changed))
        found = pizarra("timeline", "verify", file)
        assert (found.returncode, told in found.stdout) == (1, True), found.stdout
        refused = pizarra("import", file, "--data-dir", tmp_path / "here")
        assert (refused.returncode, told in refused.stderr) == (1, True), refused.stderr


async def test_a_changed_byte_of_the_database_is_found(tmp_path: Path, runner_socket: Path) -> None:
    with server_process(tmp_path, runner_socket=runner_socket, seal_seconds=0.2) as server:
        session, _ = await interview(server)
        export(server, session)
    verify = ("timeline", "verify", "--data-dir", server.data_dir)
    found = pizarra(*verify)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "nothing was changed" in found.stdout
    statements = (
        'UPDATE timeline_entries SET "update" = zeroblob(9) WHERE seq = 1',
        "UPDATE timeline_entries SET at = at + 1 WHERE seq = 4",
        "DELETE FROM timeline_entries WHERE seq = (SELECT max(seq) FROM timeline_entries)",
        'UPDATE private_entries SET data = \'{"text": "better"}\' WHERE seq = 1',
        "UPDATE seals SET link = replace(link, substr(link, 1, 1), 'x')",
    )
    changed = tmp_path / "changed"
    for statement in statements:
        shutil.copytree(server.data_dir, changed)
        with contextlib.closing(sqlite3.connect(changed / "pizarra.db")) as database:
            database.execute(statement)
            database.commit()
        found = pizarra("timeline", "verify", "--data-dir", changed)
        assert found.returncode == 1, statement
        assert f"✗ {session['session_id']}" in found.stdout, found.stdout + found.stderr
        shutil.rmtree(changed)


async def test_a_session_comes_back_on_another_server(
    shared_server: ServerProcess, tmp_path: Path, runner_socket: Path
) -> None:
    session, _ = await interview(shared_server)
    file = tmp_path / "session.zip"
    file.write_bytes(export(shared_server, session))
    elsewhere = tmp_path / "elsewhere"
    assert pizarra("import", file, "--data-dir", elsewhere).returncode == 0
    again = pizarra("import", file, "--data-dir", elsewhere)
    assert again.returncode == 1
    assert "is here already" in again.stderr
    assert pizarra("timeline", "verify", "--data-dir", elsewhere).returncode == 0
    path = f"/api/sessions/{session['session_id']}"
    with server_process(elsewhere, runner_socket=runner_socket) as other:
        here, there = (httpx2.Client(base_url=each.url) for each in (shared_server, other))
        with here, there:
            entries = here.get(f"{path}/timeline", params={"limit": 1000}).json()
            assert there.get(f"{path}/timeline", params={"limit": 1000}).json() == entries
            for seq in range(1, len(entries) + 1):
                files = f"{path}/files/main.py?at={seq}"
                assert there.get(files).text == here.get(files).text
            run = next(each["data"]["run_id"] for each in entries if each["kind"] == "run.started")
            assert there.get(f"{path}/runs/{run}").json() == here.get(f"{path}/runs/{run}").json()
            assert there.get(f"{path}/notes").json() == here.get(f"{path}/notes").json()
            scores = [each["scores"] for each in there.get(f"{path}/scores").json()]
            assert scores == [each["scores"] for each in here.get(f"{path}/scores").json()]
            assert there.get(path).json()["status"] == "ended"
            # "Would it have passed here?" can still be asked.
            rerun = there.post(f"{path}/runs?wait=true", json={"at": 1}).json()
            assert (rerun["status"], rerun["stdout"]) == ("exited", "42\n")
            assert there.get(f"{path}/timeline", params={"limit": 1000}).json() == entries


async def test_what_waited_for_an_edit_waits_after_an_import(
    shared_server: ServerProcess, running: Application, tmp_path: Path
) -> None:
    """No browser shows what lies behind a hole, so neither may the files of the session that was imported."""
    session = create(shared_server, "hello")
    url = url_of(shared_server, session)
    doc: Doc[Any] = Doc()
    async with connect_peer(url) as ann:
        doc.apply_update(ann.doc.get_update())
        appended(doc, "lost on its way")
        known = doc.get_state()
        doc.get("file:main.py", type=Text).insert(0, "behind it")
        await ann.socket.send(sync_frame(SyncStep.UPDATE, doc.get_update(known)))
        await ann.wait_acknowledged(await ann.insert(0, "# "))
    file, path = tmp_path / "session.zip", f"/api/sessions/{session['session_id']}"
    file.write_bytes(export(shared_server, session))
    await import_archive(
        running.app.state.services.database, open_archive(file, MAX_UNPACKED), utc_now()
    )
    async with running.client() as there:
        assert (await there.get(f"{path}/files/main.py")).text == "# hello"
    assert httpx2.get(f"{shared_server.url}{path}/files/main.py").text == "# hello"


async def test_nothing_is_imported_of_what_was_changed(
    sqlite_server: ServerProcess, running: Application, tmp_path: Path
) -> None:
    session, _ = await interview(sqlite_server)
    content = export(sqlite_server, session)
    file, database = tmp_path / "session.zip", running.app.state.services.database
    files = members(content)
    for name, before, after in (
        ("timeline.jsonl", '"kind":"leave"', '"kind":"join"'),
        ("timeline.jsonl", '"seq":2,', f'"seq":{"[" * 100_000},'),
        ("notes.jsonl", "s3cret", "public"),
        ("session.json", '"entries": ', '"entries": 1'),
        ("session.json", '"version": 1', '"version": 99'),
        ("session.json", session["session_id"], "0" * 32),
        ("session.json", '"role": "candidate"', '"role": "king"'),
        ("scores.json", '"scores": [', '"points": ['),
    ):
        assert before in files[name]
        file.write_bytes(rewrite(content, {name: files[name].replace(before, after)}))
        with pytest.raises(ArchiveError):
            await import_archive(database, open_archive(file, MAX_UNPACKED), utc_now())
    file.write_bytes(b"PK not an archive")
    with pytest.raises(ArchiveError):
        open_archive(file, MAX_UNPACKED)
    async with database.read() as db:
        assert await db.scalar(text("SELECT count(*) FROM sessions")) == 0
    file.write_bytes(content)
    assert await import_archive(database, open_archive(file, MAX_UNPACKED), utc_now()) == len(
        files["timeline.jsonl"].splitlines()
    )


def forged(content: bytes, log: Log, change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    """Return an archive with other entries and hashes that fit: whoever makes an archive can make those too."""
    files, name = members(content), LOG_FILES[log]
    entries, manifest = (
        [json.loads(line) for line in files[name].splitlines()],
        json.loads(files["session.json"]),
    )
    change(entries)
    link = first_link(log, manifest["session"]["session_id"])
    for entry in entries:
        entry["hash"] = link = next_link(link, entry)
    manifest["logs"][log]["hash"] = link
    return rewrite(
        content, {name: "\n".join(map(json.dumps, entries)), "session.json": json.dumps(manifest)}
    )


def sets(kind: str, **fields: Any) -> Callable[[list[dict[str, Any]]], None]:
    def change(entries: list[dict[str, Any]]) -> None:
        next(entry for entry in entries if entry["kind"] == kind)["data"].update(fields)

    return change


# Twenty thousand values of one key, none of which knows of another: each look at it would take seconds.
MANY_SETS = b"\1" + var_uint(20_000) + b"\5\0" + b"\x28\1\1x\1k\1\x78" * 20_000 + b"\0"
PICTURE_IN_A_TEXT = b"\1\1\5\0\5\1\x0cfile:main.py\x02{}\0"


@pytest.mark.parametrize(
    ("log", "change", "says"),
    [
        (
            "shared",
            sets("edit", update=base64.b64encode(MANY_SETS).decode()),
            "an edit that no server would record",
        ),
        (
            "shared",
            sets("edit", update=base64.b64encode(PICTURE_IN_A_TEXT).decode()),
            "an edit that no server would record",
        ),
        (
            "shared",
            sets("edit", update=base64.b64encode(b"\x01\xff\xff\xff\xff\x0f").decode()),
            "malformed update",
        ),
        ("shared", sets("run.ended", duration_ms=2**70), "run.ended: duration_ms"),
        ("shared", sets("run.started", stdin="a\0b"), "run.started: its text holds NUL"),
        ("shared", sets("run.ended", status="king"), "run.ended: status"),
        ("shared", sets("run.output", stream="stdin"), "output on 'stdin'"),
        ("shared", sets("run.ended", diagnostics=[{"line": "soon"}]), "DiagnosticFound"),
        ("private", sets("note", text=None), "note: text"),
        ("private", sets("note", anchor="soon"), "note: anchor"),
    ],
)
async def test_an_archive_is_not_believed_because_its_hashes_fit(
    sqlite_server: ServerProcess,
    running: Application,
    tmp_path: Path,
    log: Log,
    change: Any,
    says: str,
) -> None:
    session, _ = await interview(sqlite_server)
    file, database = tmp_path / "session.zip", running.app.state.services.database
    file.write_bytes(forged(export(sqlite_server, session), log, change))
    with pytest.raises(ArchiveError, match=says):
        await import_archive(database, open_archive(file, MAX_UNPACKED), utc_now())
    async with database.read() as db:
        assert await db.scalar(text("SELECT count(*) FROM sessions")) == 0


async def test_the_command_exports_the_same(shared_server: ServerProcess, tmp_path: Path) -> None:
    if shared_server.database_url is not None:
        pytest.skip("the database's address is the only difference")
    session, _ = await interview(shared_server)
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / ".out.zip.part").symlink_to(elsewhere)  # somebody guessed where it would be made
    for options, private in (([], True), (["--candidate"], False)):
        file = tmp_path / "out.zip"
        found = pizarra(
            "export",
            session["session_id"],
            "--out",
            file,
            "--data-dir",
            shared_server.data_dir,
            *options,
            "--language",
            "es",
        )
        assert found.returncode == 0, found.stderr
        assert ("notes.jsonl" in members(file.read_bytes())) == private
        assert 'lang="es"' in members(file.read_bytes())["report.html"]
        assert pizarra("timeline", "verify", file).returncode == 0
    assert not elsewhere.exists()
    assert pizarra("export", "0" * 32, "--data-dir", shared_server.data_dir).returncode == 1


async def test_a_rerun_leaves_no_trace_and_is_for_who_asked(shared_server: ServerProcess) -> None:
    session, token = await interview(shared_server)
    path = f"{shared_server.url}/api/sessions/{session['session_id']}"
    before = httpx2.get(f"{path}/timeline", params={"limit": 1000}).json()
    run = httpx2.post(f"{path}/runs?wait=true", json={"at": 1}).json()
    assert (run["status"], run["stdout"], run["at"]) == ("exited", "42\n", 1)
    assert httpx2.get(f"{path}/runs/{run['run_id']}").json() == run
    headers = {"authorization": f"Bearer {token}"}
    assert httpx2.get(f"{path}/runs/{run['run_id']}", headers=headers).status_code == 404
    assert httpx2.get(f"{path}/timeline", params={"limit": 1000}).json() == before
