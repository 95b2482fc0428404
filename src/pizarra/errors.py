"""Every refusal of the API, as one tree, rendered as RFC 9457 problem details.

AppError
├── Unauthorized          401  who are you?
│   └── InvalidCredential      what was presented opens nothing
├── Forbidden             403  not with your role
├── NotFound              404  not there, or not for you
├── Conflict              409  the state refuses
│   └── LanguageUnavailable
├── ChangedMeanwhile      412  somebody else was faster (`If-Match`)
├── PayloadTooLarge       413  a named limit
├── UnsupportedMediaType  415  the body is something else
├── InvalidInput          422  well-formed, but refused; names the field
├── TooManyRequests       429  again, in so many seconds
├── Unavailable           503  try again, or mend the server: the detail says how
│   └── Busy                   others' work of the same kind has to end first
└── DiskFull              507  nothing new until there is room
"""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match, Mount, compile_path

from pizarra.answers.codes import Code
from pizarra.answers.malformed import explain
from pizarra.answers.wire import NO_HEAD
from pizarra.collab.hub import UnknownRoom
from pizarra.collab.journal import EpochMismatch, JournalFull, JournalUnavailable, SessionClosed
from pizarra.kit.masking import mask
from pizarra.kit.text import abridged
from pizarra.storage.failures import DATABASE_ERRORS, is_away, reason_of, says_full
from pizarra.storage.shared_commits import NotOnDisk

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_MOST_ERRORS = 20  # are told of one request: an answer stays small whatever is sent
_MOST_DETAIL_CHARACTERS = 900  # of a refusal, which may name what the sender asked for
_NAMED_FIELD = re.compile(r"([a-z][a-z0-9_]{0,40}): (.+)", re.DOTALL)  # of an `InvalidInput`
_RETRY_AFTER = "5"  # seconds, where nobody knows better


