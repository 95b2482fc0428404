"""Who serves a database: who lives, who is taken for dead, and what becomes of what they left."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from tests.harness.rows import NOON, Rows

from pizarra.cluster.nodes import Nodes, OtherKeyError, key_hash
from pizarra.kit.ids import new_public_id
from pizarra.kit.processes import Process, is_gone, this_process
from pizarra.kit.tokens import TokenSigner
from pizarra.models import Node
from pizarra.models.base import instant

DEAD_SECONDS = 15.0
KEY = key_hash(TokenSigner(b"k" * 32))
ELSEWHERE = Process("another computer", 7, 7)
HERE = this_process()


class Told:
    """A process that serves, and what it was told."""

    def __init__(self, rows: Rows, key: str = KEY) -> None:
        self.rows = rows
        self.nodes = Nodes(rows.database, key, DEAD_SECONDS)
        self.buried: list[list[str]] = []
        self.gone: list[str] = []
        self.lost = 0
        self.nodes.on_dead, self.nodes.on_gone = self._bury, self.gone.append
        self.nodes.on_lost = self._lose

    async def _bury(self, dead: Sequence[str]) -> None:
        self.buried.append(sorted(dead))

    async def _lose(self) -> None:
        self.lost += 1

    async def other(self, process: Process, *, silent: float = 0.0, key: str = KEY) -> str:
        """Have another process in the table, silent for so many seconds."""
        now = instant(self.nodes.now())
        node = Node(
            id=new_public_id(),
            place=process.place,
            process=process.number,
            process_started=process.started,
            started_at=NOON,
            seen_at=now - timedelta(seconds=silent),
            version="0",
            key_hash=key,
        )
        return (await self.rows.put(node)).id

    async def listed(self) -> set[str]:
        """Return who is in the table."""
        async with self.rows.database.read() as db:
            return set(await db.scalars(select(Node.id)))

    async def set(self, node: str, **changes: Any) -> None:
        """Change a row."""
        async with self.rows.database.write() as db:
            await db.execute(update(Node).where(Node.id == node).values(**changes))


@pytest.fixture
def told(rows: Rows) -> Told:
    return Told(rows)


@pytest.fixture(scope="module")
def ended() -> Process:
    """A process of this computer that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    known = Process(HERE.place, done.pid, 1)
    done.wait(20)
    return known


# Processes of one computer


def test_this_process_lives_and_one_that_ended_does_not(ended: Process) -> None:
    assert is_gone(HERE) is False
    assert is_gone(ended) is True
    assert is_gone(ELSEWHERE) is None
    assert HERE.number == os.getpid()


@pytest.mark.parametrize(("later", "gone"), [(0, False), (1, True)])
def test_a_number_that_somebody_else_has_now_is_not_them(later: int, gone: bool) -> None:
    assert is_gone(HERE._replace(started=HERE.started + later)) is gone
    assert is_gone(HERE._replace(started=0)) is False, "nobody knows when it started"


def test_a_process_that_nobody_waited_for_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(Process(HERE.place, child.pid, 0)) is True
    child.wait(10)


# Joining


async def test_the_first_is_alone(told: Told) -> None:
    await told.nodes.join()
    assert told.nodes.is_alone
    assert await told.listed() == {told.nodes.id}
    assert told.buried == [[]], "what nobody follows any more is ended all the same"
    async with told.rows.database.read() as db:
        row = await db.get_one(Node, told.nodes.id)
    assert (row.place, row.process, row.process_started) == tuple(HERE)
    assert row.key_hash == KEY
    assert abs(row.seen_at - instant(told.nodes.now())) < timedelta(seconds=5)


async def test_who_died_is_buried_and_who_lives_is_known(told: Told, ended: Process) -> None:
    living, dead = await told.other(HERE), await told.other(ended)
    await told.nodes.join()
    assert told.buried == [[dead]]
    assert told.nodes.others == {living}
    assert await told.listed() == {living, told.nodes.id}
    assert told.nodes.is_listed(living)
    assert not told.nodes.is_listed(dead)
    assert not told.nodes.is_listed(told.nodes.id)


@pytest.mark.parametrize(
    ("silent", "lives"), [(0, True), (DEAD_SECONDS - 5, True), (DEAD_SECONDS + 5, False)]
)
async def test_of_another_computer_silence_tells(told: Told, silent: float, lives: bool) -> None:
    """On SQLite nobody of another computer serves: it is this one, before it started anew."""
    other = await told.other(ELSEWHERE, silent=silent)
    await told.nodes.join()
    lives = lives and not told.rows.database.is_sqlite
    assert told.nodes.others == ({other} if lives else set())
    assert told.buried == [[] if lives else [other]]


