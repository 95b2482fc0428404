"""`pizarra serve --workers 2`: one server for everybody, whichever of its processes serves, dies or stands still."""

import contextlib
import random
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.harness.actors import setup_secret
from tests.harness.peer import connect_peer
from tests.harness.postgres import Postgres
from tests.harness.prefork import (
    counted,
    processes_state,
    several,
)
from tests.harness.program import pizarra
from tests.harness.rooms import create, text_of, url_of
from tests.harness.server import ServerProcess

from pizarra.cluster.places import nearest

REQUESTS = "pizarra_http_request_seconds_count"
READS = 'method="GET",route="/api/sessions/{session_id}/files/{path:path}"'


@pytest.fixture(scope="module")
def two(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path, cluster: Postgres
) -> Iterator[ServerProcess]:
    """Two web processes behind one port, for tests that leave them as they are."""
    folder, url = tmp_path_factory.mktemp("two"), cluster.create_migrated()
    with several(folder, url, runner_socket, max_unrouted=20, route_seconds=0.3) as running:
        yield running


async def test_a_sessions_requests_and_its_sockets_go_to_one_process(two: ServerProcess) -> None:
    before = counted(two, REQUESTS, READS)
    async with contextlib.AsyncExitStack() as stack:
        expected = {1: 0, 2: 0}
        for _ in range(8):
            session = create(two, "x")
            expected[nearest(session["session_id"][:16].encode(), (1, 2))] += 1
            for _ in range(2):
                await stack.enter_async_context(connect_peer(url_of(two, session)))
            assert text_of(two, session) == "x"  # a connection of its own
        rooms = counted(two, "pizarra_rooms")
        reads = counted(two, REQUESTS, READS)
    assert rooms == expected  # were people of one apart, it would be in both
    assert {number: reads[number] - before.get(number, 0) for number in reads} == expected


def test_what_names_no_session_goes_round(two: ServerProcess) -> None:
    name, labels = "pizarra_http_requests_total", 'method="GET",status="200"'
    before = counted(two, name, labels)
    for _ in range(10):
        httpx2.get(f"{two.url}/health").raise_for_status()
    after = counted(two, name, labels)
    assert all(after[number] - before.get(number, 0) >= 5 for number in (1, 2))


def test_a_kept_connection_may_ask_for_anything(two: ServerProcess) -> None:
    sessions = [create(two, str(index)) for index in range(6)]
    with httpx2.Client(base_url=two.url) as client:
        for index, session in enumerate(sessions):
            path = f"/api/sessions/{session['session_id']}/files/main.py"
            assert client.get(path).text == str(index)


def test_whoever_sends_nothing_or_nonsense_holds_nobody_up(two: ServerProcess) -> None:
    """More of them than the parent holds; TLS, garbage, and a head without end are refused by a process."""
    with contextlib.ExitStack() as stack:

        def connect(begin: bytes) -> socket.socket:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", two.port), 10))
            connection.sendall(begin)
            return connection

        silent = [connect(b"") for _ in range(40)]
        slow = [connect(b"G") for _ in range(10)]
        for nonsense in (
            bytes.fromhex("16030100ff01"),
            random.randbytes(2000),
            b"GET /" + b"a" * 70_000,
        ):
            assert re.match(rb"HTTP/1.1 4\d\d ", connect(nonsense).recv(4096))
        begun = time.monotonic()
        assert httpx2.get(f"{two.url}/health").json() == {"status": "ok"}
        assert time.monotonic() - begun < 5
        # A moment later somebody waits for what the silent ones have to say.
        for connection in (silent[0], silent[-1]):
            connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        slow[0].sendall(b"ET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert slow[0].recv(4096).startswith(b"HTTP/1.1 200")


def test_all_are_told_of(two: ServerProcess) -> None:
    assert processes_state(two) == {"ok": True, "detail": "2 of 2 serve"}
    text = httpx2.get(f"{two.url}/metrics").text
    names = re.findall(r"^# HELP (\S+) ", text, re.MULTILINE)
    assert len(names) == len(set(names)) > 20  # Prometheus refuses a name that is told of twice
    assert set(counted(two, "process_resident_memory_bytes")) == {1, 2}


def test_migrations_and_the_first_link_are_made_once(
    tmp_path: Path, runner_socket: Path, cluster: Postgres
) -> None:
    """From nothing: no tables, no key, nobody who may sign in."""
    with several(tmp_path, cluster.create_database(), runner_socket, auth="accounts") as running:
        setup_secret(running)
        assert running.log().count("/welcome#") == 1
        assert running.log().count("is ready: ") == 1
        assert (tmp_path / "secret.key").stat().st_size > 0


def test_on_sqlite_more_than_one_is_refused(tmp_path: Path) -> None:
    refused = pizarra("serve", "--workers", "2", environment={"PIZARRA_DATA_DIR": str(tmp_path)})
    assert refused.returncode == 1
    assert "SQLite is for one web process" in refused.stderr
    assert "pizarra db move --to URL" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
