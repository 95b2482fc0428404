"""The bus on PostgreSQL's notifications: long words arrive whole, of many heads the last, and nothing beyond a bound.

PostgreSQL's own part, which is to carry notifications, stands here for itself; `tests/cluster` has the real one.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizarra.cluster.nodes import Nodes
from pizarra.cluster.postgres_bus import PostgresBus
from pizarra.database import Database

MOST_NOTIFICATION = 8000  # bytes: PostgreSQL refuses more


class Channel:
    """Who listens, and what was said."""

    def __init__(self) -> None:
        self.listeners: list[Callable[..., None]] = []
        self.statements: list[list[str]] = []
        self.broken = False


class Driver:
    """A connection, as the driver gives it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._heard: Callable[..., None] | None = None
        self.on_end: Callable[[object], None] = lambda _: None

    def add_termination_listener(self, told: Callable[[object], None]) -> None:
        self.on_end = told

    async def add_listener(self, _name: str, told: Callable[..., None]) -> None:
        self._heard = told
        self._channel.listeners.append(told)

    async def execute(self, _statement: str, messages: list[str]) -> None:
        if self._channel.broken:
            raise ConnectionResetError
        assert all(len(each.encode()) < MOST_NOTIFICATION for each in messages)
        assert len(set(messages)) == len(messages), "of two that are the same one arrives"
        self._channel.statements.append(messages)
        for told in list(self._channel.listeners):
            for message in messages:
                told(self, 1, "channel", message)

    # As SQLAlchemy gives it.

    @property
    def driver_connection(self) -> "Driver":
        return self

    async def get_raw_connection(self) -> "Driver":
        return self

    async def invalidate(self) -> None:
        if self._heard in self._channel.listeners:
            self._channel.listeners.remove(self._heard)

    async def close(self) -> None:
        """It is gone already."""


class End:
    """A process's end of the bus."""

    def __init__(self, channel: Channel, most: int = 50_000, waiting: int = 100_000) -> None:
        self.drivers: list[Driver] = []
        self.heard: list[tuple[str, str, str, bytes]] = []
        self.counts: Counter[str] = Counter()
        self.opened = asyncio.Event()

        async def connect() -> Driver:
            self.drivers.append(Driver(channel))
            return self.drivers[-1]

        engine = SimpleNamespace(connect=connect)
        database = cast("Database", SimpleNamespace(is_sqlite=False, engine=engine))
        self.nodes = Nodes(database, "key", 15)
        count = lambda what: self.counts.update([what])  # noqa: E731
        self.bus = PostgresBus(database, self.nodes, most, waiting, count)
        self.bus.on_message = lambda *told: self.heard.append(told)
        self.bus.on_open = self.opened.set


@contextlib.asynccontextmanager
async def two(**bounds: int) -> AsyncIterator[tuple[End, End, Channel]]:
    """Give two ends that listen."""
    channel = Channel()
    ends = End(channel, **bounds), End(channel)
    works = [asyncio.create_task(each.bus.work()) for each in ends]
    for each in ends:
        await each.opened.wait()
    yield (*ends, channel)
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    assert channel.listeners == [], "nobody else may have a connection that listens"


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.001)


SAID = st.tuples(
    st.sampled_from(["tell", "entries", "presence"]),
    st.text("abc123", min_size=1, max_size=8),
    st.text(max_size=30).flatmap(lambda text: st.integers(0, 700).map(lambda n: text * n)),
)


@given(st.lists(SAID, min_size=1, max_size=6))
def test_whatever_is_said_arrives_whole_and_in_its_order(said: list[tuple[str, str, str]]) -> None:
    async def story() -> None:
        async with two() as (here, there, _):
            fits = [each for each in said if len(each[2].encode()) < 20_000]
            for kind, subject, text in fits:
                here.bus.publish(kind, subject, text.encode())
            here.bus.publish("bye", "x")
            await until(lambda: any(each[1] == "bye" for each in there.heard))
            node = here.nodes.id
            arrived = [each for each in there.heard if each[1] != "bye"]
            sent = [(node, kind, subject, text.encode()) for kind, subject, text in fits]
            assert arrived == sent
            assert here.heard == [], "nobody hears themselves"
            assert here.nodes.is_alone
            assert there.nodes.others == {node}

    asyncio.run(story())


