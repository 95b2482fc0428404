"""Traces by OpenTelemetry, without what opens a session: what a span is made from is masked as the log is.

FastAPI's own instrumentation writes whole paths and queries into its spans: invitations and tokens among them. Here the
same middleware of OpenTelemetry sees a masked request, and the application behind it the real one.
"""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from pizarra.kit.masking import masked_path

_REAL = "pizarra.unmasked"
_SECRET_HEADERS = (b"authorization", b"cookie", b"referer", b"sec-websocket-protocol")
# A label of OpenTelemetry's metrics: each name that a stranger thinks of would be kept.
_UNBOUNDED_HEADERS = (b"host",)
_HIDDEN_HEADERS = (*_SECRET_HEADERS, *_UNBOUNDED_HEADERS)


def trace(app: FastAPI, **options: Any) -> None:
    """Have every request and socket of `app` make a span; `options` are those of `OpenTelemetryMiddleware`.

    Raises:
        ImportError: `pizarra[otel]` is not installed.
    """
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    app.add_middleware(_Unmask)
    app.add_middleware(OpenTelemetryMiddleware, **options)
    app.add_middleware(_Mask)


class _Mask:
    """Outside: shows a request without its secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a masked copy on."""
        if scope["type"] in ("http", "websocket"):
            path = masked_path(scope["path"])
            names = [part.partition(b"=")[0] for part in scope["query_string"].split(b"&") if part]
            shown = {
                **scope,
                "path": path,
                "raw_path": path.encode(errors="replace"),
                "query_string": b"&".join(name + b"=***" for name in names),
                "headers": [each for each in scope["headers"] if each[0] not in _HIDDEN_HEADERS],
                _REAL: scope,
            }
            await self._app(shown, receive, send)
        else:
            await self._app(scope, receive, send)


class _Unmask:
    """Inside: serves the request as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the real one on."""
        await self._app(scope.get(_REAL, scope), receive, send)
