"""Squatting, across processes: an id that was announced in one is its person's in all, before a word is written."""

import asyncio
import base64
import json
from functools import partial
from typing import Any

import asyncpg
from pycrdt import Doc, Text
from tests.harness.peer import Peer, connect_peer
from tests.harness.ports import wait_until
from tests.harness.rooms import create, edits_of, join, text_of, url_of
from tests.harness.server import ServerProcess

from pizarra.collab.wire.codec import (
    MessageType,
    SyncStep,
    awareness_frame,
    sync_frame,
    var_bytes,
    var_uint,
)
from pizarra.collab.wire.updates import summarize_update

TwoServers = tuple[ServerProcess, ServerProcess]


def announced(client: int, name: str) -> bytes:
    state = json.dumps({"user": {"name": name}}).encode()
    return awareness_frame(var_uint(1) + var_uint(client) + var_uint(1) + var_bytes(state))


def written(client: int, text: str) -> bytes:
    doc: Doc[Any] = Doc(client_id=client)
    doc.get("file:main.py", type=Text).insert(0, text)
    return sync_frame(SyncStep.UPDATE, doc.get_update())


async def shown(peer: Peer) -> None:
    """Wait until the server has taken in what was sent before: it tells everybody's presence."""
    before = len(peer.messages)
    await peer.socket.send(bytes((MessageType.QUERY_AWARENESS,)))
    await peer.wait_for(
        lambda: any(each.type is MessageType.AWARENESS for each in peer.messages[before:])
    )


async def test_who_announced_an_id_elsewhere_keeps_it(shared_pair: TwoServers) -> None:
    first, second = shared_pair
    session = create(first, "")
    tokens = [join(first, session, name=name) for name in ("Ann", "Mallory")]
    async with (
        connect_peer(url_of(first, session), token=tokens[0]) as ann,
        connect_peer(url_of(second, session), token=tokens[1]) as mallory,
    ):
        await ann.socket.send(announced(4242, "Ann"))
        await shown(ann)
        await mallory.socket.send(written(4242, "forged"))
        assert await mallory.wait_closed() == 4400
        await ann.socket.send(written(4242, "hello"))
        await ann.wait_acknowledged(await ann.edit(lambda _: None))
    assert [text_of(server, session) for server in shared_pair] == ["hello", "hello"]


async def test_who_wrote_under_an_id_elsewhere_keeps_it(shared_pair: TwoServers) -> None:
    """What Ann wrote may lie in a hole of what the other process knows."""
    first, second = shared_pair
    session = create(first, "")
    tokens = [join(first, session, name=name) for name in ("Ann", "Mallory")]
    async with (
        connect_peer(url_of(first, session), token=tokens[0]) as ann,
        connect_peer(url_of(second, session), token=tokens[1]) as mallory,
    ):
        await ann.wait_acknowledged(await ann.insert(0, "hello"))
        await mallory.socket.send(written(ann.doc.client_id, "forged"))
        assert await mallory.wait_closed() == 4400
    assert text_of(first, session) == "hello"


async def test_one_person_comes_back_with_their_id_through_another_process(
    shared_pair: TwoServers,
) -> None:
    first, second = shared_pair
    session = create(first, "")
    token = join(first, session, name="Ann")
    async with connect_peer(url_of(first, session), token=token) as ann:
        await ann.wait_acknowledged(await ann.insert(0, "hello"))
        async with connect_peer(url_of(second, session), token=token) as again:
            again.doc.apply_update(ann.doc.get_update())
            doc: Doc[Any] = Doc(client_id=ann.doc.client_id)
            doc.apply_update(ann.doc.get_update())
            before = doc.get_state()
            doc.get("file:main.py", type=Text).insert(5, " again")
            await again.socket.send(sync_frame(SyncStep.UPDATE, doc.get_update(before)))
            await again.wait_acknowledged(await again.edit(lambda _: None))
    assert text_of(second, session) == "hello again"


async def test_ids_are_erased_with_their_session(
    two_servers: TwoServers, postgres_url: str
) -> None:
    first, _ = two_servers
    session = create(first, "")
    async with connect_peer(url_of(first, session), token=join(first, session)) as ann:
        await ann.wait_acknowledged(await ann.insert(0, "hello"))
    connection = await asyncpg.connect(postgres_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM client_owners") == 1
        import httpx2

        httpx2.delete(f"{first.url}/api/sessions/{session['session_id']}").raise_for_status()
        assert await connection.fetchval("SELECT count(*) FROM client_owners") == 0
    finally:
        await connection.close()


def first_word(server: ServerProcess, session: dict[str, Any]) -> str:
    """Return what the log comes to, by which of both it has first: the longer goes on where the shorter ends."""
    for each in edits_of(server, session):
        summary = summarize_update(base64.b64decode(each["data"]["update"]))
        for client, _, end in summary.structs:
            if client == 4242:
                return {4: "AAAA", 2: "BBAA"}[end]
    return ""


async def test_one_person_makes_no_two_documents_out_of_one(shared_pair: TwoServers) -> None:
    """Who says different things under one id in two processes at once is believed once: what the log has first."""
    first, second = shared_pair
    sessions = [create(first, "") for _ in range(8)]
    for session in sessions:
        token = join(first, session)
        async with (
            connect_peer(url_of(first, session), token=token) as here,
            connect_peer(url_of(second, session), token=token) as there,
        ):
            for peer in (here, there):
                await peer.socket.send(announced(4242, "Zoë"))
                await shown(peer)
            await asyncio.gather(
                here.socket.send(written(4242, "AAAA")), there.socket.send(written(4242, "BB"))
            )
            # What was said before it is recorded then, or its connection is closed.
            await asyncio.gather(acknowledged(here), acknowledged(there), return_exceptions=True)
            await asyncio.to_thread(wait_until, partial(settled, shared_pair, session), "one text")


async def acknowledged(peer: Peer) -> None:
    """Wait until the server has recorded what was sent before."""
    await peer.wait_acknowledged(await peer.edit(lambda _: None))


def settled(servers: TwoServers, session: dict[str, Any]) -> bool:
    """Tell whether both show what the log comes to."""
    shows = {text_of(server, session) for server in servers}
    return shows == {first_word(servers[0], session)}
