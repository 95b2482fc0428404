"""The library: which questions a search finds, what a change makes of one, and when a deleted one is gone for good."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from sqlalchemy import delete, select, update
from tests.harness.rows import NOON, Rows, actor

from pizarra.access.identity import Actor
from pizarra.answers.codes import Code
from pizarra.config import Settings
from pizarra.errors import Conflict, NotFound
from pizarra.models import InterviewSession, Question, QuestionVersion, SessionProblem
from pizarra.problems.content import Content
from pizarra.problems.finding import Library, find_question, find_ready, find_version
from pizarra.questions import service as questions
from pizarra.questions.schemas import ProofProgress, ProofRead, QuestionUpdate
from pizarra.questions.showing import (
    Wanted,
    count_questions,
    list_questions,
    proof_of,
    read_question,
    under_way,
)

DAY = timedelta(days=1)
PROOF: dict[str, Any] = {
    "proven": False,
    "languages": {
        "python": {"status": "proven", "detail": None},
        "java": {"status": "reference_fails", "detail": "small: it came to nothing"},
    },
    "cases": 3,
    "toolchains": {"python": "Python 3.11.2"},
    "version": 1,
    "proved_at": "2026-11-29T16:00:00Z",
    "running": False,
}


class Shelf:
    """A team's library."""

    def __init__(self, rows: Rows, account: Actor) -> None:
        self.rows = rows
        self.account = account
        self.library = Library(account, account.team_id)

    async def add(self, title: str = "Double it", **content: Any) -> Question:
        """Add a question."""
        made = Content.model_validate({"title": title, **content})
        async with self.rows.database.write() as db:
            question, _ = await questions.create_question(db, self.account, made, Settings(), NOON)
        return question

    async def change(
        self, question: Question, at: Any = NOON + DAY, **changes: Any
    ) -> QuestionVersion:
        """Change one."""
        settings = Settings(max_question_versions=changes.pop("most", 100))
        async with self.rows.database.write() as db:
            stored = await find_question(db, self.library, question.public_id, lock=True)
            return await questions.change_question(
                db, stored, self.account, QuestionUpdate.model_validate(changes), settings, at
            )

    async def find(self, **wanted: Any) -> list[str]:
        """Return the titles of what a list has."""
        async with self.rows.database.read() as db:
            listed = await list_questions(db, self.library, Wanted(**wanted), 0, 100)
            assert await count_questions(db, self.library, Wanted(**wanted)) == len(listed)
        return [each.title for each in listed]

    async def delete(self, question: Question) -> None:
        """Take one out of the library."""
        async with self.rows.database.write() as db:
            stored = await db.get_one(Question, question.id)
            await questions.delete_question(db, stored, NOON + DAY)

    async def given(self, question: Question, **session: Any) -> InterviewSession:
        """Have a session that was given a question's newest version."""
        made = await self.rows.session(**session)
        async with self.rows.database.read() as db:
            version = await find_version(db, await db.get_one(Question, question.id))
        of_it = {"session_id": made.id, "seq": 1, "version_id": version.id}
        await self.rows.put(SessionProblem(**of_it, folder=""))
        return made


async def shelf_of(rows: Rows, name: str) -> Shelf:
    return Shelf(rows, actor(await rows.account(await rows.team(name), f"{name}@example.com")))


@pytest.fixture
async def shelf(rows: Rows) -> Shelf:
    return await shelf_of(rows, "one")


# What a search finds


SAMPLE: list[dict[str, Any]] = [
    {
        "title": "Two Sum",
        "tags": ["Arrays", "Hash Tables"],
        "difficulty": "easy",
        "minutes": 15,
        "languages": ["python", "java"],
        "translations": {"es": {"title": "Ñandúes que suman", "statement": ""}},
    },
    {"title": "100% of it_all", "tags": ["arrays"], "difficulty": "hard", "minutes": 60},
    {"title": "Later", "draft": True, "minutes": 30, "languages": ["cpp"]},
]


