"""`pizarra db move`: an interview recorded on SQLite goes on on PostgreSQL, and nothing half goes anywhere."""

import asyncio
import io
import signal
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from tests.harness.fresh import embed
from tests.harness.peer import connect_peer
from tests.harness.postgres import Postgres
from tests.harness.program import Program, clean_environment, pizarra
from tests.harness.rooms import create, join, text_of, url_of
from tests.harness.server import ServerProcess, server_process


def move(folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return pizarra("db", "move", "--to", url, "--data-dir", folder)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence that it ends with."""
    assert done.returncode == 1, done.stdout
    (line,) = [each for each in done.stderr.splitlines() if each.startswith("pizarra: ")]
    assert line.startswith("pizarra: nothing was moved: "), done.stderr
    return line


QUESTION = {
    "title": "Twice",
    "statement": "Print twice the number.",
    "translations": {"es": {"title": "Doble", "statement": "Imprime el doble del número ñ."}},
    "languages": ["python"],
    "references": {"python": "print(int(input()) * 2)\n"},
    "samples": [{"name": "three", "input": "3\n", "expected": "6\n"}],
    "secret": [{"name": "small", "cases": [{"input": "0\n", "expected": "0\n"}]}],
}


def people(folder: Path, *more: str) -> str:
    """Return the accounts and their tokens, as the command line lists them."""
    where = ("--data-dir", str(folder), *more)
    said = [pizarra("user", "list", *where), pizarra("token", "list", *where)]
    assert [done.returncode for done in said] == [0, 0], said
    return "".join(done.stdout for done in said)


def archived(server: ServerProcess, session: dict[str, Any]) -> dict[str, bytes]:
    """Return what a session's archive holds, but for what names the moment it was made."""
    path = f"{server.url}/api/sessions/{session['session_id']}/export"
    with zipfile.ZipFile(io.BytesIO(httpx2.get(path).content)) as archive:
        names = set(archive.namelist()) - {"session.json", "report.html"}
        assert {"timeline.jsonl", "notes.jsonl"} <= names
        return {name: archive.read(name) for name in names}


def everything(server: ServerProcess, session: dict[str, Any]) -> list[str]:
    """Return what the API tells of a session."""
    path = f"{server.url}/api/sessions/{session['session_id']}"
    places = ("", "/timeline?limit=1000", "/runs", "/notes", "/people", "/files", "/invites")
    return [httpx2.get(f"{path}{place}").text.replace(server.url, "") for place in places]


async def test_an_interview_goes_on_on_postgresql(
    tmp_path: Path, runner_socket: Path, cluster: Postgres
) -> None:
    url = cluster.create_database()
    pizarra("db", "upgrade", "--data-dir", tmp_path).check_returncode()
    for words in (("user", "add", "ana@example.org"), ("token", "create", "ana@example.org", "ci")):
        pizarra(*words, "--data-dir", tmp_path).check_returncode()
    accounts = people(tmp_path)
    assert accounts.count("ana@example.org") > 0
    with server_process(tmp_path, runner_socket=runner_socket) as server:
        made = httpx2.post(f"{server.url}/api/questions", json=QUESTION)
        assert made.status_code == 201, made.text
        question = made.json()["question_id"]
        session = create(server, "print(6 * 7)\n")
        path = f"{server.url}/api/sessions/{session['session_id']}"
        token = join(server, session)
        async with connect_peer(url_of(server, session), token=token) as zoe:
            for number in range(30):
                await zoe.wait_acknowledged(await zoe.insert(0, f"# {number} ñ 🙂\n"))
        run = httpx2.post(f"{path}/runs?wait=true", json={"stdin": "x\n"}).json()
        assert run["stdout"] == "42\n"
        httpx2.post(f"{path}/notes", json={"kind": "note", "text": "¿y por qué?"})
        httpx2.post(f"{path}/invites", json={"role": "observer"})
        posed = httpx2.post(f"{server.url}/api/sessions", json={"question_id": question}).json()
        told = [everything(server, session), everything(server, posed)]
        kept = [archived(server, session), archived(server, posed)]
        asked = httpx2.get(f"{server.url}/api/questions/{question}").json()
        assert "in use: stop the server first" in refused(move(tmp_path, url))
        assert server.terminate() == 0
    done = move(tmp_path, url)
    assert done.returncode == 0, done.stderr
    assert "timeline_entries: " in done.stderr
    assert "nothing was changed." in done.stdout
    assert "holds exactly what SQLite holds" in done.stdout
    assert "the target is not empty: " in refused(move(tmp_path, url))
    with server_process(tmp_path, url, runner_socket=runner_socket) as server:
        assert [everything(server, session), everything(server, posed)] == told
        assert [archived(server, session), archived(server, posed)] == kept
        assert httpx2.get(f"{server.url}/api/questions/{question}").json() == asked
        assert people(tmp_path, "--database-url", url) == accounts
        async with connect_peer(url_of(server, session), token=token) as zoe:
            await zoe.wait_acknowledged(await zoe.insert(0, "on "))
        assert text_of(server, session).startswith("on # 29 ñ 🙂\n")
        assert create(server)["session_id"] != session["session_id"]  # its number is a free one
        run = httpx2.post(f"{server.url}/api/sessions/{session['session_id']}/runs?wait=true")
        assert run.status_code == 200
    verified = pizarra("timeline", "verify", "--data-dir", tmp_path, "--database-url", url)
    assert verified.returncode == 0, verified.stdout


@pytest.mark.parametrize(
    ("table", "does", "says"),
    [
        ("sessions", "RAISE EXCEPTION 'no room'", "no room"),
        ("sessions", "NEW.title := 'x'; RETURN NEW", "of sessions SQLite has 1 row, and"),
        ("timeline_entries", "RETURN NULL", "of timeline_entries SQLite has 1 row, and"),
    ],
    ids=["fails", "changes", "loses"],
)
async def test_all_of_it_or_nothing(
    tmp_path: Path, runner_socket: Path, cluster: Postgres, table: str, does: str, says: str
) -> None:
    with server_process(tmp_path, runner_socket=runner_socket) as server:
        create(server)
    with cluster.lend() as url:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(
                f"CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does}; END $$;"
                f"CREATE TRIGGER meddle BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION meddle()"
            )
            assert says in refused(move(tmp_path, url))
            for each in ("sessions", "timeline_entries", "snapshots"):
                assert await connection.fetchval(f"SELECT count(*) FROM {each}") == 0
            await connection.execute("DROP FUNCTION meddle CASCADE")
        finally:
            await connection.close()
        assert move(tmp_path, url).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["^C", "kill -9"])
