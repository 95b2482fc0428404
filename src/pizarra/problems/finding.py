"""Finding a question for somebody: their team's, or all for who looks after the server. Parts flush, never commit."""

from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.credentials import Caller
from pizarra.access.identity import Actor
from pizarra.answers.codes import Code
from pizarra.errors import Conflict, NotFound
from pizarra.kit.ids import is_public_id
from pizarra.models import AccountRole, Question, QuestionVersion

Row = TypeVarTuple("Row")


@dataclass(frozen=True, slots=True)
class Library:
    """The questions that somebody may use: those of a team, or all for whoever looks after the server."""

    account: Actor | None
    team: int | None

    def only(self, query: Select[*Row]) -> Select[*Row]:
        """Return a query of questions with only these."""
        query = query.where(Question.deleted_at.is_(None))
        return query if self.team is None else query.where(Question.team_id == self.team)


def library_of(caller: Caller) -> Library | None:
    """Return the library of whoever asks; None: they have none, as guests of a session have."""
    account = caller.account
    if account is None:
        return Library(None, None) if caller.is_owner else None
    return Library(account, None if account.role is AccountRole.ADMIN else account.team_id)


def own_library(caller: Caller) -> Library:
    """Return the library of an interviewer, who has one."""
    library = library_of(caller)
    assert library is not None, "an interviewer has one"
    return library


async def find_question(
    db: AsyncSession,
    library: Library | None,
    question_id: str,
    *,
    lock: bool = False,
    keep: bool = False,
) -> Question:
    """Return a question of somebody's library; with `lock` for it to be changed, with `keep` for it to stay so long.

    Raises:
        NotFound: there is none, or it is another team's.
    """
    if library is not None and is_public_id(question_id):
        query = library.only(select(Question).where(Question.public_id == question_id))
        if lock or keep:
            query = query.with_for_update(read=keep, key_share=keep)
        found = await db.scalar(query)
        if found is not None:
            return found
    raise NotFound(f"Question {question_id} not found", code=Code.QUESTION_NOT_FOUND)


async def find_version(
    db: AsyncSession, question: Question, number: int | None = None
) -> QuestionVersion:
    """Return a version of a question, by default the newest.

    Raises:
        NotFound: it has no such version.
    """
    wanted = question.version if number is None else number
    version = await db.scalar(
        select(QuestionVersion).where(
            QuestionVersion.question_id == question.id, QuestionVersion.number == wanted
        )
    )
    if version is None:
        raise NotFound(
            f"The question has no version {wanted}: the newest is {question.version}",
            code=Code.QUESTION_NOT_FOUND,
        )
    return version


async def find_ready(
    db: AsyncSession, library: Library | None, question_id: str, *, drafts: bool = False
) -> tuple[Question, QuestionVersion]:
    """Return a question that a session can be given, with `drafts` a draft too, and its newest version.

    Nobody deletes it before this transaction ends: who deletes it looks which sessions were given which version.

    Raises:
        NotFound: there is none, or it is another team's. Conflict: it is a draft.
    """
    question = await find_question(db, library, question_id, keep=True)
    if question.draft and not drafts:
        raise Conflict(
            "The question is a draft. Finish it first: set `draft` to false.",
            code=Code.QUESTION_IS_DRAFT,
        )
    return question, await find_version(db, question)