SEARCHES: list[tuple[dict[str, Any], str]] = [
    ({}, "lhs"),
    ({"text": "two"}, "s"),
    ({"text": "SUM two"}, "s"),
    ({"text": "two later"}, ""),
    ({"text": "ñandúes"}, "s"),
    ({"text": "ÑANDÚES Suman"}, "s"),
    ({"text": "hash"}, "s"),
    ({"text": "%"}, "h"),
    ({"text": "_"}, "h"),
    ({"text": "\\"}, ""),
    ({"text": "   "}, "lhs"),
    ({"text": " ".join(["two"] * 8 + ["nothing"])}, "s"),
    ({"difficulty": "hard"}, "h"),
    ({"difficulty": "medium"}, "l"),
    ({"kind": "function"}, ""),
    ({"kind": "stdio"}, "lhs"),
    ({"tags": ["arrays"]}, "hs"),
    ({"tags": ["ARRAYS", " hash tables "]}, "s"),
    ({"tags": ["hash"]}, ""),
    ({"tags": ["%"]}, ""),
    ({"tags": ["arrays|language:java"]}, ""),
    ({"language": "java"}, "hs"),
    ({"language": "cpp"}, "lh"),
    ({"minutes": 15}, "s"),
    ({"minutes": 14}, ""),
    ({"minutes": 30}, "ls"),
    ({"draft": True}, "l"),
    ({"draft": False}, "hs"),
    ({"proven": False}, "lhs"),
    ({"proven": True}, ""),
    ({"draft": False, "minutes": 20, "text": "sum"}, "s"),
]


async def test_what_a_search_finds_of_three(shelf: Shelf) -> None:
    for each in SAMPLE:
        await shelf.add(**each)
    names = {"s": "Two Sum", "h": "100% of it_all", "l": "Later"}
    for wanted, found in SEARCHES:
        assert await shelf.find(**wanted) == [names[each] for each in found], wanted


async def test_a_library_is_a_teams_and_an_administrator_has_all(rows: Rows, shelf: Shelf) -> None:
    other = await shelf_of(rows, "two")
    mine, theirs = await shelf.add("mine"), await other.add("theirs")
    everybodys = Library(None, None)
    assert (await shelf.find(), await other.find()) == (["mine"], ["theirs"])
    async with rows.database.read() as db:
        assert await count_questions(db, everybodys, Wanted()) == 2
        assert (await find_question(db, everybodys, theirs.public_id)).id == theirs.id
        for library, id_ in (
            (shelf.library, theirs.public_id),
            (None, mine.public_id),
            (everybodys, "0" * 32),
            (everybodys, "no id"),
        ):
            with pytest.raises(NotFound, match=f"Question {id_} not found") as refused:
                await find_question(db, library, id_)
            assert refused.value.code is Code.QUESTION_NOT_FOUND


async def test_the_newest_is_first_and_a_change_makes_it_that(shelf: Shelf) -> None:
    first = await shelf.add("first")
    await shelf.add("second")
    assert await shelf.find() == ["second", "first"]
    await shelf.change(first, title="first again")
    assert await shelf.find() == ["first again", "second"]
    assert await shelf.find(text="again") == ["first again"]


async def test_a_question_is_found_without_accents(shelf: Shelf) -> None:
    await shelf.add("Árbol más corto")
    for text in ("arbol MAS", "ÁRBOL", "más"):
        assert await shelf.find(text=text) == ["Árbol más corto"], text
    assert await shelf.find(text="àrbol") == []


async def test_a_list_is_read_in_parts(shelf: Shelf) -> None:
    for number in range(5):
        await shelf.add(str(number))
    async with shelf.rows.database.read() as db:
        parts = [await list_questions(db, shelf.library, Wanted(), at, 2) for at in (0, 2, 4, 6)]
    assert [[each.title for each in part] for part in parts] == [["4", "3"], ["2", "1"], ["0"], []]


async def test_a_list_says_what_is_proven_and_how_many_sessions_had_it(shelf: Shelf) -> None:
    question = await shelf.add(translations={"es": {"title": "Dóblalo", "statement": ""}})
    session = await shelf.given(question)
    await shelf.given(question, rehearsal_of=session.id)
    async with shelf.rows.database.write() as db:
        await db.execute(update(QuestionVersion).values(proof=PROOF))
    async with shelf.rows.database.read() as db:
        (listed,) = await list_questions(db, shelf.library, Wanted(), 0, 9)
    assert listed.proven == ["python"]
    assert listed.sessions == 1, "a rehearsal is none"
    assert listed.titles == {"en": "Double it", "es": "Dóblalo"}


# Reading one


