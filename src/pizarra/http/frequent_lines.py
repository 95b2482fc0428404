"""Log lines that are written at every request: what never changes in one is rendered once.

They are the lines that structlog writes, whatever the format, at a tenth of the cost.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

Value = str | int | float
Renderer = Callable[[Any, str, dict[str, Any]], Any]

_NUMBER = 909_000_900  # and those after it: they stand in no line for anything else

# What stands in a line as it is, in every format, and cannot be a credential: ids, names, addresses of computers.
_PLAIN = re.compile(r"[0-9A-Za-z-]{0,200}|[\d.]{7,15}", re.ASCII)


class _Rendering:
    """How lines are written in this process: those of one turn of the event loop together."""

    def __init__(
        self, renderer: Renderer, write: Callable[[str], None], *, writes_info: bool
    ) -> None:
        self.renderer = renderer
        self.writes_info = writes_info
        self._write = write
        self._lines: list[str] = []

    def write(self, line: str) -> None:
        """Write a line at the end of this turn; outside of a loop at once."""
        self._lines.append(line)
        if len(self._lines) > 1:
            return
        try:
            asyncio.get_running_loop().call_soon(self._flush)
        except RuntimeError:
            self._flush()

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._write("".join(lines))


_rendering: _Rendering | None = None


def render_lines(renderer: Renderer, write: Callable[[str], None], *, writes_info: bool) -> None:
    """Have frequent lines rendered as `renderer`, structlog's last processor, does; `write` takes them."""
    global _rendering  # noqa: PLW0603 - as structlog's own configuration is one of the process
    _rendering = _Rendering(renderer, write, writes_info=writes_info)


class FrequentLine:
    """A line of an event whose values have the types that `shape` names, at the level `info`.

    A value that is not `plain`, which would have to be quoted, masked or shortened, goes the long way, by `logger`; so
    does everything where logs are not configured.
    """

    def __init__(
        self,
        event: str,
        shape: Mapping[str, type[Value]],
        logger: Any,
        plain: re.Pattern[str] = _PLAIN,
    ) -> None:
        self._event = event
        self._shape = shape
        self._logger = logger
        self._plain = plain
        self._rendering: _Rendering | None = None
        self._template = ""
        self._in_order: Callable[[Sequence[Value]], Any] = tuple

    def write(self, *values: Value) -> None:
        """Write it, with the values in the order of the shape."""
        rendering = _rendering
        if rendering is None or not self._are_plain(values):
            self._logger.info(self._event, **dict(zip(self._shape, values, strict=True)))
        elif rendering.writes_info:
            if self._rendering is not rendering:
                self._rendering = rendering
                self._template, self._in_order = self._render(rendering.renderer)
            now = datetime.now(UTC).isoformat()[:-6] + "Z"
            rendering.write(self._template % self._in_order((*values, now)))

    def _are_plain(self, values: Sequence[Value]) -> bool:
        for value in values:  # noqa: SIM110 - a generator costs as much as the rest
            if type(value) is str and self._plain.fullmatch(value) is None:
                return False
        return True

    def _render(self, renderer: Renderer) -> tuple[str, Callable[[Sequence[Value]], Any]]:
        """Return the line with `%s` where values stand, and what puts them, and the time, in the order they stand in.

        It is rendered with numbers and words that are told apart.
        """
        marks: list[Value] = [
            f"x{_NUMBER + place}x" if kind is str else _NUMBER + place
            for place, kind in enumerate((*self._shape.values(), str))
        ]
        told: dict[str, Any] = dict(zip(self._shape, marks, strict=False))
        told |= {"event": self._event, "level": "info", "timestamp": marks[-1]}
        line = str(renderer(None, "info", told)).replace("%", "%%") + "\n"
        order = sorted(range(len(marks)), key=lambda place: line.index(str(marks[place])))
        for mark in marks:
            line = line.replace(str(mark), "%s")
        return line, itemgetter(*order)
