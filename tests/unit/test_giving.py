"""What a session is given: of the library, of what it had before or of its question; and what that begins with."""

from typing import Any

import pytest
from sqlalchemy import select
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows, actor

from pizarra.answers.codes import Code
from pizarra.collab.state.document import Document
from pizarra.config import Settings
from pizarra.errors import AppError, InvalidInput
from pizarra.models import (
    InterviewSession,
    Participant,
    Question,
    QuestionVersion,
    Role,
    Scorecard,
    TimelineEntry,
)
from pizarra.problems.content import Content
from pizarra.problems.finding import Library
from pizarra.problems.posing import pose
from pizarra.questions.giving import First, Gift, find_gift, seed, start_of, take_rubric
from pizarra.questions.session_schemas import ProblemPut
from pizarra.services import Services

DOUBLE = {
    "title": "Double it",
    "languages": ["python", "java"],
    "starters": {"python": "# double\n"},
    "rubric": ["Reads the input"],
    "follow_ups": [
        {"title": "Faster", "text": "", "starters": {"python": "# faster\n"}},
        {"title": "Smaller", "text": ""},
    ],
}


class Giver:
    """A session of a team's, and the team's library."""

    def __init__(
        self, rows: Rows, session: InterviewSession, host: Participant, library: Library
    ) -> None:
        self.rows = rows
        self.key = session.id
        self.host = host
        self.library = library

    async def session(self) -> InterviewSession:
        """Return the session as it is stored."""
        async with self.rows.database.read() as db:
            return await db.get_one(InterviewSession, self.key)

    async def question(self, **content: Any) -> tuple[Question, QuestionVersion]:
        """Put a question into the library."""
        made = Content.model_validate({**DOUBLE, **content})
        return await self.rows.question(made, team_id=self.library.team)

    async def find(self, **wanted: Any) -> Gift:
        """Find what is asked for."""
        async with self.rows.database.read() as db:
            asked = ProblemPut.model_validate(wanted)
            return await find_gift(db, self.library, await self.session(), asked)

    async def refusal(self, **wanted: Any) -> Code:
        """Return why it is not given."""
        with pytest.raises(AppError) as refused:
            await self.find(**wanted)
        return refused.value.code

    async def give(self, **wanted: Any) -> int:
        """Give it to the session; return the entry."""
        gift = await self.find(**wanted)
        async with self.rows.database.write() as db:
            session = await db.get_one(InterviewSession, self.key, with_for_update=True)
            return await pose(
                db, session, self.host, gift.told, gift.version, settings=Settings(), now=NOON
            )

    async def begin(self, document: Document, most: int = 10_000, **wanted: Any) -> First | None:
        """Return what it begins with in a document."""
        gift = await self.find(**wanted)
        async with self.rows.database.read() as db:
            return await start_of(db, document, await self.session(), gift, most)


@pytest.fixture
async def giver(rows: Rows) -> Giver:
    team = await rows.team()
    session = await rows.session()
    account = actor(await rows.account(team))
    host = await rows.person(session, "Ana", Role.HOST)
    return Giver(rows, session, host, Library(account, team.id))


def written(language: str | None = "python", **files: str) -> Document:
    """Return a document with these files; in their names `__` is a slash, `_` a dot."""
    made = Document()

    def put(it: Document) -> None:
        if language is not None:
            it.set_language(language)
        for name, text in files.items():
            it.put_file(name.replace("__", "/").replace("_", "."), "python", text)

    made.edit(put)
    return made


# Finding


async def test_a_question_of_the_library_is_given_in_its_newest_version(giver: Giver) -> None:
    question, _ = await giver.question()
    newer = Content.model_validate({**DOUBLE, "title": "Twice"})
    await giver.rows.version(question, newer, 2)
    stored = await giver.rows.reread(question)
    async with giver.rows.database.write() as db:
        (await db.get_one(Question, question.id)).version = 2
    gift = await giver.find(question_id=stored.public_id)
    assert gift.version is not None
    assert (gift.version.number, gift.told.title, gift.content) == (2, "Twice", newer)
    assert gift.told.folder.startswith("double-it-")


async def test_it_lies_where_it_lay_before(giver: Giver) -> None:
    question, _ = await giver.question()
    await giver.give(question_id=question.public_id)
    folder = (await giver.find(question_id=question.public_id)).told.folder
    async with giver.rows.database.write() as db:
        (await db.get_one(Question, question.id)).title = "Renamed"
    assert (await giver.find(question_id=question.public_id)).told.folder == folder


