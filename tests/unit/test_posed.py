"""Questions as sessions were given them: which holds, where its files lie, which tests are its, and when it passed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.harness.core import Typist
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows

from pizarra.answers.codes import Code
from pizarra.collab.journal import EditEntry, SessionClosed
from pizarra.collab.state.document import Document
from pizarra.config import Settings
from pizarra.errors import Conflict
from pizarra.models import (
    InterviewSession,
    Participant,
    PrivateEntry,
    Question,
    QuestionVersion,
    Role,
    SessionProblem,
)
from pizarra.problems import posing
from pizarra.problems.content import Content
from pizarra.problems.course import course_of, titles_of
from pizarra.problems.passing import note_pass
from pizarra.problems.posing import folder_for, pose
from pizarra.problems.suites import held_in
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.packing.packer import Packer

SETTINGS = Settings()
MINUTE = timedelta(minutes=1)
DOUBLE = Content.model_validate(
    {
        "title": "Double it",
        "secret": [{"name": "small", "cases": [{"input": "1", "expected": "2"}]}],
        "starters": {"python": "# double\n"},
        "follow_ups": [
            {"title": "Faster?", "text": "Think.", "starters": {"python": "# faster\n"}},
            {"title": "Smaller?", "text": "Think again."},
        ],
    }
)
HALVE = Content.model_validate({"title": "Halve it", "statement": "Halve."})


class Session:
    """A session, its host, and what it is given."""

    def __init__(self, rows: Rows, session: InterviewSession, host: Participant) -> None:
        self.rows = rows
        self.key = session.id
        self.host = host

    async def give(
        self,
        question: Question,
        version: QuestionVersion,
        *,
        folder: str = "",
        follow_up: int | None = None,
        here: bool = True,
        settings: Settings = SETTINGS,
    ) -> int:
        """Give it a question, or a follow-up; unless it is `here` the question is another server's."""
        content = Content.model_validate(version.content)
        told = (
            posing.shown_of(question, version, content, folder)
            if follow_up is None
            else posing.follow_up_of(question, version, content, follow_up)
        )
        async with self.rows.database.write() as db:
            session = await db.get_one(InterviewSession, self.key, with_for_update=True)
            return await pose(
                db,
                session,
                self.host,
                told,
                version if here else None,
                settings=settings,
                now=NOON,
            )

    async def stored(self) -> InterviewSession:
        """Return it as it is stored now."""
        async with self.rows.database.read() as db:
            return await db.get_one(InterviewSession, self.key)

    async def tests(self) -> list[tuple[int, dict[str, Any]]]:
        """Return the entries `tests` of its private log, each with its anchor."""
        query = select(PrivateEntry.anchor, PrivateEntry.data).where(
            PrivateEntry.session_id == self.key, PrivateEntry.kind == "tests"
        )
        async with self.rows.database.read() as db:
            return [(at, data) for at, data in await db.execute(query.order_by(PrivateEntry.seq))]


@pytest.fixture
async def session(rows: Rows) -> Session:
    made = await rows.session()
    return Session(rows, made, await rows.person(made, "Ana", Role.HOST))


# Giving


async def test_a_session_without_a_question_is_about_none(rows: Rows, session: Session) -> None:
    async with rows.database.read() as db:
        assert await posing.given_to(db, session.key) is None
        assert await posing.start_in(db, session.key, "python") is None
        assert (await course_of(db, session.key)).posings == []
        assert await posing.posed_by(db, session.key, 1) is None


async def test_a_question_is_an_entry_and_its_secret_cases_are_tests(
    rows: Rows, session: Session
) -> None:
    question, version = await rows.question(DOUBLE)
    seq = await session.give(question, version)
    assert seq == 1
    async with rows.database.read() as db:
        given = await posing.given_to(db, session.key)
        assert given is not None
        assert given.version is not None
        assert (given.seq, given.folder, given.version.id) == (1, "", version.id)
        assert given.content() == DOUBLE
        told = await posing.posed_by(db, session.key, seq)
        assert told is not None
        assert (told.title, told.question_id) == ("Double it", question.public_id)
        assert await titles_of(db, session.key, await course_of(db, session.key)) == {
            1: "Double it"
        }
    ((anchor, data),) = await session.tests()
    assert anchor == seq, "known from the instant on at which it was given"
    assert [each["name"] for each in data["tests"]] == ["small: 1"]
    assert data["problem"] == seq


async def test_what_a_proof_derived_is_what_a_test_may_take(rows: Rows, session: Session) -> None:
    question, _ = await rows.question(HALVE)
    version = await rows.version(question, DOUBLE, 2, proof={"time_limit": 2.0})
    await session.give(question, version)
    ((_, data),) = await session.tests()
    assert data["judge"]["seconds"] == 2.0


async def test_a_question_without_secret_cases_takes_those_of_the_one_before_away(
    rows: Rows, session: Session
) -> None:
    await session.give(*await rows.question(DOUBLE))
    await session.give(*await rows.question(HALVE))
    assert [len(data["tests"]) for _, data in await session.tests()] == [1, 0]


