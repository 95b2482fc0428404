"""How the time of a session was spent, and who typed when: counted as the log passes by, shown as a picture."""

import html

from pizarra.timeline.words import Words

_PAUSE_SECONDS = 5  # longer without an edit is no typing
_BUCKETS = 240  # of the whole time
_LANE = 16
_MAX_RUNS = 500


def clock(seconds: float) -> str:
    """Return a time since the beginning as people read it."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


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
        what = "running" if self._active else "typing" if self._typing and gap < _PAUSE_SECONDS else "idle"
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

    def html(self, words: Words) -> str:
        """Return the shares of the time, and a picture with a lane for each person and a dot for each run."""
        whole = sum(self._spent.values()) or 1.0
        shares = " · ".join(
            f"{seconds / whole * 100:.0f} % {words.spent[what]}" for what, seconds in self._spent.items()
        )
        width, ground = max(self._last, 1.0), len(self._typed) * _LANE
        lanes = [_lane(number, who, when, width) for number, (who, when) in enumerate(self._typed.items())]
        runs = [
            f'<circle class="{how}" cx="{at / width * _BUCKETS:.1f}" cy="{ground + 5}" r="2"/>'
            for at, how in self._ended[:_MAX_RUNS]
        ]
        about = words.pace.format(count=len(self._ended))
        axis = f'<rect class="axis" x="0" y="{ground}" width="{_BUCKETS}" height="0.5"/>'
        return (
            f"<h2>{words.time}</h2><p>{clock(width)} · {shares}</p>"
            f'<svg viewBox="0 0 {_BUCKETS} {ground + 10}" role="img" aria-label="{about}">'
            f"{''.join(lanes)}{axis}{''.join(runs)}</svg><p class=muted>{about}</p>"
        )


def _lane(number: int, who: str, when: list[float], width: float) -> str:
    counts = [0] * _BUCKETS
    for seconds in when:
        counts[min(_BUCKETS - 1, int(seconds / width * _BUCKETS))] += 1
    bottom, most = (number + 1) * _LANE, max(counts)
    bars = []
    for place, count in enumerate(counts):
        if count:
            height = max(1.0, (count / most) ** 0.5 * (_LANE - 6))
            bars.append(f'<rect x="{place}" y="{bottom - height:.1f}" width="1" height="{height:.1f}"/>')
    label = f'<text x="0" y="{bottom - _LANE + 5}">{html.escape(who)}</text>'
    return f'{label}<g class="typed">{"".join(bars)}</g>'