async def test_a_question_is_read_as_it_was_written(shelf: Shelf) -> None:
    question = await shelf.add(statement="Read *it*.", minutes=7)
    await shelf.change(question, statement="Read it twice.")
    async with shelf.rows.database.read() as db:
        stored = await find_question(db, shelf.library, question.public_id)
        newest = await read_question(db, stored, await find_version(db, stored))
        first = await read_question(db, stored, await find_version(db, stored, 1))
        for number in (0, 3, -1):
            with pytest.raises(NotFound, match="the newest is 2"):
                await find_version(db, stored, number)
    assert (newest.statement, newest.version, newest.newest) == ("Read it twice.", 2, 2)
    assert (first.statement, first.version, first.newest) == ("Read *it*.", 1, 2)
    assert (newest.created_at, newest.updated_at, first.updated_at) == (NOON, NOON + DAY, NOON)
    assert (newest.runnable, newest.detail, newest.proof) == (True, None, None)


async def test_what_cannot_be_tried_here_says_why(shelf: Shelf) -> None:
    question = await shelf.add(unsupported="It needs a network.")
    async with shelf.rows.database.read() as db:
        stored = await find_question(db, shelf.library, question.public_id)
        read = await read_question(db, stored, await find_version(db, stored))
    assert (read.runnable, read.detail, stored.runnable) == (False, "It needs a network.", False)


def test_a_proof_of_an_earlier_or_a_later_program_is_read_as_far_as_it_can_be() -> None:
    told = proof_of(PROOF)
    assert told is not None
    assert (told.slowest_ms, told.time_limit, told.progress) == (None, None, None)
    assert proof_of({**PROOF, "time_limit": 2.5, "slowest_ms": 9}) == told.model_copy(
        update={"time_limit": 2.5, "slowest_ms": 9}
    )
    for unreadable in (None, {}, {**PROOF, "languages": []}, {"proven": True}):
        assert proof_of(unreadable) is None


def test_while_a_question_is_proven_what_was_proven_before_holds() -> None:
    progress, before = (
        ProofProgress(done=1, of=2),
        ProofRead.model_validate(
            {"slowest_ms": None, "time_limit": None, "progress": None, **PROOF}
        ),
    )
    again = under_way(1, before, progress)
    assert (again.running, again.progress) == (True, progress)
    assert again.languages == before.languages
    first = under_way(4, None, progress)
    assert (first.version, first.proven, first.languages, first.proved_at) == (4, False, {}, None)


# Changing one


async def test_a_change_that_changes_nothing_makes_no_version(shelf: Shelf) -> None:
    question = await shelf.add(tags=["a"])
    for same in ({}, {"title": "Double it"}, {"tags": ["a"]}, {"minutes": None}):
        assert (await shelf.change(question, **same)).number == 1
    assert (await shelf.change(question, tags=["b"])).number == 2
    assert await shelf.find(tags=["a"]) == []
    assert await shelf.find(tags=["b"]) == ["Double it"]


async def test_a_new_version_is_proven_by_nobody(shelf: Shelf) -> None:
    question = await shelf.add()
    async with shelf.rows.database.write() as db:
        await db.execute(update(Question).values(proven=True))
        await db.execute(update(QuestionVersion).values(proof={**PROOF, "proven": True}))
    assert await shelf.find(proven=True) == ["Double it"]
    await shelf.change(question, minutes=5)
    assert await shelf.find(proven=True) == []
    async with shelf.rows.database.read() as db:
        proofs = list(await db.scalars(select(QuestionVersion.proof).order_by(QuestionVersion.id)))
    assert proofs[0] is not None
    assert proofs[1] is None


async def test_what_comes_out_of_a_change_must_be_a_question(shelf: Shelf) -> None:
    question = await shelf.add(references={"python": "print(1)"})
    twice = {"spoken": "es", "translations": {"es": {"title": "x", "statement": ""}}}
    wrongs: list[dict[str, Any]] = [{"languages": ["java"]}, {"kind": "function"}, twice]
    for wrong in wrongs:
        with pytest.raises(RequestValidationError) as refused:
            await shelf.change(question, **wrong)
        assert all(each["loc"][0] == "body" for each in refused.value.errors())
    assert (await shelf.rows.reread(question)).version == 1


