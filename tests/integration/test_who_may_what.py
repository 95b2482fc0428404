"""Every route and every message × everybody, as one table. A route or a message without a row fails."""

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.harness.actors import World, browser, join, world
from tests.harness.peer import Peer, connect_peer
from tests.harness.server import server_process

from pizarra import control
from pizarra.collab.close_codes import CloseCode
from pizarra.collab.codec import MessageType

ACTORS = (
    *("stranger", "other team", "removed", "expired"),
    *("observer", "candidate", "read token", "interviewer", "teammate", "admin", "write token", "host"),
)
# What somebody gets: + let in, and the status of a refusal. In the order of ACTORS.
_NOT_HERE = "404 404 404 404"
TABLE: dict[str, tuple[str, dict[str, Any] | None]] = {
    # Of the session
    "GET /api/sessions/{session_id}": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/files": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/files/{path}": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/timeline": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/branches": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/download": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/export": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/admission": ("404 404 + + + + + + + + + +", None),
    "GET /api/sessions/{session_id}/runs/{run_id}": (f"{_NOT_HERE} + + + + + + + +", None),
    "POST /api/sessions/{session_id}/format": (
        "404 404 404 404 403 + 403 + + + + +",
        {"path": "main.py", "text": "x=1"},
    ),
    "POST /api/sessions/{session_id}/assist": (
        "404 404 404 404 403 + 403 + + + + +",
        {"path": "main.py", "text": "x=1", "line": 0, "character": 1, "want": "hover"},
    ),
    "POST /api/sessions/{session_id}/runs": ("404 404 404 404 403 + 403 + + + + +", {"stdin": ""}),
    "POST /api/sessions/{session_id}/runs/{run_id}/stdin": ("404 404 404 404 403 + 403 + + + + +", {"text": "x"}),
    "POST /api/sessions/{session_id}/runs/{run_id}/stop": ("404 404 404 404 403 + 403 + + + + +", None),
    "GET /api/sessions/{session_id}/invites": ("404 404 404 404 403 403 403 + + + + +", None),
    "POST /api/sessions/{session_id}/invites": ("404 404 404 404 403 403 403 + + + + +", {"role": "observer"}),
    "GET /api/sessions/{session_id}/people": ("404 404 404 404 403 403 403 + + + + +", None),
    "PATCH /api/sessions/{session_id}/people/{participant_id}": (
        "404 404 404 404 403 403 403 + + + + +",
        {"role": "candidate"},
    ),
    "PATCH /api/sessions/{session_id}": ("404 404 404 404 403 403 403 + + + + +", {"title": "x"}),
    "POST /api/sessions/{session_id}/end": ("404 404 404 404 403 403 403 + + + + +", None),
    "POST /api/sessions/{session_id}/branches": ("404 404 404 404 403 403 403 + + + + +", {"name": "x"}),
    "POST /api/sessions/{session_id}/branches/{branch_id}/resume": (
        "404 404 404 404 403 403 403 404 404 404 404 404",
        None,
    ),
    "POST /api/sessions/{session_id}/reopen": ("404 404 404 404 403 403 403 + + + + +", None),
    # Of interviewers
    "GET /api/sessions/{session_id}/notes": ("404 404 404 404 403 403 403 + + + + +", None),
    "POST /api/sessions/{session_id}/notes": ("404 404 404 404 403 403 403 + + + + +", {"text": "x"}),
    "PATCH /api/sessions/{session_id}/notes/{seq}": ("404 404 404 404 403 403 403 404 404 404 404 404", {"text": "x"}),
    "DELETE /api/sessions/{session_id}/notes/{seq}": ("404 404 404 404 403 403 403 404 404 404 404 404", None),
    "GET /api/sessions/{session_id}/tests": ("404 404 404 404 403 403 403 + + + + +", None),
    "PUT /api/sessions/{session_id}/tests": ("404 404 404 404 403 403 403 + + + + +", {"tests": []}),
    "GET /api/sessions/{session_id}/scores": ("404 404 404 404 403 403 403 + + + + +", None),
    "PUT /api/sessions/{session_id}/scores": ("404 404 404 404 403 403 403 + + + + +", {"scores": []}),
    "POST /api/sessions/{session_id}/scores/submit": ("404 404 404 404 403 403 403 + + + + +", None),
    # These end what the table needs: those who may are tried on sessions of their own, below.
    "DELETE /api/sessions/{session_id}/people/{participant_id}": ("404 404 404 404 403 403 403 . . . . .", None),
    "POST /api/sessions/{session_id}/invites/rotate": ("404 404 404 404 403 403 403 . . . . .", None),
    "DELETE /api/sessions/{session_id}": ("404 404 404 404 403 403 403 . . . . .", None),
    # Of accounts
    "GET /api/sessions": ("401 + 403 403 403 403 + 403 + + + +", None),
    "POST /api/sessions": ("401 + 403 403 403 403 403 403 + + + +", {}),
    "GET /api/me": ("+ + + + + + + + + + + +", None),
    "PUT /api/me/password": (
        "401 . 401 401 401 401 403 401 . . 403 .",
        {"old_password": "x", "password": "long enough for us"},
    ),
    "GET /api/me/sign-ins": ("401 + 401 401 401 401 403 401 + + 403 +", None),
    "DELETE /api/me/sign-ins/{sign_in_id}": ("401 404 401 401 401 401 403 401 404 404 403 404", None),
    "GET /api/me/tokens": ("401 + 401 401 401 401 403 401 + + 403 +", None),
    "POST /api/me/tokens": ("401 + 401 401 401 401 403 401 + + 403 +", {"name": "x", "scope": "admin"}),
    "DELETE /api/me/tokens/{token_id}": ("401 404 401 401 401 401 403 401 404 404 404 404", None),
    "GET /api/teams": ("401 + 401 401 401 401 + 401 + + + +", None),
    "POST /api/teams": ("401 403 401 401 401 401 403 401 403 + 403 403", {"name": "Three"}),
    "PATCH /api/teams/{team_id}": ("401 403 401 401 401 401 403 401 403 404 403 403", {"name": "x"}),
    "GET /api/accounts": ("401 403 401 401 401 401 403 401 403 + 403 403", None),
    "POST /api/accounts": ("401 403 401 401 401 401 403 401 403 + 403 403", {"name": "dora"}),
    "PATCH /api/accounts/{account_id}": ("401 403 401 401 401 401 403 401 403 404 403 403", {"disabled": True}),
    "POST /api/accounts/{account_id}/reset": ("401 403 401 401 401 401 403 401 403 404 403 403", None),
    "GET /api/audit": ("401 403 401 401 401 401 403 401 403 + 403 403", None),
    "GET /metrics": ("401 + 401 401 401 401 + 401 + + + +", None),
    # Of anybody
    "GET /api/invitations/{token}": ("404 404 404 404 404 404 404 404 404 404 404 404", None),
    "POST /api/join": ("404 404 404 404 404 404 403 404 404 404 404 404", {"token": "x", "name": "Eve"}),
    "POST /api/rehearsals": ("404 404 404 404 404 404 403 404 404 404 404 404", {"token": "x"}),
    "POST /api/welcome": ("404 404 404 404 404 404 403 404 404 404 404 404", {"token": "x", "password": "y"}),
    "POST /api/sign-in": (
        "401 401 401 401 401 401 403 401 401 401 401 401",
        {"name": "nobody", "password": "wrong password"},
    ),
    "GET /api/sign-in/oidc": ("404 404 404 404 404 404 404 404 404 404 404 404", None),
    "GET /api/sign-in/oidc/callback": ("404 404 404 404 404 404 404 404 404 404 404 404", None),
    "POST /api/sign-out": ("+ . + + + + 403 + . . + .", None),
    "POST /api/leave": ("+ + . . . . 403 . + + + +", None),
    "GET /api/languages": ("+ + + + + + + + + + + +", None),
    "GET /health": ("+ + + + + + + + + + + +", None),
    "GET /health/ready": ("+ + + + + + + + + + + +", None),
}


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory, runner_socket: Path) -> Iterator[World]:
    """A server with accounts, and everybody."""
    folder = tmp_path_factory.mktemp("who")
    many: dict[str, Any] = {"sign_in_attempts_per_name": 1000, "sign_in_attempts_per_address": 1000}
    with (
        server_process(folder, runner_socket=runner_socket, auth="accounts", **many) as server,
        world(server) as made,
    ):
        yield made


