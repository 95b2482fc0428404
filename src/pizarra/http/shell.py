"""What meets every request first and its answer last: its id, its line in the log, its count, and the fast path."""

import random
import re
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pizarra.http.fast_path import FastPath
from pizarra.http.frequent_lines import FrequentLine
from pizarra.http.metrics import Metrics
from pizarra.kit.masking import masked_path
from pizarra.kit.text import storable

_REQUEST_ID = re.compile(r"[\w.-]{1,64}")
# A method that is none of these is anybody's word: each would be a line of every metric, for ever.
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_LINE = FrequentLine(
    "request",
    {"id": str, "method": str, "path": str, "status": int, "ms": float},
    structlog.get_logger("pizarra.request"),
    plain=re.compile(r"[\w./{}*-]{0,500}", re.ASCII),  # nothing secret is put in
)


class Shell:
    """Gives each request an id (`X-Request-ID`), measures it, counts it, and logs it without its query.

    A plain request that the fast path answers goes no farther.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, fast_path: FastPath | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._fast_path = fast_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if "\0" in scope.get("path", ""):
            # No id has it, and PostgreSQL takes it in none: as its symbol it is as unknown, and asked for like any.
            scope["path"] = storable(scope["path"])
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        # It is no secret, and a process that was forked draws others.
        request_id = _given_id(scope) or f"{random.getrandbits(64):016x}"
        identified = (b"x-request-id", request_id.encode())
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], identified]
            await send(message)

        try:
            answer = None
            if self._fast_path is not None:
                answer, receive = await self._fast_path.answer(scope, receive)
            if answer is None:
                await self._app(scope, receive, send_with_id)
            else:
                answer.raw_headers.append(identified)
                status = answer.status_code
                await answer(scope, receive, send)
        finally:
            self._note(scope, request_id, status, time.perf_counter() - started)

    def _note(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        method, route = _labels_of(scope, status)
        self._metrics.requests.add(method, str(status))
        self._metrics.request_seconds.observe(seconds, method, route)
        path = masked_path(scope["path"])
        _LINE.write(request_id, scope["method"], path, status, round(seconds * 1000, 1))


def _labels_of(scope: Scope, status: int) -> tuple[str, str]:
    """Return a request's method and the template of the route that answered: labels, so never what somebody typed."""
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    answered = status != 405  # else the route is one that has the path, with other methods
    return method, str(getattr(scope.get("route"), "path", "none")) if answered else "none"


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = str(value.decode("latin-1"))
            return text if _REQUEST_ID.fullmatch(text) else None
    return None
