"""From a request to a plan: which file, in which language, with which files beside it, as of when."""

from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.requirements import require_may_run, require_open
from pizarra.access.session_access import Access
from pizarra.answers.codes import Code
from pizarra.errors import InvalidInput
from pizarra.execution.program import choose_program, program_files
from pizarra.execution.records import RunPlan
from pizarra.execution.runnable import require_runnable
from pizarra.execution.schemas import RunCreate
from pizarra.models import CandidateKeeps
from pizarra.problems.course import course_of
from pizarra.problems.posing import program_in
from pizarra.runs.parts import RunParts
from pizarra.timeline.read.documents import read_in_turn


async def plan_run(
    db: AsyncSession, services: RunParts, access: Access, payload: RunCreate, *, wait: bool
) -> RunPlan:
    """Return what to run.

    Raises:
        Forbidden: an observer asks. Conflict: the session has ended. NotFound: the file is not there.
        LanguageUnavailable: this machine does not run the language. Unavailable: there is no sandbox, or it is busy.
        Conflict: the program has too many files. InvalidInput: a field is refused.
    """
    require_may_run(access)
    if payload.at is None:
        require_open(access.session, "run programs")
    else:
        access.require(CandidateKeeps.TIMELINE)
    limit = services.settings.max_stdin_bytes
    if payload.stdin is not None and len(payload.stdin.encode()) > limit:
        raise InvalidInput(
            f"stdin: must not have more than {limit:,} bytes",
            bound="max_stdin_bytes",
            code=Code.INPUT_TOO_LONG,
        )
    document = await read_in_turn(db, services.hub, access.session, payload.at)
    asked = payload.language.value if payload.language is not None else None
    wanted = payload.path
    if wanted is None:  # what answers the session's question, if it has one
        course = await course_of(db, access.session.id)
        posing = course.now if payload.at is None else course.at(payload.at)
        wanted = program_in(
            document, posing, asked or document.language() or access.session.language
        )
    path, language = choose_program(document, access.session.language, path=wanted, language=asked)
    await require_runnable(services.runner, language)
    room = services.hub.loaded(access.session.room_id)
    head = max(access.session.head, room.head) if room is not None else access.session.head
    return RunPlan(
        session=access.session,
        participant=access.participant.id if access.participant else None,
        language=language,
        path=path,
        files=program_files(document, path, services.settings.run_source_files),
        stdin=payload.stdin if payload.stdin is not None or not wait else "",
        terminal=payload.terminal,
        code_seq=head if payload.at is None else payload.at,
    )
