"""What a session is about, read back from its timeline. Parts flush, never commit."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.session_access import Access
from pizarra.answers.codes import Code
from pizarra.errors import NotFound
from pizarra.models import Question
from pizarra.problems.course import course_of
from pizarra.problems.posing import Given, given_to, posed_by
from pizarra.questions.session_schemas import ForInterviewers, GivenRead
from pizarra.timeline.entries.shared import Posed


async def find_problem(db: AsyncSession, access: Access) -> tuple[Given, Posed] | None:
    """Return what a session is about, and what everybody sees of it; None: nobody gave it a question."""
    given = await given_to(db, access.session.id)
    told = None if given is None else await posed_by(db, access.session.id, given.seq)
    return None if given is None or told is None else (given, told)


async def require_problem(db: AsyncSession, access: Access) -> tuple[Given, Posed]:
    """Return the same.

    Raises:
        NotFound: nobody gave it a question.
    """
    found = await find_problem(db, access)
    if found is None:
        raise NotFound(
            "The session has no problem yet. Choose a question for it.", code=Code.NO_PROBLEM
        )
    return found


async def read_private(db: AsyncSession, session_key: int, given: Given) -> ForInterviewers | None:
    """Return what only interviewers see of it; None where the question is not on this server."""
    content = await asyncio.to_thread(given.content)  # with all its cases, up to a mebibyte
    if content is None or given.version is None:
        return None
    newest = await db.scalar(
        select(Question.version).where(
            Question.id == given.version.question_id, Question.deleted_at.is_(None)
        )
    )
    return ForInterviewers(
        guide=content.guide,
        rubric=content.rubric,
        follow_ups=content.follow_ups,
        secret=content.secret,
        references=content.solutions(),
        newest=newest,
        given=await _given(db, session_key),
    )


async def _given(db: AsyncSession, session_key: int) -> list[GivenRead]:
    """Return the newest entry that gave each question of a session, in their order."""
    course = await course_of(db, session_key)
    newest = {each.folder: each for each in course.posings}
    found = []
    for each in sorted(newest.values(), key=lambda posing: posing.seq):
        posed = await posed_by(db, session_key, each.seq)
        if posed is not None:
            found.append(
                GivenRead(
                    seq=each.seq,
                    question_id=posed.question_id,
                    version=int(posed.version),
                    title=posed.title,
                    follow_up=posed.follow_up,
                )
            )
    return found


def spoken_for(wanted: Sequence[str], told: Posed) -> str:
    """Return the language that a question is told to somebody in who wants these, the first most; else its own.

    Capitals do not count in their names, and another form of a language will do: `es-ES` for who wants `es-mx`.
    """
    known = {each.lower(): each for each in (told.spoken, *told.translations)}
    for name in map(str.lower, wanted):
        language = name.partition("-")[0]
        forms = (each for form, each in known.items() if form.partition("-")[0] == language)
        found = known.get(name) or known.get(language) or next(forms, None)
        if found is not None:
            return found
    return told.spoken