def test_every_route_has_a_row(everybody: World) -> None:
    document = everybody.clients["stranger"].get("/openapi.json").json()
    routes = {f"{method.upper()} {path}" for path, operations in document["paths"].items() for method in operations}
    assert routes == set(TABLE)


def test_everybody_gets_what_the_table_says(everybody: World) -> None:
    host = everybody.clients["host"]
    run = host.post(everybody.path("/runs?wait=true")).json()
    values = {
        "session_id": everybody.session["session_id"],
        "path": "main.py",
        "run_id": run["run_id"],
        "seq": "9999",
        "branch_id": "9999",
        "participant_id": everybody.ids["candidate"],
    }
    wrong = []
    for route, (cells, body) in TABLE.items():
        method, template = route.split(" ")
        for actor, expected in zip(ACTORS, cells.split(), strict=True):
            if expected == ".":
                continue
            # 409 is no refusal of the person: the session has ended already, or the name is taken.
            address = template.format(**{**dict.fromkeys(_names(template), "f" * 32), **values})
            answer = everybody.clients[actor].request(method, address, json=body)
            got = "+" if answer.is_success or answer.status_code in (409, 422) else str(answer.status_code)
            if got != expected:
                wrong.append(f"{route} as {actor}: {answer.status_code}, not {expected}: {answer.text[:120]}")
        host.post(everybody.path("/reopen"))  # whoever ended it
    assert wrong == []


