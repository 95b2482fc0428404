"""The code a note is about: the lines around what had just been changed when it was written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.models import SessionView
from pizarra.timeline.read.documents import load_files

_MOST = 60  # of the newest notes: each costs two looks into the past
_BACK = 25  # entries: what was changed within these is "just now"
_AROUND = 4  # lines


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a file; `first` is the number of the first, from 1."""

    path: str
    first: int
    text: str


async def excerpts(
    db: AsyncSession, session: SessionView, anchors: Iterable[int]
) -> dict[int, Excerpt]:
    """Return anchor → the code there, for the newest of them."""
    found = {}
    for anchor in sorted(set(anchors))[-_MOST:]:
        now = await load_files(db, session, anchor)
        before = await load_files(db, session, max(0, anchor - _BACK))
        excerpt = _changed(before, now)
        if excerpt is not None:
            found[anchor] = excerpt
    return found


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> Excerpt | None:
    """Return the lines around the last change; the beginning of the first file when nothing was."""
    for path in sorted(now, reverse=True):
        old, new = before.get(path, "").split("\n"), now[path].split("\n")
        if old == new:
            continue
        tail = 0
        while tail < min(len(old), len(new)) and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        last = len(new) - tail
        return _lines(path, new, last - 2 * _AROUND, last + _AROUND)
    for path, text in now.items():
        return _lines(path, text.split("\n"), 0, 3 * _AROUND)
    return None


def _lines(path: str, lines: list[str], start: int, end: int) -> Excerpt:
    start = max(0, min(start, len(lines) - 1))
    return Excerpt(path, start + 1, "\n".join(lines[start:end]))
