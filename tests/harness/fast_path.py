"""One application by two paths: as it is, and with every request going the whole way."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from fastapi import FastAPI
from starlette.middleware import Middleware

from pizarra.config import Settings
from pizarra.http.fast_path import FastPath
from pizarra.http.shell import Shell
from pizarra.main import create_app
from tests.harness.application import Application

Headers = Sequence[tuple[bytes, bytes]]

_ID = re.compile(rb"[0-9a-f]{32}")
_NONCE = re.compile(rb"'nonce-([\w-]+)'")
_SIGNED = re.compile(rb"(\.\d+\.)[\w-]{22}")  # an invitation's signature, after when it ends
_OWN = (b"x-request-id",)  # headers that no two answers share


@dataclass(frozen=True)
class Asked:
    """A request, as a server hands it on."""

    method: str
    path: str
    query: bytes = b""
    headers: Headers = ()
    body: Sequence[bytes] = (b"",)
    address: str = "127.0.0.1"
    scheme: str = "http"
    http_version: str = "1.1"


class Answered(NamedTuple):
    """A status, the headers, and the body; without ids that are drawn anew, if the request makes something."""

    status: int
    headers: Headers
    body: bytes


class Paths:
    """The two paths of an application."""

    def __init__(self, running: Application, settings: Settings) -> None:
        self._short = running.app
        self._whole = without_fast_path(settings, running)

    async def compare(self, asked: Asked) -> tuple[Answered, Answered]:
        """Return what is answered by the fast path, if it takes the request, and by the whole way."""
        return await ask(self._short, asked), await ask(self._whole, asked)


def without_fast_path(settings: Settings, running: Application) -> FastAPI:
    """Return another application of the same parts, whose shell has no fast path."""
    app = create_app(settings, running.services.clock)
    app.state.services = running.services
    shell_of(app).kwargs["fast_path"] = None
    return app


def shell_of(app: FastAPI) -> Middleware:
    """Return what the shell of an application is made with."""
    (shell,) = (each for each in app.user_middleware if cast("Any", each.cls) is Shell)
    return shell


def scope_of(asked: Asked) -> dict[str, Any]:
    """Return the ASGI scope of a request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": asked.http_version,
        "server": ("127.0.0.1", 8000),
        "client": (asked.address, 50000),
        "scheme": asked.scheme,
        "root_path": "",
        "headers": list(asked.headers),
        "state": {},
        "method": asked.method,
        "path": asked.path,
        "raw_path": asked.path.encode(),
        "query_string": asked.query,
    }


async def ask(app: FastAPI, asked: Asked) -> Answered:
    """Return what `app` answers."""
    parts, sent = list(asked.body), []

    async def receive() -> dict[str, Any]:
        if not parts:
            return {"type": "http.disconnect"}
        body = parts.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope_of(asked), receive, send)
    start, *rest = sent
    headers = [each for each in start["headers"] if each[0] not in _OWN]
    body = b"".join(message.get("body", b"") for message in rest)
    if nonce := _NONCE.search(dict(headers).get(b"content-security-policy", b"")):
        # a page, for who asks for no address of the API: it has another one each time
        headers = [(name, value.replace(nonce[1], b"#")) for name, value in headers]
        body = body.replace(nonce[1], b"#")
    if asked.method == "POST":
        headers = [(name, _known_by_heart(value)) for name, value in headers]
        body = _known_by_heart(body)
    return Answered(start["status"], headers, body)


async def is_short(running: Application, asked: Asked) -> bool:
    """Tell whether the fast path answers a request."""
    app = running.app
    path = shell_of(app).kwargs["fast_path"]
    assert isinstance(path, FastPath)
    parts = list(asked.body)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    answer, _ = await path.answer({**scope_of(asked), "app": app}, receive)
    return answer is not None


def _known_by_heart(text: bytes) -> bytes:
    return _SIGNED.sub(rb"\1#", _ID.sub(b"#", text))
