"""How answers travel: `HEAD` is `GET` without its body, large JSON is compressed, refusals come in two languages."""

import asyncio
import gzip
import re
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pizarra.spanish import prefers_spanish, problem_in_spanish

Handler = TypeVar("Handler", bound=Callable[..., Any])

_WORTH_IT = 4096  # bytes
_AT_ONCE = 32_768  # bytes that take less than a millisecond
_REFUSED = re.compile(r"[qQ]\s*=\s*0(\.0{0,3})?")
_LEVEL = 1  # a keystroke may be waiting
_compressed: set[object] = set()
_IS_HEAD = "pizarra.is_head"


def compressed(handler: Handler) -> Handler:
    """Let a handler's JSON be compressed.

    Only what holds no secret: the length of a compressed answer betrays a secret to whoever chooses the text beside
    it (BREACH). So sessions, invitations, accounts and tokens travel as they are.
    """
    _compressed.add(handler)
    return handler


def accepts_gzip(headers: Headers) -> bool:
    """Tell whether `Accept-Encoding` names gzip, with a weight that is not zero."""
    for each in ",".join(headers.getlist("accept-encoding")).split(","):
        coding, _, parameter = each.partition(";")
        if coding.strip().lower() == "gzip":
            return _REFUSED.fullmatch(parameter.strip()) is None
    return False


async def refuse_head(request: Request) -> None:
    """Refuse `HEAD` before the handler of a `GET` that does something: work without bound, or an entry of the audit.

    Raises:
        HTTPException: it is `HEAD`.
    """
    if _IS_HEAD in request.scope:
        raise HTTPException(405)


NO_HEAD = Depends(refuse_head)


class Wire:
    """Answers `HEAD` for a `GET` without `NO_HEAD`, compresses what handlers let it, refuses in Spanish if asked."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        if method == "HEAD":
            scope, send = {**scope, "method": "GET", _IS_HEAD: True}, _Headless(send)
        if prefers_spanish(",".join(Headers(scope=scope).getlist("accept-language"))):
            send = _Translator(send)
        if method in ("GET", "HEAD"):
            send = _Compressor(scope, send)
        await self._app(scope, receive, send)


class _Headless:
    """Sends the head of an answer alone, with the length its body would have."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)


class _Compressor:
    """Compresses an answer in one piece of a handler that lets it; the others pass as they come.

    Whatever such a handler answers varies by what was accepted: a cache must not give one who takes no gzip another's.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self._packs = accepts_gzip(Headers(scope=scope))
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        is_whole = message["type"] == "http.response.start" and message["status"] == 200
        if is_whole and self._scope.get("endpoint") in _compressed:
            message = {**message, "headers": [*message["headers"], (b"vary", b"Accept-Encoding")]}
            headers = Headers(raw=message["headers"])
            if (
                self._packs
                and "json" in headers.get("content-type", "")
                and int(headers.get("content-length", 0)) >= _WORTH_IT
            ):
                self._start = message
                return
        if self._start is not None:
            start, self._start = self._start, None
            body = message["body"]
            if len(body) <= _AT_ONCE:
                body = gzip.compress(body, _LEVEL, mtime=0)
            else:
                body = await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
            told = [each for each in start["headers"] if each[0] != b"content-length"]
            told += [(b"content-length", b"%d" % len(body)), (b"content-encoding", b"gzip")]
            await self._send({**start, "headers": told})
            message = {**message, "body": body}
        await self._send(message)


class _Translator:
    """Says in Spanish what an answer refuses; other answers pass as they come."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if (
            message["type"] == "http.response.start"
            and (b"content-language", b"en") in message["headers"]
        ):
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            told = problem_in_spanish(message["body"])
            if told is not None:
                changed = {b"content-language": b"es", b"content-length": b"%d" % len(told)}
                start = {
                    **start,
                    "headers": [
                        (name, changed.get(name, value)) for name, value in start["headers"]
                    ],
                }
                message = {**message, "body": told}
            await self._send(start)
        await self._send(message)
