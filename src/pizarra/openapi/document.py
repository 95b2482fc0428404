"""The OpenAPI document: what FastAPI derives, plus the shapes it cannot see."""

import asyncio
import gzip
import json
import threading
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from pydantic.json_schema import models_json_schema

from pizarra.answers.wire import accepts_gzip
from pizarra.openapi.shapes import SECURITY_SCHEMES, SOCKET, TAGS, add_messages, tidy, widen
from pizarra.schemas import Problem, problems

DESCRIPTION = """Coding Interview Platform API.

Live coding interviews: sessions, the people in them, their files, runs and timeline.

Errors are `application/problem+json` with a `detail` that says what to do. The owner of this computer needs no
credential from the computer itself; everybody else presents what `POST /api/join` answered, as
`Authorization: Bearer …` or as the cookie it set. Editing happens on `/ws/{room_id}`, which speaks the y-websocket
protocol; clients of the `pizarra.v1` subprotocol also receive the control messages among the schemas below
(`ServerMessage`), and may send `ClientMessage`.
"""

_REQUEST_ID_HEADER = {
    "description": "The request's id, as in the server's log; send your own to correlate.",
    "schema": {"type": "string"},
    "example": "9f86d081884c7d65",
}


def install_openapi(app: FastAPI) -> None:
    """Make `app.openapi()` complete, and serve it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _build(app)
        return app.openapi_schema

    packed: list[tuple[bytes, bytes]] = []
    packing = threading.Lock()

    def encoded() -> tuple[bytes, bytes]:
        with packing:  # or as many build it as ask before it is built
            if not packed:
                body = json.dumps(openapi(), ensure_ascii=False, separators=(",", ":")).encode()
                packed.append((body, gzip.compress(body)))
        return packed[0]

    async def read(request: Request) -> Response:
        # In a thread: it takes most of a second, once, and nobody else's keystrokes wait for it.
        plain, small = packed[0] if packed else await asyncio.to_thread(encoded)
        headers = {"Vary": "Accept-Encoding"}
        if accepts_gzip(request.headers):
            return Response(
                small,
                media_type="application/json",
                headers={**headers, "Content-Encoding": "gzip"},
            )
        return Response(plain, media_type="application/json", headers=headers)

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_route("/openapi.json", read, include_in_schema=False)


def _build(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=TAGS,
        servers=[{"url": "/", "description": "This server."}],
        contact={"name": "The people who run this server"},
        license_info={"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    _, extra = models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas.update(extra["$defs"])
    add_messages(schemas)
    document["components"]["securitySchemes"] = SECURITY_SCHEMES
    document["x-websocket"] = {"/ws/{room_id}": SOCKET}
    document["security"] = [{}, *({name: []} for name in SECURITY_SCHEMES)]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            tidy(operation)
            if "requestBody" in operation:
                operation["responses"].update(
                    {str(key): value for key, value in problems(415).items()}
                )
            for status, response in operation["responses"].items():
                response.setdefault("headers", {})["X-Request-ID"] = _REQUEST_ID_HEADER
                content = response.get("content", {})
                # FastAPI documents 422 with its own shape beside ours.
                if int(status) >= 400 and "application/json" in content:
                    del content["application/json"]
    widen(document)
    return document
