"""A frame that takes long comes in parts: everybody else has their turn in between, and nothing of it is lost."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.harness.application import Application
from tests.harness.wires import Wire
from tests.integration.test_two_hubs import come_in
from tests.unit.test_hostile_updates import name, place, written

from pizarra.collab.connection import Connection
from pizarra.collab.incoming_frames import IncomingFrames
from pizarra.collab.room import Room
from pizarra.collab.wire.codec import (
    MessageType,
    SyncStep,
    acknowledge_frame,
    decode_frame,
    sync_frame,
    var_uint,
)
from pizarra.config import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Snapshots as far apart as they are on a server."""
    return settings.model_copy(update={"snapshot_updates": 500})


async def room_of(running: Application) -> tuple[Room, Connection, Wire]:
    async with running.client() as owner:
        session = (await owner.post("/api/sessions", json={})).json()
    room = await running.services.hub.room(session["room_id"])
    connection = come_in(room, 1001)
    assert isinstance(connection.channel, Wire)
    return room, connection, connection.channel


async def turns_during(wire: Wire, incoming: IncomingFrames, frames: Sequence[bytes]) -> int:
    """Send frames; return how often it was our turn until the last is acknowledged."""
    turns = 0
    for frame in (*frames, acknowledge_frame(var_uint(7))):
        incoming.receive(frame, lambda _: None)
    while not wire.messages or decode_frame(wire.messages[-1])[0].type != MessageType.ACKNOWLEDGE:
        assert wire.closed is None
        await asyncio.sleep(0)
        turns += 1
    return turns


async def test_an_edit_of_many_pieces_lets_others_have_their_turn(running: Application) -> None:
    room, connection, wire = await room_of(running)
    keys = (b"\x28\1" + name("x") + name(f"k{each}") + b"\1\x78" for each in range(9_900))
    head = room.head
    large = sync_frame(SyncStep.UPDATE, written(5, *keys))
    small = sync_frame(SyncStep.UPDATE, b"\1\1\5" + var_uint(9_900) + b"\x04\1\1t\1a\0")
    assert await turns_during(wire, IncomingFrames(room, connection), [large, small]) > 20
    assert room.head == head + 21  # recorded in the order in which it came
    assert room.document.clocks()[5] == 9_901


async def test_few_pieces_that_are_compared_with_many_come_one_by_one(running: Application) -> None:
    room, connection, wire = await room_of(running)
    first, bold = b"\x06\1" + name("t"), name("b") + name("1")
    line = (first + bold, *(b"\x86" + place(5, each) + bold for each in range(20_000)))
    await turns_during(
        wire, IncomingFrames(room, connection), [sync_frame(SyncStep.UPDATE, written(5, *line))]
    )
    head = room.head
    wire.messages.clear()
    few = sync_frame(SyncStep.UPDATE, written(9, *[first + bold] * 60))
    assert await turns_during(wire, IncomingFrames(room, connection), [few]) > 4
    assert room.head > head + 4
    assert room.document.clocks()[9] == 60


async def test_what_is_malformed_in_its_last_piece_is_refused_whole(running: Application) -> None:
    room, connection, wire = await room_of(running)
    head = room.head
    keys = [b"\x28\1" + name("x") + name(f"k{each}") + b"\1\x78" for each in range(3_000)]
    incoming = IncomingFrames(room, connection)
    incoming.receive(sync_frame(SyncStep.UPDATE, written(5, *keys)[:-1]), lambda _: None)
    while wire.closed is None:
        await asyncio.sleep(0)
    assert (wire.closed, room.head) == (4400, head)


async def test_a_large_document_is_read_in_turns_with_others(running: Application) -> None:
    """One small edit may need to know all that is there: a fifth of a second for a long interview's document."""
    room, connection, wire = await room_of(running)
    first, bold = b"\x06\1" + name("t"), name("b") + name("1")
    line = (first + bold, *(b"\x86" + place(5, each) + bold for each in range(20_000)))
    await turns_during(
        wire, IncomingFrames(room, connection), [sync_frame(SyncStep.UPDATE, written(5, *line))]
    )
    head = room.head
    wire.messages.clear()
    one = sync_frame(SyncStep.UPDATE, written(9, first + bold))
    assert await turns_during(wire, IncomingFrames(room, connection), [one]) > 10
    assert room.head == head + 1


def heavy_edits(count: int) -> list[bytes]:
    """Return edits of 2,000 pieces each, which are a text of one letter: nothing of the rest is there any more."""
    first = b"\x04\1" + name("t") + name("x")
    pieces = [first, *(b"\x81" + place(5, each) + b"\1" for each in range(2_000 * count - 1))]
    return [
        b"\1" + var_uint(2_000) + place(5, at) + b"".join(pieces[at : at + 2_000]) + b"\0"
        for at in range(0, len(pieces), 2_000)
    ]


async def turns_until(done: asyncio.Task[Room]) -> list[float]:
    """Return what the processor did between our turns until something was done, in seconds."""
    turns = []
    while not done.done():
        before = time.process_time()
        await asyncio.sleep(0)
        turns.append(time.process_time() - before)
    return turns


async def test_many_heavy_edits_are_read_in_turns_when_their_room_is_loaded(
    running: Application,
) -> None:
    """Fewer than a snapshot is taken after, of some milliseconds each: all of them held everybody up for seconds."""
    room, connection, wire = await room_of(running)
    frames = [sync_frame(SyncStep.UPDATE, each) for each in heavy_edits(100)]
    await turns_during(wire, IncomingFrames(room, connection), frames)
    hub = running.services.hub
    hub.leave(room, connection)
    hub.forget(room)
    loading = asyncio.create_task(hub.room(room.room_id))
    turns = await turns_until(loading)
    assert max(turns) < sum(turns) / 5
    assert loading.result().document.clocks()[5] == 200_000


async def test_a_snapshot_is_taken_after_so_many_bytes(running: Application) -> None:
    """Else some hundred large edits, which leave nothing behind, were read at each load: 226 MB in one statement."""
    hub, journal, size = running.services.hub, running.services.journal, 5_000
    hub.limits = replace(hub.limits, snapshot_bytes=4 * size)
    room, connection, wire = await room_of(running)
    for at in (0, size, 2 * size, 3 * size, 4 * size):
        letters = b"\x04\1" + name("t") + name("x" * size)
        edit = b"\1\1" + place(5, at) + letters + b"\1\5\1" + var_uint(at) + var_uint(size)
        wire.messages.clear()
        await turns_during(
            wire, IncomingFrames(room, connection), [sync_frame(SyncStep.UPDATE, edit)]
        )
    async with asyncio.timeout(10):
        while (stored := await journal.load(room.room_id)) is None or stored.snapshot is None:
            await asyncio.sleep(0.01)
    assert len(stored.updates) <= 1
