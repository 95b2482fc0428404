"""A frequent line is the one that structlog writes, to the letter."""

import asyncio
import io
import logging
import re
import sys
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from pizarra.http import events, frequent_lines
from pizarra.http.frequent_lines import FrequentLine
from pizarra.http.logs import configure_logging

SHAPE = {"id": str, "method": str, "path": str, "status": int, "ms": float}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z")


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave nothing configured behind."""
    monkeypatch.setattr(frequent_lines, "_rendering", None)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def written(write: object, **values: object) -> str:
    """Return what is written to standard error, without the time."""
    sink, before = io.StringIO(), sys.stderr
    sys.stderr = sink
    try:
        assert callable(write)
        write(*values.pop("in_order", ()), **values)  # type: ignore[misc]
    finally:
        sys.stderr = before
    return _TIME.sub("now", sink.getvalue())


@given(
    id_=st.text(max_size=10),
    path=st.from_regex(r"/[a-z0-9/_.-]{0,40}", fullmatch=True) | st.text(max_size=30),
    status=st.integers(100, 599),
    ms=st.floats(0, 1e6),
    log_format=st.sampled_from(["json", "console"]),
)
def test_it_is_the_line_that_structlog_writes(
    id_: str, path: str, status: int, ms: float, log_format: str
) -> None:
    configure_logging("info", log_format)
    slowly = structlog.get_logger("test")
    line = FrequentLine("request", SHAPE, slowly, plain=re.compile(r"[\w./-]*", re.ASCII))
    values = {"id": id_, "method": "GET", "path": path, "status": status, "ms": ms}
    ours = written(line.write, in_order=tuple(values.values()))
    assert ours == written(slowly.info, event="request", **values)
    assert ours.endswith("\n")


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize(
    ("by", "address", "reason"),
    [
        (f"person:{'a1' * 16}", "203.0.113.7", "left"),
        ("Ana, <ana@example.com>", "2001:db8::7", "too many connections of yours"),
        ("owner", "", ""),
        ("\x1b[31m person:ab", "203.0.113.7/24", "left\n"),
        (f"{'ab' * 16}.c.{'0' * 40}", "::1", "gone"),
    ],
)
def test_sockets_are_told_of_as_by_structlog(
    log_format: str, by: str, address: str, reason: str
) -> None:
    # It keeps how it was configured when it was first used, as in a server it is once.
    vars(events.log).pop("bind", None)
    configure_logging("info", log_format)
    slowly = structlog.get_logger("test")
    about = {"session": "b2" * 16, "by": by, "address": address}
    opened, closed = ("socket.opened", events.tell_opened), ("socket.closed", events.tell_closed)
    for (event, tell), values in (
        (opened, about),
        (closed, about | {"code": 1006, "reason": reason}),
    ):
        assert written(tell, **values) == written(slowly.info, event=event, **values)


def test_below_the_level_nothing_is_written() -> None:
    configure_logging("warning", "json")
    line = FrequentLine("seen", {"what": str}, structlog.get_logger("test"))
    assert written(line.write, in_order=("this",)) == ""


@pytest.mark.parametrize(
    "secret", ["0" * 32 + ".c.0.1798761600.abc", "pzt_" + "a" * 43, "a b=c", "x" * 300, "\x1b[2J"]
)
def test_what_is_not_plain_is_masked_and_quoted_as_ever(secret: str) -> None:
    configure_logging("info", "json")
    slowly = structlog.get_logger("test")
    line = FrequentLine("seen", {"what": str}, slowly)
    ours = written(line.write, in_order=(secret,))
    assert ours == written(slowly.info, event="seen", what=secret)
    assert "pzt_" not in ours
    assert ".c.0" not in ours


async def test_lines_of_one_turn_leave_together_and_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure_logging("info", "json")
    leaves: list[str] = []
    monkeypatch.setattr(
        sys, "stderr", type("_", (), {"write": lambda _, text: leaves.append(text)})()
    )
    line = FrequentLine("seen", {"what": str}, structlog.get_logger("test"))
    for what in "abc":
        line.write(what)
    assert leaves == []
    await asyncio.sleep(0)
    assert len(leaves) == 1
    assert re.findall(r'"what": "(.)"', leaves[0]) == ["a", "b", "c"]
