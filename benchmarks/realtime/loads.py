"""What people do to a server, and what is measured while they do it."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.realtime.clients import (
    END,
    Client,
    Typing,
    arrivals,
    connect,
    final_text,
    presence,
)
from benchmarks.realtime.servers import Server
from tests.harness.typist import load_trace

from pizarra.collab.wire.codec import SyncStep, sync_frame

_CURSOR_CLIENT = 9_000_000
_CHUNK = 16  # edits written at once by somebody who types as fast as they can
_IN_SOCKET = 128 * 1024


@dataclass(slots=True)
class Measures:
    """Numbers of one round, and what went wrong in it."""

    values: dict[str, float] = field(default_factory=dict)
    missing: int = 0
    wrong_texts: int = 0


@dataclass(slots=True)
class _Room:
    clients: list[Client]
    writers: list[tuple[Client, Typing]]


class _Cost:
    """CPU of server, database and load while something happens."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.start()

    def start(self) -> None:
        self._before = (
            self._server.cpu(),
            self._server.database_cpu(),
            time.process_time(),
            time.monotonic(),
        )

    def into(self, values: dict[str, float], per: int, unit: str) -> None:
        """Put the cost of each of `per` things into `values`, and the load's share of its core."""
        server, database, load, wall = self._before
        cpu = self._server.cpu() - server
        values[f"cpu us/{unit}"] = cpu / per * 1e6
        values["server core %"] = cpu / (time.monotonic() - wall) * 100
        values["load core %"] = (time.process_time() - load) / (time.monotonic() - wall) * 100
        if database or self._server.database_cpu():
            values[f"database cpu us/{unit}"] = (self._server.database_cpu() - database) / per * 1e6


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


async def _rooms(server: Server, rooms: int, people: int, edits: int) -> list[_Room]:
    """Fill rooms; the first two people of each will write, when there are `edits` to make."""
    made = []
    for number in range(rooms):
        path, name = server.room(number)
        clients = list(await asyncio.gather(*(connect(server, path, name) for _ in range(people))))
        await asyncio.wait_for(asyncio.gather(*(client.synced for client in clients)), 30)
        typings = (
            [Typing.compose(number * 10 + which + 1, edits) for which in (1, 2)] if edits else []
        )
        made.append(_Room(clients, list(zip(clients, typings, strict=False))))
    return made


def _leave(rooms: Sequence[_Room]) -> None:
    for room in rooms:
        for client in room.clients:
            client.disconnect()


async def _everything_arrived(rooms: Sequence[_Room], seconds: float) -> float:
    """Wait until every client has seen the last edit of every other writer; return when the last one had."""
    waiting = [
        client.finished for room in rooms for client in room.clients if client.expected_ends > 0
    ]
    done, _ = await asyncio.wait(waiting, timeout=seconds)
    return max((future.result() for future in done), default=time.monotonic())


def _expect_ends(rooms: Sequence[_Room]) -> None:
    for room in rooms:
        writers = [client for client, _ in room.writers]
        for client in room.clients:
            # Some servers send a writer its own edits back: the text decides in the end, this only tells when to look.
            client.expected_ends = len(writers) - (client in writers)


def _compare_texts(rooms: Sequence[_Room], measures: Measures) -> None:
    """Compare the document of every client with what was typed; clients that received the same are read once."""
    for room in rooms:
        own = {id(client): typing.updates for client, typing in room.writers}
        ends = {f"{END.decode()}{typing.client} " for _, typing in room.writers}
        length = sum(len(typing.updates) - 1 for _, typing in room.writers) + sum(map(len, ends))
        texts: dict[object, str] = {}
        seen = []
        for client in room.clients:
            key = (id(client) if id(client) in own else 0, hash(tuple(client.received.messages)))
            if key not in texts:
                texts[key] = final_text(client.received, own.get(id(client), ()))
            seen.append(texts[key])
        usual = max(set(seen), key=seen.count)
        complete = len(usual) == length and all(end in usual for end in ends)
        measures.wrong_texts += sum(text != usual for text in seen) if complete else len(seen)


