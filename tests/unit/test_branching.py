"""Branches: what the timeline says of them, and that each line of work is found again as it was left."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.harness.entries import event
from tests.harness.fresh import embed
from tests.harness.rows import NOON, Rows

from pizarra.answers.codes import Code
from pizarra.branches import service as branches
from pizarra.branches.service import Branch
from pizarra.cluster.siblings import Siblings
from pizarra.collab.state.document import Document
from pizarra.composition import build_services
from pizarra.config import Settings
from pizarra.database import reading_in
from pizarra.errors import AppError
from pizarra.http.metrics import Metrics
from pizarra.models import InterviewSession
from pizarra.services import Services
from pizarra.timeline.read.documents import load_files


def branch(seq: int, name: str, since: int, last: int | None, who: str | None = None) -> Branch:
    return Branch(seq, name, since, NOON, who, last)


MAIN = branch(0, "", 0, None)


def opened(name: Any = "b", since: Any = 1, **more: Any) -> dict[str, Any]:
    return {"name": name, "from": since, **more}


# What the log says


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], [MAIN]),
        ([None, None], [MAIN]),
        ([None, opened("b", 1)], [branch(0, "", 0, 1), branch(2, "b", 1, None)]),
        ([opened("first", 0)], [branch(0, "", 0, 0), branch(1, "first", 0, None)]),
        (
            [None, opened("b", 1), None, opened("c", 3)],
            [branch(0, "", 0, 1), branch(2, "b", 1, 3), branch(4, "c", 3, None)],
        ),
        (
            [None, opened("b", 1), None, opened("", 1, resumes=0)],
            [branch(0, "", 0, None), branch(2, "b", 1, 3)],
        ),
        (
            [None, opened("b"), None, opened("", 1, resumes=0), None, opened("b", 3, resumes=2)],
            [branch(0, "", 0, 5), branch(2, "b", 1, None)],
        ),
        # of an archive, which may say anything
        ([None, opened("", 1, resumes=99)], [branch(0, "", 0, 1), branch(2, "", 1, None)]),
        ([None, opened(None, "x")], [branch(0, "", 0, 1), branch(2, "", 0, None)]),
        ([None, {}], [branch(0, "", 0, 1), branch(2, "", 0, None)]),
        ([None, opened(7, None)], [branch(0, "", 0, 1), branch(2, "7", 0, None)]),
    ],
)
async def test_branches_are_what_their_entries_say(
    rows: Rows, entries: list[dict[str, Any] | None], expected: list[Branch]
) -> None:
    session = await rows.session()
    for each in entries:
        told = event("said", None, {}) if each is None else event("branch", None, each)
        session = await rows.entries(session, told)
    async with rows.database.read() as db:
        found = await branches.list_branches(reading_in(db), session)
    assert found == expected
    assert branches.current(found) == next(each for each in expected if each.last_seq is None)


async def test_a_branch_says_who_opened_it_and_when(rows: Rows) -> None:
    session = await rows.session()
    ana, late = await rows.person(session, "Ana"), NOON + timedelta(hours=1)
    session = await rows.entries(session, event("branch", ana.id, opened()), at=late)
    async with rows.database.read() as db:
        main, made = await branches.list_branches(reading_in(db), session)
    assert (made.participant_id, made.opened_at) == (ana.public_id, late)
    assert (main.participant_id, main.opened_at) == (None, NOON)


def test_on_the_main_line_pages_show_no_branch() -> None:
    assert branches.to_message(MAIN) is None
    shown = branches.to_message(branch(7, "Faster?", 3, None))
    assert shown is not None
    assert (shown.branch_id, shown.name) == (7, "Faster?")


# Opening and going back


class Work:
    """A session in which somebody writes."""

    def __init__(self, parts: Services, session: InterviewSession) -> None:
        self.parts = parts
        self.rows = Rows(parts.database)
        self.key = session.id

    async def session(self) -> InterviewSession:
        """Return the session as a request finds it."""
        async with self.parts.database.read() as db:
            return await db.get_one(InterviewSession, self.key)

    async def write(self, text: str) -> int:
        """Have the file hold this text; return the entry."""

        def put(document: Document) -> None:
            wanted = Document()
            wanted.edit(lambda it: it.put_file("main.py", "python", text))
            document.restore(wanted)

        await self.parts.hub.change((await self.session()).room_id, put)
        return (await self.session()).head

    async def text(self) -> str | None:
        """Return what the file holds now, from the log."""
        session = await self.session()
        async with self.parts.database.read() as db:
            return (await load_files(db, session, session.head)).get("main.py")

    async def open(self, name: str = "b", at: int | None = None) -> Branch:
        """Begin a branch."""
        return await branches.open_branch(self.parts, await self.session(), None, name, at)

    async def resume(self, branch_id: int) -> Branch:
        """Go back to one."""
        return await branches.resume_branch(self.parts, await self.session(), None, branch_id)

    async def refusal(self, work: Any) -> tuple[Code, str | None] | None:
        """Return the code and the bound of a refusal."""
        before = await self.session()
        try:
            await work
        except AppError as error:
            assert (await self.session()).head == before.head, "nothing was recorded"
            return error.code, error.bound
        return None


@pytest.fixture
async def work(parts: Services) -> Work:
    return Work(parts, await Rows(parts.database).session())


async def test_each_line_is_found_again_as_it_was_left(work: Work) -> None:
    first = await work.write("one")
    await work.write("two")
    made = await work.open("from one", first)
    assert (await work.text(), made.begun_from) == ("one", first)
    await work.write("one, and more")
    back = await work.resume(0)
    assert (await work.text(), back.branch_id) == ("two", 0)
    await work.write("three")
    again = await work.resume(made.branch_id)
    assert (await work.text(), again.branch_id, again.name) == (
        "one, and more",
        made.branch_id,
        "from one",
    )
    await work.resume(0)
    assert await work.text() == "three"


async def test_a_branch_from_now_keeps_the_code(work: Work) -> None:
    head = await work.write("here")
    made = await work.open()
    assert (await work.text(), made.begun_from, made.branch_id) == ("here", head, head + 1)
    await work.write("on")
    await work.resume(0)
    assert await work.text() == "here"


async def test_a_file_that_was_not_there_then_goes_and_comes_back(work: Work) -> None:
    first = await work.write("one")
    room = (await work.session()).room_id
    await work.parts.hub.change(room, lambda it: it.put_file("more.py", "python", "more"))
    await work.open("b", first)
    session = await work.session()
    async with work.parts.database.read() as db:
        assert sorted(await load_files(db, session, session.head)) == ["main.py"]
    await work.resume(0)
    session = await work.session()
    async with work.parts.database.read() as db:
        files = await load_files(db, session, session.head)
    assert files == {"main.py": "one", "more.py": "more"}


@pytest.mark.parametrize(
    ("at", "is_there"), [(-1, False), (0, False), (1, True), (2, True), (3, False)]
)
async def test_a_branch_begins_at_an_entry_that_is_there(
    work: Work, at: int, is_there: bool
) -> None:
    for text in ("one", "two"):
        await work.write(text)
    assert (await work.session()).head == 2
    expected = None if is_there else (Code.ENTRY_NOT_THERE_YET, None)
    assert await work.refusal(work.open("b", at)) == expected


@pytest.mark.parametrize(("there", "fits"), [(1, True), (2, True), (3, False)])
async def test_a_session_has_so_many_branches(work: Work, there: int, fits: bool) -> None:
    work.parts.settings.max_branches = 3
    await work.write("one")
    for number in range(there):
        await work.open(str(number))
    expected = None if fits else (Code.TOO_MANY_BRANCHES, "max_branches")
    assert await work.refusal(work.open("one more")) == expected
    assert await work.refusal(work.resume(0)) is None, "nobody is kept from going back"


async def test_nobody_goes_where_they_are_or_where_nothing_is(work: Work) -> None:
    await work.write("one")
    made = await work.open()
    for there, code in (
        (made.branch_id, Code.BRANCH_IS_CURRENT),
        (1, Code.BRANCH_NOT_FOUND),
        (-1, Code.BRANCH_NOT_FOUND),
        (made.branch_id + 1, Code.BRANCH_NOT_FOUND),
    ):
        assert await work.refusal(work.resume(there)) == (code, None)


async def test_where_a_session_has_ended_its_branches_stay(work: Work) -> None:
    await work.write("one")
    open_still = await work.session()
    made = await work.open()
    async with work.parts.database.write() as db:
        (await db.get_one(InterviewSession, work.key)).status = "ended"
    for begun in (work.open(), work.resume(0)):
        assert await work.refusal(begun) == (Code.SESSION_ENDED, None)
    # It ended after somebody asked.
    for begun in (
        branches.open_branch(work.parts, open_still, None, "late", None),
        branches.resume_branch(work.parts, open_still, None, 0),
    ):
        assert await work.refusal(begun) == (Code.SESSION_ENDED, None)
    assert (
        branches.current(
            await branches.list_branches(work.parts.database.fetch_prepared, open_still)
        ).branch_id
        == made.branch_id
    )


async def test_branches_that_are_asked_for_at_once_come_one_after_the_other(work: Work) -> None:
    first = await work.write("one")
    await work.write("two")
    session = await work.session()
    made = await asyncio.gather(
        *(branches.open_branch(work.parts, session, None, str(n), first) for n in range(4))
    )
    found = await branches.list_branches(work.parts.database.fetch_prepared, session)
    assert [each.branch_id for each in found] == [0, *sorted(each.branch_id for each in made)]
    assert [each.last_seq is None for each in found] == [False] * 4 + [True]
    assert await work.text() == "one"
    await work.resume(0)
    assert await work.text() == "two", "the main line is as it was left by the first of them"


async def test_more_sessions_than_connections_open_branches_at_once(
    tmp_path: Path, database_url: str | None
) -> None:
    """Each keeps a connection for its turn, and needs others meanwhile: all had one, and nobody a second."""
    if database_url is None:
        embed(tmp_path)
    settings = Settings(
        data_dir=tmp_path,
        database_url=database_url,
        database_pool=4,
        database_pool_more=0,
        database_pool_seconds=2.0,
    )
    parts = build_services(settings, lambda: NOON, Metrics(), Siblings())
    rows = Rows(parts.database)
    sessions = [await rows.session() for _ in range(12)]
    opening = (branches.open_branch(parts, each, None, "Faster?", None) for each in sessions)
    try:
        made = await asyncio.gather(*opening)
        assert [each.branch_id for each in made] == [1] * len(sessions)
    finally:
        await parts.hub.stop()
        await parts.runs.stop()
        await parts.journal.close()
        await parts.database.dispose()
