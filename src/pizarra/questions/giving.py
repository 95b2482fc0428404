"""What a session is given: a question of the library, a follow-up of the one it has, or what it had before."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.answers.codes import Code
from pizarra.collab.hub import Hub
from pizarra.collab.room import RoomGone
from pizarra.collab.state.document import Document
from pizarra.errors import InvalidInput, NotFound, Unavailable
from pizarra.models import InterviewSession, Question, QuestionVersion, Scorecard, SessionView
from pizarra.problems.content import Content, read_content
from pizarra.problems.course import course_of
from pizarra.problems.finding import Library, find_ready
from pizarra.problems.posing import (
    Start,
    beside_of,
    folder_for,
    folder_of,
    follow_up_of,
    follow_up_starter,
    given_to,
    posed_by,
    program_in,
    shown_of,
    starter_of,
)
from pizarra.questions.session_schemas import ProblemPut
from pizarra.sandbox.languages import languages
from pizarra.timeline.entries.shared import Posed


@dataclass(frozen=True, slots=True)
class Gift:
    """What everybody is to see, and the question itself, if it is on this server."""

    told: Posed
    version: QuestionVersion | None
    content: Content | None


@dataclass(frozen=True, slots=True)
class First(Start):
    """The file that a session's question begins with, and its language."""

    language: str = ""


async def find_gift(
    db: AsyncSession, library: Library | None, session: SessionView, wanted: ProblemPut
) -> Gift:
    """Return what is asked for.

    Raises:
        NotFound: there is no such question, follow-up or entry. Conflict: the question is a draft.
    """
    if wanted.seq is not None:
        return await _before(db, session, wanted.seq)
    if wanted.follow_up is not None:
        return await _follow_up(db, session, wanted.follow_up)
    question, version = await find_ready(db, library, wanted.question_id or "")
    folder = await folder_of(db, session.id, question)
    if folder is None:
        folder = folder_for(question.title, question.public_id)
    content = await _content_of(version)
    return Gift(shown_of(question, version, content, folder), version, content)


async def _before(db: AsyncSession, session: SessionView, seq: int) -> Gift:
    course = await course_of(db, session.id)
    posing = next((each for each in course.posings if each.seq == seq), None)
    told = await posed_by(db, session.id, seq) if posing is not None else None
    if posing is None or told is None:
        raise NotFound(f"Entry {seq} gave the session no question.", code=Code.NO_PROBLEM)
    version = None
    if posing.version_id is not None:
        version = await db.get(QuestionVersion, posing.version_id)
    return Gift(told, version, await _content_of(version) if version is not None else None)


async def _follow_up(db: AsyncSession, session: SessionView, place: int) -> Gift:
    given = await given_to(db, session.id)
    if given is None or given.version is None:
        raise NotFound(
            "The session has no question of this server that could be followed up.",
            code=Code.NO_PROBLEM,
        )
    content = await _content_of(given.version)
    if place >= len(content.follow_ups):
        raise NotFound(f"The question has no follow-up {place}.", code=Code.NO_PROBLEM)
    question = await db.get_one(Question, given.version.question_id)
    return Gift(follow_up_of(question, given.version, content, place), given.version, content)


async def _content_of(version: QuestionVersion) -> Content:
    return await asyncio.to_thread(read_content, version.content)  # up to a mebibyte


async def start_of(
    db: AsyncSession, document: Document, session: SessionView, gift: Gift, most_bytes: int
) -> First | None:
    """Return the file that it begins with in the document's language; None where it is there already.

    Raises:
        InvalidInput: it cannot be solved in the present language, or its code does not fit.
    """
    if gift.content is None:
        return None
    language = document.language() or session.language
    known = languages().get(language) or languages()[session.language]
    path = gift.told.folder + known.main
    if document.has_file(path):
        return None
    if known.id not in gift.content.languages:
        names = ", ".join(languages()[each].name for each in gift.content.languages)
        raise InvalidInput(
            f"language: this question can be solved in {names}", code=Code.LANGUAGE_NOT_OF_QUESTION
        )
    files = await _files_of(db, session, gift, gift.content, document, known.id)
    size = sum(len(each.encode()) for each in files.values())
    if document.text_bytes() + size > most_bytes:
        raise InvalidInput(
            f"The code that the question begins with does not fit: a session has {most_bytes:,} bytes of text.",
            bound="max_text_bytes",
            code=Code.QUESTION_TOO_LARGE,
        )
    text = files.pop(known.main)
    beside = {gift.told.folder + name: each for name, each in files.items()}
    return First(path, text, beside, known.id)


async def _files_of(
    db: AsyncSession,
    session: SessionView,
    gift: Gift,
    content: Content,
    document: Document,
    language: str,
) -> dict[str, str]:
    """Return what a question begins with; a follow-up that has nothing of its own goes on with a copy of the answer."""
    place, main = gift.told.follow_up, languages()[language].main
    begun = {main: starter_of(content, language), **beside_of(content, language)}
    if place is None:
        return begun
    own = follow_up_starter(content, place, language)
    if own is not None:
        return {main: own}
    posing = (await course_of(db, session.id)).now
    answer = program_in(document, posing, language) or main
    if content.project is None:
        return {main: document.text(answer) or begun[main]}
    folder = answer.removesuffix(main)
    # What is in a question's folder is its; where it has none, what it began with.
    mine = {
        name.removeprefix(folder): text
        for name, text in document.texts().items()
        if name.startswith(folder) and (folder or name in begun)
    }
    return {**begun, **mine}


async def take_rubric(db: AsyncSession, session: InterviewSession, gift: Gift) -> bool:
    """Judge a session that has no rubric by the question's, unless somebody has begun; tell whether that is so."""
    if session.rubric is not None or gift.content is None or not gift.content.rubric:
        return False
    begun = select(Scorecard.session_id).where(Scorecard.session_id == session.id).limit(1)
    if await db.scalar(begun) is not None:
        return False
    session.rubric = list(gift.content.rubric)
    return True


async def seed(hub: Hub, session: SessionView, start: First | None) -> None:
    """Have a question's first file in the document.

    Raises:
        Unavailable: the document could not be written.
    """
    if start is None:
        return

    def put(document: Document) -> None:
        if not document.has_file(start.path):
            document.put_file(start.path, start.language, start.text)
            start.put_beside(document)

    try:
        await hub.change(session.room_id, put)
    except RoomGone as error:
        raise Unavailable(
            "The document could not be written. Try again.", code=Code.DOCUMENT_NOT_WRITTEN
        ) from error
