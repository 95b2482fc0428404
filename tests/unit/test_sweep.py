"""A chore looks at so many sessions in a round, the newest among them, and at all of them in time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, make_url

from pizarra.database import Database
from pizarra.models import Base, InterviewSession
from pizarra.timeline.read.sweep import Sweep, Window, windows


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(make_url(f"sqlite+embedded:///{tmp_path / 'x.db'}"))
    async with made.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield made
    await made.dispose()


async def add(database: Database, key: int) -> None:
    named = {"public_id": f"{key:032x}", "room_id": f"{key:032x}", "epoch": f"{key:032x}"}
    begun = {"title": "x", "language": "python", "initial_code": "", "status": "open"}
    numbers = {"head": 1, "invitation_generation": 0, "created_at": datetime.now(UTC)}
    async with database.write() as db:
        await db.execute(insert(InterviewSession).values(id=key, **named, **begun, **numbers))


async def rounds(database: Database, count: int) -> list[list[Window]]:
    sweep = Sweep()
    return [[window async for window in sweep.round(database)] for _ in range(count)]


async def test_few_are_all_looked_at_each_time(database: Database) -> None:
    assert await rounds(database, 1) == [[]]
    await add(database, 1)
    assert await rounds(database, 2) == [[Window(0, 1)]] * 2
    await add(database, 10_000)
    first, second = await rounds(database, 2)
    assert first == second == [window async for window in windows(database)]
    assert (first[0], first[-1], len(first)) == (Window(0, 1000), Window(9000, 10_000), 10)


async def test_of_many_the_newest_each_time_and_the_others_in_turn(database: Database) -> None:
    await add(database, 34_500)
    found = await rounds(database, 4)
    newest = [Window(24_500 + start, 25_500 + start) for start in range(0, 10_000, 1000)]
    assert [each[:10] for each in found] == [newest] * 4
    begins = [0, 10_000, 20_000]
    assert [each[10] for each in found] == [Window(at, at + 1000) for at in (*begins, 0)]
    assert [len(each) for each in found] == [20, 20, 15, 20]
    assert found[2][-1] == Window(24_000, 24_500)
    everything = [window async for window in windows(database)]
    assert (len(everything), everything[-1]) == (35, Window(34_000, 34_500))


async def test_it_begins_again_when_so_many_were_erased(database: Database) -> None:
    await add(database, 12_000)
    await add(database, 34_500)
    sweep = Sweep()
    for _ in range(3):
        assert [window async for window in sweep.round(database)]
    async with database.write() as db:
        await db.delete(await db.get_one(InterviewSession, 34_500))
    found = [window async for window in sweep.round(database)]
    assert (found[0], found[10:]) == (Window(2000, 3000), [Window(0, 1000), Window(1000, 2000)])
