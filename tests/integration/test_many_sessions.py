"""Ten thousand sessions at rest: a server starts beside them and holds none of them.

Measured, not asserted, because a timed test fails on a busy machine: the start takes as long as an empty one's, under
two seconds (see the README).
"""

import sqlite3
import time
from pathlib import Path

import httpx2
from tests.harness.rooms import create, metric
from tests.harness.server import ServerProcess

SESSIONS = 10_000
SAME = "title, language, initial_code, status, created_at, ended_at, epoch, head, invitation_generation"


def test_ten_thousand_sessions_at_rest(tmp_path: Path, runner_socket: Path) -> None:
    server = ServerProcess(tmp_path, runner_socket=runner_socket)
    server.start()
    pattern = create(server)
    server.terminate()
    with sqlite3.connect(tmp_path / "pizarra.db") as database:
        database.executemany(
            f"INSERT INTO sessions (public_id, room_id, {SAME}) SELECT ?, ?, {SAME} FROM sessions WHERE public_id = ?",
            (
                (f"a{number:031x}", f"b{number:031x}", pattern["session_id"])
                for number in range(SESSIONS)
            ),
        )
        database.execute(
            'INSERT INTO timeline_entries SELECT s.id, seq, at, kind, participant_id, "update", data, gap '
            "FROM sessions s, timeline_entries WHERE s.id > 1"
        )
    database.close()
    started = time.monotonic()
    server.start()
    try:
        print(f"started beside {SESSIONS} sessions in {time.monotonic() - started:.2f} s")
        assert metric(server, "pizarra_rooms ") == 0
        assert metric(server, "pizarra_room_loads_total") == 0
        some = httpx2.get(f"{server.url}/api/sessions/a{7:031x}/files/main.py")
        assert some.text == "hello"
        assert len(httpx2.get(f"{server.url}/api/sessions", params={"limit": 1000}).json()) == 1000
        assert metric(server, "pizarra_rooms ") == 0
    finally:
        server.stop()
