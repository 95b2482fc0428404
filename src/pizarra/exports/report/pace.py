"""How the time of a session was spent, and who typed when: counted as the log passes by, shown as a picture."""

import math
from typing import NamedTuple

from pizarra.exports.report.words import Words

_PAUSE_SECONDS = 5  # longer without an edit is no typing
_BUCKETS = 240  # of the whole time
_LANE = 16
_MAX_RUNS = 500


def clock(seconds: float) -> str:
    """Return a time since the beginning, or before it, to the letter as the page and its replay write it."""
    whole = math.floor(abs(seconds) + 0.5)
    hours, minutes = whole // 3600, whole // 60 % 60
    start = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{'−' * (seconds <= -0.5)}{start}:{whole % 60:02}"


class Bar(NamedTuple):
    """How much somebody typed in one part of the time."""

    x: int
    y: float
    height: float


class Lane(NamedTuple):
    """Who typed, and when."""

    who: str
    top: int
    bars: list[Bar]


class Dot(NamedTuple):
    """A run that ended."""

    x: float
    how: str


class Picture(NamedTuple):
    """How the time was spent, in the units of a drawing that is `width` wide."""

    whole: str
    shares: list[str]
    about: str
    width: int
    ground: int
    lanes: list[Lane]
    runs: list[Dot]


class Pace:
    """Counts typing, running and idle time."""

    def __init__(self) -> None:
        self._last = 0.0
        self._typing = False
        self._active = 0
        self._spent = {"typing": 0.0, "running": 0.0, "idle": 0.0}
        self._typed: dict[str, list[float]] = {}  # who → when, in seconds
        self._ended: list[tuple[float, str]] = []  # runs: when, and passed or failed

    def add(self, kind: str, seconds: float, *, typed: bool) -> None:
        """Count the time since the entry before, by what went on then; `typed` tells that a person made an edit."""
        gap = max(0.0, seconds - self._last)
        what = (
            "running"
            if self._active
            else "typing"
            if self._typing and gap < _PAUSE_SECONDS
            else "idle"
        )
        self._spent[what] += gap
        self._last, self._typing = seconds, typed
        self._active += {"run.started": 1, "run.ended": -1}.get(kind, 0)

    def typed(self, who: str, seconds: float) -> None:
        """Somebody made an edit."""
        self._typed.setdefault(who, []).append(seconds)

    def ran(self, seconds: float, *, passed: bool) -> None:
        """A run ended."""
        self._ended.append((seconds, "passed" if passed else "failed"))

    def edits(self) -> list[tuple[str, str]]:
        """Return who made how many edits."""
        return [(who, str(len(when))) for who, when in self._typed.items()]

    def picture(self, words: Words) -> Picture:
        """Return the shares of the time, and a lane for each person with a dot for each run."""
        spent = sum(self._spent.values()) or 1.0
        width = max(self._last, 1.0)
        return Picture(
            whole=clock(width),
            shares=[
                f"{seconds / spent * 100:.0f} % {words.spent[what]}"
                for what, seconds in self._spent.items()
            ],
            about=words.pace.format(count=len(self._ended)),
            width=_BUCKETS,
            ground=len(self._typed) * _LANE,
            lanes=[
                Lane(who, number * _LANE + 5, _bars(when, width, (number + 1) * _LANE))
                for number, (who, when) in enumerate(self._typed.items())
            ],
            runs=[Dot(at / width * _BUCKETS, how) for at, how in self._ended[:_MAX_RUNS]],
        )


def _bars(when: list[float], width: float, bottom: int) -> list[Bar]:
    counts = [0] * _BUCKETS
    for seconds in when:
        counts[min(_BUCKETS - 1, int(seconds / width * _BUCKETS))] += 1
    most = max(counts)
    heights = [max(1.0, (count / most) ** 0.5 * (_LANE - 6)) if count else 0.0 for count in counts]
    return [Bar(place, bottom - height, height) for place, height in enumerate(heights) if height]
