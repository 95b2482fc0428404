"""Every refusal of the API, as one tree, rendered as RFC 9457 problem details.

AppError
├── Unauthorized          401  who are you?
├── Forbidden             403  not with your role
├── NotFound              404  not there, or not for you
├── Conflict              409  the state refuses
│   └── LanguageUnavailable
├── PayloadTooLarge       413  a named limit
├── InvalidInput          422  well-formed, but refused; names the field
└── Unavailable           503  try again, or mend the server: the detail says how
"""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from pizarra.collab.hub import UnknownRoom
from pizarra.collab.journal import EpochMismatch, JournalUnavailable, SessionClosed
from pizarra.database import DATABASE_ERRORS

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"


class AppError(Exception):
    """A refusal with a status, a stable code and a detail a person can act on."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Unauthorized(AppError):
    """No credential, or one that opens nothing."""

    status, code, title = 401, "unauthorized", "Not signed in"


class Forbidden(AppError):
    """The role does not allow it."""

    status, code, title = 403, "forbidden", "Not allowed"


class NotFound(AppError):
    """Not there, or not for this caller: the two look alike."""

    status, code, title = 404, "not_found", "Not found"


class Conflict(AppError):
    """The state of the thing refuses."""

    status, code, title = 409, "conflict", "Not possible now"


class LanguageUnavailable(Conflict):
    """This machine cannot run the language."""

    code, title = "language_unavailable", "Language cannot be run here"


class PayloadTooLarge(AppError):
    """More bytes than a named limit."""

    status, code, title = 413, "payload_too_large", "Too large"


class InvalidInput(AppError):
    """A value that is refused; the detail names the field."""

    status, code, title = 422, "invalid_input", "Invalid input"


class TooManyRequests(AppError):
    """Somebody asks for more than their share."""

    status, code, title = 429, "too_many_requests", "Too many at once"


class Unavailable(AppError):
    """Something this needs does not work at the moment."""

    status, code, title = 503, "unavailable", "Unavailable"


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return a problem+json answer."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    if errors is not None:
        body["errors"] = errors
    return JSONResponse(body, status, media_type=PROBLEM_JSON, headers=dict(headers or {}))


def install_error_handlers(app: FastAPI) -> None:
    """Make every error of `app` a problem+json without a stack trace or SQL."""

    async def on_app_error(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AppError)
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        return problem(error.status, error.code, error.title, error.detail, headers=headers)

    async def on_invalid(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        errors = [_explain(item) for item in error.errors()]
        detail = "; ".join(f"{item['field']}: {item['message']}" for item in errors)
        return problem(422, "invalid_input", "Invalid input", detail or "The request is invalid.", errors=errors)

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 400:  # FastAPI's word for a body that is not even text
            errors = [{"field": "body", "message": "malformed JSON: it is not UTF-8"}]
            return problem(
                422, "invalid_input", "Invalid input", "body: malformed JSON: it is not UTF-8", errors=errors
            )
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(sorted(_allowed_methods(app, request.url.path)))
        title = "Content Too Large" if error.status_code == 413 else HTTPStatus(error.status_code).phrase
        code = title.lower().replace(" ", "_")
        detail = "Nothing is here. The API is described at /docs." if error.status_code == 404 else str(error.detail)
        return problem(error.status_code, code, title, detail, headers=headers)

    async def on_database(_request: Request, error: Exception) -> JSONResponse:
        log.error("database error", exc_info=error)
        return problem(503, "database_unavailable", "Unavailable", "The database does not answer. Nothing was changed.")

    async def on_ended(_request: Request, _error: Exception) -> JSONResponse:
        return problem(409, Conflict.code, Conflict.title, "The session has ended in the meantime. Reopen it first.")

    async def on_gone(_request: Request, _error: Exception) -> JSONResponse:
        return problem(404, NotFound.code, NotFound.title, "The session was deleted in the meantime.")

    async def on_anything(_request: Request, error: Exception) -> JSONResponse:
        return problem(500, "internal_error", "Internal error", "Something broke on our side. It has been logged.")

    app.add_exception_handler(AppError, on_app_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    for kind in (*DATABASE_ERRORS, JournalUnavailable):
        app.add_exception_handler(kind, on_database)
    app.add_exception_handler(SessionClosed, on_ended)
    for gone in (EpochMismatch, UnknownRoom):
        app.add_exception_handler(gone, on_gone)
    app.add_exception_handler(Exception, on_anything)


def _allowed_methods(app: FastAPI, path: str) -> set[str]:
    """Return the methods a path has. Several routes share a path, and Starlette names the first one's only."""
    methods = set()
    for template, operations in app.openapi()["paths"].items():
        pattern = re.sub(r"\\{(\w+)\\}", lambda match: ".+" if match[1] == "path" else "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            methods |= {method.upper() for method in operations}
    return methods or {"GET", "HEAD"}  # the page and its files


def _explain(error: Mapping[str, Any]) -> dict[str, str]:
    """Turn one of Pydantic's errors into the field and a sentence, without echoing the input."""
    kind = str(error["type"])
    place = [str(part) for part in error["loc"]]
    if kind == "json_invalid":
        return {"field": "body", "message": f"malformed JSON: {error.get('ctx', {}).get('error', 'does not parse')}"}
    field = ".".join(place[1:] if len(place) > 1 and place[0] in ("body", "query", "path") else place)
    message = str(error["msg"])
    if kind == "enum":
        message = f"must be one of {error['ctx']['expected']}"
    elif kind == "value_error":
        message = message.removeprefix("Value error, ")
    elif kind == "string_pattern_mismatch":
        message = "must have a character that can be seen, and no NUL"
    elif kind == "extra_forbidden":
        message = "is not a field of this request"
    return {"field": field or "body", "message": message[:1].lower() + message[1:]}
