"""The bus on Redis, between its connections and who uses it: what comes, what is dropped, and when it is open."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.harness.small_redis import SmallRedis

from pizarra.cluster.frames import HEAD_BYTES, Frame, Frames
from pizarra.cluster.nodes import Nodes
from pizarra.cluster.redis_bus import RedisBus, address_fault, greet
from pizarra.config import Settings
from pizarra.database import Database, connect
from pizarra.kit.tokens import TokenSigner

KEY = TokenSigner(b"k" * 32)
MOST, WAITING = 1000, 3000  # bytes of one message, and of all that wait


class Process:
    """One of the processes that serve a database, as far as its bus goes."""

    def __init__(self, url: str, database: Database, signer: TokenSigner = KEY) -> None:
        self.counted: Counter[str] = Counter()
        self.heard: list[tuple[str, str, str, bytes]] = []
        self.opened = 0
        self.nodes = Nodes(database, "hash", 10)
        self.bus = RedisBus(
            url,
            self.nodes,
            signer,
            max_message_bytes=MOST,
            max_waiting_bytes=WAITING,
            count=lambda what: self.counted.update([what]),
        )
        self.bus.on_message = lambda *told: self.heard.append(told)
        self.bus.on_open = self._open
        self.work = asyncio.ensure_future(self.bus.work())

    def _open(self) -> None:
        self.opened += 1

    async def end(self) -> None:
        """Leave the bus."""
        self.work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.work


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[SmallRedis]:
    """A small one."""
    running = SmallRedis(tmp_path / "redis")
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def here(tmp_path: Path, redis: SmallRedis) -> AsyncIterator[Process]:
    """A process whose bus is open."""
    database = connect(Settings(data_dir=tmp_path))
    process = Process(redis.url, database)
    yield process
    await process.end()
    await database.dispose()


@pytest.fixture
async def there(here: Process, redis: SmallRedis, tmp_path: Path) -> AsyncIterator[Process]:
    """Another one; both are open."""
    database = connect(Settings(data_dir=tmp_path))
    process = Process(redis.url, database)
    await redis.until(lambda: here.bus.is_open and process.bus.is_open)
    yield process
    await process.end()
    await database.dispose()


def subjects(redis: SmallRedis) -> set[bytes]:
    """Return which subjects are followed at the server."""
    marked = (each.partition(b":s:") for each in redis.followed)
    return {subject for _, mark, subject in marked if mark}


async def test_it_is_open_once_it_has_heard_itself(here: Process, redis: SmallRedis) -> None:
    """Neither a connection nor an answer shows that there is a way: what was said must have come back."""
    redis.held = True
    await redis.until(lambda: bool(redis.published))
    assert not here.bus.is_open
    assert here.opened == 0
    redis.release()
    await redis.until(lambda: here.bus.is_open)
    assert here.opened == 1


async def test_what_is_followed_while_it_opens_is_followed(
    here: Process, redis: SmallRedis
) -> None:
    """Rooms that opened between the first word to the server and its answer heard nothing until the next outage."""
    redis.held = True
    here.bus.follow("before", "left")
    await redis.until(lambda: bool(redis.published))
    assert not here.bus.is_open
    here.bus.follow("late")
    here.bus.unfollow("left")
    redis.release()
    await redis.until(lambda: here.bus.is_open)
    await redis.until(lambda: subjects(redis) == {b"before", b"late"})


async def test_what_changed_without_a_way_is_said_once_there_is_one(
    here: Process, redis: SmallRedis
) -> None:
    await redis.until(lambda: here.bus.is_open)
    here.bus.follow("a", "b")
    await redis.until(lambda: subjects(redis) == {b"a", b"b"})
    await redis.stop()
    await redis.until(lambda: not here.bus.is_open)
    for number in range(1200):  # more than go into one command
        here.bus.follow(f"room-{number}")
    here.bus.unfollow("a")
    await redis.start()
    await redis.until(lambda: here.bus.is_open)
    assert here.opened == 2
    assert len(subjects(redis)) == 1201
    assert b"a" not in subjects(redis)


async def test_each_hears_what_it_follows_and_what_is_for_it(
    here: Process, there: Process, redis: SmallRedis
) -> None:
    there.bus.follow("room")
    await redis.until(lambda: subjects(redis) == {b"room"})
    here.bus.publish("hello", "other", b"1")
    here.bus.publish("hello", "room", b"2")
    here.bus.publish("people", "other", b"3", [there.nodes.id])
    here.bus.publish("run.output", "some", b"4")  # everybody hears of runs
    await redis.until(lambda: len(there.heard) == 3)
    assert sorted(there.heard, key=lambda told: told[3]) == [
        (here.nodes.id, "hello", "room", b"2"),
        (here.nodes.id, "people", "other", b"3"),
        (here.nodes.id, "run.output", "some", b"4"),
    ]
    assert there.bus.reaches(here.nodes.id), "it said something, so it lives"
    assert there.bus.is_heard
    assert not here.bus.reaches(there.nodes.id), "which has said nothing but to itself"
    assert here.heard == []
    assert (here.counted["published"], there.counted["received"]) == (4, 3)


@pytest.mark.parametrize(("many", "channels"), [(0, 0), (1, 1), (4, 4), (5, 1)])
async def test_to_few_it_is_said_to_each_and_to_more_once_for_all(
    here: Process, redis: SmallRedis, many: int, channels: int
) -> None:
    await redis.until(lambda: here.bus.is_open)
    here.bus.publish("people", "room", b"", [f"node{number}" for number in range(many)])
    here.bus.publish("hello", "last")
    await redis.until(lambda: any(channel.endswith(b":last") for channel, _ in redis.published))
    own = here.nodes.id.encode()
    told = {channel for channel, _ in redis.published if not channel.endswith((own, b":last"))}
    assert len(told) == channels


async def test_what_is_too_large_or_too_much_is_dropped_and_counted(
    here: Process, there: Process, redis: SmallRedis
) -> None:
    """Whoever misses it reads it: the log has all of it."""
    there.bus.follow("room")
    await redis.until(lambda: subjects(redis) == {b"room"})
    here.bus.publish("entries", "room", b"x" * (MOST + 1))
    assert here.counted["dropped"] == 1
    each = 400 + HEAD_BYTES
    for _ in range(WAITING // each + 2):  # within one turn: nothing is sent meanwhile
        here.bus.publish("say", "room", b"y" * 400)
    assert here.counted["dropped"] == 3
    await redis.until(lambda: here.counted["published"] == WAITING // each)
    here.bus.publish("say", "room", b"z" * 400)  # there is room again
    await redis.until(lambda: there.heard[-1:] == [(here.nodes.id, "say", "room", b"z" * 400)])
    assert len(there.heard) == WAITING // each + 1


async def test_before_it_is_open_nothing_is_kept_for_later(
    here: Process, redis: SmallRedis
) -> None:
    here.bus.publish("hello", "room", b"early")
    assert here.counted == {"dropped": 1}
    await redis.until(lambda: here.bus.is_open)
    assert all(b"early" not in message for _, message in redis.published)


async def test_only_who_has_the_key_is_heard_and_each_word_once(
    here: Process, redis: SmallRedis
) -> None:
    await redis.until(lambda: here.bus.is_open)
    channel = next(each for each in redis.followed if b":n:" in each)
    hello = [Frame("hello", "room", b"")]
    forged = Frames(TokenSigner(b"o" * 32), here.nodes.now).write("stranger", hello)
    true = Frames(KEY, here.nodes.now).write("friend", hello)
    old = Frames(KEY, lambda: here.nodes.now() - 61_000_000).write("late", hello)
    long = Frames(KEY, here.nodes.now).write("much", [Frame("hello", "r", b"x" * (MOST + 300))])
    for message in (forged, b"", b"\3 nothing", old, long, true, true):
        redis.tell(channel, message)
    await redis.until(lambda: here.counted["refused"] == 6)
    assert here.heard == [("friend", "hello", "room", b"")]


async def test_what_keeps_it_open_is_said_anew_each_time(here: Process, redis: SmallRedis) -> None:
    """What was said before is refused: with one word for all times it was given up every few seconds."""
    await redis.until(
        lambda: len(redis.published) >= 5
    )  # longer than it waits for a word of its own
    assert len({message for _, message in redis.published}) == len(redis.published)
    assert (here.opened, here.bus.is_open, here.counted["refused"]) == (1, True, 0)


async def test_nobody_else_says_that_there_is_a_way(here: Process, redis: SmallRedis) -> None:
    """A process's own word was taken for its own by its name alone, or said again: both kept a dead way open."""
    redis.held = True
    await redis.until(lambda: bool(redis.published))
    channel, beat = redis.published[0]
    own = here.nodes.id.encode()
    assert own in beat
    unsigned = beat[:1] + bytes(16) + beat[17:]
    forged = Frames(TokenSigner(b"o" * 32), here.nodes.now)
    for message in (unsigned, forged.write(here.nodes.id, [Frame("beat", "-", b"")])):
        redis.tell(channel, message)
    await redis.until(lambda: here.counted["refused"] == 2)
    assert not here.bus.is_open
    redis.tell(channel, beat)
    await redis.until(lambda: here.bus.is_open)
    redis.tell(channel, beat)
    await redis.until(lambda: here.counted["refused"] == 3)
    redis.release()