@pytest.mark.parametrize("id_", ["0" * 32, "nonsense"])
async def test_a_question_that_is_not_there_is_not_given(giver: Giver, id_: str) -> None:
    assert await giver.refusal(question_id=id_) is Code.QUESTION_NOT_FOUND


async def test_a_draft_is_not_given(giver: Giver) -> None:
    question, _ = await giver.question()
    async with giver.rows.database.write() as db:
        (await db.get_one(Question, question.id)).draft = True
    assert await giver.refusal(question_id=question.public_id) is Code.QUESTION_IS_DRAFT


async def test_a_follow_up_is_of_the_question_that_it_is_about(giver: Giver) -> None:
    assert await giver.refusal(follow_up=0) is Code.NO_PROBLEM
    question, _ = await giver.question()
    await giver.give(question_id=question.public_id)
    for place, title in enumerate(("Faster", "Smaller")):
        gift = await giver.find(follow_up=place)
        assert (gift.told.title, gift.told.follow_up) == (title, place)
    assert await giver.refusal(follow_up=2) is Code.NO_PROBLEM
    await giver.give(follow_up=0)
    assert (await giver.find(follow_up=1)).told.title == "Smaller", "and of a follow-up's"


async def test_what_was_given_before_comes_back_as_it_was(giver: Giver) -> None:
    question, version = await giver.question()
    first = await giver.give(question_id=question.public_id)
    other, _ = await giver.question(title="Halve")
    await giver.give(question_id=other.public_id)
    newer = Content.model_validate({**DOUBLE, "title": "Twice"})
    await giver.rows.version(question, newer, 2)
    async with giver.rows.database.write() as db:
        (await db.get_one(Question, question.id)).version = 2
    gift = await giver.find(seq=first)
    assert gift.version is not None
    assert (gift.version.id, gift.told.title) == (version.id, "Double it")


@pytest.mark.parametrize("seq", [0, 1, 3, 99])
async def test_an_entry_that_gave_nothing_gives_nothing(giver: Giver, seq: int) -> None:
    await giver.rows.entries(await giver.session(), event("said", None, {"text": "x"}))
    question, _ = await giver.question()
    assert await giver.give(question_id=question.public_id) == 2
    assert await giver.refusal(seq=seq) is Code.NO_PROBLEM
    assert (await giver.find(seq=2)).told.title == "Double it"


async def test_an_entry_that_an_archive_made_up_gives_nothing(giver: Giver) -> None:
    question, _ = await giver.question()
    await giver.give(question_id=question.public_id)
    async with giver.rows.database.write() as db:
        (await db.get_one(TimelineEntry, (giver.key, 1))).data = {"title": 5}
    assert await giver.refusal(seq=1) is Code.NO_PROBLEM


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"seq": 1, "follow_up": 0},
        {"question_id": "x", "seq": 1},
        {"follow_up": -1},
        {"seq": True},
    ],
)
def test_one_thing_is_asked_for(wanted: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"one of|greater|whole|integer"):
        ProblemPut.model_validate(wanted)


# What it begins with


async def test_a_question_begins_with_its_text_in_the_sessions_language(giver: Giver) -> None:
    question, _ = await giver.question()
    begun = await giver.begin(written(main_py="mine"), question_id=question.public_id)
    assert begun is not None
    assert begun.path.startswith("double-it-")
    assert (begun.text, begun.language, begun.beside) == ("# double\n", "python", {})
    java = await giver.begin(written("java"), question_id=question.public_id)
    assert java is not None
    assert java.path.endswith("/Main.java")
    assert "class Main" in java.text


@pytest.mark.parametrize("language", [None, "cobol"])
async def test_where_the_document_names_no_language_the_session_does(
    giver: Giver, language: str | None
) -> None:
    question, _ = await giver.question()
    begun = await giver.begin(written(language), question_id=question.public_id)
    assert begun is not None
    assert begun.language == "python"


async def test_what_is_there_already_stays(giver: Giver) -> None:
    question, _ = await giver.question()
    begun = await giver.begin(written(), question_id=question.public_id)
    assert begun is not None
    there = Document()
    there.edit(lambda it: it.put_file(begun.path, "python", "mine"))
    assert await giver.begin(there, question_id=question.public_id) is None


async def test_a_language_that_it_cannot_be_solved_in_is_refused_with_those_it_can(
    giver: Giver,
) -> None:
    question, _ = await giver.question()
    with pytest.raises(InvalidInput, match="Python, Java") as refused:
        await giver.begin(written("cpp"), question_id=question.public_id)
    assert refused.value.code is Code.LANGUAGE_NOT_OF_QUESTION