async def test_a_question_that_comes_back_has_the_tests_that_were_changed_meanwhile(
    rows: Rows, session: Session
) -> None:
    question, version = await rows.question(DOUBLE)
    other = await rows.question(HALVE)
    await session.give(question, version, folder="double/")
    await session.give(*other, folder="halve/")
    await session.give(question, version, folder="double/")
    assert len(await session.tests()) == 2, "no third: its own hold again"
    newer = await rows.version(question, HALVE, 2)
    await session.give(question, newer, folder="double/")
    assert len(await session.tests()) == 3, "another version has others"


async def test_a_follow_up_and_a_question_of_another_server_bring_no_tests(
    rows: Rows, session: Session
) -> None:
    question, version = await rows.question(DOUBLE)
    await session.give(question, version, follow_up=0)
    await session.give(question, version, here=False)
    assert await session.tests() == []
    async with rows.database.read() as db:
        given = await posing.given_to(db, session.key)
        assert given is not None
        assert (given.version, given.content(), given.proof) == (None, None, None)
        assert await posing.start_in(db, session.key, "python") is None


async def test_nobody_gives_a_question_to_a_session_that_has_ended(rows: Rows) -> None:
    made = await rows.session(status="ended")
    ended = Session(rows, made, await rows.person(made, "Ana", Role.HOST))
    with pytest.raises(SessionClosed):
        await ended.give(*await rows.question(DOUBLE))
    async with rows.database.read() as db:
        assert (await db.scalars(select(SessionProblem.seq))).all() == []


@pytest.mark.parametrize(("bytes_so_far", "fits"), [(999, True), (1000, False), (1001, False)])
async def test_a_full_log_takes_no_question(rows: Rows, bytes_so_far: int, fits: bool) -> None:
    made = await rows.session(log_bytes=bytes_so_far)
    session = Session(rows, made, await rows.person(made, "Ana", Role.HOST))
    giving = session.give(
        *await rows.question(HALVE),
        settings=SETTINGS.model_copy(update={"max_log_bytes": 1000}),
    )
    if fits:
        assert await giving == 1
        return
    with pytest.raises(Conflict) as refused:
        await giving
    assert (refused.value.code, refused.value.bound) == (Code.LOG_FULL, "max_log_bytes")


@pytest.mark.parametrize("most", [1, 2])
async def test_where_the_private_log_is_full_nothing_is_given(rows: Rows, most: int) -> None:
    made = await rows.session(private_head=1)
    session = Session(rows, made, await rows.person(made, "Ana", Role.HOST))
    settings = SETTINGS.model_copy(update={"max_private_entries": most})
    question = await rows.question(DOUBLE)
    if most > 1:
        await session.give(*question, settings=settings)
        return
    with pytest.raises(Conflict) as refused:
        await session.give(*question, settings=settings)
    assert refused.value.bound == "max_private_entries"
    assert (await rows.reread(made)).head == 0, "neither on the one log nor on the other"


# Where its files lie


async def test_a_question_that_was_given_before_finds_its_folder_again(
    rows: Rows, session: Session
) -> None:
    question, version = await rows.question(DOUBLE)
    other, others = await rows.question(HALVE)
    async with rows.database.read() as db:
        assert await posing.folder_of(db, session.key, question) is None
    await session.give(question, version, folder="double/")
    await session.give(other, others, folder="halve/")
    await session.give(question, version, follow_up=1)
    async with rows.database.read() as db:
        assert await posing.folder_of(db, session.key, question) == "double/", "no follow-up's"
        assert await posing.folder_of(db, session.key, other) == "halve/"
    newer = await rows.version(question, HALVE, 2)
    await session.give(question, newer, folder="newer/")
    async with rows.database.read() as db:
        assert await posing.folder_of(db, session.key, question) == "newer/"


async def test_another_sessions_folder_is_not_this_ones(rows: Rows, session: Session) -> None:
    question, version = await rows.question(DOUBLE)
    await session.give(question, version, folder="double/")
    other = await rows.session()
    async with rows.database.read() as db:
        assert await posing.folder_of(db, other.id, question) is None


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("Double it", "double-it-0123/"),
        ("  ¿Más rápido?  ", "mas-rapido-0123/"),
        ("二倍", "question-0123/"),
        ("../..", "question-0123/"),
        ("", "question-0123/"),
        ("a" * 60, f"{'a' * 40}-0123/"),
        ("a" * 39 + " b", f"{'a' * 39}-0123/"),
    ],
)
def test_a_folder_is_called_as_the_question(title: str, folder: str) -> None:
    assert folder_for(title, "0123456789abcdef") == folder


