"""Two windows do not format one file at once."""

from datetime import UTC, datetime, timedelta

import pytest

from pizarra.assistance.formatting_leases import FormattingLeases
from pizarra.errors import Conflict

UGLY, FORMATTED = "x = [ 1 ]\n", "x = [1]\n"


def test_one_window_formats_a_file_at_a_time() -> None:
    now = datetime(2026, 11, 28, tzinfo=UTC)
    leases = FormattingLeases(lambda: now, 10)

    def refused(window: int, text: str, path: str = "main.py") -> bool:
        try:
            leases.acquire("s", path, window, text)
        except Conflict:
            return True
        return False

    # From the moment that one asks, also while the formatter works.
    assert not refused(1, UGLY)
    assert refused(2, UGLY)
    assert not refused(2, UGLY, "other.py")
    leases.release("s", "main.py", UGLY, FORMATTED)
    assert refused(2, UGLY)  # what zoe makes of it has not come to ana
    assert not refused(1, UGLY + "\n")  # zoe typed meanwhile
    leases.release("s", "main.py", UGLY + "\n", FORMATTED)
    assert not refused(2, FORMATTED)  # it has
    leases.release("s", "main.py", FORMATTED, FORMATTED)
    assert not refused(1, UGLY)  # nothing was to be done: ana's turn is over
    leases.release("s", "main.py", UGLY, None)
    assert not refused(2, UGLY)  # nor could it be done
    now += timedelta(seconds=11)
    assert not refused(1, UGLY)  # ana's window went away


def test_leases_are_forgotten() -> None:
    now = datetime(2026, 11, 28, tzinfo=UTC)
    leases = FormattingLeases(lambda: now, 10)
    for number in range(100):
        leases.acquire("s", f"{number}.py", 1, UGLY)
        now += timedelta(seconds=1)
    assert len(leases) <= 11
    with pytest.raises(Conflict, match="Somebody else is formatting"):
        leases.acquire("s", "99.py", 2, UGLY)