def _names(template: str) -> list[str]:
    return [part[1:-1].partition(":")[0] for part in template.split("/") if part.startswith("{")]


@pytest.mark.parametrize("actor", ["interviewer", "teammate", "admin", "write token", "host"])
def test_who_hosts_removes_rotates_and_erases(everybody: World, actor: str) -> None:
    host, server = everybody.clients["host"], everybody.server
    session = host.post("/api/sessions").json()
    path, token = f"/api/sessions/{session['session_id']}", session["share_url"].rpartition("/")[2]
    with browser(server) as guest, contextlib.ExitStack() as more:
        client = everybody.clients[actor]
        if actor == "interviewer":
            client = join(server, host, session["session_id"], "interviewer", "Ida")[0]
            more.enter_context(contextlib.closing(client))
        person = guest.post("/api/join", json={"token": token, "name": "Zoë"}).json()["participant_id"]
        assert client.delete(f"{path}/people/{person}").status_code == 204
        assert guest.get(path).status_code == 404
        if actor != "interviewer":  # whose own link that would end
            assert client.post(f"{path}/invites/rotate").status_code == 200
            assert guest.get(f"/api/invitations/{token}").status_code == 404
        assert client.delete(path).status_code == 204
        assert host.get(path).status_code == 404


def test_strangers_and_wrong_ids_get_the_same_answer(everybody: World) -> None:
    session_id = everybody.session["session_id"]
    for actor in ("stranger", "other team", "removed", "expired"):
        for route, (_, body) in TABLE.items():
            method, template = route.split(" ")
            if "{session_id}" not in template or template.endswith("/admission"):
                continue
            values = {**dict.fromkeys(_names(template), "a" * 32), "path": "main.py", "seq": "1", "branch_id": "1"}
            answers = [
                everybody.clients[actor].request(method, template.format(**{**values, "session_id": each}), json=body)
                for each in (session_id, "f" * 32)
            ]
            assert [answer.status_code for answer in answers] == [404, 404], (actor, route)
            assert answers[0].text.replace(session_id, "f" * 32) == answers[1].text, (actor, route)


# Sockets

