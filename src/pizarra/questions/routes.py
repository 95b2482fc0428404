"""The library of questions over HTTP. Nothing here is for candidates or observers."""

import asyncio
from typing import Annotated

from fastapi import Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.convertors import StringConvertor, register_url_convertor

from pizarra.access.dependencies import Interviewer, ReadSession, WriteSession
from pizarra.answers.codes import Code
from pizarra.answers.wire import compressed
from pizarra.errors import Conflict
from pizarra.http.etags import IF_MATCH, require_unchanged, tagged, version_of
from pizarra.http.idempotency import IDEMPOTENCY_KEY
from pizarra.http.paging import Limit, Skip, paged, tell_pages
from pizarra.http.router import Router
from pizarra.models import Question
from pizarra.problems.content import Difficulty, QuestionKind, read_content
from pizarra.problems.finding import find_question, find_version, library_of, own_library
from pizarra.questions import service as questions
from pizarra.questions import showing
from pizarra.questions.parts import QuestionPartsDep
from pizarra.questions.schemas import (
    ProofProgress,
    ProofRead,
    QuestionCreate,
    QuestionListed,
    QuestionRead,
    QuestionUpdate,
)
from pizarra.schemas import LanguageChoice, StorableText, located, problems


class _QuestionConvertor(StringConvertor):
    """A question's id in an address: `import` and `propose` are none."""

    regex = "(?!(?:import|propose)$)[^/]+"


register_url_convertor("question", _QuestionConvertor())
router = Router(prefix="/api/questions", tag="questions")

_ID = "00112233445566778899aabbccddeeff"

QuestionId = Annotated[str, Path(description="The question's `question_id`.", examples=[_ID])]


def tag_of(question: Question) -> str:
    """Return the `ETag` of a question: each version has its own."""
    return version_of(question.public_id, question.version)


@router.get(
    "",
    responses={**paged("/api/questions?skip=100&limit=100"), **problems(401, 403, 422, 503)},
)
@compressed
async def list_questions(
    request: Request,
    response: Response,
    caller: Interviewer,
    db: ReadSession,
    q: Annotated[
        StorableText | None,
        Query(
            description="Only those whose title, in any language, or tags have all these words in them.",
            max_length=200,
            examples=["two sum"],
        ),
    ] = None,
    difficulty: Annotated[
        Difficulty | None, Query(description="Only these.", examples=["easy"])
    ] = None,
    kind: Annotated[
        QuestionKind | None, Query(description="Only these.", examples=["stdio"])
    ] = None,
    tag: Annotated[
        list[Annotated[StorableText, Field(max_length=40)]] | None,
        Query(
            description="Only those with this tag; given again, with all of them.",
            max_length=10,
            examples=[["arrays"]],
        ),
    ] = None,
    minutes: Annotated[
        int | None,
        Query(ge=1, le=600, description="Only those that take no longer.", examples=[30]),
    ] = None,
    proven: Annotated[
        bool | None,
        Query(description="Only those whose newest version is proven, or is not.", examples=[True]),
    ] = None,
    draft: Annotated[
        bool | None, Query(description="Only drafts, or none.", examples=[False])
    ] = None,
    language: Annotated[
        LanguageChoice | None,
        Query(description="Only those that can be solved in it.", examples=["java"]),
    ] = None,
    skip: Skip = 0,
    limit: Limit = 100,
) -> list[QuestionListed]:
    """List the questions of your team, the newest first; administrators see all."""
    wanted = showing.Wanted(
        q,
        difficulty,
        kind,
        tag or (),
        language.value if language else None,
        minutes,
        proven,
        draft,
    )
    found = await showing.list_questions(db, own_library(caller), wanted, skip, limit)
    total = skip + len(found)
    if len(found) == limit or (skip and not found):
        total = await showing.count_questions(db, own_library(caller), wanted)
    tell_pages(request, response, skip=skip, limit=limit, total=total)
    return found


@router.post(
    "",
    status_code=201,
    responses={
        **tagged(201, located(201, f"/api/questions/{_ID}")),
        **problems(401, 403, 409, 413, 422, 503, 507),
    },
    openapi_extra=IDEMPOTENCY_KEY,
)
@compressed
async def create_question(
    request: Request,
    response: Response,
    caller: Interviewer,
    services: QuestionPartsDep,
    payload: QuestionCreate,
) -> QuestionRead:
    """Add a question to your team's library."""
    account, settings, now = caller.account, services.settings, services.clock()

    async def make() -> str:
        services.disk.require()
        await check_values(payload)
        questions.check_size(payload, settings)
        async with services.database.write() as db:
            made, _ = await questions.create_question(db, account, payload, settings, now)
        return made.public_id

    question_id = await services.idempotency.once(
        request, f"question {caller.label}", payload, make
    )
    async with services.database.read() as db:
        question = await find_question(db, library_of(caller), question_id)
        response.headers["Location"] = f"/api/questions/{question.public_id}"
        response.headers["ETag"] = tag_of(question)
        return await showing.read_question(db, question, await find_version(db, question))


