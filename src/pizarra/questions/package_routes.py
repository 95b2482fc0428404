"""Questions as packages, over HTTP: imported from an archive, exported to one, edited as files, and proposed."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Query, Request, Response

from pizarra.access.credentials import Caller
from pizarra.access.dependencies import Interviewer, ReadSession
from pizarra.answers.codes import Code
from pizarra.answers.wire import compressed
from pizarra.config import Settings
from pizarra.errors import InvalidInput, UnsupportedMediaType
from pizarra.http.etags import IF_MATCH, require_unchanged, tagged
from pizarra.http.router import Router
from pizarra.models import Question
from pizarra.problems.content import read_content
from pizarra.problems.finding import find_question, find_version, library_of
from pizarra.questions import service as questions
from pizarra.questions.importing import read_archive, read_edited
from pizarra.questions.package_queue import PackageQueue
from pizarra.questions.package_schemas import (
    ProposalCreate,
    QuestionDraft,
    QuestionFiles,
    QuestionFilesPut,
    QuestionImported,
    QuestionProposed,
)
from pizarra.questions.packages.archive import PackageError
from pizarra.questions.packages.proposing import propose
from pizarra.questions.packages.reading import Read
from pizarra.questions.packages.writing import package_texts, write_package
from pizarra.questions.parts import QuestionPartsDep
from pizarra.questions.routes import QuestionId, tag_of
from pizarra.schemas import located, problems

router = Router(prefix="/api/questions", tag="questions")

_ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
T = TypeVar("T")


def _team_of(caller: Caller) -> int | None:
    return caller.account.team_id if caller.account is not None else None


async def _in_line(
    packages: PackageQueue, caller: Caller, work: Callable[..., T], *given: object
) -> T:
    """Return what `work` makes of what somebody sent, once it is its turn.

    Raises:
        InvalidInput: it is refused. Busy: too many wait for their turn.
    """
    try:
        return await packages.do(work, *given, team=_team_of(caller))
    except PackageError as error:
        raise InvalidInput(str(error), code=Code.PACKAGE_REFUSED, bound=error.bound) from error


def _read_within(archive: bytes, settings: Settings) -> list[Read]:
    """Return what an archive holds, none of it too large: to look takes as long as to read, and nobody writes then."""
    found = read_archive(archive, settings)
    for read in found:
        questions.check_size(read.content, settings)
    return found


def _imported(question: Question, read: Read) -> QuestionImported:
    said = [each for each in (read.content.not_runnable, *read.remarks) if each]
    return QuestionImported(
        question_id=question.public_id,
        version=question.version,
        title=question.title,
        kind=read.content.kind,
        runnable=question.runnable,
        detail=" ".join(said) or None,
        remarks=said,
    )


@router.post("/propose", responses=problems(401, 403, 413, 422, 503))
@compressed
async def propose_question(
    caller: Interviewer, services: QuestionPartsDep, payload: ProposalCreate
) -> QuestionProposed:
    """Say which question a pasted signature, or an exercise of Exercism, would be. Nothing is kept.

    An exercise names no types: they are guessed from its values, and somebody has to look at them.
    """
    bound = services.settings.max_proposal_bytes
    if (has := len(payload.text.encode())) > bound:
        raise InvalidInput(
            f"text: {has:,} is more than max_proposal_bytes allows, which is {bound:,}",
            bound="max_proposal_bytes",
            code=Code.QUESTION_TOO_LARGE,
        )
    content, remarks = await _in_line(
        services.packages, caller, propose, payload.text, payload.statement
    )
    questions.check_size(content, services.settings)
    return QuestionProposed(question=QuestionDraft(**dict(content)), remarks=remarks)


@router.post(
    "/import",
    status_code=201,
    responses={
        **located(201, "/api/questions"),
        **problems(401, 403, 409, 413, 415, 422, 503, 507),
    },
    openapi_extra={"requestBody": {"required": True, "content": _ZIP}},
)
async def import_questions(
    request: Request, response: Response, caller: Interviewer, services: QuestionPartsDep
) -> list[QuestionImported]:
    """Import every package of an archive (ZIP): of the Kattis/ICPC format, `legacy`, `2023-07-draft` or `2025-09`.

    All are imported, or none. What needs what is not here is imported and marked: `detail` says why.
    """
    if "zip" not in request.headers.get("content-type", "").lower():
        raise UnsupportedMediaType(
            "This takes a ZIP archive. Send it with the header `Content-Type: application/zip`."
        )
    services.disk.require()
    settings, now = services.settings, services.clock()
    archive = await request.body()
    found = await _in_line(services.packages, caller, _read_within, archive, settings)
    imported = []
    async with services.database.write() as db:
        for read in found:
            question, _ = await questions.create_question(
                db, caller.account, read.content, settings, now
            )
            imported.append(_imported(question, read))
    response.headers["Location"] = "/api/questions"
    return imported


@router.get(
    "/{question_id}/export",
    response_class=Response,
    responses={
        200: {"description": "The package.", "content": _ZIP},
        **problems(401, 403, 404, 422, 503),
    },
)
async def export_question(
    caller: Interviewer,
    db: ReadSession,
    services: QuestionPartsDep,
    question_id: QuestionId,
    version: Annotated[
        int | None,
        Query(ge=1, le=2**31 - 1, description="An earlier version of it.", examples=[1]),
    ] = None,
) -> Response:
    """Export a question as a package of the format 2025-09. What only we know lies in `.pizarra.yaml`.

    A time limit that was derived when it was proven is in it for others; imported here it is derived anew.
    """
    question = await find_question(db, library_of(caller), question_id)
    found = await find_version(db, question, version)
    content, proof = read_content(found.content), found.proof
    public_id = question.public_id
    await db.close()  # others may have the connection while this waits
    name, archive = await services.packages.do(
        write_package, content, public_id, proof, team=_team_of(caller)
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return Response(archive, media_type="application/zip", headers=headers)


@router.get("/{question_id}/files", responses={**tagged(200), **problems(401, 403, 404, 422, 503)})
@compressed
async def read_question_files(
    response: Response,
    caller: Interviewer,
    db: ReadSession,
    services: QuestionPartsDep,
    question_id: QuestionId,
) -> QuestionFiles:
    """Read a question's newest version as the files of its package, but for its pictures."""
    question = await find_question(db, library_of(caller), question_id)
    version = await find_version(db, question)
    content, number, public_id = version.content, version.number, question.public_id
    response.headers["ETag"] = tag_of(question)
    await db.close()  # others may have the connection while this waits
    files = await services.packages.do(
        lambda: package_texts(read_content(content), public_id), team=_team_of(caller)
    )
    return QuestionFiles(version=number, files=files)


