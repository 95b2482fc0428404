"""Giving a question to a session. What everybody may see of it goes on the timeline, the rest to the interviewers' log.

The secret cases become the session's tests, which are tried behind what people run. Parts flush, never commit.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.requirements import require_room_in_log
from pizarra.collab.journal import EventEntry
from pizarra.collab.state.document import Document
from pizarra.config import Settings
from pizarra.judging import harness
from pizarra.judging.starters import generated
from pizarra.models import (
    InterviewSession,
    ParticipantView,
    Question,
    QuestionVersion,
    SessionProblem,
    TimelineEntry,
)
from pizarra.problems.content import Case, Content, read_content, time_limit_of
from pizarra.problems.course import Posing, course_of
from pizarra.problems.suites import held_in
from pizarra.sandbox.languages import language_of, languages
from pizarra.timeline.append.log import append_entries
from pizarra.timeline.entries.private import Judge, JudgedBy, Test, TestsChanged
from pizarra.timeline.entries.reading import read_shared
from pizarra.timeline.entries.shared import Posed, Sample
from pizarra.timeline.private.log import append_private
from pizarra.timeline.private.notices import limits_of

_MOST_FOLDER = 40


@dataclass(frozen=True, slots=True)
class Given:
    """What a session is about: since when, where its files lie, and which version, if it is here."""

    seq: int
    folder: str
    version: QuestionVersion | None

    def content(self) -> Content | None:
        """Return the question itself."""
        return read_content(self.version.content) if self.version is not None else None

    @property
    def proof(self) -> dict[str, Any] | None:
        """What is proven of it, as it was stored."""
        return self.version.proof if self.version is not None else None


def starter_of(content: Content, language: str) -> str:
    """Return what a file begins with in a language."""
    own = {each.value: text for each, text in content.starters.items()}.get(language)
    if own is not None:
        return own
    if content.project is not None:
        own = content.project.begins(language).get(languages()[language].main)
        if own is not None:
            return own
    if content.signature is not None and harness.knows(language):
        return generated(content.signature, language)
    return languages()[language].starter


def beside_of(content: Content, language: str) -> dict[str, str]:
    """Return what lies beside that file in the beginning: path → text."""
    if content.project is None:
        return {}
    files = content.project.begins(language)
    files.pop(languages()[language].main, None)
    return files


def language_of_file(path: str) -> str:
    """Return the language that a file is written in, by its name; `text` where that tells nothing."""
    language = language_of(path)
    return language.id if language is not None else "text"


def folder_for(title: str, question_id: str) -> str:
    """Return the folder of a question's files in a session that has others already: nothing of them is touched."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MOST_FOLDER].strip("-")
    return f"{name or 'question'}-{question_id[:4]}/"


def shown_of(question: Question, version: QuestionVersion, content: Content, folder: str) -> Posed:
    """Return what everybody in a session sees of a question, and nothing else of it."""
    return Posed(
        question_id=question.public_id,
        version=version.number,
        form=content.kind,
        title=content.title,
        statement=content.statement,
        spoken=content.spoken,
        translations={
            spoken: wording.model_dump() for spoken, wording in content.translations.items()
        },
        images=content.images,
        languages=[each.value for each in content.languages],
        samples=[_shown(content, each) for each in content.samples],
        signature=content.signature.model_dump() if content.signature is not None else None,
        secret_count=len(content.cases()) if content.policy.secret_count else None,
        folder=folder,
    )


def _shown(content: Content, case: Case) -> Sample:
    given, expected = content.told(case)
    return Sample(name=case.name, input=given, expected=expected)


def follow_up_of(
    question: Question, version: QuestionVersion, content: Content, place: int
) -> Posed:
    """Return what everybody sees of a question's follow-up once it is asked."""
    asked = content.follow_ups[place]
    folder = folder_for(asked.title, question.public_id)
    return shown_of(question, version, content, f"{folder[:-1]}-{place + 1}/").model_copy(
        update={
            "title": asked.title,
            "statement": asked.text,
            "translations": {},
            "samples": [_shown(content, each) for each in asked.cases],
            "secret_count": None,
            "follow_up": place,
        }
    )


def tests_of(content: Content, problem: int, seconds: float | None) -> TestsChanged:
    """Return the secret cases as tests of the entry `problem`, all in their order: a question is bounded itself.

    A program may take `seconds` for each.
    """
    tests: list[Test] = []
    for name, case in content.cases() if content.not_runnable is None else ():
        given, expected = content.told(case)
        tests.append(
            Test(
                name=name[:80],
                stdin=given,
                expected=expected,
                compare="text",
                tolerance=0.0,
                by_question=True,
            )
        )
    signature = content.signature.model_dump() if content.signature is not None else None
    project = None
    if content.project is not None:
        project = {
            language: JudgedBy(
                files=dict(each.files), run=list(each.run), command=list(each.command)
            )
            for language, each in content.project.hidden_tests().items()
        }
    judge = Judge(
        comparator=content.comparator.model_dump(),
        signature=signature,
        project=project,
        seconds=seconds,
    )
    return TestsChanged(tests=tests, judge=judge, problem=problem)


