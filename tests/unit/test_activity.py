"""The small picture of how busy a session was."""

from datetime import timedelta

from pizarra.sessions.activity import BARS, bars_of

START = 1_800_000_000_000_000


def after(**time: float) -> int:
    return START + timedelta(**time) // timedelta(microseconds=1)


def test_entries_fall_where_they_were_recorded() -> None:
    bars = bars_of([(1, START), (11, after(minutes=6)), (111, after(minutes=12))])
    assert (len(bars), sum(bars)) == (BARS, 111)
    assert (bars[0], bars[BARS // 2], bars[-1]) == (1, 10, 100)


def test_a_long_pause_takes_ten_minutes() -> None:
    bars = bars_of([(1, START), (2, after(days=3)), (52, after(days=3, minutes=10))])
    assert (bars[0], bars[BARS // 2], bars[-1]) == (1, 1, 50)


def test_one_instant_is_no_picture() -> None:
    assert bars_of([]) == bars_of([(7, START)]) == bars_of([(7, START), (9, START)]) == []