async def test_a_question_begins_with_its_own_text_and_a_follow_up_with_its(
    rows: Rows, session: Session
) -> None:
    question, version = await rows.question(DOUBLE)
    begun = []
    for follow_up in (None, 0, 1):
        await session.give(question, version, folder="double/", follow_up=follow_up)
        async with rows.database.read() as db:
            start = await posing.start_in(db, session.key, "python")
            assert start is not None
            begun.append((start.path, start.text, dict(start.beside)))
    places = [f"{folder_for(title, question.public_id)[:-1]}-" for title in ("Faster?", "Smaller?")]
    assert begun == [
        ("double/main.py", "# double\n", {}),
        (f"{places[0]}1/main.py", "# faster\n", {}),
        (f"{places[1]}2/main.py", "# double\n", {}),
    ]


def document(*paths: str) -> Document:
    def put(it: Document) -> None:
        for path in paths:
            it.put_file(path, "python", "")

    made = Document()
    made.edit(put)
    return made


@pytest.mark.parametrize(
    ("folder", "language", "found"),
    [
        ("double/", "python", "double/main.py"),
        ("double/", "java", None),
        ("double/", "cobol", None),
        ("", "python", None),
        ("halve/", "python", None),
    ],
)
def test_the_program_that_answers_a_question_is_in_its_folder(
    folder: str, language: str, found: str | None
) -> None:
    written = document("main.py", "double/main.py")
    assert posing.program_in(written, posing.Given(1, folder, None), language) == found
    assert posing.program_in(written, None, language) is None


# When it passed


async def passed_at(rows: Rows, session: Session) -> list[Any]:
    query = select(SessionProblem.passed_at).where(SessionProblem.session_id == session.key)
    async with rows.database.read() as db:
        return list(await db.scalars(query.order_by(SessionProblem.seq)))


async def note(rows: Rows, session: Session, seq: int, folder: str | None = "") -> None:
    async with rows.database.write() as db:
        await note_pass(db, session.key, seq, folder)


async def test_the_earliest_instant_that_passed_counts_whenever_it_is_tried(
    rows: Rows, session: Session
) -> None:
    await session.give(*await rows.question(HALVE))
    for minute in range(1, 5):
        said = event("said", None, {"text": "x"})
        await rows.entries(await session.stored(), said, at=NOON + minute * MINUTE)
    for seq, expected in ((4, 3), (5, 3), (3, 2), (4, 2)):
        await note(rows, session, seq)
        assert await passed_at(rows, session) == [NOON + expected * MINUTE]


async def test_a_pass_is_of_the_question_whose_folder_it_was_in(
    rows: Rows, session: Session
) -> None:
    await session.give(*await rows.question(HALVE), folder="a/")
    await session.give(*await rows.question(DOUBLE), folder="b/")
    await note(rows, session, 1, "b/")
    await note(rows, session, 2, None)
    await note(rows, session, 2, "c/")
    assert await passed_at(rows, session) == [None, None], "b was not there yet, c never"
    await note(rows, session, 2, "a/")
    assert await passed_at(rows, session) == [NOON, None]
    await note(rows, session, 99, "b/")
    assert await passed_at(rows, session) == [NOON, None], "no entry, no instant"


async def test_a_pass_of_code_that_was_packed_meanwhile_is_of_its_instant(
    rows: Rows, session: Session
) -> None:
    """A session that has ended is packed at once, and its last instants may be tried after that."""
    await session.give(*await rows.question(HALVE))
    typist, stored = Typist(5), await session.stored()
    for minute in range(1, 4):
        edit = EditEntry(None, typist.type("x"))
        stored = await rows.entries(stored, edit, at=NOON + minute * MINUTE)
    async with rows.database.write() as db:
        (await db.get_one(InterviewSession, session.key)).status = "ended"
    await rows.entries(stored, event("said", None, {"text": "x"}), at=NOON + 9 * MINUTE)
    await Packer(rows.database, Recent(0)).pack_due()
    assert (await session.stored()).packed_to >= 3
    await note(rows, session, 3)
    assert await passed_at(rows, session) == [NOON + 2 * MINUTE]


# Which tests are whose


async def test_each_question_keeps_its_own_tests(rows: Rows, session: Session) -> None:
    first, second = await rows.question(DOUBLE), await rows.question(HALVE)
    await session.give(*first, folder="a/")
    await session.give(*second, folder="b/")
    async with rows.database.read() as db:
        course = await course_of(db, session.key)
        held = await held_in(db, session.key, course)
    assert {folder: each.seq for folder, each in held.items()} == {"a/": 1, "b/": 2}


async def test_tests_of_no_question_are_of_none(rows: Rows, session: Session) -> None:
    await session.give(*await rows.question(DOUBLE), folder="a/")
    author = session.host.id
    for seq, data in ((2, {"tests": [], "problem": 0}), (3, {"tests": [], "problem": 99})):
        await rows.put(
            PrivateEntry(
                session_id=session.key,
                seq=seq,
                at=NOON,
                kind="tests",
                participant_id=author,
                anchor=1,
                data=data,
            )
        )
    async with rows.database.read() as db:
        held = await held_in(db, session.key, await course_of(db, session.key))
    assert {folder: each.seq for folder, each in held.items()} == {"a/": 1, None: 3}
