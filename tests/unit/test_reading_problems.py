"""What a session is about, as its reader sees it: in their language, and interviewers all that is only theirs."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import delete, update
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows

from pizarra.access.session_access import Access
from pizarra.answers.codes import Code
from pizarra.config import Settings
from pizarra.errors import NotFound
from pizarra.models import (
    InterviewSession,
    Participant,
    Question,
    QuestionVersion,
    Role,
    TimelineEntry,
)
from pizarra.problems.content import Content
from pizarra.problems.posing import follow_up_of, given_to, pose, shown_of
from pizarra.questions.reading import find_problem, read_private, require_problem, spoken_for
from pizarra.spanish import accepted
from pizarra.timeline.entries.shared import Posed

CONTENT: dict[str, Any] = {
    "title": "Double it",
    "guide": "gu1de",
    "rubric": ["Reads"],
    "references": {"python": "print(2)"},
    "secret": [{"name": "small", "cases": [{"input": "1", "expected": "2"}]}],
    "follow_ups": [{"title": "Faster", "text": "Think."}],
}


# In which language


def told(spoken: str, *translations: str) -> Posed:
    wordings = {each: {"title": each, "statement": ""} for each in translations}
    return cast("Posed", SimpleNamespace(spoken=spoken, translations=wordings))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("es", "es"),
        ("ES", "es"),
        ("es-MX", "es"),
        ("pt-BR", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("fr", "en"),
        ("fr, es", "es"),
        ("en;q=0.1, es;q=0.9", "es"),
        ("es;q=0, en", "en"),
        ("es;q=0", "en"),
        ("*", "en"),
        ("en-GB, es", "en"),
        ("e", "en"),
        ("-", "en"),
        (",,;", "en"),
        ("fr, pt;q=0.5, es;q=0.4", "pt-BR"),
    ],
)
def test_a_question_is_told_in_the_language_that_is_wanted_most(header: str, expected: str) -> None:
    assert spoken_for(accepted(header), told("en", "es", "pt-BR")) == expected


def test_a_question_in_one_language_is_told_in_that() -> None:
    for header in ("", "es", "de-CH, *"):
        assert spoken_for(accepted(header), told("de-AT")) == "de-AT"


# As it was given


class Reader:
    """A session, and what is read of its question."""

    def __init__(self, rows: Rows, session: InterviewSession, host: Participant) -> None:
        self.rows = rows
        self.key = session.id
        self.host = host

    async def access(self) -> Access:
        """Return an interviewer's."""
        async with self.rows.database.read() as db:
            session = await db.get_one(InterviewSession, self.key)
        return Access(session, Role.HOST, None)

    async def give(
        self,
        question: Question,
        version: QuestionVersion,
        *,
        folder: str = "a/",
        follow_up: int | None = None,
    ) -> int:
        """Give it a question; return the entry."""
        content = Content.model_validate(version.content)
        shown = (
            shown_of(question, version, content, folder)
            if follow_up is None
            else follow_up_of(question, version, content, follow_up)
        )
        async with self.rows.database.write() as db:
            session = await db.get_one(InterviewSession, self.key, with_for_update=True)
            about: dict[str, Any] = {"settings": Settings(), "now": NOON}
            return await pose(db, session, self.host, shown, version, **about)

    async def private(self) -> Any:
        """Return what interviewers see."""
        async with self.rows.database.read() as db:
            given = await given_to(db, self.key)
            assert given is not None
            return await read_private(db, self.key, given)


@pytest.fixture
async def reader(rows: Rows) -> Reader:
    session = await rows.session()
    return Reader(rows, session, await rows.person(session, "Ana", Role.HOST))


async def test_without_a_question_there_is_none(reader: Reader) -> None:
    access = await reader.access()
    async with reader.rows.database.read() as db:
        assert await find_problem(db, access) is None
        with pytest.raises(NotFound) as refused:
            await require_problem(db, access)
    assert refused.value.code is Code.NO_PROBLEM


async def test_interviewers_see_all_of_the_version_that_the_session_has(reader: Reader) -> None:
    question, version = await reader.rows.question(Content.model_validate(CONTENT))
    seq = await reader.give(question, version)
    async with reader.rows.database.write() as db:
        await db.execute(update(Question).values(version=4))
    found = await reader.private()
    assert (found.guide, found.rubric, found.newest) == ("gu1de", ["Reads"], 4)
    assert {name.value: text for name, text in found.references.items()} == {"python": "print(2)"}
    assert [each.name for each in found.secret] == ["small"]
    assert [(each.seq, each.title, each.version) for each in found.given] == [(seq, "Double it", 1)]


async def test_a_question_that_was_deleted_has_no_newest_version(reader: Reader) -> None:
    await reader.give(*await reader.rows.question(Content.model_validate(CONTENT)))
    async with reader.rows.database.write() as db:
        await db.execute(update(Question).values(deleted_at=NOON))
    found = await reader.private()
    assert (found.newest, found.guide) == (None, "gu1de")


async def test_of_a_question_that_is_gone_interviewers_see_what_everybody_does(
    reader: Reader,
) -> None:
    await reader.give(*await reader.rows.question(Content.model_validate(CONTENT)))
    async with reader.rows.database.write() as db:
        await db.execute(delete(Question))
    assert await reader.private() is None
    access = await reader.access()
    async with reader.rows.database.read() as db:
        _, shown = await require_problem(db, access)
    assert shown.title == "Double it"


async def test_what_was_given_is_listed_once_as_it_was_given_last(reader: Reader) -> None:
    question, version = await reader.rows.question(Content.model_validate(CONTENT))
    other = await reader.rows.question(Content.model_validate({**CONTENT, "title": "Halve it"}))
    await reader.give(question, version)
    await reader.give(*other, folder="b/")
    await reader.give(question, version, follow_up=0)
    last = await reader.give(question, version)
    found = await reader.private()
    assert [(each.seq, each.title, each.follow_up) for each in found.given] == [
        (2, "Halve it", None),
        (3, "Faster", 0),
        (last, "Double it", None),
    ]


async def test_an_entry_that_an_archive_made_up_is_no_problem(reader: Reader) -> None:
    question, version = await reader.rows.question(Content.model_validate(CONTENT))
    seq = await reader.give(question, version)
    async with reader.rows.database.write() as db:
        (await db.get_one(TimelineEntry, (reader.key, seq))).data = {"title": 5}
    access = await reader.access()
    async with reader.rows.database.read() as db:
        assert await find_problem(db, access) is None
    assert (await reader.private()).given == []


async def test_back_on_an_earlier_line_of_work_its_question_is_read(reader: Reader) -> None:
    await reader.give(*await reader.rows.question(Content.model_validate(CONTENT)))
    opened = event("branch", None, {"name": "b", "from": 1})
    await reader.rows.entries((await reader.access()).session, opened)  # type: ignore[arg-type]
    other = await reader.rows.question(Content.model_validate({**CONTENT, "title": "Halve it"}))
    await reader.give(*other, folder="b/")

    async def title() -> str:
        access = await reader.access()
        async with reader.rows.database.read() as db:
            return (await require_problem(db, access))[1].title

    assert await title() == "Halve it"
    back = event("branch", None, {"name": "", "from": 1, "resumes": 0})
    await reader.rows.entries((await reader.access()).session, back)  # type: ignore[arg-type]
    assert await title() == "Double it"
