"""What whoever runs the server reads in its log."""

import json
from pathlib import Path

import httpx2
import pytest
from tests.harness.ports import wait_until
from tests.harness.server import server_process
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

EVENTS = (
    *(
        "session.created",
        "person.joined",
        "person.refused",
        "run.started",
        "socket.opened",
        "session.ended",
    ),
    *("socket.closed", "socket.refused"),
)


def test_the_log_tells_what_happened_and_from_where(tmp_path: Path, runner_socket: Path) -> None:
    with server_process(tmp_path, runner_socket=runner_socket, log_format="json") as server:
        made = httpx2.post(f"{server.url}/api/sessions", json={}).json()
        path, token = (
            f"{server.url}/api/sessions/{made['session_id']}",
            made["share_url"].rpartition("/")[2],
        )
        joined = httpx2.post(f"{server.url}/api/join", json={"token": token, "name": "Zoë"}).json()
        assert (
            httpx2.post(f"{server.url}/api/join", json={"token": "x", "name": "Zoë"}).status_code
            == 404
        )
        run = httpx2.post(f"{path}/runs", timeout=60).json()
        httpx2.post(f"{path}/invites", json={"role": "observer"})
        room = f"{server.ws_url}/{made['room_id']}"
        with connect(f"{room}?token={joined['access_token']}"):
            wait_until(lambda: '"socket.opened"' in server.log(), "the socket")
            httpx2.post(f"{path}/end")
            wait_until(lambda: '"socket.closed"' in server.log(), "the end of the socket")
        with (
            connect(f"{server.ws_url}/{'0' * 32}?token=wrong") as stranger,
            pytest.raises(ConnectionClosed),
        ):
            stranger.recv()
        lines = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    told = {line["event"]: line for line in lines if line["event"] != "request"}
    assert all(told[event]["address"] == "127.0.0.1" for event in EVENTS)
    assert (told["session.created"]["session"], told["session.created"]["by"]) == (
        made["session_id"],
        "owner",
    )
    assert (told["run.started"]["run"], told["run.started"]["session"]) == (
        run["run_id"],
        made["session_id"],
    )
    person = f"person:{joined['participant_id']}"
    assert (told["person.joined"]["by"], told["person.joined"]["target"]) == (
        person,
        made["session_id"],
    )
    assert (told["person.refused"]["status"], told["person.refused"]["level"]) == (404, "warning")
    assert (told["session.ended"]["by"], told["session.ended"]["target"]) == (
        "owner",
        made["session_id"],
    )
    assert (told["socket.opened"]["by"], told["socket.opened"]["session"]) == (
        person,
        made["session_id"],
    )
    assert (told["socket.closed"]["code"], told["socket.closed"]["reason"]) == (
        4410,
        "the session has ended",
    )
    assert (told["socket.refused"]["code"], told["socket.refused"]["level"]) == (4401, "warning")
    assert told["invitation.created"]["data"] == {"role": "observer"}
    whole = "\n".join(json.dumps(line) for line in lines)
    assert token not in whole
    assert joined["access_token"] not in whole


def test_the_operator_chooses_what_the_log_holds(tmp_path: Path, runner_socket: Path) -> None:
    with server_process(tmp_path, runner_socket=runner_socket, log_level="warning") as server:
        httpx2.post(f"{server.url}/api/sessions", json={})
        assert (
            httpx2.post(f"{server.url}/api/join", json={"token": "x", "name": "Zoë"}).status_code
            == 404
        )
        log = server.log()
    assert "person.refused" in log
    assert "session.created" not in log
