"""From a request to a plan: which file, in which language, with which files beside it, as of when."""

from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.errors import Forbidden, InvalidInput, LanguageUnavailable, Unavailable
from pizarra.models import CandidateKeeps
from pizarra.participants.access import Access
from pizarra.runs.program import choose_program, program_files
from pizarra.runs.schemas import RunCreate
from pizarra.runs.service import RunPlan
from pizarra.sandbox.client import RunnerUnavailable
from pizarra.services import Services
from pizarra.sessions.documents import read_document
from pizarra.sessions.service import require_open


async def plan_run(db: AsyncSession, services: Services, access: Access, payload: RunCreate, *, wait: bool) -> RunPlan:
    """Return what to run.

    Raises:
        Forbidden: an observer asks. Conflict: the session has ended. NotFound: the file is not there.
        LanguageUnavailable: this machine does not run the language. Unavailable: there is no sandbox, or it is busy.
        InvalidInput: a field is refused.
    """
    if not access.role.may_edit:
        raise Forbidden("Observers can watch, not run programs.")
    if not access.may_run:
        raise Forbidden("The interviewer has locked running for now.")
    if payload.at is None:
        require_open(access.session, "run programs")
    else:
        access.require(CandidateKeeps.TIMELINE)
    limit = services.settings.max_stdin_bytes
    if payload.stdin is not None and len(payload.stdin.encode()) > limit:
        raise InvalidInput(f"stdin: must not have more than {limit:,} bytes")
    document = await read_document(db, services.hub, access.session, payload.at)
    asked = payload.language.value if payload.language is not None else None
    path, language = choose_program(document, access.session.language, path=payload.path, language=asked)
    await _require_runnable(services, language)
    room = services.hub.loaded(access.session.room_id)
    head = max(access.session.head, room.head) if room is not None else access.session.head
    return RunPlan(
        session=access.session,
        participant=access.participant.id if access.participant else None,
        language=language,
        path=path,
        files=program_files(document, path),
        stdin=payload.stdin if payload.stdin is not None or not wait else "",
        terminal=payload.terminal,
        code_seq=head if payload.at is None else payload.at,
    )


async def _require_runnable(services: Services, language: str) -> None:
    try:
        capabilities = await services.runner.require(language)
    except RunnerUnavailable as error:
        raise Unavailable(str(error)) from error
    problem = capabilities.problem_with(language)
    if problem is not None:
        raise LanguageUnavailable(problem)
