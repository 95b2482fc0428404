"""Structured logs: one line per request, secrets masked, and nothing of a stranger's that a terminal would obey."""

import contextlib
import logging
import sys
from typing import Any, TextIO, cast

import structlog

from pizarra.http.frequent_lines import render_lines
from pizarra.kit.masking import mask
from pizarra.kit.text import abridged, in_one_line

_TRACES = ("exception", "stack")  # of many lines
_MAX_VALUE = 2000
_MAX_TRACE = 20_000


class _Standard:
    """Standard error. A line that finds no room is lost: whoever wrote it has something better to do than to fail."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def configure_logging(level: str, log_format: str) -> None:
    """Send our logs and everybody else's to standard error, in one format."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask_event,
        _make_plain,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    standard = _Standard()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", standard)),
        cache_logger_on_first_use=True,
    )
    render_lines(
        renderer, standard.write, writes_info=logging.getLevelName(level.upper()) <= logging.INFO
    )
    handler = logging.StreamHandler(_Standard())
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
        elif isinstance(value, dict):  # what an event says of itself
            event[key] = {
                name: mask(each) if isinstance(each, str) else each for name, each in value.items()
            }
    return event


def _make_plain(_logger: Any, _method: str, event: Any) -> Any:
    """Keep each value to one line of bounded length; the lines of a trace are indented: none looks like ours."""
    for key, value in event.items():
        if isinstance(value, str) and key in _TRACES:
            lines = abridged(value, _MAX_TRACE).split("\n")
            event[key] = "\n".join(f"  {in_one_line(line)}" for line in lines)
        elif isinstance(value, str):
            event[key] = in_one_line(abridged(value, _MAX_VALUE))
    return event
