"""The library in the database. Parts flush, never commit."""

import asyncio
from datetime import datetime

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.identity import Actor
from pizarra.answers.codes import Code
from pizarra.cluster.advisory_locks import AdvisoryLock, hold
from pizarra.config import Settings
from pizarra.errors import Conflict, InvalidInput
from pizarra.kit.ids import new_public_id
from pizarra.models import (
    Question,
    QuestionVersion,
    SessionProblem,
)
from pizarra.problems.content import Content, read_content
from pizarra.problems.finding import find_version
from pizarra.problems.images import bytes_of
from pizarra.problems.tables import cells_of
from pizarra.questions.schemas import (
    QuestionUpdate,
)


def check_size(content: Content, settings: Settings) -> None:
    """Refuse a question that is too large.

    Raises:
        InvalidInput: it is; the detail says what of it, and the setting that bounds it.
    """
    wordings = [content.statement, *(each.statement for each in content.translations.values())]
    samples = sum(
        len(each.input.encode()) + len(each.expected.encode()) for each in content.samples
    )
    cases = len(content.samples) + len(content.cases())
    cases += sum(len(each.cases) for each in content.follow_ups)
    shown = (*wordings, content.guide, *(each.text for each in content.follow_ups))
    statements = max(len(each.encode()) for each in shown)
    for name, bound, has in (
        ("statement", "max_statement_bytes", statements),
        ("statement", "max_statement_cells", max(map(cells_of, shown))),
        ("images", "max_image_bytes", bytes_of(content.images)),
        ("samples", "max_sample_bytes", samples),
        ("secret", "max_question_cases", cases),
        ("project", "max_project_bytes", content.project.size() if content.project else 0),
        ("question", "max_question_bytes", len(content.model_dump_json().encode())),
    ):
        if has > (limit := getattr(settings, bound)):
            raise InvalidInput(
                f"{name}: {has:,} is more than {bound} allows, which is {limit:,}",
                bound=bound,
                code=Code.QUESTION_TOO_LARGE,
            )


async def create_question(
    db: AsyncSession, account: Actor | None, content: Content, settings: Settings, now: datetime
) -> tuple[Question, QuestionVersion]:
    """Add a question to the library of somebody's team.

    Raises:
        Conflict: the library is full.
    """
    team = account.team_id if account is not None else None
    return await create_in(db, team, account, content, settings, now)


async def create_in(
    db: AsyncSession,
    team: int | None,
    account: Actor | None,
    content: Content,
    settings: Settings,
    now: datetime,
    *,
    question_id: str | None = None,
) -> tuple[Question, QuestionVersion]:
    """Add a question to a team's library, or the owner's own; with `question_id` under an id that is free.

    Raises:
        Conflict: the library is full.
    """
    await hold(db, AdvisoryLock.LIBRARY, team or 0)  # or of many at once each would be the last
    mine = Question.team_id.is_(None) if team is None else Question.team_id == team
    count = select(func.count()).select_from(Question).where(mine, Question.deleted_at.is_(None))
    if (await db.scalar(count) or 0) >= settings.max_questions:
        raise Conflict(
            f"The library has {settings.max_questions:,} questions, which is all it can have. Delete some.",
            bound="max_questions",
            code=Code.TOO_MANY_QUESTIONS,
        )
    question = Question(
        public_id=question_id or new_public_id(),
        team_id=team,
        created_by=account.id if account is not None else None,
        version=0,
        created_at=now,
        deleted_at=None,
    )
    _describe(question, content, now)
    db.add(question)
    await db.flush()
    return question, await _add_version(db, question, account, content, now)