@router.put(
    "/{question_id}/files",
    responses={
        **tagged(200, located(200, "/api/questions/00112233445566778899aabbccddeeff")),
        **problems(401, 403, 404, 409, 412, 413, 422, 503, 507),
    },
    openapi_extra=IF_MATCH,
)
async def write_question_files(
    request: Request,
    response: Response,
    caller: Interviewer,
    services: QuestionPartsDep,
    question_id: QuestionId,
    payload: QuestionFilesPut,
) -> QuestionImported:
    """Change a question by the files of its package, read as an import is: that makes a new version.

    A refusal names the file that it is about, where it is about one. Pictures stay as they are.
    """
    services.disk.require()
    settings, library = services.settings, library_of(caller)
    async with services.database.read() as db:
        question = await find_question(db, library, question_id)
        require_unchanged(request, tag_of(question))
        images = (await find_version(db, question)).content.get("images", {})
    read = await _in_line(services.packages, caller, read_edited, payload.files, images, settings)
    questions.check_size(read.content, settings)
    async with services.database.write() as db:
        question = await find_question(db, library, question_id, lock=True)
        require_unchanged(request, tag_of(question))
        await questions.replace_content(
            db, question, caller.account, read.content, settings, services.clock()
        )
        response.headers["Location"] = f"/api/questions/{question.public_id}"
        response.headers["ETag"] = tag_of(question)
        return _imported(question, read)
