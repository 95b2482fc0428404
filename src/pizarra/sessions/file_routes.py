"""The files of a session over HTTP."""

from typing import Annotated

from fastapi import Path, Query, Response

from pizarra.access.dependencies import ReadableSession, ReadSession
from pizarra.access.parts import RoomPartsDep
from pizarra.answers.codes import Code
from pizarra.answers.wire import compressed
from pizarra.errors import NotFound
from pizarra.http.router import Router
from pizarra.schemas import problems
from pizarra.sessions.schemas import FileRead
from pizarra.timeline.read.documents import read_in_turn

router = Router(prefix="/api/sessions", tag="sessions")

AtQuery = Annotated[
    int | None,
    Query(
        ge=0,
        le=2**53 - 1,
        description="A timeline `seq`: answer as of that instant.",
        examples=[17],
    ),
]


@router.get("/{session_id}/files", responses=problems(403, 404, 422, 503))
@compressed
async def list_files(
    access: ReadableSession, db: ReadSession, services: RoomPartsDep, at: AtQuery = None
) -> list[FileRead]:
    """List the files, now or at an instant."""
    document = await read_in_turn(db, services.hub, access.session, at)
    return [
        FileRead(path=file.path, language=file.language, size=file.size)
        for file in document.files()
    ]


@router.get(
    "/{session_id}/files/{path:path}",
    response_class=Response,
    responses={
        200: {
            "description": "The text.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": "print(42)\n"}},
        },
        **problems(403, 404, 422, 503),
    },
)
async def read_file(
    access: ReadableSession,
    db: ReadSession,
    services: RoomPartsDep,
    path: Annotated[str, Path(description="The file's path.", examples=["main.py"])],
    at: AtQuery = None,
) -> Response:
    """Read a file, now or at an instant."""
    document = await read_in_turn(db, services.hub, access.session, at)
    text = document.text(path)
    if text is None:
        raise NotFound(f"File {path} not found", code=Code.FILE_NOT_FOUND)
    return Response(text.encode("utf-8", errors="replace"), media_type="text/plain; charset=utf-8")