async def test_an_interrupted_move_leaves_nothing(
    tmp_path: Path, runner_socket: Path, cluster: Postgres, number: signal.Signals
) -> None:
    """In the middle: sessions are there, and their first entry waits for somebody who holds a lock."""
    with server_process(tmp_path, runner_socket=runner_socket) as server:
        create(server)
    with cluster.lend() as url:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(
                "CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;"
                "SELECT pg_advisory_lock(1);"
                "CREATE TRIGGER waits BEFORE INSERT ON timeline_entries "
                "FOR EACH ROW EXECUTE FUNCTION waits()"
            )
            out = tmp_path / "out"
            command = ["db", "move", "--to", url, "--data-dir", str(tmp_path)]
            program = Program(command, clean_environment(), out, out)
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            async with asyncio.timeout(60):
                while not await connection.fetchval(waiting):
                    await asyncio.sleep(0.02)
            program.send_signal(number)
            status = await asyncio.to_thread(program.wait, 20)
            assert status == (130 if number == signal.SIGINT else -number), out.read_text()
            assert ("interrupted: nothing was moved" in out.read_text()) == (status == 130)
            await connection.execute("SELECT pg_advisory_unlock(1)")
            async with asyncio.timeout(20):  # PostgreSQL notices that nobody is there any more
                while await connection.fetchval(
                    "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
                    "WHERE c.relname = 'sessions' AND l.mode = 'ExclusiveLock'"
                ):
                    await asyncio.sleep(0.02)
            assert await connection.fetchval("SELECT count(*) FROM sessions") == 0
            await connection.execute("DROP FUNCTION waits CASCADE")
        finally:
            await connection.close()
        assert move(tmp_path, url).returncode == 0


def test_what_cannot_be_moved(tmp_path: Path, cluster: Postgres) -> None:
    assert "There is no database of Pizarra's" in refused(move(tmp_path, cluster.create_database()))
    embed(tmp_path)
    assert "secret.key is not there" in refused(move(tmp_path, cluster.create_database()))
    assert "takes a PostgreSQL database" in refused(move(tmp_path, f"sqlite:///{tmp_path}/x.db"))