async def pose(
    db: AsyncSession,
    session: InterviewSession,
    author: ParticipantView,
    told: Posed,
    version: QuestionVersion | None,
    *,
    settings: Settings,
    now: datetime,
) -> int:
    """Give a question to a session, whose row is locked in this transaction; return the entry on the timeline.

    What it had of this version before is there again, tests and all.

    Raises:
        SessionClosed: it has ended. Conflict: a log is full.
    """
    require_room_in_log(session, settings.max_log_bytes)
    seq = await append_entries(
        db, session.id, [EventEntry(author.id, told)], now, require_open=True
    )
    key = version.id if version is not None else None
    db.add(SessionProblem(session_id=session.id, seq=seq, version_id=key, folder=told.folder))
    await db.flush()
    if version is None or told.follow_up is not None:
        return seq
    held = (await held_in(db, session.id, await course_of(db, session.id))).get(told.folder)
    if held is None or held.posing is None or held.posing.version_id != version.id:
        await db.refresh(session, ["head"])  # the log was written past the row
        content = read_content(version.content)
        await append_private(
            db,
            session,
            author,
            now,
            limits_of(settings),
            anchor=seq,
            told=tests_of(content, seq, time_limit_of(content, version.proof)),
        )
    return seq


async def given_to(db: AsyncSession, session_key: int) -> Given | None:
    """Return what a session is about; None where nobody gave it a question."""
    posing = (await course_of(db, session_key)).now
    if posing is None:
        return None
    version = None
    if posing.version_id is not None:
        version = await db.get(QuestionVersion, posing.version_id)
    return Given(posing.seq, posing.folder, version)


async def folder_of(db: AsyncSession, session_key: int, question: Question) -> str | None:
    """Return where a session has the files of a question it was given before; None when it was not.

    Its follow-ups are of the same question, and have files of their own.
    """
    asked, given = SessionProblem, TimelineEntry
    query = (
        select(asked.folder)
        .join(QuestionVersion, QuestionVersion.id == asked.version_id)
        .join(given, and_(given.session_id == asked.session_id, given.seq == asked.seq))
        .where(asked.session_id == session_key, QuestionVersion.question_id == question.id)
        .where(given.data["follow_up"].as_integer().is_(None))
        .order_by(asked.seq.desc())
        .limit(1)
    )
    found: str | None = await db.scalar(query)
    return found


def program_in(document: Document, given: Given | Posing | None, language: str) -> str | None:
    """Return the file that answers a session's question in a language; None where the document has none apart."""
    if given is None or not given.folder or language not in languages():
        return None
    path = given.folder + languages()[language].main
    return path if document.has_file(path) else None


@dataclass(frozen=True, slots=True)
class Start:
    """The file that a question begins with in a language, and those of a project beside it: path → text."""

    path: str
    text: str
    beside: Mapping[str, str] = field(default_factory=dict)

    def put_beside(self, document: Document) -> None:
        """Write those that are not there. Call inside `edit` or `change`."""
        for path, text in self.beside.items():
            if not document.has_file(path):
                document.put_file(path, language_of_file(path), text)


async def start_in(db: AsyncSession, session_key: int, language: str) -> Start | None:
    """Return what a session's question begins with in a language; None where it has none."""
    given = await given_to(db, session_key)
    content = given.content() if given is not None else None
    if given is None or content is None:
        return None
    posed = await posed_by(db, session_key, given.seq)
    own = follow_up_starter(content, posed.follow_up if posed is not None else None, language)
    text = own if own is not None else starter_of(content, language)
    beside = {given.folder + path: each for path, each in beside_of(content, language).items()}
    return Start(given.folder + languages()[language].main, text, beside)


def follow_up_starter(content: Content, place: int | None, language: str) -> str | None:
    """Return what a follow-up begins with in a language; None where it says nothing of that."""
    if place is None or place >= len(content.follow_ups):
        return None
    starters = content.follow_ups[place].starters
    return {each.value: text for each, text in starters.items()}.get(language)


async def posed_by(db: AsyncSession, session_key: int, seq: int) -> Posed | None:
    """Return what everybody sees of the question that an entry gave."""
    entry = await db.get(TimelineEntry, (session_key, seq))
    told = read_shared(entry.kind, entry.data) if entry is not None else None
    return told if isinstance(told, Posed) else None
