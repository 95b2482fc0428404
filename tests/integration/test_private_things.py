"""A candidate's and an observer's whole traffic during an interview, searched for everything that is not theirs."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import websockets
from tests.harness.actors import PASSWORD, add_account, add_team, browser, first_admin, join
from tests.harness.peer import connect_peer
from tests.harness.projects import PROJECT
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.wire.codec import SyncStep, sync_frame


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server with accounts."""
    with server_process(
        tmp_path_factory.mktemp("private"), runner_socket=runner_socket, auth="accounts"
    ) as process:
        yield process


_PRIVATE: dict[str, Any] = {
    "waiting_room": True,
    "rubric": ["crit3rion"],
    "candidate_name": "c4ndidate",
}


_CASE = {"name": "s3cretcase", "input": "s3cretcase", "expected": "s3cretcase", "hint": "h1nt"}
_QUESTION: dict[str, Any] = {
    "title": "Shown question",
    "statement": "what is 4sked",
    "samples": [{"input": "the 5ample", "hint": "h1nt", "description": "h1nt"}],
    "secret": [{"name": "s3cretcase", "cases": [_CASE]}],
    "references": {"python": "r3ference"},
    "wrong": [{"name": "wr0ng", "language": "python", "source": "wr0ng"}],
    "comparator": {"how": "checker", "checker": {"language": "python", "source": "ch3cker"}},
    "guide": "gu1de",
    "rubric": ["rubr1c"],
    "follow_ups": [
        {"title": "Shown later", "text": "what is 4sked later"},
        {"title": "f0llow", "text": "f0llow", "cases": [_CASE]},
    ],
}

# Its hidden tests say "s3cret" and "h1dden", its reference "r3ference".
_PROJECT: dict[str, Any] = PROJECT | {
    "title": "Shown project",
    "statement": "what is 4sked as files",
    "wrong": [{"name": "wr0ng", "language": "python", "files": {"sums.py": "wr0ng = 1\n"}}],
    **{name: _QUESTION[name] for name in ("guide", "rubric", "comparator")},
    "follow_ups": [{"title": "f0llow", "text": "f0llow"}],
}


class Wire:
    """Every byte that somebody got."""

    def __init__(self) -> None:
        self.received = bytearray()

    def http(
        self, client: httpx2.Client, method: str, path: str, body: Any = None
    ) -> httpx2.Response:
        answer = client.request(method, path, json=body)
        self.received += f"{answer.headers}".encode() + answer.content
        return answer

    async def listen(self, socket: websockets.ClientConnection) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                frame = await socket.recv()
                self.received += frame if isinstance(frame, bytes) else frame.encode()


async def _about_a_project(
    wire: Wire, host: httpx2.Client, guest: httpx2.Client, path: str
) -> None:
    """Have the session be about a project, whose hidden tests are tried, and whose files somebody reads."""
    project = host.post("/api/questions", json=_PROJECT).json()["question_id"]
    assert host.put(f"{path}/problem", json={"question_id": project}).status_code == 200
    folder = wire.http(guest, "GET", f"{path}/problem").json()["folder"]
    wire.http(guest, "POST", f"{path}/samples?wait=true")
    tried = host.post(f"{path}/samples?wait=true", timeout=60)
    assert [each["name"] for each in tried.json()] == ["two are added"]
    wire.http(guest, "POST", f"{path}/runs?wait=true", {"path": f"{folder}main.py"})
    host.post(f"{path}/runs?wait=true", json={"path": f"{folder}main.py"}, timeout=60)
    for _ in range(600):
        read = host.get(f"{path}/tests").json()
        if read["attempts"] and read["pending"] == 0:
            break
        await asyncio.sleep(0.1)
    assert "h1dden none" in [each["stdin"] for each in read["tests"]], (
        "it does look at hidden tests"
    )
    for name in host.get(f"{path}/files").json():
        wire.http(guest, "GET", f"{path}/files/{name['path']}")
    for hidden in ("test_s3cret.py", ".pizarra/python/hidden/test_s3cret.py"):
        # The name is echoed in the refusal: that they sent themselves.
        assert guest.get(f"{path}/files/{folder}{hidden}").status_code == 404
    for rest in ("", "/files", "/export", "/prove"):
        wire.http(guest, "GET", f"/api/questions/{project}{rest}")


