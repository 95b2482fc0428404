"""Two processes may serve one room: what one lets in counts in the other."""

import asyncio
import json
from typing import Any

from pycrdt import Doc, Map
from tests.harness.application import Application
from tests.harness.core import ANA, ZOE, FarEnd, connect
from tests.harness.wires import Wire

from pizarra.collab.connection import Connection, Person
from pizarra.collab.hub import Hub
from pizarra.collab.room import Room
from pizarra.collab.state.ownership import Unclaimed
from pizarra.collab.wire.codec import MessageType, SyncStep, sync_frame
from pizarra.realtime.from_elsewhere import Teller
from pizarra.realtime.room_events import RoomEvents
from pizarra.runs.preparing import Preparer
from pizarra.sessions.language import LanguageWatcher


def other_hub(running: Application) -> Hub:
    """Return the hub of what might be another process on the same database."""
    services = running.services
    watcher = LanguageWatcher(services.database, services.clock)
    events = RoomEvents(
        services.metrics, watcher, Preparer(60, 1000), Teller(services.database, services.clock)
    )
    hub = watcher.hub = Hub(services.journal, services.hub.limits, events)
    return hub


def come_in(room: Room, number: int) -> Connection:
    person = Person(number, f"{number:032}", f"Person {number}", "candidate", may_edit=True)
    connection = Connection(person, Wire(), room._limits.connection, wants_control=False)  # noqa: SLF001
    assert room.join(connection)
    return connection


def types_inside_types(how_many: int) -> bytes:
    doc: Doc[Any] = Doc()
    root: Map[Any] = doc.get("notes", type=Map)
    for number in range(how_many):
        root[f"{doc.client_id} {number}"] = Map({"inner": Map()})
    return doc.get_update()


async def test_what_another_process_let_in_counts(running: Application) -> None:
    hubs = running.services.hub, other_hub(running)
    async with running.client() as owner:
        session = (await owner.post("/api/sessions", json={})).json()
    here, there = [await hub.room(session["room_id"]) for hub in hubs]
    ann, bob = come_in(here, 1001), come_in(there, 1002)

    async def write(room: Room, connection: Connection, how_many: int) -> None:
        frame = sync_frame(SyncStep.UPDATE, types_inside_types(how_many))
        try:
            room.receive(connection, frame)
        except Unclaimed as first:  # on PostgreSQL
            await room.claim(connection, first.client)
            room.receive(connection, frame)
        await room.settled()

    await write(here, ann, 50)
    await write(there, bob, 250)
    assert (ann.closing, bob.closing) == (None, None)
    states = await running.services.journal.stored_states([here.key])
    here.follow(states[here.key])
    while here.document.clocks() != there.document.clocks():
        await asyncio.sleep(0)  # it reads what lies in the hole
    await write(here, ann, 250)
    assert ann.bound == "max_nested_types"
    assert here.count_recorded(running.services.hub.limits.log_bytes - states[here.key].log_bytes)
    assert not here.count_recorded(1)


async def test_what_another_process_recorded_is_told_once_without_a_bus(
    running: Application,
) -> None:
    """Entries that are no edits, and the interviewers' log: rooms look by themselves."""
    there = other_hub(running)
    async with running.client() as owner:
        session = (await owner.post("/api/sessions", json={})).json()
        path = f"/api/sessions/{session['session_id']}"
        room = await there.room(session["room_id"])
        (ana, hers), (zoe, theirs) = connect(ANA), connect(ZOE)
        for each in (ana, zoe):
            assert room.join(each)
        for word in ("one", "two"):
            await owner.post(f"{path}/lines", json={"text": word})
        await owner.post(f"{path}/notes", json={"kind": "note", "text": "between us"})
        for _ in range(3):
            states = await running.services.journal.stored_states([room.key])
            room.follow(states[room.key])
            await room.others.look()
        heard: list[dict[str, Any]] = []
        async with asyncio.timeout(5):
            while not any(each["type"] == "note.added" for each in heard):
                heard += told(hers)
                await asyncio.sleep(0.01)
    assert [each["line"]["text"] for each in heard if each["type"] == "said"] == ["one", "two"]
    assert [each["type"] for each in heard].count("note.added") == 1
    assert [each["type"] for each in told(theirs)] == ["said", "said"]


def told(end: FarEnd) -> list[dict[str, Any]]:
    return [json.loads(each.payload) for each in end.messages(MessageType.CONTROL)]
