"""Formatting, and questions to language servers, over HTTP."""

from uuid import uuid4

from fastapi import APIRouter

from pizarra.assistance.schemas import AssistCreate, AssistRead, FormatCreate, FormatRead
from pizarra.errors import Conflict, Forbidden, InvalidInput, Unavailable
from pizarra.participants.access import Access, ReadableSession, ServicesDep
from pizarra.runs.program import is_safe_path, program_files
from pizarra.sandbox.client import RunnerUnavailable
from pizarra.sandbox.languages import language_of
from pizarra.sandbox.protocol import Assist
from pizarra.schemas import problems
from pizarra.sessions.documents import read_document

router = APIRouter(prefix="/api/sessions/{session_id}", tags=["runs"])


def _asker(access: Access) -> str:
    """Return whose questions are counted together."""
    if access.participant is not None:
        return access.participant.public_id
    return f"account {access.account.id}" if access.account is not None else "owner"


@router.post("/format", responses=problems(403, 404, 409, 413, 422, 429, 503))
async def format_file(access: ReadableSession, services: ServicesDep, payload: FormatCreate) -> FormatRead:
    """Format a text as its language is usually written. Nothing is changed: what comes back is for the editor."""
    if not access.may_edit:
        raise Forbidden("You cannot change the text now.")
    limit = services.settings.max_text_bytes
    if len(payload.text.encode()) > limit:
        raise InvalidInput(f"text: must not have more than {limit:,} bytes")
    spec = language_of(payload.path)
    if spec is None:
        raise Conflict(f"There is no formatter for {payload.path}.")
    who = _asker(access)
    await services.rates.spend("format", who, limit=services.settings.formats_per_minute, seconds=60)
    try:
        found = await services.runner.format(spec.id, payload.path, payload.text)
    except RunnerUnavailable as error:
        raise Unavailable(str(error)) from error
    if found.text is None:
        raise (Unavailable if found.is_fault else Conflict)(found.problem or "It could not be formatted.")
    return FormatRead(text=found.text, tool=spec.formatter)


@router.post("/assist", responses=problems(403, 404, 409, 413, 422, 429, 503))
async def assist(access: ReadableSession, services: ServicesDep, payload: AssistCreate) -> AssistRead:
    """Ask a language server about a place in a program: what fits there, or what is known about what is there.

    It runs in a sandbox of the session's own, with the files of the session. Nothing is recorded.
    """
    if not access.role.may_edit:
        raise Forbidden("Observers can watch, not ask language servers.")
    spec = language_of(payload.path)
    if spec is None or spec.language_server is None or not is_safe_path(payload.path):
        raise Conflict(f"There is no language server for {payload.path}.")
    who = _asker(access)
    await services.rates.spend("assist", who, limit=services.settings.assists_per_minute, seconds=60)
    async with services.database.read() as db:
        document = await read_document(db, services.hub, access.session, None)
    files = program_files(document, payload.path) | {payload.path: payload.text}
    limit = services.settings.max_assisted_bytes
    if sum(len(text.encode("utf-8", "replace")) for text in files.values()) > limit:
        raise InvalidInput(f"text: language servers are asked about programs of at most {limit:,} bytes")
    asked = Assist(
        assist_id=uuid4().hex,
        session=access.session.public_id,
        language=spec.id,
        files=files,
        **payload.model_dump(exclude={"text"}),
    )
    try:
        found = await services.runner.assist(asked)
    except RunnerUnavailable as error:
        raise Unavailable(str(error)) from error
    if found.problem is not None:
        raise Conflict(found.problem)
    return AssistRead(items=found.items, is_whole=found.is_whole, hover=found.hover)
