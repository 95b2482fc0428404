"""Structured logs: one line per request, secrets masked."""

import logging
import re
import secrets
import sys
import time
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pizarra.metrics import Metrics

_SECRET_PATHS = re.compile(r"^(/j/|/api/invitations/)[^/]+")
_REQUEST_ID = re.compile(r"[\w.-]{1,64}")
_SECRET_VALUES = re.compile(r"(?i)((?:token|password|secret|authorization|cookie)[\"']?\s*[=:]\s*[\"']?)[^\s\"',&]+")
_URL_PASSWORD = re.compile(r"(://[^:/@\s]+:)[^@\s]+@")

log = structlog.get_logger("pizarra.request")


def mask(text: str) -> str:
    """Return `text` without what looks like a credential."""
    return _URL_PASSWORD.sub(r"\1***@", _SECRET_VALUES.sub(r"\1***", text))


def configure_logging(level: str, log_format: str) -> None:
    """Send our logs and everybody else's to standard error, in one format."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask_event,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("alembic", "uvicorn", "uvicorn.error", "websockets"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _mask_event(_logger: Any, _method: str, event: Any) -> Any:
    if event["event"] == "request":  # `RequestLog` puts nothing secret in
        return event
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = mask(value)
    return event


class RequestLog:
    """Gives each request an id (`X-Request-ID`), measures it, counts it, and logs it without its query."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _given_id(scope) or secrets.token_hex(8)
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.requests.labels(scope["method"], str(status)).inc()
            self._metrics.request_seconds.observe(seconds)
            log.info(
                "request",
                id=request_id,
                method=scope["method"],
                path=_SECRET_PATHS.sub(r"\1***", scope["path"]),
                status=status,
                ms=round(seconds * 1000, 1),
            )


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = str(value.decode("latin-1"))
            return text if _REQUEST_ID.fullmatch(text) else None
    return None
