"""From a request to a plan: which file, in which language, with which files beside it, as of when."""

from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.document import Document
from pizarra.errors import Forbidden, InvalidInput, LanguageUnavailable, NotFound, Unavailable
from pizarra.models import CandidateKeeps, InterviewSession
from pizarra.participants.access import Access
from pizarra.runs.schemas import RunCreate
from pizarra.runs.service import RunPlan
from pizarra.runs.supervisor import language_problem
from pizarra.sandbox.client import RunnerUnavailable
from pizarra.sandbox.languages import languages
from pizarra.services import Services
from pizarra.sessions.documents import read_document
from pizarra.sessions.service import require_open

_MAX_FILES = 100


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
    path, language = _choose(document, access.session, payload)
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


def _choose(document: Document, session: InterviewSession, payload: RunCreate) -> tuple[str, str]:
    known = languages()
    language = payload.language.value if payload.language is not None else None
    if payload.path is None:
        language = language or document.language() or session.language
        if language not in known:
            language = session.language
        path = known[language].main
    else:
        path = payload.path
        if language is None:
            language = next((file.language for file in document.files() if file.path == path), session.language)
            language = language if language in known else session.language
    if not document.has_file(path) or not is_safe_path(path):
        raise NotFound(f"File {path} not found")
    return path, language


async def _require_runnable(services: Services, language: str) -> None:
    try:
        capabilities = await services.runner.require(language)
    except RunnerUnavailable as error:
        raise Unavailable(str(error)) from error
    problem = language_problem(capabilities, language)
    if problem is not None:
        raise LanguageUnavailable(problem)


def program_files(document: Document, main: str) -> dict[str, str]:
    """Return the files a program finds beside itself; names that are no plain relative paths stay outside."""
    files = {main: document.text(main) or ""}
    for file in document.files():
        if len(files) >= _MAX_FILES:
            break
        if is_safe_path(file.path) and not _clashes(file.path, files):
            files[file.path] = document.text(file.path) or ""
    return files


def is_safe_path(path: str) -> bool:
    """Tell whether a path is plain and relative: no empty, dot or over-long part, no control character."""
    parts = path.split("/")
    return (
        0 < len(path) <= 200
        and path.isprintable()
        and all(part not in ("", ".", "..") and len(part.encode()) <= 255 for part in parts)
    )


def _clashes(path: str, files: dict[str, str]) -> bool:
    """Tell whether `path` would be a folder and a file at once."""
    return any(other.startswith(path + "/") or path.startswith(other + "/") for other in files if other != path)