async def check_values(content: QuestionCreate) -> None:
    """Refuse cases that are not of the function's types, beside the event loop.

    Raises:
        RequestValidationError: one is not.
    """
    try:
        await asyncio.to_thread(content.check_values)
    except ValueError as error:
        said = {"type": "value_error", "loc": ("body",), "msg": f"Value error, {error}"}
        raise RequestValidationError([{**said, "input": None, "ctx": {"error": error}}]) from error


@router.get(
    "/{question_id:question}", responses={**tagged(200), **problems(401, 403, 404, 422, 503)}
)
@compressed
async def read_question(
    response: Response,
    caller: Interviewer,
    db: ReadSession,
    services: QuestionPartsDep,
    question_id: QuestionId,
    version: Annotated[
        int | None,
        Query(ge=1, le=2**31 - 1, description="An earlier version of it.", examples=[1]),
    ] = None,
) -> QuestionRead:
    """Read a question with everything that belongs to it."""
    question = await find_question(db, library_of(caller), question_id)
    response.headers["ETag"] = tag_of(question)
    found = await find_version(db, question, version)
    return await showing.read_question(db, question, found, services.prover.progress(found.id))


@router.patch(
    "/{question_id:question}",
    responses={**tagged(200), **problems(401, 403, 404, 409, 412, 413, 422, 503, 507)},
    openapi_extra=IF_MATCH,
)
@compressed
async def update_question(
    request: Request,
    response: Response,
    caller: Interviewer,
    db: WriteSession,
    services: QuestionPartsDep,
    question_id: QuestionId,
    payload: QuestionUpdate,
) -> QuestionRead:
    """Change a question: that makes a new version. Sessions keep the version that they were given."""
    services.disk.require()
    account = caller.account
    question = await find_question(db, library_of(caller), question_id, lock=True)
    require_unchanged(request, tag_of(question))
    version = await questions.change_question(
        db, question, account, payload, services.settings, services.clock()
    )
    response.headers["ETag"] = tag_of(question)
    return await showing.read_question(db, question, version)


@router.delete(
    "/{question_id:question}", status_code=204, responses=problems(401, 403, 404, 422, 503)
)
async def delete_question(
    caller: Interviewer, db: WriteSession, services: QuestionPartsDep, question_id: QuestionId
) -> Response:
    """Take a question out of the library. Sessions that were given it keep what they have."""
    question = await find_question(db, library_of(caller), question_id, lock=True)
    await questions.delete_question(db, question, services.clock())
    return Response(status_code=204)


@router.post(
    "/{question_id}/prove",
    status_code=202,
    responses={
        200: {
            "model": ProofRead,
            "description": "It was tried.",
            **located(200, f"/api/questions/{_ID}")[200],
        },
        **located(202, f"/api/questions/{_ID}"),
        **problems(401, 403, 404, 409, 422, 429, 503),
    },
)
async def prove_question(
    response: Response,
    caller: Interviewer,
    services: QuestionPartsDep,
    question_id: QuestionId,
    wait: Annotated[bool, Query(description="Answer when it was tried.", examples=[True])] = False,
) -> ProofRead:
    """Prove a question's newest version on this machine: in the sandbox, behind what people run.

    References must pass every case, what people begin with must not, wrong solutions must fail as declared. What comes
    of it is kept with the version; 202 while it goes on.
    """
    async with services.database.read() as db:
        question = await find_question(db, library_of(caller), question_id)
        version = await find_version(db, question)
        content = read_content(version.content)
        before = showing.proof_of(version.proof)
        key, number, team = version.id, version.number, str(question.team_id or "")
    response.headers["Location"] = f"/api/questions/{question_id}"
    task = services.prover.start(key, number, content, team)
    done, _ = await asyncio.wait({task}, timeout=services.settings.run_wait_seconds if wait else 0)
    if done and task.cancelled():
        raise Conflict("Somebody stopped the proof.", code=Code.PROOF_STOPPED)
    if done:
        response.status_code = 200
        return task.result()
    progress = services.prover.progress(key) or ProofProgress(done=0, of=len(content.languages))
    return showing.under_way(number, before, progress)


@router.post(
    "/{question_id}/prove/stop", status_code=204, responses=problems(401, 403, 404, 422, 503)
)
async def stop_proof(
    caller: Interviewer, services: QuestionPartsDep, question_id: QuestionId
) -> Response:
    """Give up the proof of a question's newest version. What was proven of it before stays."""
    async with services.database.read() as db:
        question = await find_question(db, library_of(caller), question_id)
        key = (await find_version(db, question)).id
    await services.prover.cancel(key)
    return Response(status_code=204)
