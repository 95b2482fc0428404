"""Formatting, and questions to language servers, over HTTP."""

from uuid import uuid4

from pizarra.access.dependencies import ReadableSession
from pizarra.access.requirements import require_may_edit, require_part
from pizarra.access.session_access import Access
from pizarra.answers.codes import Code
from pizarra.assistance.parts import AssistancePartsDep
from pizarra.assistance.schemas import AssistCreate, AssistRead, FormatCreate, FormatRead
from pizarra.errors import Conflict, InvalidInput, Unavailable
from pizarra.execution.program import program_files
from pizarra.http.router import Router
from pizarra.kit.paths import is_portable
from pizarra.models import share_of
from pizarra.sandbox.languages import language_of
from pizarra.sandbox.runner.link import RunnerUnavailable
from pizarra.sandbox.runner.protocol import Assist
from pizarra.schemas import problems
from pizarra.timeline.read.documents import read_in_turn

router = Router(prefix="/api/sessions/{session_id}", tag="runs")


def _asker(access: Access) -> str:
    """Return whose questions are counted together."""
    if access.participant is not None:
        return access.participant.public_id
    return f"account {access.account.id}" if access.account is not None else "owner"


@router.post("/format", responses=problems(403, 404, 409, 413, 422, 429, 503))
async def format_file(
    access: ReadableSession, services: AssistancePartsDep, payload: FormatCreate
) -> FormatRead:
    """Format a text as its language is usually written. Nothing is changed: what comes back is for the editor.

    With `client`, one window formats a file at a time: until its edit can have come to all, others get 409.
    """
    require_may_edit(access)
    limit = services.settings.max_text_bytes
    if len(payload.text.encode()) > limit:
        raise InvalidInput(
            f"text: must not have more than {limit:,} bytes",
            bound="max_text_bytes",
            code=Code.TEXT_TOO_LONG,
        )
    spec = language_of(payload.path)
    if spec is None:
        raise Conflict(f"There is no formatter for {payload.path}.", code=Code.NO_FORMATTER)
    who = _asker(access)
    await services.rates.spend(
        "formats_per_minute", who, limit=services.settings.formats_per_minute, seconds=60
    )
    place = access.session.public_id, payload.path
    if payload.client is not None:
        services.formatting.acquire(*place, payload.client, payload.text)
    formatted = None
    try:
        found = await services.runner.format(
            spec.id, payload.path, payload.text, str(share_of(access.session))
        )
        formatted = found.text
    except RunnerUnavailable as error:
        raise Unavailable(str(error), code=Code.RUNNER_UNAVAILABLE) from error
    finally:
        if payload.client is not None:
            services.formatting.release(*place, payload.text, formatted)
    if found.text is None:
        if found.is_fault:
            raise Unavailable(
                found.problem or "It could not be formatted.", code=Code.FORMATTER_FAILED
            )
        raise Conflict(f"It could not be formatted: {found.problem}", code=Code.NOT_FORMATTED)
    return FormatRead(text=found.text, tool=spec.formatter)


@router.post("/assist", responses=problems(403, 404, 409, 413, 422, 429, 503))
async def assist(
    access: ReadableSession, services: AssistancePartsDep, payload: AssistCreate
) -> AssistRead:
    """Ask a language server about a place in a program: what fits there, or what is known about what is there.

    It runs in a sandbox of the session's own, with the files of the session. Nothing is recorded.
    """
    require_part(access.role, "ask language servers")
    spec = language_of(payload.path)
    if spec is None or spec.language_server is None or not is_portable(payload.path):
        raise Conflict(
            f"There is no language server for {payload.path}.", code=Code.NO_LANGUAGE_SERVER
        )
    who = _asker(access)
    await services.rates.spend(
        "assists_per_minute", who, limit=services.settings.assists_per_minute, seconds=60
    )
    async with services.database.read() as db:
        document = await read_in_turn(db, services.hub, access.session, None)
    files = program_files(document, payload.path, services.settings.run_source_files) | {
        payload.path: payload.text
    }
    limit = services.settings.max_assisted_bytes
    if sum(len(text.encode("utf-8", "replace")) for text in files.values()) > limit:
        raise InvalidInput(
            f"text: language servers are asked about programs of at most {limit:,} bytes",
            bound="max_assisted_bytes",
            code=Code.TEXT_TOO_LONG,
        )
    asked = Assist(
        assist_id=uuid4().hex,
        session=access.session.public_id,
        share=str(share_of(access.session)),
        language=spec.id,
        files=files,
        **payload.model_dump(exclude={"text"}),
    )
    try:
        found = await services.runner.assist(asked)
    except RunnerUnavailable as error:
        raise Unavailable(str(error), code=Code.RUNNER_UNAVAILABLE) from error
    if found.problem is not None:
        raise Conflict(found.problem, code=Code.NOT_ANSWERED)
    return AssistRead(items=found.items, is_whole=found.is_whole, hover=found.hover)