async def test_one_that_does_not_know_what_to_make_of_a_word_hears_the_next(
    here: Process, there: Process, redis: SmallRedis, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_told: object) -> None:
        there.bus.on_message = lambda *told: there.heard.append(told)
        raise ValueError("what is that")

    there.bus.on_message = refuse
    here.bus.publish("odd", "room", b"", [there.nodes.id])
    here.bus.publish("even", "room", b"", [there.nodes.id])
    await redis.until(lambda: len(there.heard) == 1)
    assert there.heard[0][1] == "even"
    assert "bus: odd from" in caplog.text
    assert there.bus.is_open


async def test_entries_of_a_process_that_is_not_known_to_serve_this_database_are_not_believed(
    here: Process, there: Process, redis: SmallRedis
) -> None:
    """It has the key, and may be of a copy of the database: that the log goes on is all that is taken from it."""
    here.bus.publish("entries", "room", b"seven", [there.nodes.id])
    await redis.until(lambda: bool(there.heard))
    assert there.heard == [(here.nodes.id, "log", "room", b"")]


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("redis://one:6379/0", None),
        ("rediss://user:word@one", None),
        ("unix:///run/redis", None),
        ("http://one", "scheme"),
        ("redis://one:port", "port"),
        ("", "scheme"),
    ],
)
def test_an_address_is_looked_at_before_anybody_dials_it(url: str, fault: str | None) -> None:
    said = address_fault(url)
    assert (said is None) if fault is None else (said is not None and fault in said.lower())


async def test_a_greeting_says_whether_it_answers(redis: SmallRedis, tmp_path: Path) -> None:
    assert await greet(redis.url) is None
    await redis.stop()
    said = await greet(f"unix://{tmp_path}/nobody")
    assert said is not None
    assert "No such file" in said