class AppError(Exception):
    """A refusal with a status, a stable code and a detail a person can act on."""

    status: ClassVar[int] = 500
    code: Code = Code.INTERNAL_ERROR  # of the class, unless the reason has its own
    title: ClassVar[str] = "Internal error"
    challenge: ClassVar[str | None] = None  # `WWW-Authenticate`: how to say who one is

    def __init__(
        self,
        detail: str,
        *,
        code: Code | None = None,
        bound: str | None = None,
        field: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code
        self.bound = bound  # the setting that refuses
        self.field = field  # of the request, where it is not named in front of the detail
        self.retry_after = retry_after  # seconds, where it is known


class Unauthorized(AppError):
    """No credential, or one that opens nothing."""

    status, code, title = 401, Code.UNAUTHORIZED, "Not signed in"
    challenge = "Bearer"


class InvalidCredential(Unauthorized):
    """The bearer token that was presented opens nothing: garbage, revoked, or none at all."""

    code, challenge = Code.INVALID_CREDENTIAL, 'Bearer error="invalid_token"'


class Forbidden(AppError):
    """The role does not allow it."""

    status, code, title = 403, Code.FORBIDDEN, "Not allowed"


class NotFound(AppError):
    """Not there, or not for this caller: the two look alike."""

    status, code, title = 404, Code.NOT_FOUND, "Not found"


class Conflict(AppError):
    """The state of the thing refuses."""

    status, code, title = 409, Code.CONFLICT, "Not possible now"


class LanguageUnavailable(Conflict):
    """This machine cannot run the language."""

    code, title = Code.LANGUAGE_UNAVAILABLE, "Language cannot be run here"


class ChangedMeanwhile(AppError):
    """It is not in the version that the request names any more."""

    status, code, title = 412, Code.CHANGED_MEANWHILE, "Changed meanwhile"


class PayloadTooLarge(AppError):
    """More bytes than a named limit."""

    status, code, title = 413, Code.PAYLOAD_TOO_LARGE, "Too large"


class UnsupportedMediaType(AppError):
    """The body is not what this takes."""

    status, code, title = 415, Code.UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"


class InvalidInput(AppError):
    """A value that is refused; the detail names the field."""

    status, code, title = 422, Code.INVALID_INPUT, "Invalid input"


class TooManyRequests(AppError):
    """Somebody asks for more than their share."""

    status, code, title = 429, Code.TOO_MANY_REQUESTS, "Too many at once"


class Unavailable(AppError):
    """Something this needs does not work at the moment."""

    status, code, title = 503, Code.UNAVAILABLE, "Unavailable"


class Busy(Unavailable):
    """Others' work of the same kind has to end first: whoever tries again later gets it."""


class DiskFull(AppError):
    """The server has no room."""

    status, code, title = 507, Code.DISK_FULL, "Disk full"


def problem(
    status: int,
    code: Code,
    title: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return a problem+json answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors is not None:
        body["errors"] = errors
    told = {
        "Content-Language": "en",
        "Vary": "Accept-Language",
        **(headers or {}),
    }  # `wire.py` says it in Spanish
    if status in (429, 503):
        told.setdefault("Retry-After", _RETRY_AFTER)
    return JSONResponse(body, status, media_type=PROBLEM_JSON, headers=told)


async def _on_app_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)
    request.app.state.metrics.refuse(error.bound)
    headers = {} if error.challenge is None else {"WWW-Authenticate": error.challenge}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    detail = abridged(error.detail, _MOST_DETAIL_CHARACTERS)
    errors = _refused_field(error, detail)
    return problem(error.status, error.code, error.title, detail, errors=errors, headers=headers)


def _refused_field(error: AppError, detail: str) -> list[dict[str, str]] | None:
    """Say which field of the request is refused, where that is known: a form shows it there."""
    if error.field is not None:
        return [{"field": error.field, "message": detail}]
    named = _NAMED_FIELD.fullmatch(detail) if isinstance(error, InvalidInput) else None
    return [{"field": named[1], "message": named[2]}] if named is not None else None


def is_disk_full(error: Exception) -> bool:
    """Tell whether nothing could be recorded because there is no room."""
    return isinstance(error, JournalFull) or says_full(error)


def install_error_handlers(app: FastAPI) -> None:
    """Make every error of `app` a problem+json without a stack trace or SQL."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    for kind in (*DATABASE_ERRORS, JournalUnavailable):
        app.add_exception_handler(kind, _on_database)
    app.add_exception_handler(SessionClosed, _on_ended)
    for gone in (EpochMismatch, UnknownRoom):
        app.add_exception_handler(gone, _on_gone)
    app.add_exception_handler(Exception, _on_anything)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # FastAPI decodes what is said to be JSON, and nothing else
    if error.body and isinstance(error.body, bytes):
        return problem(
            415, Code.UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type", _undeclared(request)
        )
    found = error.errors()
    errors = [explain(item) for item in found[:_MOST_ERRORS]]
    told = [f"{item['field']}: {item['message']}" for item in errors]
    if len(found) > len(errors):
        told.append(f"and {len(found) - len(errors):,} more")
    detail = "; ".join(told)
    return problem(
        422,
        Code.INVALID_INPUT,
        "Invalid input",
        detail or "The request is invalid.",
        errors=errors,
    )


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:  # FastAPI's word for a body that could not be decoded at all
        message = f"malformed JSON: {_undecodable(error.__cause__)}"
        errors = [{"field": "body", "message": message}]
        return problem(422, Code.INVALID_INPUT, "Invalid input", "body: " + message, errors=errors)
    if isinstance(error.__cause__, AppError):
        request.app.state.metrics.refuse(error.__cause__.bound)
    headers, detail = dict(error.headers or {}), str(error.detail)
    if error.status_code == 404:
        detail = "Nothing is here. The API is described at /docs."
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_allowed_methods(request.app, request.url.path)))
        detail = f"This address takes {headers['Allow']}."
    title = (
        "Content Too Large" if error.status_code == 413 else HTTPStatus(error.status_code).phrase
    )
    code = Code(title.lower().replace(" ", "_"))
    return problem(error.status_code, code, title, detail, headers=headers)


async def _on_ended(_request: Request, _error: Exception) -> JSONResponse:
    return problem(
        409,
        Code.SESSION_ENDED,
        Conflict.title,
        "The session has ended in the meantime. Reopen it first.",
    )


async def _on_gone(_request: Request, _error: Exception) -> JSONResponse:
    return problem(
        404, Code.SESSION_NOT_FOUND, NotFound.title, "The session was deleted in the meantime."
    )


async def _on_anything(_request: Request, error: Exception) -> JSONResponse:
    return problem(
        500,
        Code.INTERNAL_ERROR,
        "Internal error",
        "Something broke on our side. It has been logged.",
    )


async def _on_database(request: Request, error: Exception) -> JSONResponse:
    if is_disk_full(error):
        log.error("the disk is full: %s was not done", request.method)
        detail = "The disk is full: nothing was changed. Tell whoever runs this server."
        return await _on_app_error(request, DiskFull(detail))
    log_database_error("database error", error)
    detail = (
        "The database does not answer in time. Look whether it was done before you ask again."
        if isinstance(error, (TimeoutError, NotOnDisk))
        else "The database does not answer. Nothing was changed."
    )
    return problem(503, Code.DATABASE_UNAVAILABLE, "Unavailable", detail)


def log_database_error(what: str, error: BaseException) -> None:
    """Log what a database did not do: in one line when it is away, else with the place in our code that asked."""
    if isinstance(error, NotOnDisk):  # which was logged where the disk refused
        return
    if is_away(error) or isinstance(error, JournalUnavailable):  # which the journal has logged
        log.error("%s: %s", what, mask(reason_of(error)))
    else:
        log.error(what, exc_info=error)


def _allowed_methods(app: FastAPI, path: str) -> set[str]:
    """Return the methods a path has. Several routes share a path, and Starlette names the first one's only."""
    scope = {"type": "http", "path": path, "root_path": "", "headers": []}
    routes = [route for route in app.router.routes if not isinstance(route, Mount)]
    methods = {
        method
        for method in _METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    }
    if "GET" in methods and not _refuses_head(app, path):
        methods.add("HEAD")
    return methods or {"GET", "HEAD"}  # the page and its files


def _refuses_head(app: FastAPI, path: str) -> bool:
    """Tell whether the `GET` of a path does something, which `HEAD` must not do."""
    return any(
        NO_HEAD in getattr(each.original_route, "dependencies", ())
        and compile_path(each.path or "")[0].match(path)
        for each in iter_route_contexts(app.router.routes)
    )


def _undeclared(request: Request) -> str:
    """Say how JSON is announced to whoever sent a body as something else."""
    if "content-type" not in request.headers:
        return "The body came without a Content-Type. Send it with the header `Content-Type: application/json`."
    return "This takes JSON. Send the body with the header `Content-Type: application/json`."


def _undecodable(cause: BaseException | None) -> str:
    """Say why Python's reader gave up where JSON's grammar is not to blame."""
    if isinstance(cause, UnicodeDecodeError):
        return "it is not UTF-8"
    if isinstance(cause, ValueError):  # the only one left: an integer of thousands of digits
        return "a number in it is too long"
    return "it cannot be read"
