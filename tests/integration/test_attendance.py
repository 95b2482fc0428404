"""Who came, who left, and whose connection was lost, as the timeline has it."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx2
from tests.harness.peer import Peer, connect_peer
from tests.harness.ports import wait_until
from tests.harness.rooms import create, join, metric, url_of
from tests.harness.server import ServerProcess


def seen(server: ServerProcess, session: dict[str, Any], who: str) -> list[dict[str, Any]]:
    """Return what the timeline says of somebody's coming and going."""
    address = f"{server.url}/api/sessions/{session['session_id']}/timeline"
    entries = httpx2.get(address, params={"kinds": "join,leave,connection"}).json()
    return [entry for entry in entries if entry["data"]["name"] == who]


def kinds(server: ServerProcess, session: dict[str, Any], who: str = "Zoë") -> list[str]:
    return [
        str(entry["data"].get("state") or entry["kind"]) for entry in seen(server, session, who)
    ]


async def until(ready: Callable[[], bool], what: str) -> None:
    """Wait while the sockets of this process go on."""
    await asyncio.to_thread(wait_until, ready, what)


def cut(peer: Peer) -> None:
    """End the connection as a cable does that is pulled out."""
    peer.socket.transport.abort()


async def test_a_goodbye_is_told_from_a_lost_connection(shared_server: ServerProcess) -> None:
    session = create(shared_server)
    url, token = url_of(shared_server, session), join(shared_server, session)
    async with connect_peer(url, control=True):
        async with connect_peer(url, control=True, token=token):
            pass
        await until(lambda: kinds(shared_server, session) == ["join", "leave"], "a leave")
        async with connect_peer(url, control=True, token=token) as zoe:
            cut(zoe)
            await asyncio.to_thread(
                wait_until,
                lambda: kinds(shared_server, session)[2:] == ["join", "lost", "leave"],
                "a lost connection",
            )
        async with connect_peer(url, control=True, token=token):
            await asyncio.to_thread(
                wait_until,
                lambda: kinds(shared_server, session)[5:] == ["join", "back"],
                "a return",
            )
    entries = seen(shared_server, session, "Zoë")
    lost, back = (entry for entry in entries if entry["kind"] == "connection")
    assert lost["data"] == {"name": "Zoë", "state": "lost", "reason": "gone"}
    assert 0 <= back["data"]["seconds"] < 20
    assert lost["participant_id"] == back["participant_id"] == entries[0]["participant_id"]


async def test_who_has_another_window_is_not_lost(shared_server: ServerProcess) -> None:
    session = create(shared_server)
    url, token = url_of(shared_server, session), join(shared_server, session)
    async with connect_peer(url, token=token), connect_peer(url, token=token) as second:
        before = metric(shared_server, "pizarra_websocket_connections")
        cut(second)
        await until(
            lambda: metric(shared_server, "pizarra_websocket_connections") < before,
            "the server to notice",
        )
    await until(lambda: "leave" in kinds(shared_server, session), "a leave")
    assert kinds(shared_server, session) == ["join", "leave"]


async def test_whom_the_session_sends_away_is_not_lost(shared_server: ServerProcess) -> None:
    session = create(shared_server)
    url, token = url_of(shared_server, session), join(shared_server, session)
    async with connect_peer(url, control=True, token=token) as zoe:
        httpx2.post(f"{shared_server.url}/api/sessions/{session['session_id']}/end")
        assert await zoe.wait_closed() == 4410
    assert "lost" not in kinds(shared_server, session)


async def test_whoever_types_the_name_of_somebody_who_is_there_is_somebody_else(
    shared_server: ServerProcess,
) -> None:
    """Two people of one name interview together; neither is the other's second window."""
    session = create(shared_server)
    url, link = url_of(shared_server, session), str(session["share_url"]).rpartition("/")[2]

    def joins(name: str, credential: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        asked = {"token": link, "name": name}
        answer = httpx2.post(f"{shared_server.url}/api/join", json=asked, headers=headers)
        return dict(answer.json())

    people = []
    async with AsyncExitStack() as here:
        for name in ("Ana", "ana", "Ana"):
            people.append(joins(name))
            token = people[-1]["access_token"]
            await here.enter_async_context(connect_peer(url, control=True, token=token))
        # Who presents their credential stays who they are, under whichever name.
        for name in ("Ana (2)", "Ana"):
            again = joins(name, people[1]["access_token"])
            assert again["participant_id"] == people[1]["participant_id"]
    assert len({each["participant_id"] for each in people}) == 3
    for name in ("Ana", "ana (2)", "Ana (3)"):
        assert kinds(shared_server, session, name)[:1] == ["join"], name
    await until(
        lambda: kinds(shared_server, session, "Ana (3)") == ["join", "leave"], "that they left"
    )
    # They are not there any more: the name alone is the first of them, as after a lost connection.
    await until(lambda: kinds(shared_server, session, "Ana") == ["join", "leave"], "the first left")
    assert joins("Ana")["participant_id"] == people[0]["participant_id"]