_FINAL = {"stranger": CloseCode.NOT_ALLOWED, "other team": CloseCode.UNKNOWN_ROOM}
_FINAL |= dict.fromkeys(("removed", "expired"), CloseCode.NOT_ALLOWED)
_WATCHES = ("observer", "read token")
_WRITES = ("candidate", "interviewer", "teammate", "admin", "write token", "host")
# Control message → what an observer is told; people who write are never refused for who they are.
CONTROLS: dict[str, tuple[dict[str, Any], str | None]] = {
    "ping": ({"type": "ping", "id": 7}, None),
    "run.start": ({"type": "run.start"}, "forbidden"),
    "run.input": ({"type": "run.input", "run_id": "LIVE", "text": "x"}, "forbidden"),
    "run.resize": ({"type": "run.resize", "run_id": "LIVE", "size": {"columns": 80, "rows": 24}}, "forbidden"),
    "run.stop": ({"type": "run.stop", "run_id": "LIVE"}, "forbidden"),
    "report": ({"type": "report", "unsaved": 0, "round_trip_ms": 12}, None),
    "away": ({"type": "away", "away": True}, "forbidden"),
    "paste": ({"type": "paste", "path": "main.py", "characters": 80, "lines": 2, "source": "own"}, "forbidden"),
    "signal.explain": ({"type": "signal.explain", "seq": 1, "text": "x"}, "not_found"),
    "gather": ({"type": "gather"}, "forbidden"),
    "suggest": (
        {"type": "suggest", "path": "main.py", "start": "{}", "end": "{}", "before": "", "text": "x"},
        "forbidden",
    ),
    "suggestion.answer": ({"type": "suggestion.answer", "seq": 1, "accepted": False}, "not_found"),
    "cursor": ({"type": "cursor", "path": "main.py", "anchor": "{}", "head": "{}"}, "forbidden"),
    "thinking.end": ({"type": "thinking.end"}, "forbidden"),
}
_FOR_INTERVIEWERS = {"gather", "suggest"}
MESSAGES = {"SYNC", "AWARENESS", "QUERY_AWARENESS", "ACKNOWLEDGE", "CONTROL", "AUTH"}


def test_every_message_has_a_row() -> None:
    kinds = {
        shape["properties"]["type"]["const"]
        for shape in control.client_message.json_schema()["$defs"].values()
        if "type" in shape.get("properties", {})
    }
    assert kinds == set(CONTROLS)
    assert {kind.name for kind in MessageType} <= MESSAGES


def _refused_with(peer: Peer, seen: int, code: str) -> bool:
    return any(each["code"] == code for each in peer.controls_of("refusal")[seen:])


@pytest.mark.parametrize("actor", _FINAL)
async def test_who_is_not_in_gets_no_frame(everybody: World, actor: str) -> None:
    async with connect_peer(everybody.room, control=True, sync=False, **everybody.socket_options(actor)) as peer:
        assert await peer.wait_closed() == _FINAL[actor]
        assert peer.messages == []
        assert peer.controls == []


@pytest.mark.parametrize("actor", [*_WATCHES, *_WRITES])
async def test_who_is_in_may_write_or_only_watch(everybody: World, actor: str) -> None:
    async with connect_peer(everybody.room, control=True, **everybody.socket_options(actor)) as peer:
        await peer.wait_for(lambda: bool(peer.controls))
        before = str(peer.text)
        number = await peer.insert(0, "#\n")
        if actor in _WATCHES:
            assert await peer.wait_closed() == CloseCode.READ_ONLY
            assert everybody.clients["host"].get(everybody.path("/files/main.py")).text == before
        else:
            await peer.wait_acknowledged(number)


@pytest.mark.parametrize("actor", [*_WATCHES, *_WRITES])
async def test_control_messages_are_for_those_who_may(everybody: World, actor: str) -> None:
    host = everybody.clients["host"]
    host.patch(everybody.path(), json={"title": "Two Sum"})
    # A program that waits, for the messages to be about.
    live = host.post(everybody.path("/runs"), json={"language": "python"}).json()["run_id"]
    async with connect_peer(everybody.room, control=True, **everybody.socket_options(actor)) as peer:
        await peer.wait_for(lambda: bool(peer.controls_of("welcome")))
        for kind, (message, refusal) in CONTROLS.items():
            seen = len(peer.controls_of("refusal"))
            filled = {name: live if value == "LIVE" else value for name, value in message.items()}
            await peer.control(**filled)
            expected = "forbidden" if actor == "candidate" and kind in _FOR_INTERVIEWERS else refusal
            if expected is not None and (actor in _WATCHES or expected == "not_found" or kind in _FOR_INTERVIEWERS):
                if actor not in (*_WATCHES, "candidate") and kind in _FOR_INTERVIEWERS:
                    continue
                await peer.wait_for(functools.partial(_refused_with, peer, seen, expected))
                if expected == "forbidden" and actor == "candidate":
                    peer.controls[:] = [each for each in peer.controls if each["type"] != "refusal"]
        await peer.control(type="ping", id=99)
        await peer.wait_for(lambda: any(pong["id"] == 99 for pong in peer.controls_of("pong")))
        if actor in _WRITES:
            assert [each for each in peer.controls_of("refusal") if each["code"] == "forbidden"] == []
    host.post(everybody.path(f"/runs/{live}/stop"))