@pytest.mark.parametrize(("most", "fits"), [(1, False), (2, True)])
async def test_a_question_has_so_many_versions(shelf: Shelf, most: int, fits: bool) -> None:
    question = await shelf.add()
    if fits:
        assert (await shelf.change(question, most=most, minutes=5)).number == 2
        return
    with pytest.raises(Conflict) as refused:
        await shelf.change(question, most=most, minutes=5)
    assert refused.value.bound == "max_question_versions"
    assert (await shelf.change(question, most=most)).number == 1, "what changes nothing is none"


@pytest.mark.parametrize(("most", "fits"), [(1, False), (2, True)])
async def test_a_library_has_so_many_questions_and_deleted_ones_do_not_count(
    shelf: Shelf, most: int, fits: bool
) -> None:
    await shelf.delete(await shelf.add("deleted"))
    await shelf.add()
    settings = Settings(max_questions=most)

    async def one_more() -> None:
        async with shelf.rows.database.write() as db:
            made = Content.model_validate({"title": "one more"})
            await questions.create_question(db, shelf.account, made, settings, NOON)

    if fits:
        await one_more()
        return
    with pytest.raises(Conflict) as refused:
        await one_more()
    assert (refused.value.bound, refused.value.code) == ("max_questions", Code.TOO_MANY_QUESTIONS)


async def test_a_draft_begins_no_session_unless_it_is_tried_out(shelf: Shelf) -> None:
    draft = await shelf.add(draft=True)
    async with shelf.rows.database.read() as db:
        with pytest.raises(Conflict) as refused:
            await find_ready(db, shelf.library, draft.public_id)
        assert refused.value.code is Code.QUESTION_IS_DRAFT
        question, version = await find_ready(db, shelf.library, draft.public_id, drafts=True)
        assert (question.id, version.number) == (draft.id, 1)
    await shelf.change(draft, draft=False)
    async with shelf.rows.database.read() as db:
        assert (await find_ready(db, shelf.library, draft.public_id))[1].number == 2


async def test_an_id_is_a_librarys_or_free(rows: Rows, shelf: Shelf) -> None:
    other, mine = await shelf_of(rows, "two"), await shelf.add()
    theirs = await other.add()
    team = shelf.account.team_id
    async with rows.database.read() as db:
        assert await questions.find_in(db, team, None) is None
        assert await questions.find_in(db, team, "0" * 32) is None
        found = await questions.find_in(db, team, mine.public_id)
        assert found is not None
        assert found.id == mine.id
        with pytest.raises(Conflict):
            await questions.find_in(db, team, theirs.public_id)
    await shelf.given(mine)
    await shelf.delete(mine)
    async with rows.database.read() as db:
        with pytest.raises(Conflict) as refused:
            await questions.find_in(db, team, mine.public_id)
    assert refused.value.code is Code.QUESTION_TAKEN


# Deleting one


async def left(rows: Rows) -> tuple[list[int], list[int]]:
    """Return the questions that are stored, and the numbers of their versions."""
    async with rows.database.read() as db:
        keys = list(await db.scalars(select(Question.id).order_by(Question.id)))
        order = select(QuestionVersion.number).order_by(QuestionVersion.id)
        return keys, list(await db.scalars(order))


async def test_a_question_that_no_session_has_is_gone_at_once(rows: Rows, shelf: Shelf) -> None:
    gone, kept = await shelf.add("gone"), await shelf.add("kept")
    await shelf.change(gone, minutes=5)
    await shelf.delete(gone)
    assert await shelf.find() == ["kept"]
    assert await left(rows) == ([kept.id], [1])


async def test_what_sessions_have_of_it_stays_until_the_last_of_them_is_gone(
    rows: Rows, shelf: Shelf
) -> None:
    question, other = await shelf.add("had"), await shelf.add("other")
    first = await shelf.given(question)
    await shelf.change(question, minutes=5)
    await shelf.change(question, minutes=6)
    second = await shelf.given(question)
    await shelf.delete(question)
    assert await shelf.find() == ["other"]
    assert await left(rows) == ([question.id, other.id], [1, 1, 3])
    for session, expected in ((first, [1, 3]), (second, [1])):
        async with rows.database.write() as db:
            await db.execute(delete(InterviewSession).where(InterviewSession.id == session.id))
        await shelf.delete(await shelf.add("another"))
        assert sorted((await left(rows))[1]) == expected
    assert await left(rows) == ([other.id], [1])
