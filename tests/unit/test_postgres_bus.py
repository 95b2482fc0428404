"""The bus on PostgreSQL's notifications: long words arrive whole, of many heads the last, nothing beyond a bound."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text
from tests.harness.postgres import Postgres

from pizarra.cluster.nodes import Nodes
from pizarra.cluster.postgres_bus import PostgresBus
from pizarra.config import Settings
from pizarra.database import connect

_END_ALL = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_LISTENERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
)


class End:
    """A process's end of the bus."""

    def __init__(self, url: str, most: int = 50_000, waiting: int = 100_000) -> None:
        self.heard: list[tuple[str, str, str, bytes]] = []
        self.counts: Counter[str] = Counter()
        self.opened = asyncio.Event()
        self.database = connect(Settings(database_url=url))
        self.nodes = Nodes(self.database, "key", 15)
        count = lambda what: self.counts.update([what])  # noqa: E731
        self.bus = PostgresBus(self.database, self.nodes, most, waiting, count)
        self.bus.on_message = lambda *told: self.heard.append(told)
        self.bus.on_open = self.opened.set

    def forget(self) -> None:
        """Begin anew."""
        self.heard.clear()
        self.counts.clear()


@pytest.fixture
def url(cluster: Postgres) -> Iterator[str]:
    """The address of an empty database."""
    with cluster.lend() as lent:
        yield lent


@contextlib.asynccontextmanager
async def two(url: str, **bounds: int) -> AsyncIterator[tuple[End, End]]:
    """Give two ends that listen."""
    ends = End(url, **bounds), End(url)
    works = [asyncio.create_task(each.bus.work()) for each in ends]
    for each in ends:
        await each.opened.wait()
    yield ends
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    async with ends[0].database.engine.connect() as connection:
        listeners = await connection.scalar(_LISTENERS)
    for each in ends:
        await each.database.dispose()
    assert listeners == 0, "nobody else may have a connection that listens"


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.001)


SAID = st.tuples(
    st.sampled_from(["tell", "entries", "presence"]),
    st.text("abc123", min_size=1, max_size=8),
    st.text(max_size=30).flatmap(lambda each: st.integers(0, 700).map(lambda n: each * n)),
)


def test_whatever_is_said_arrives_whole_and_in_its_order(url: str) -> None:
    with asyncio.Runner() as runner:
        both = two(url)
        here, there = runner.run(both.__aenter__())

        async def story(said: list[tuple[str, str, bytes]]) -> None:
            here.forget()
            there.forget()
            for word in said:
                here.bus.publish(*word)
            here.bus.publish("bye", "x")
            await until(lambda: any(each[1] == "bye" for each in there.heard))
            arrived = [each[1:] for each in there.heard if each[1] != "bye"]
            # PostgreSQL has no NUL in a text
            fits = [each for each in said if each[0] == "presence" or b"\0" not in each[2]]
            assert arrived == fits
            assert here.counts["dropped"] == len(said) - len(fits)

        @given(st.lists(SAID, min_size=1, max_size=6))
        @hypothesis_settings(max_examples=60)
        def whatever(said: list[tuple[str, str, str]]) -> None:
            encoded = [(kind, subject, told.encode()) for kind, subject, told in said]
            runner.run(story([each for each in encoded if len(each[2]) < 15_000]))

        whatever()
        assert here.heard == [], "nobody hears themselves"
        assert here.nodes.is_alone
        assert there.nodes.others == {here.nodes.id}
        runner.run(both.__aexit__(None, None, None))


async def test_of_many_words_that_a_log_goes_on_the_last_will_do(url: str) -> None:
    async with two(url) as (here, there):
        for head in range(1, 50):
            here.bus.publish("log", "7", str(head).encode())
            here.bus.publish("log", "8", str(-head).encode())
        here.bus.publish("tell", "7", b"x")
        await until(lambda: len(there.heard) >= 3)
    told = [(kind, subject, payload) for _, kind, subject, payload in there.heard]
    assert told == [("tell", "7", b"x"), ("log", "7", b"49"), ("log", "8", b"-49")]
    # one of each log, as what is said within a moment goes together


@pytest.mark.parametrize(("size", "fits"), [(850, True), (851, False), (5000, False)])
async def test_a_word_has_so_many_bytes(url: str, size: int, fits: bool) -> None:
    async with two(url, most=1000) as (here, there):
        here.bus.publish("tell", "x", b"x" * size)
        here.bus.publish("bye", "x")
        await until(lambda: any(each[1] == "bye" for each in there.heard))
    assert len(there.heard) == 1 + fits
    assert here.counts["dropped"] == (not fits)


async def test_so_much_waits_and_what_is_beyond_is_dropped(url: str) -> None:
    async with two(url, most=1000, waiting=2000) as (here, there):
        for _ in range(5):
            here.bus.publish("tell", "x", b"x" * 800)
        await until(lambda: len(there.heard) == 2)
        assert here.counts["dropped"] == 3
        here.bus.publish("tell", "x", b"y")
        await until(lambda: len(there.heard) == 3)


async def test_without_a_way_nothing_waits(url: str) -> None:
    end = End(url)
    assert (end.bus.is_open, end.bus.is_heard) == (False, False)
    end.bus.publish("tell", "x", b"x")
    assert end.counts == {"dropped": 1}
    end.nodes.hear("n")
    assert (end.bus.is_heard, end.bus.reaches("n")) == (True, False)
    await end.database.dispose()


async def test_who_lives_is_reached_while_there_is_a_way(url: str) -> None:
    async with two(url) as (here, there):
        assert not here.bus.reaches(there.nodes.id)
        there.bus.publish("tell", "x")
        await until(lambda: bool(here.heard))
        assert here.bus.reaches(there.nodes.id)
        assert not here.bus.reaches(here.nodes.id)
    assert not here.bus.reaches(there.nodes.id)


async def test_a_connection_that_ends_is_made_again_and_the_rooms_are_told(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pizarra.cluster.postgres_bus._AGAIN_SECONDS", 0.01)
    async with two(url) as ends:
        here, there = ends
        for each in ends:
            each.opened.clear()
        async with here.database.engine.connect() as connection:
            await connection.execute(_END_ALL)
            await until(lambda: not (here.bus.is_open and there.bus.is_open))
        for each in ends:
            await asyncio.wait_for(each.opened.wait(), 10)
        here.bus.publish("tell", "x", b"after")
        await until(lambda: bool(there.heard))
        assert [each[3] for each in there.heard] == [b"after"]


async def test_what_is_not_understood_stops_nothing(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with two(url) as (here, there):
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