async def test_of_many_words_that_a_log_goes_on_the_last_will_do() -> None:
    async with two() as (here, there, channel):
        for head in range(1, 50):
            here.bus.publish("log", "7", str(head).encode())
            here.bus.publish("log", "8", str(-head).encode())
        here.bus.publish("tell", "7", b"x")
        await until(lambda: len(there.heard) >= 3)
    told = [(kind, subject, payload) for _, kind, subject, payload in there.heard]
    assert told == [("tell", "7", b"x"), ("log", "7", b"49"), ("log", "8", b"-49")]
    assert len(channel.statements) == 1, "what is said within a moment goes together"


@pytest.mark.parametrize(("size", "fits"), [(850, True), (851, False), (5000, False)])
async def test_a_word_has_so_many_bytes(size: int, fits: bool) -> None:
    async with two(most=1000) as (here, there, _):
        here.bus.publish("tell", "x", b"x" * size)
        here.bus.publish("bye", "x")
        await until(lambda: any(each[1] == "bye" for each in there.heard))
    assert len(there.heard) == 1 + fits
    assert here.counts["dropped"] == (not fits)


async def test_so_much_waits_and_what_is_beyond_is_dropped() -> None:
    async with two(most=1000, waiting=2000) as (here, there, _):
        for _ in range(5):
            here.bus.publish("tell", "x", b"x" * 800)
        await until(lambda: len(there.heard) == 2)
        assert here.counts["dropped"] == 3
        here.bus.publish("tell", "x", b"y")
        await until(lambda: len(there.heard) == 3)


async def test_without_a_way_nothing_waits() -> None:
    end = End(Channel())
    assert (end.bus.is_open, end.bus.is_heard) == (False, False)
    end.bus.publish("tell", "x", b"x")
    assert end.counts == {"dropped": 1}
    end.nodes.hear("n")
    assert (end.bus.is_heard, end.bus.reaches("n")) == (True, False)


async def test_who_lives_is_reached_while_there_is_a_way() -> None:
    async with two() as (here, there, _):
        assert not here.bus.reaches(there.nodes.id)
        there.bus.publish("tell", "x")
        await until(lambda: bool(here.heard))
        assert here.bus.reaches(there.nodes.id)
        assert not here.bus.reaches(here.nodes.id)
    assert not here.bus.reaches(there.nodes.id)


async def test_a_connection_that_ends_is_made_again_and_the_rooms_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pizarra.cluster.postgres_bus._AGAIN_SECONDS", 0.01)
    async with two() as (here, there, channel):
        here.opened.clear()
        channel.broken = True
        here.bus.publish("tell", "x", b"lost")
        await until(lambda: not here.bus.is_open)
        channel.broken = False
        await asyncio.wait_for(here.opened.wait(), 5)
        here.bus.publish("tell", "x", b"after")
        await until(lambda: bool(there.heard))
        assert [each[3] for each in there.heard] == [b"after"]
        here.opened.clear()
        here.drivers[-1].on_end(None)
        await asyncio.wait_for(here.opened.wait(), 5)
        assert len(here.drivers) == 3


async def test_what_is_not_understood_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with two() as (here, there, _):
        heard: list[bytes] = []

        def hear(_node: str, kind: str, _subject: str, payload: bytes) -> None:
            if kind == "odd":
                raise ValueError("of a newer version")
            heard.append(payload)

        there.bus.on_message = hear
        here.bus.publish("odd", "x", b"?")
        here.bus.publish("tell", "x", b"!")
        await until(lambda: heard == [b"!"])
    assert "was not understood" in caplog.text
