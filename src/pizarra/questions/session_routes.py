"""What a session is about, over HTTP: read by everybody in it, as they may see it; given by interviewers."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.dependencies import CallerDep, ReadableSession, ReadSession, SessionId
from pizarra.access.requirements import require_open
from pizarra.access.session_access import Access, find_host, find_hosted, own_participant
from pizarra.answers.wire import compressed
from pizarra.control import ScoresChanged
from pizarra.http.router import Router
from pizarra.judging.signature import Signature
from pizarra.problems.content import Wording
from pizarra.problems.finding import library_of
from pizarra.problems.posing import Given, pose
from pizarra.questions.giving import find_gift, seed, start_of, take_rubric
from pizarra.questions.parts import QuestionPartsDep
from pizarra.questions.reading import find_problem, read_private, require_problem, spoken_for
from pizarra.questions.session_schemas import ProblemPut, ProblemRead, SampleRead
from pizarra.schemas import problems
from pizarra.spanish import accepted
from pizarra.timeline.entries.shared import Posed
from pizarra.timeline.private.notices import tell_interviewers
from pizarra.timeline.read.documents import read_in_turn

router = Router(prefix="/api/sessions/{session_id}", tag="questions")


@router.get(
    "/problem",
    response_model=ProblemRead,
    responses={
        204: {"description": "There is none, and you asked with `optional`."},
        **problems(403, 404, 422, 503),
    },
)
@compressed
async def read_problem(
    request: Request,
    access: ReadableSession,
    db: ReadSession,
    optional: Annotated[
        bool,
        Query(
            description="Whether having none is no error: 204 then, without a body.",
            examples=[True],
        ),
    ] = False,
) -> ProblemRead | Response:
    """Read what the session is about: title, statement and samples. Interviewers read the rest of it, too."""
    if not optional:
        return await _shown_to(request, access, db, await require_problem(db, access))
    found = await find_problem(db, access)
    return await _shown_to(request, access, db, found) if found else Response(status_code=204)


async def _shown_to(
    request: Request, access: Access, db: AsyncSession, found: tuple[Given, Posed]
) -> ProblemRead:
    given, told = found
    spoken = spoken_for(accepted(request.headers.get("accept-language", "")), told)
    wordings = {
        told.spoken: {"title": told.title, "statement": told.statement},
        **told.translations,
    }
    return ProblemRead(
        **_shown(told),
        **wordings[spoken],
        spoken=spoken,
        seq=given.seq,
        translations={name: Wording.model_validate(each) for name, each in wordings.items()},
        for_interviewers=await read_private(db, access.session.id, given)
        if access.role.may_host
        else None,
    )


def _shown(told: Posed) -> dict[str, Any]:
    signature = told.signature
    return {
        "question_id": told.question_id,
        "version": told.version,
        "kind": told.form,
        "images": told.images,
        "languages": told.languages,
        "samples": [SampleRead.model_validate(each) for each in told.samples],
        "signature": Signature.model_validate(signature, extra="ignore") if signature else None,
        "folder": told.folder,
        "secret_count": told.secret_count,
        "follow_up": told.follow_up,
    }


@router.put("/problem", responses=problems(401, 403, 404, 409, 413, 422, 503, 507))
@compressed
async def put_problem(
    request: Request,
    services: QuestionPartsDep,
    caller: CallerDep,
    session_id: SessionId,
    payload: ProblemPut,
) -> ProblemRead:
    """Give the session another question, or a follow-up. Its files get a folder of their own: nothing is touched.

    Given again, a question comes back with its files, tests and results as they were left.
    """
    services.disk.require()
    host = await find_host(services, caller, session_id)
    require_open(host.session, "give it a question")
    # Before the transaction: what somebody types just now is waited for, and would wait for it.
    async with services.database.read() as db:
        document = await read_in_turn(db, services.hub, host.session, None)
    # Not a dependency's transaction: the document's log is written below, which must not wait for this one.
    async with services.database.write() as db:
        access = await find_hosted(db, services, caller, session_id)
        session = access.session
        require_open(session, "give it a question")
        gift = await find_gift(db, library_of(caller), session, payload)
        start = await start_of(db, document, session, gift, services.settings.max_text_bytes)
        author = await own_participant(db, access, services.clock())
        about = {"settings": services.settings, "now": services.clock()}
        await pose(db, session, author, gift.told, gift.version, **about)  # type: ignore[arg-type]
        judged_by_it = await take_rubric(db, session, gift)
    await seed(services.hub, session, start)
    await services.hub.recorded(session.id)
    services.hub.recorded_private(session.room_id)
    if judged_by_it:
        tell_interviewers(services.hub, session.room_id, ScoresChanged())
    services.evaluator.ask(session.id)
    async with services.database.read() as db:
        return await _shown_to(request, access, db, await require_problem(db, access))