async def typing(
    server: Server, *, rooms: int, people: int, seconds: float, per_second: float
) -> Measures:
    """Two people of each room type steadily, a cursor update beside each edit."""
    edits = int(seconds * per_second)
    crowd = await _rooms(server, rooms, people, edits)
    _expect_ends(crowd)
    measures = Measures()
    cost = _Cost(server)
    begin = time.monotonic() + 0.2
    total = rooms * 2 * edits

    async def write(client: Client, typing: Typing, offset: float) -> None:
        for number, update in enumerate(typing.updates):
            wire = client.wire(sync_frame(SyncStep.UPDATE, update))
            cursor = client.wire(presence(typing.client, number + 1, number))
            await asyncio.sleep(max(0.0, begin + offset + number / per_second - time.monotonic()))
            client.edit(wire)
            client._write(cursor)  # noqa: SLF001 - a second message at the same instant

    writers = [writer for room in crowd for writer in room.writers]
    moments = random.Random(1)  # nobody types in step with anybody
    await asyncio.gather(
        *(write(client, text, moments.random() / per_second) for client, text in writers)
    )
    await _everything_arrived(crowd, 10)
    delivered = total * (people - 1)
    cost.into(measures.values, delivered, "delivered edit")
    await asyncio.sleep(0.2)
    _measure_latency(crowd, delivered, measures)
    _compare_texts(crowd, measures)
    _leave(crowd)
    return measures


def _measure_latency(crowd: Sequence[_Room], delivered: int, measures: Measures) -> None:
    latencies: list[float] = []
    acknowledgements: list[float] = []
    for room in crowd:
        sent = {text.client: client.sent_at for client, text in room.writers}
        mine = {id(client): text.client for client, text in room.writers}
        cache: dict[bytes, list[tuple[int, int, int]]] = {}
        for client in room.clients:
            seen: set[tuple[int, int]] = set()
            for at, author, clock in arrivals(client.received, cache):
                if author in sent and author != mine.get(id(client)) and clock < len(sent[author]):
                    if (author, clock) not in seen:
                        latencies.append(at - sent[author][clock])
                    seen.add((author, clock))
        for client, _ in room.writers:
            acknowledgements += [
                at - client.sent_at[number - 1] for number, at in client.acknowledged_at.items()
            ]
    measures.missing = delivered - len(latencies)
    measures.values["p50 ms"] = percentile(latencies, 0.5) * 1000
    measures.values["p99 ms"] = percentile(latencies, 0.99) * 1000
    if acknowledgements:
        measures.values["ack p50 ms"] = percentile(acknowledgements, 0.5) * 1000
        measures.values["ack p99 ms"] = percentile(acknowledgements, 0.99) * 1000


async def burst(server: Server, *, rooms: int, people: int, edits: int) -> Measures:
    """Two people of each room type as fast as the server reads."""
    crowd = await _rooms(server, rooms, people, edits)
    _expect_ends(crowd)
    measures = Measures()
    wires = [
        (client, [client.wire(sync_frame(SyncStep.UPDATE, update)) for update in text.updates])
        for room in crowd
        for client, text in room.writers
    ]
    cost = _Cost(server)
    begin = time.monotonic()

    async def write(client: Client, frames: list[bytes]) -> None:
        for start in range(0, len(frames), _CHUNK):
            while client.buffered() > _IN_SOCKET:
                await asyncio.sleep(0.001)
            for frame in frames[start : start + _CHUNK]:
                client.edit(frame)
            await asyncio.sleep(0)

    await asyncio.gather(*(write(client, frames) for client, frames in wires))
    end = await _everything_arrived(crowd, 40)
    total = rooms * 2 * edits
    cost.into(measures.values, total, "edit")
    measures.values["edits/s"] = total / (end - begin)
    await asyncio.sleep(0.2)
    _compare_texts(crowd, measures)
    measures.missing = sum(not client.finished.done() for room in crowd for client in room.clients)
    _leave(crowd)
    return measures


async def cursors(
    server: Server, *, rooms: int, people: int, seconds: float, per_second: float
) -> Measures:
    """Everybody moves their cursor."""
    crowd = await _rooms(server, rooms, people, 0)
    measures = Measures()
    clients = [client for room in crowd for client in room.clients]
    moves = int(seconds * per_second)

    async def move(client: Client, number: int, offset: float) -> None:
        for step in range(moves):
            wire = client.wire(presence(number, step + 1, step))
            await asyncio.sleep(max(0.0, begin + offset + step / per_second - time.monotonic()))
            client._write(wire)  # noqa: SLF001 - prepared before the wait

    moments = random.Random(1)
    cost = _Cost(server)
    begin = time.monotonic() + 0.2
    await asyncio.gather(
        *(
            move(client, _CURSOR_CLIENT + number, moments.random() / per_second)
            for number, client in enumerate(clients)
        )
    )
    await asyncio.sleep(0.3)
    cost.into(measures.values, moves * len(clients), "cursor move")
    measures.values["frames per client and s"] = (
        sum(c.presence_messages for c in clients) / len(clients) / seconds
    )
    measures.missing = sum(client.presence_messages == 0 for client in clients)
    _leave(crowd)
    return measures


