"""The bus between processes: with it nothing is read back from the database, and nothing that holds rests on it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from redis.asyncio import Redis as Client
from tests.harness.bad_bus import BadBus
from tests.harness.pair import pair
from tests.harness.peer import Peer
from tests.harness.ports import wait_until
from tests.harness.postgres import Postgres
from tests.harness.redis import Redis, redis
from tests.harness.relay import Relay
from tests.harness.rooms import metric, text_of
from tests.harness.two_rooms import Room, TwoServers, cursors, names, printed, two_in

from pizarra.cluster.bus import APART_SECONDS
from pizarra.collab.wire.codec import awareness_frame, var_bytes, var_uint

LETTERS = 30  # that each of them types


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Redis]:
    """A Redis; who kills it starts it again."""
    with redis() as running:
        yield running


@pytest.fixture(scope="module")
def on_redis(
    tmp_path_factory: pytest.TempPathFactory,
    runner_socket: Path,
    cluster: Postgres,
    redis_server: Redis,
) -> Iterator[TwoServers]:
    """Two processes on one database that speak over Redis."""
    folder, url = tmp_path_factory.mktemp("bus"), cluster.create_migrated()
    with pair(folder, url, runner_socket, redis_url=redis_server.url, follow_seconds=5) as both:
        await_bus(*both)
        yield both


def await_bus(*servers: object, there: bool = True) -> None:
    """Wait until servers have found the bus, or have lost it."""
    for server in servers:
        wait_until(lambda it=server: metric(it, "pizarra_bus_connected") == there, "bus")  # type: ignore[misc]


async def type_both(room: Room) -> None:
    """Have both type at once, and wait until both have all of it and it is acknowledged."""
    already = len(str(room.ann.text))

    async def write(peer: Peer, letter: str) -> None:
        for _ in range(LETTERS):
            number = await peer.insert(0, letter)
            await asyncio.sleep(0.005)
        await peer.wait_acknowledged(number, 15)

    await asyncio.gather(write(room.ann, "a"), write(room.bob, "b"))
    for peer in (room.ann, room.bob):
        await peer.wait_for(lambda it=peer: len(str(it.text)) == already + 2 * LETTERS, 15)  # type: ignore[misc]
    assert str(room.ann.text) == str(room.bob.text)
    for server in (room.here, room.there):  # what either process takes for the document
        assert text_of(server, room.session) == str(room.ann.text)


def close_codes(room: Room) -> list[int | None]:
    """Return why sockets were closed: None for those that are open."""
    return [peer.socket.close_code for peer in (room.ann, room.bob)]


@contextlib.asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Fail when what is inside takes longer."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


@pytest.mark.parametrize("bus", ["on_redis", "shared_pair"])
async def test_what_one_process_commits_the_other_need_not_read(
    bus: str, request: pytest.FixtureRequest
) -> None:
    both: TwoServers = request.getfixturevalue(bus)
    await_bus(*both)
    async with two_in(both, "print('hi')\n") as room:
        before = metric(room.there, "pizarra_bus_messages_total")
        await room.ann.control(type="run.start")
        await room.both_hear("run.ended")
        assert printed(room.bob) == "hi\n"
        holes = [metric(server, "pizarra_bus_holes_total") for server in both]
        await type_both(room)
        assert metric(room.there, "pizarra_bus_messages_total") > before
        # None, where the bus takes no 50 ms: `test_bus_between_hubs.py`. This machine may be busy.
        for server, already in zip(both, holes, strict=True):
            assert metric(server, "pizarra_bus_holes_total") - already < LETTERS / 5


async def test_nothing_is_said_to_nobody(
    tmp_path: Path, runner_socket: Path, postgres_url: str, redis_server: Redis
) -> None:
    with pair(
        tmp_path, postgres_url, runner_socket, redis_url=redis_server.url, follow_seconds=5
    ) as alone:
        await_bus(*alone)
        async with two_in(alone) as room:
            await room.bob.socket.close()
            await room.ann.wait_for(lambda: names(room.ann) == {"Ann"})
        here, _ = alone
        async with two_in((here, here)) as room:
            before = [metric(server, "pizarra_bus_messages_total") for server in alone]
            await type_both(room)
            assert [metric(server, "pizarra_bus_messages_total") for server in alone] == before


async def test_people_cursors_and_input_go_over_redis(on_redis: TwoServers) -> None:
    code = "while True:\n    print('got', input(), flush=True)\n"
    async with two_in(on_redis, code) as room:
        state = b'{"cursor":{"line":7}}'
        cursor = var_uint(1) + var_uint(4242) + var_uint(1) + var_bytes(state)
        await room.ann.socket.send(awareness_frame(cursor))
        await room.bob.wait_for(lambda: 4242 in cursors(room.bob), 10)
        await room.ann.control(type="run.start", terminal={"columns": 80, "rows": 24})
        (started,) = await room.both_hear("run.started")
        run_id = started["run"]["run_id"]
        await room.bob.control(type="run.input", run_id=run_id, text="ñ 1\r")
        for peer in (room.ann, room.bob):
            await peer.wait_for(lambda it=peer: "got ñ 1" in printed(it), 20)  # type: ignore[misc]
        await room.bob.control(type="run.stop", run_id=run_id)
        (ended,) = await room.both_hear("run.ended")
        assert ended["status"] == "stopped"
        await room.ann.socket.close()
        await room.bob.wait_for(lambda: names(room.bob) == {"Bob"}, 10)
        await room.bob.wait_for(lambda: cursors(room.bob)[4242] == b"null", 10)


async def test_private_things_stay_private(on_redis: TwoServers) -> None:
    async with two_in(on_redis) as room, httpx2.AsyncClient() as client:
        notes = f"{room.there.url}{room.path}/notes"
        told = await client.post(notes, json={"kind": "note", "text": "between us"})
        assert told.status_code == 201
        await room.ann.wait_for(lambda: bool(room.ann.controls_of("note.added")), 10)
        await room.bob.wait_acknowledged(await room.bob.insert(0, "x"))
        assert not any(b"between us" in each.payload for each in room.bob.messages)


async def test_redis_is_killed_and_comes_back(on_redis: TwoServers, redis_server: Redis) -> None:
    async with two_in(on_redis) as room:
        redis_server.kill()
        await_bus(*on_redis, there=False)
        async with within(1.5):  # a second, and what this machine is busy with
            await room.ann.insert(0, "!")
            await room.bob.wait_for(lambda: str(room.bob.text).startswith("!"))
        await type_both(room)
        assert "ready" in httpx2.get(f"{room.here.url}/health/ready").text
        holes = metric(room.there, "pizarra_bus_holes_total")
        assert holes > 0
        redis_server.start()
        await_bus(*on_redis)
        assert "the bus answers again" in room.there.log()
        await type_both(room)
        assert close_codes(room) == [None, None]


async def test_redis_stands_still(on_redis: TwoServers, redis_server: Redis) -> None:
    async with two_in(on_redis) as room:
        with redis_server.paused():
            await type_both(room)  # while it is not known yet
            await_bus(*on_redis, there=False)
            await type_both(room)
        await_bus(*on_redis)
        await type_both(room)
        assert close_codes(room) == [None, None]


async def test_one_process_is_cut_off_from_redis(
    tmp_path: Path, runner_socket: Path, postgres_url: str, redis_server: Redis
) -> None:
    relay = Relay(redis_server.port)
    here = {"redis_url": relay.through(redis_server.url)}
    with pair(
        tmp_path, postgres_url, runner_socket, here, redis_url=redis_server.url, follow_seconds=5
    ) as both:
        await_bus(*both)
        async with two_in(both) as room:
            relay.silence()
            await type_both(room)
            await_bus(room.here, there=False)
            await type_both(room)
            assert metric(room.there, "pizarra_bus_connected") == 1
            relay.cut()  # what went silent is known to be broken by now
            relay.mend()
            await_bus(*both)
            await type_both(room)
            assert close_codes(room) == [None, None]
    relay.close()


async def test_messages_are_lost_doubled_and_reordered(
    tmp_path: Path, runner_socket: Path, postgres_url: str, redis_server: Redis
) -> None:
    bad = BadBus(redis_server.port, seed=21)
    url = bad.through(redis_server.url)
    with pair(tmp_path, postgres_url, runner_socket, redis_url=url, follow_seconds=5) as both:
        await_bus(*both)
        code = "for i in range(30):\n    print(i, flush=True)\n"
        async with two_in(both, code) as room:
            bad.share = 0.2
            await room.ann.control(type="run.start", terminal={"columns": 80, "rows": 24})
            await room.both_hear("run.ended")
            for peer in (room.ann, room.bob):  # each line once, in order, whatever came when
                await peer.wait_for(lambda it=peer: len(printed(it).split()) == 30)  # type: ignore[misc]
                assert printed(peer).split() == [str(i) for i in range(30)]
            for _ in range(3):
                await type_both(room)
            assert bad.harmed > 3
            assert close_codes(room) == [None, None]
    bad.close()


async def test_what_somebody_says_again_who_has_no_key_is_not_heard(
    on_redis: TwoServers, redis_server: Redis
) -> None:
    """Whoever may publish there may listen too: what they can repeat is what was said, as it was."""
    async with (
        two_in(on_redis) as room,
        httpx2.AsyncClient() as client,
        Client.from_url(redis_server.url) as stranger,
        stranger.pubsub() as ear,
    ):
        await ear.psubscribe("*")
        path = f"{room.there.url}{room.path}"
        await client.patch(path, json={"title": "said once"})
        await room.both_hear("session.changed")
        heard: list[tuple[bytes, bytes]] = []
        while not any(b"said once" in message for _, message in heard):
            told = await ear.get_message(ignore_subscribe_messages=True, timeout=5)
            if told is not None:
                heard.append((told["channel"], told["data"]))
        refused = 'pizarra_bus_messages_total{outcome="refused"}'
        before = metric(room.here, refused)
        for channel, message in heard:
            await stranger.publish(channel, message)
        await asyncio.to_thread(
            wait_until, lambda: metric(room.here, refused) > before, "the refusal"
        )
        await client.patch(path, json={"title": "said twice"})
        titles = [each["title"] for each in await room.both_hear("session.changed", 2)]
        hers = [each["title"] for each in room.ann.controls_of("session.changed")]
        assert hers == titles == ["said once", "said twice"]


async def test_what_is_told_within_a_moment_is_one_message(
    on_redis: TwoServers, redis_server: Redis
) -> None:
    """Of a hundred commits each: to write, carry and read a message costs more than what is in it."""

    async def write(peer: Peer) -> None:
        for _ in range(100):
            number = await peer.insert(0, "a")
            await asyncio.sleep(0.002)
        await peer.wait_acknowledged(number, 15)

    async with (
        two_in(on_redis) as room,
        Client.from_url(redis_server.url) as client,
        client.pubsub() as ear,
    ):
        await ear.psubscribe("*:n:*")
        already = len(str(room.ann.text))
        begun = time.monotonic()
        await asyncio.gather(write(room.ann), write(room.bob))
        seconds = time.monotonic() - begun
        for peer in (room.ann, room.bob):
            await peer.wait_for(lambda it=peer: len(str(it.text)) == 200 + already, 15)  # type: ignore[misc]
        told = 0
        while (message := await ear.get_message(timeout=0.5)) is not None:
            told += message["type"] == "pmessage" and b" beat " not in message["data"]
        assert 0 < told <= 2 * (seconds / APART_SECONDS + 3)


def test_without_redis_it_serves_and_says_so(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    with pair(tmp_path, postgres_url, runner_socket, redis_url="redis://127.0.0.1:1/0") as (
        first,
        _,
    ):
        wait_until(lambda: "the bus does not answer" in first.log(), "the log")
        ready = httpx2.get(f"{first.url}/health/ready").json()
        assert ready["status"] == "ready"
        assert "Valkey/Redis does not answer" in ready["database"]["detail"]
