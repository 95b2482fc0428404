"""Who may send what on a room's socket: everybody, message by message."""

import functools
from typing import Any

import pytest
from tests.harness.actors import World
from tests.harness.peer import Peer, connect_peer
from tests.integration.test_who_may_what import everybody

from pizarra import control
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import MessageType

__all__ = ["everybody"]  # a fixture

_FINAL = {"stranger": CloseCode.NOT_ALLOWED, "other team": CloseCode.UNKNOWN_ROOM}
_FINAL |= dict.fromkeys(("removed", "expired"), CloseCode.NOT_ALLOWED)
_WATCHES = ("observer", "read token")
_WRITES = ("candidate", "interviewer", "teammate", "admin", "write token", "host")
# Control message → what an observer is told; people who write are never refused for who they are.
CONTROLS: dict[str, tuple[dict[str, Any], str | None]] = {
    "ping": ({"type": "ping", "id": 7}, None),
    "run.start": ({"type": "run.start"}, "forbidden"),
    "run.input": ({"type": "run.input", "run_id": "LIVE", "text": "x"}, "forbidden"),
    "run.resize": (
        {"type": "run.resize", "run_id": "LIVE", "size": {"columns": 80, "rows": 24}},
        "forbidden",
    ),
    "run.stop": ({"type": "run.stop", "run_id": "LIVE"}, "forbidden"),
    "report": ({"type": "report", "unsaved": 0, "round_trip_ms": 12}, None),
    "away": ({"type": "away", "away": True}, "forbidden"),
    "paste": (
        {"type": "paste", "path": "main.py", "characters": 80, "lines": 2, "source": "own"},
        "forbidden",
    ),
    "signal.explain": ({"type": "signal.explain", "seq": 1, "text": "x"}, "not_found"),
    "gather": ({"type": "gather"}, "forbidden"),
    "suggest": (
        {
            "type": "suggest",
            "path": "main.py",
            "start": "{}",
            "end": "{}",
            "before": "",
            "text": "x",
        },
        "forbidden",
    ),
    "suggestion.answer": ({"type": "suggestion.answer", "seq": 1, "accepted": False}, "not_found"),
    "cursor": ({"type": "cursor", "path": "main.py", "anchor": "{}", "head": "{}"}, "forbidden"),
    "thinking.end": ({"type": "thinking.end"}, "forbidden"),
}
_FOR_INTERVIEWERS = {"gather", "suggest"}
MESSAGES = {"SYNC", "AWARENESS", "QUERY_AWARENESS", "ACKNOWLEDGE", "CONTROL"}


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
    async with connect_peer(
        everybody.room, control=True, sync=False, **everybody.socket_options(actor)
    ) as peer:
        assert await peer.wait_closed() == _FINAL[actor]
        assert peer.messages == []
        assert peer.controls == []


@pytest.mark.parametrize("actor", [*_WATCHES, *_WRITES])
async def test_who_is_in_may_write_or_only_watch(everybody: World, actor: str) -> None:
    async with connect_peer(
        everybody.room, control=True, **everybody.socket_options(actor)
    ) as peer:
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
    async with connect_peer(
        everybody.room, control=True, **everybody.socket_options(actor)
    ) as peer:
        await peer.wait_for(lambda: bool(peer.controls_of("welcome")))
        for kind, (message, refusal) in CONTROLS.items():
            seen = len(peer.controls_of("refusal"))
            filled = {name: live if value == "LIVE" else value for name, value in message.items()}
            await peer.control(**filled)
            expected = (
                "forbidden" if actor == "candidate" and kind in _FOR_INTERVIEWERS else refusal
            )
            if expected is not None and (
                actor in _WATCHES or expected == "not_found" or kind in _FOR_INTERVIEWERS
            ):
                if actor not in (*_WATCHES, "candidate") and kind in _FOR_INTERVIEWERS:
                    continue
                await peer.wait_for(functools.partial(_refused_with, peer, seen, expected))
                if expected == "forbidden" and actor == "candidate":
                    peer.controls[:] = [each for each in peer.controls if each["type"] != "refusal"]
        await peer.control(type="ping", id=99)
        await peer.wait_for(lambda: any(pong["id"] == 99 for pong in peer.controls_of("pong")))
        if actor in _WRITES:
            assert [
                each for each in peer.controls_of("refusal") if each["code"] == "forbidden"
            ] == []
    host.post(everybody.path(f"/runs/{live}/stop"))