async def test_of_this_computer_a_process_that_ended_is_dead_before_it_was_silent_for_long(
    told: Told, ended: Process
) -> None:
    other = await told.other(ended)
    await told.nodes.join()
    assert told.buried == [[other]]


async def test_who_is_silent_is_dead_though_its_process_lives(told: Told) -> None:
    """A process may hang; on SQLite nobody says that they live, and the process itself tells."""
    other = await told.other(HERE, silent=DEAD_SECONDS + 5)
    await told.nodes.join()
    expected = [[]] if told.rows.database.is_sqlite else [[other]]
    assert told.buried == expected


# One key


async def test_who_signs_with_another_key_does_not_join(told: Told) -> None:
    await told.other(HERE, key="other")
    with pytest.raises(OtherKeyError, match="PIZARRA_SECRET_KEY") as refused:
        await told.nodes.join()
    assert "15 seconds" in str(refused.value)
    assert told.nodes.id not in await told.listed()


async def test_a_dead_one_may_have_had_any_key(told: Told, ended: Process) -> None:
    dead = await told.other(ended, key="other")
    await told.nodes.join()
    assert told.buried == [[dead]]


def test_a_keys_hash_tells_it_from_another_and_is_no_signature() -> None:
    signers = [TokenSigner(bytes([n]) * 32) for n in range(3)]
    hashes = {key_hash(each) for each in signers}
    assert len(hashes) == 3
    for each in signers:
        hashed = key_hash(each)
        assert hashed == key_hash(each)
        assert len(hashed) <= 32, "as the column"
        assert "." not in hashed


# Living on


async def test_who_comes_and_goes_is_noticed(told: Told, ended: Process) -> None:
    await told.nodes.join()
    other = Told(told.rows)
    await other.nodes.join()
    await told.nodes.beat()
    assert (set(told.nodes.others), told.gone) == ({other.nodes.id}, [])
    await other.nodes.leave()
    assert other.buried[-1] == [other.nodes.id], "it ends what it left itself"
    await told.nodes.beat()
    assert (set(told.nodes.others), told.gone) == (set(), [other.nodes.id])
    assert told.lost == 0


async def test_who_dies_is_buried_at_the_next_beat(told: Told, ended: Process) -> None:
    await told.nodes.join()
    other = await told.other(HERE)
    await told.nodes.beat()
    await told.set(other, process=ended.number, process_started=ended.started)
    await told.nodes.beat()
    assert (told.gone, told.buried[-1]) == ([other], [other])
    assert await told.listed() == {told.nodes.id}


async def test_a_row_that_fails_to_be_ended_stays_for_the_next_look(
    told: Told, ended: Process
) -> None:
    other = await told.other(ended)

    async def fail(dead: Sequence[str]) -> None:
        raise RuntimeError("the database was away")

    told.nodes.on_dead = fail
    with pytest.raises(RuntimeError):
        await told.nodes.join()
    assert other in await told.listed()


# On SQLite nobody takes a process that lives for dead.
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_who_was_taken_for_dead_learns_of_it_and_is_there_again(told: Told) -> None:
    await told.nodes.join()
    other = Told(told.rows)
    await told.set(told.nodes.id, seen_at=NOON)
    await other.nodes.join()
    assert other.buried == [[told.nodes.id]]
    await told.nodes.beat()
    assert told.lost == 1
    assert await told.listed() == {told.nodes.id, other.nodes.id}
    await told.nodes.beat()
    assert told.lost == 1


async def test_who_beats_is_seen(told: Told) -> None:
    await told.nodes.join()
    await told.set(told.nodes.id, seen_at=NOON)
    await told.nodes.beat()
    async with told.rows.database.read() as db:
        row = await db.get_one(Node, told.nodes.id)
    assert (row.seen_at == NOON) == told.rows.database.is_sqlite, "on SQLite nothing is written"


async def test_several_who_bury_at_once_leave_nothing(told: Told, ended: Process) -> None:
    dead = [await told.other(ended) for _ in range(3)]
    all_of = [Told(told.rows) for _ in range(4)]
    await asyncio.gather(*(each.nodes.join() for each in all_of))
    assert await told.listed() == {each.nodes.id for each in all_of}
    buried = {node for each in all_of for some in each.buried for node in some}
    assert buried == set(dead)


def test_who_is_heard_lives_and_is_not_listed_for_that(told: Told) -> None:
    assert told.nodes.is_alone
    told.nodes.hear("n" * 32)
    assert told.nodes.others == {"n" * 32}
    assert not told.nodes.is_listed("n" * 32)


async def test_the_clock_is_the_databases_and_goes_on(told: Told) -> None:
    await told.nodes.join()
    before = told.nodes.now()
    assert told.nodes.now() >= before
    async with told.rows.database.read() as db:
        seen = (await db.get_one(Node, told.nodes.id)).seen_at
    assert abs(instant(before) - seen) < timedelta(seconds=5)
