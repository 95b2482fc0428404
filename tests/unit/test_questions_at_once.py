"""A question that two people have to do with at once: one of them waits, and then knows what the other did."""

import asyncio

import pytest
from sqlalchemy import text
from tests.harness.packages import SETTINGS
from tests.harness.rows import NOON, Rows

from pizarra.errors import NotFound
from pizarra.models import Question, SessionProblem
from pizarra.problems.content import Content
from pizarra.problems.finding import Library, find_question, find_ready
from pizarra.questions.service import delete_question, find_in, replace_content

LIBRARY = Library(None, None)
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


async def delete(rows: Rows, question: Question) -> None:
    async with rows.database.write() as db:
        found = await find_question(db, LIBRARY, question.public_id, lock=True)
        await delete_question(db, found, NOON)


async def waits_or_is_done(rows: Rows, task: asyncio.Task[None]) -> None:
    async with asyncio.timeout(10):
        while not task.done():
            async with rows.database.read() as db:
                if await db.scalar(WAITING):
                    return


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_session_keeps_what_is_deleted_meanwhile(rows: Rows) -> None:
    question, _ = await rows.question()
    session = await rows.session()
    async with rows.database.write() as db:
        _, version = await find_ready(db, LIBRARY, question.public_id)
        given = {"session_id": session.id, "seq": 1, "folder": ""}
        db.add(SessionProblem(**given, version_id=version.id))
        await db.flush()
        deleting = asyncio.create_task(delete(rows, question))
        await waits_or_is_done(rows, deleting)
    await deleting
    kept = await rows.read(SessionProblem, (session.id, 1))
    assert kept is not None
    assert kept.version_id == version.id


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_what_is_being_deleted_is_given_to_nobody(rows: Rows) -> None:
    question, _ = await rows.question()

    async def give() -> None:
        async with rows.database.write() as db:
            await find_ready(db, LIBRARY, question.public_id)

    async with rows.database.write() as db:
        found = await find_question(db, LIBRARY, question.public_id, lock=True)
        await delete_question(db, found, NOON)
        giving = asyncio.create_task(give())
        await waits_or_is_done(rows, giving)
    with pytest.raises(NotFound):
        await giving


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_sync_and_a_change_make_a_version_each(rows: Rows) -> None:
    question, _ = await rows.question()

    def content(statement: str) -> Content:
        return Content.model_validate({"title": "Double it", "statement": statement})

    async def change() -> None:
        async with rows.database.write() as db:
            found = await find_question(db, LIBRARY, question.public_id, lock=True)
            await replace_content(db, found, None, content("Changed."), SETTINGS, NOON)

    async with rows.database.write() as db:
        synced = await find_in(db, None, question.public_id)
        assert synced is not None
        changing = asyncio.create_task(change())
        await waits_or_is_done(rows, changing)
        await replace_content(db, synced, None, content("Synced."), SETTINGS, NOON)
    await changing
    assert (await rows.reread(question)).version == 3
