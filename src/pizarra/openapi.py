"""The OpenAPI document: what FastAPI derives, plus the shapes it cannot see."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from pizarra import control
from pizarra.schemas import Problem

DESCRIPTION = """
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
    """Make `app.openapi()` complete."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _build(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _build(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    _, extra = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    schemas.update(extra["$defs"])
    for name, adapter in (("ServerMessage", control.server_message), ("ClientMessage", control.client_message)):
        schema = adapter.json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        for other, definition in schema.pop("$defs").items():
            schemas.setdefault(other, definition)
        schemas[name] = schema
    document["components"]["securitySchemes"] = {
        "access token": {"type": "http", "scheme": "bearer", "description": "`access_token` of `POST /api/join`."},
        "access cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": "pizarra_{room_id}",
            "description": "Set by `POST /api/join`; one for each room.",
        },
    }
    document["security"] = [{}, {"access token": []}, {"access cookie": []}]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                response.setdefault("headers", {})["X-Request-ID"] = _REQUEST_ID_HEADER
                content = response.get("content", {})
                # FastAPI documents 422 with its own shape beside ours.
                if int(status) >= 400 and "application/json" in content:
                    del content["application/json"]
    return document
