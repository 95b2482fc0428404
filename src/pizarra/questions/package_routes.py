"""Questions as packages, over HTTP: imported from an archive, and exported to one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from pizarra.access.dependencies import Interviewer, ReadSession
from pizarra.answers.codes import Code
from pizarra.errors import InvalidInput, UnsupportedMediaType
from pizarra.problems.content import read_content
from pizarra.problems.finding import find_question, find_version, library_of
from pizarra.questions import service as questions
from pizarra.questions.importing import read_archive
from pizarra.questions.packages.archive import PackageError
from pizarra.questions.packages.writing import write_package
from pizarra.questions.parts import QuestionPartsDep
from pizarra.questions.routes import QuestionId
from pizarra.questions.schemas import QuestionImported
from pizarra.schemas import located, problems

router = APIRouter(prefix="/api/questions", tags=["questions"])

_ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}


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
    body = await request.body()
    try:
        found = await services.packages.do(read_archive, body, settings)
    except PackageError as error:
        raise InvalidInput(str(error), code=Code.PACKAGE_REFUSED) from error
    imported = []
    async with services.database.write() as db:
        for read in found:
            questions.check_size(read.content, settings)
            question, _ = await questions.create_question(
                db, caller.account, read.content, settings, now
            )
            said = [read.content.not_runnable or "", *read.remarks]
            imported.append(
                QuestionImported(
                    question_id=question.public_id,
                    title=question.title,
                    kind=read.content.kind,
                    runnable=question.runnable,
                    detail=" ".join(each for each in said if each) or None,
                )
            )
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
    """Export a question as a package of the format 2025-09. What only we know lies in `.pizarra.yaml`."""
    question = await find_question(db, library_of(caller), question_id)
    content = read_content((await find_version(db, question, version)).content)
    public_id = question.public_id
    await db.close()  # others may have the connection while this waits
    name, archive = await services.packages.do(write_package, content, public_id)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return Response(archive, media_type="application/zip", headers=headers)