@pytest.mark.parametrize("role", ["candidate", "observer"])
async def test_nothing_private_reaches_them(server: ServerProcess, role: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        admin = stack.enter_context(contextlib.closing(_admin(server)))
        team = add_team(admin, f"T3am-{role}")
        host = stack.enter_context(
            contextlib.closing(add_account(server, admin, f"h0st-{role}@example.org", team))
        )
        other = host.post(
            "/api/sessions", json={"title": "0ther", "initial_code": "reference s0lution"}
        ).json()
        session = host.post("/api/sessions", json=_PRIVATE | {"title": "Shown"}).json()
        path, room = (
            f"/api/sessions/{session['session_id']}",
            f"{server.ws_url}/{session['room_id']}",
        )
        guest, joined = join(server, host, session["session_id"], role, "Zoë")
        stack.enter_context(contextlib.closing(guest))
        host.patch(f"{path}/people/{joined['participant_id']}", json={"admitted": True})
        links = [
            host.post(f"{path}/invites", json={"role": each}).json()["token"]
            for each in ("interviewer", "observer")
        ]
        cookie = host.cookies["pizarra-sign-in"]
        secrets = [
            *(
                cookie,
                PASSWORD,
                f"h0st-{role}@example.org",
                f"T3am-{role}",
                "w8ting",
                "0ther",
                "s0lution",
            ),
            *("n0te", "ch4t", "c0mment", "crit3rion", "c4ndidate"),
            *("s3cret", "S3cret", "h1dden", "negative ones"),
            *("s3cretcase", "r3ference", "wr0ng", "gu1de", "rubr1c", "f0llow", "ch3cker", "h1nt"),
            *(other["session_id"], other["room_id"], other["share_url"].rpartition("/")[2], *links),
            session["share_url"].rpartition("/")[2],
        ]
        question = host.post("/api/questions", json=_QUESTION).json()["question_id"]
        wire = Wire()
        async with (
            websockets.connect(
                f"{room}?token={joined['access_token']}",
                subprotocols=[websockets.Subprotocol("pizarra.v1")],
                compression=None,
            ) as socket,
            connect_peer(
                room, control=True, additional_headers={"Cookie": f"pizarra-sign-in={cookie}"}
            ) as peer,
        ):
            listening = asyncio.ensure_future(wire.listen(socket))
            await socket.send(sync_frame(SyncStep.STEP1, b"\x00"))
            with browser(server) as waiting:  # the host sees who waits; they do not
                token = session["share_url"].rpartition("/")[2]
                waiting.post("/api/join", json={"token": token, "name": "w8ting"})
            await peer.wait_for(lambda: bool(peer.controls_of("waiting")))
            await peer.wait_acknowledged(await peer.insert(0, "# shown to all\n"))
            host.patch(path, json={"title": "Renamed", "editing_locked": True})
            assert host.put(f"{path}/problem", json={"question_id": question}).status_code == 200
            own = {"own": [{"input": "0wn"}]}
            wire.http(
                guest, "POST", f"{path}/samples?wait=true", own if role == "candidate" else None
            )
            host.post(f"{path}/samples?wait=true")
            given = guest.get(f"{path}/problem").json()
            assert given["question_id"] == question
            assert host.put(f"{path}/problem", json={"follow_up": 0}).status_code == 200
            for what in ({"follow_up": 1}, {"seq": given["seq"]}):
                wire.http(guest, "PUT", f"{path}/problem", what)
            wire.http(guest, "GET", f"{path}/problem")
            assert host.put(f"{path}/problem", json={"seq": given["seq"]}).status_code == 200
            for kind, text in (("note", "n0te"), ("chat", "ch4t")):
                host.post(f"{path}/notes", json={"kind": kind, "text": text})
            score = {"criterion": "crit3rion", "score": 2, "comment": "c0mment"}
            host.put(f"{path}/scores", json={"scores": [score]})
            host.post(f"{path}/scores/submit")
            host.patch(f"{path}/notes/1", json={"text": "n0te again"})
            await peer.wait_for(lambda: len(peer.controls_of("note.added")) == 4)
            await peer.control(type="report", unsaved=3, round_trip_ms=4321)
            await peer.wait_for(lambda: bool(peer.controls_of("connection")))
            await peer.control(type="run.start")
            await peer.wait_for(lambda: bool(peer.controls_of("run.ended")), 20)
            await _about_a_project(wire, host, guest, path)
            again = await stack.enter_async_context(
                websockets.connect(
                    f"{room}?token={joined['access_token']}",
                    subprotocols=[websockets.Subprotocol("pizarra.v1")],
                    compression=None,
                )
            )
            returned = asyncio.ensure_future(wire.listen(again))
            await again.send(sync_frame(SyncStep.STEP1, b"\x00"))
            for method, rest in (
                *(
                    ("GET", each)
                    for each in ("", "/files", "/files/main.py", "/timeline?limit=1000", "/people")
                ),
                *(("GET", each) for each in ("/notes", "/scores", "/problem", "/tests")),
                *(("GET", each) for each in ("/export", "/export?format=html")),
                *(
                    ("GET", each)
                    for each in ("/invites", "/download", "/admission", "/files/..%2f..%2fx")
                ),
                *(("POST", each) for each in ("/invites/rotate", "/end", "/runs")),
            ):
                wire.http(guest, method, path + rest)
            for address in (
                *(
                    "/api/sessions",
                    "/api/questions",
                    f"/api/questions/{question}",
                    "/api/me",
                    "/api/accounts",
                    "/api/teams",
                    "/api/audit",
                    "/metrics",
                ),
                *(
                    "/api/me/tokens",
                    "/api/languages",
                    "/health/ready",
                    f"/api/sessions/{other['session_id']}",
                ),
                *(f"/api/sessions/{other['session_id']}/files/main.py", "/openapi.json"),
            ):
                wire.http(guest, "GET", address)
            host.post(f"{path}/end")
            await asyncio.wait_for(listening, 5)
            await asyncio.wait_for(returned, 5)
        link = host.post(f"{path}/replay-links", json={}).json()["url"].rpartition("/")[2]
        with browser(server) as anybody:
            for rest, status in (("", 200), ("/timeline?limit=1000", 200), ("/notes", 403)):
                answer = wire.http(anybody, "GET", f"/api/replays/{link}{rest}")
                assert answer.status_code == status
        assert b"shown to all" in wire.received  # it does look where things are
        assert b"Renamed" in wire.received
        assert b"what is 4sked" in wire.received
        assert b"what is 4sked later" in wire.received
        assert b"the 5ample" in wire.received
        assert b"what is 4sked as files" in wire.received
        assert b"two are added" in wire.received
        found = [secret for secret in secrets if secret.encode() in wire.received]
        # Their request for the other session's id is echoed in its 404: that they sent themselves.
        assert [secret for secret in found if secret != other["session_id"]] == []


def _admin(server: ServerProcess) -> httpx2.Client:
    with browser(server) as visitor:
        if visitor.get("/api/me").json()["needs_setup"]:
            return first_admin(server)
    client = browser(server)
    assert (
        client.post("/api/sign-in", json={"name": "root", "password": PASSWORD}).status_code == 204
    )
    return client