async def change_question(
    db: AsyncSession,
    question: Question,
    account: Actor | None,
    change: QuestionUpdate,
    settings: Settings,
    now: datetime,
) -> QuestionVersion:
    """Make a new version of a question, whose row is locked; a change that changes nothing makes none.

    Raises:
        RequestValidationError: what comes out is no question. InvalidInput: it is too large.
        Conflict: it has as many versions as it may.
    """
    before = await find_version(db, question)
    wanted = {**before.content, **change.model_dump(mode="json", exclude_unset=True)}
    required = ("signature", "project")  # of a kind; of the others null means: as when left out
    wanted = {name: each for name, each in wanted.items() if each is not None or name in required}
    try:
        # Beside the event loop: with the values of all cases.
        content = await asyncio.to_thread(Content.model_validate, wanted, extra="ignore")
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise RequestValidationError(
            [{**each, "loc": ("body", *each["loc"])} for each in found]
        ) from error
    check_size(content, settings)
    return await replace_content(db, question, account, content, settings, now)


async def find_in(db: AsyncSession, team: int | None, question_id: str | None) -> Question | None:
    """Return a question of a team's library by its id, for it to be changed.

    Raises:
        Conflict: another library has it, or it was deleted and sessions have it still.
    """
    if question_id is None:
        return None
    wanted = select(Question).where(Question.public_id == question_id)
    found = await db.scalar(wanted.with_for_update())
    if found is not None and (found.team_id != team or found.deleted_at is not None):
        raise Conflict(
            f"Question {question_id} is in another library, or was deleted.",
            code=Code.QUESTION_TAKEN,
        )
    return found


async def replace_content(
    db: AsyncSession,
    question: Question,
    account: Actor | None,
    content: Content,
    settings: Settings,
    now: datetime,
) -> QuestionVersion:
    """Make a new version of a question; where nothing changes, none.

    Raises:
        Conflict: it has as many versions as it may.
    """
    before = await find_version(db, question)
    if content == read_content(before.content):
        return before
    if question.version >= settings.max_question_versions:
        raise Conflict(
            f"The question has {question.version:,} versions, which is all it can have. Make a new one of it.",
            bound="max_question_versions",
            code=Code.TOO_MANY_VERSIONS,
        )
    _describe(question, content, now)
    return await _add_version(db, question, account, content, now)


def _describe(question: Question, content: Content, now: datetime) -> None:
    """Say in a question's row what its newest version is."""
    question.title, question.kind = content.title, content.kind
    question.difficulty, question.minutes = content.difficulty, content.minutes
    question.tags, question.draft = content.tags, content.draft
    question.languages = [each.value for each in content.languages]
    question.runnable, question.proven = content.not_runnable is None, False
    told = {spoken: each.title for spoken, each in content.translations.items()}
    question.titles = {content.spoken: content.title, **told}
    question.words = "\n".join([*question.titles.values(), *content.tags]).lower()
    marks = [f"tag:{each.lower()}" for each in content.tags]
    question.marks = f"|{'|'.join([*marks, *(f'language:{each}' for each in question.languages)])}|"
    question.updated_at = now


async def _add_version(
    db: AsyncSession, question: Question, account: Actor | None, content: Content, now: datetime
) -> QuestionVersion:
    question.version += 1
    version = QuestionVersion(
        question_id=question.id,
        number=question.version,
        content=content.model_dump(mode="json"),
        proof=None,
        created_by=account.id if account is not None else None,
        created_at=now,
    )
    db.add(version)
    await db.flush()
    return version


async def delete_question(db: AsyncSession, question: Question, now: datetime) -> None:
    """Take a question out of the library. Versions that sessions have stay until the last of these is gone."""
    question.deleted_at = now
    await db.flush()
    used = select(SessionProblem.version_id).where(SessionProblem.version_id.is_not(None))
    gone = select(Question.id).where(Question.deleted_at.is_not(None))
    await db.execute(
        delete(QuestionVersion)
        .where(QuestionVersion.question_id.in_(gone), QuestionVersion.id.not_in(used))
        .execution_options(synchronize_session=False)
    )
    left = select(QuestionVersion.question_id)
    await db.execute(
        delete(Question)
        .where(Question.deleted_at.is_not(None), Question.id.not_in(left))
        .execution_options(synchronize_session=False)
    )