@pytest.mark.parametrize(("most", "fits"), [(13, False), (14, True), (15, True)])
async def test_what_it_begins_with_fits_or_is_refused(giver: Giver, most: int, fits: bool) -> None:
    question, _ = await giver.question()
    document = written(a_py="ññx")  # five bytes, and nine are to come
    if fits:
        assert await giver.begin(document, most, question_id=question.public_id) is not None
        return
    with pytest.raises(InvalidInput) as refused:
        await giver.begin(document, most, question_id=question.public_id)
    assert (refused.value.code, refused.value.bound) == (Code.QUESTION_TOO_LARGE, "max_text_bytes")


@pytest.mark.parametrize(("place", "text"), [(0, "# faster\n"), (1, "my answer\n")])
async def test_a_follow_up_goes_on_with_the_answer_unless_it_has_a_text_of_its_own(
    giver: Giver, place: int, text: str
) -> None:
    question, _ = await giver.question()
    await giver.give(question_id=question.public_id)
    begun = await giver.begin(written(), question_id=question.public_id)
    assert begun is not None
    document = written(main_py="elsewhere")
    document.edit(lambda it: it.put_file(begun.path, "python", "my answer\n"))
    following = await giver.begin(document, follow_up=place)
    assert following is not None
    assert following.text == text


async def test_a_follow_up_of_a_question_beside_the_others_goes_on_with_the_main_file(
    giver: Giver,
) -> None:
    """The first question of a session has no folder."""
    question, _ = await giver.question()
    gift = await giver.find(question_id=question.public_id)
    async with giver.rows.database.write() as db:
        session = await db.get_one(InterviewSession, giver.key)
        told = gift.told.model_copy(update={"folder": ""})
        await pose(db, session, giver.host, told, gift.version, settings=Settings(), now=NOON)
    for document, text in ((written(main_py="mine"), "mine"), (written(), "# double\n")):
        following = await giver.begin(document, follow_up=1)
        assert following is not None
        assert following.text == text


async def test_a_question_of_another_server_begins_with_nothing(giver: Giver) -> None:
    gift = await giver.find(question_id=(await giver.question())[0].public_id)
    async with giver.rows.database.read() as db:
        elsewhere = Gift(gift.told, None, None)
        assert await start_of(db, written(), await giver.session(), elsewhere, 10) is None


# The rubric


@pytest.mark.parametrize(
    ("own", "rubric", "begun", "taken"),
    [
        (None, ["A"], False, ["A"]),
        (["mine"], ["A"], False, ["mine"]),
        ([], ["A"], False, []),
        (None, [], False, None),
        (None, ["A"], True, None),
    ],
)
async def test_a_session_is_judged_by_its_questions_rubric_unless_somebody_has_begun(
    giver: Giver, own: list[str] | None, rubric: list[str], begun: bool, taken: list[str] | None
) -> None:
    question, _ = await giver.question(rubric=rubric)
    gift = await giver.find(question_id=question.public_id)
    if begun:
        card = {"session_id": giver.key, "participant_id": giver.host.id, "scores": []}
        await giver.rows.put(Scorecard(**card, updated_at=NOON))
    async with giver.rows.database.write() as db:
        session = await db.get_one(InterviewSession, giver.key)
        session.rubric = own
        assert await take_rubric(db, session, gift) == (taken != own)
    assert (await giver.session()).rubric == taken


# In the document


async def test_the_first_file_and_those_beside_it_are_put_there_once(parts: Services) -> None:
    session = await Rows(parts.database).session()
    start = First("q/main.py", "# begin\n", {"q/lib.py": "x = 1\n"}, "python")
    await seed(parts.hub, session, None)
    assert not parts.hub.holds(session.room_id)
    await seed(parts.hub, session, start)
    room = await parts.hub.room(session.room_id)
    assert room.document.texts() == {"q/main.py": "# begin\n", "q/lib.py": "x = 1\n"}
    await parts.hub.change(session.room_id, lambda it: it.put_file("q/main.py", "python", "mine"))
    before = await Rows(parts.database).reread(session)
    await seed(parts.hub, session, start)
    assert room.document.text("q/main.py") != "# begin\n"
    assert (await Rows(parts.database).reread(session)).head == before.head
    async with parts.database.read() as db:
        kinds = set(await db.scalars(select(TimelineEntry.kind)))
    assert kinds == {"edit"}