async def joins(server: Server, *, people: int) -> Measures:
    """Many people open one long document at the same time; the server has it in memory, they have nothing."""
    path, name = server.room(0)
    first = await connect(server, path, name)
    await first.synced
    text, updates = _recorded_updates()
    for update in updates:
        first.send(sync_frame(SyncStep.UPDATE, update))
        while first.buffered() > _IN_SOCKET:
            await asyncio.sleep(0.001)
    await _until_complete(server, path, name, text)
    measures = Measures()
    cost = _Cost(server)
    begin = time.monotonic()
    clients = await asyncio.gather(*(connect(server, path, name) for _ in range(people)))
    await asyncio.wait([client.synced for client in clients], timeout=60)
    measures.missing = sum(not client.synced.done() for client in clients)
    measures.values["all joined ms"] = (
        max(client.synced.result() for client in clients if client.synced.done()) - begin
    ) * 1000
    cost.into(measures.values, people, "join")
    measures.wrong_texts = sum(final_text(client.received) != text for client in clients)
    for client in (first, *clients):
        client.disconnect()
    return measures


def _recorded_updates() -> tuple[str, list[bytes]]:
    """Return what the recorded history ends with, and an update for each of its edits."""
    from pycrdt import Doc, Text, TransactionEvent

    trace = load_trace()
    doc: Doc[Any] = Doc(client_id=77)
    shared = doc.get("file:main.py", type=Text)
    updates: list[bytes] = []

    def keep(event: TransactionEvent) -> None:
        updates.append(event.update)

    subscription = doc.observe(keep)
    shared.insert(0, trace.start)
    text = trace.start
    for patches in trace.transactions:
        with doc.transaction():
            for position, deleted, inserted in patches:
                at = len(text[:position].encode())
                if deleted:
                    del shared[at : at + len(text[position : position + deleted].encode())]
                if inserted:
                    shared.insert(at, inserted)
                text = text[:position] + inserted + text[position + deleted :]
    doc.unobserve(subscription)
    assert text == trace.end
    return text, updates


async def _until_complete(server: Server, path: str, name: str, text: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        probe = await connect(server, path, name)
        await probe.synced
        probe.disconnect()
        if final_text(probe.received) == text:
            return
        await asyncio.sleep(0.3)
    raise TimeoutError(f"{server.name} does not have the whole document")


async def idle(server: Server, *, rooms: int, people: int) -> Measures:
    """Many people sit and wait; what does the server keep for each?"""
    warm = await _rooms(server, 1, 1, 0)  # what is loaded once is nobody's
    before = server.memory()
    crowd = await _rooms(server, rooms, people, 0)
    await asyncio.sleep(1)
    measures = Measures({"KB/connection": (server.memory() - before) / rooms / people / 1024})
    measures.missing = sum(client.closed.done() for room in crowd for client in room.clients)
    _leave([*warm, *crowd])
    return measures


Load = Callable[[Server], Awaitable[Measures]]


@dataclass(frozen=True)
class Case:
    """A load with its size, the settings ours needs for it, and what is compared."""

    key: str
    title: str
    run: Load
    compared: str
    more_is_better: bool
    settings: dict[str, str]


CASES = [
    Case(
        "a",
        "100 rooms × 5, two typing at 10/s with cursors",
        lambda server: typing(server, rooms=100, people=5, seconds=10, per_second=10),
        "cpu us/delivered edit",
        False,
        {},
    ),
    Case(
        "b",
        "20 rooms × 5, two typing as fast as they can",
        lambda server: burst(server, rooms=20, people=5, edits=5000),
        "edits/s",
        True,
        {},
    ),
    Case(
        "c",
        "2 rooms × 50, two typing as fast as they can",
        lambda server: burst(server, rooms=2, people=50, edits=20000),
        "edits/s",
        True,
        {},
    ),
    Case(
        "d",
        "50 rooms × 5, everybody moving their cursor at 5 Hz",
        lambda server: cursors(server, rooms=50, people=5, seconds=10, per_second=5),
        "cpu us/cursor move",
        False,
        {},
    ),
    Case(
        "e",
        "200 joins of a long document at once",
        lambda server: joins(server, people=200),
        "all joined ms",
        False,
        {},
    ),
    Case(
        "f",
        "2,000 idle connections, five to a room",
        lambda server: idle(server, rooms=400, people=5),
        "KB/connection",
        False,
        {"max_connections_per_address": "3000"},
    ),
]
