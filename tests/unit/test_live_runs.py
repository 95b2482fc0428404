"""Who may start one more program, as long as how many others run. Time is moved, not waited for."""

import itertools
from typing import Any

import pytest

from pizarra.config import Settings
from pizarra.errors import AppError, Conflict, TooManyRequests
from pizarra.execution.live_runs import LiveRun, LiveRuns
from pizarra.execution.records import RunPlan
from pizarra.models import InterviewSession
from pizarra.sandbox.outcome import TerminalSize

_numbers = itertools.count()
KIB = 1024


class Runs:
    """The runs of a process, of which each second may be moved."""

    def __init__(self, **limits: Any) -> None:
        self.now = 0.0
        bounds = {"max_runs_per_session": 2, "max_runs_per_invitation": 3} | limits
        self.live = LiveRuns(Settings(max_runs_per_address=4, **bounds), lambda: self.now)

    def start(
        self,
        session: int,
        *,
        of: int | None = None,
        address: str = "there",
        terminal: bool = False,
        replace: bool = False,
    ) -> LiveRun:
        """Start one, if it may be; `of` is the session that a rehearsal is of."""
        about = InterviewSession(id=session, rehearsal_of=of)
        size = TerminalSize(rows=24, columns=80) if terminal else None
        plan = RunPlan(about, 7, "python", "main.py", {}, None, size, 0)
        self.live.require_one_more(plan, address, replace=replace)
        run = LiveRun(
            f"run{next(_numbers)}",
            session,
            "room",
            "epoch",
            7,
            address=address,
            share=of or session,
            on_terminal=terminal,
        )
        self.live.begin(run)
        return run


def refusal(error: pytest.ExceptionInfo[AppError]) -> tuple[type[AppError], str | None]:
    return type(error.value), error.value.bound


def test_a_session_runs_so_many_at_once() -> None:
    runs = Runs()
    first, _ = runs.start(1), runs.start(1)
    with pytest.raises(Conflict, match="runs 2 programs already") as refused:
        runs.start(1)
    assert refusal(refused) == (Conflict, "max_runs_per_session")
    runs.start(2)  # another one's
    runs.live.end(first)
    assert first.ended.is_set()
    runs.start(1)


def test_a_run_on_a_terminal_takes_the_place_of_the_one_before() -> None:
    runs = Runs()
    first, beside = runs.start(1, terminal=True), runs.start(1)
    with pytest.raises(Conflict):
        runs.start(1, terminal=True)
    second = runs.start(1, terminal=True, replace=True)
    assert runs.live.before(second) == [first]
    with pytest.raises(Conflict):  # what has no terminal replaces nothing
        runs.start(1, replace=True)
    assert runs.live.before(beside) == []


def test_rehearsals_share_with_their_session() -> None:
    runs = Runs()
    mine = [runs.start(1), runs.start(11, of=1), runs.start(12, of=1)]
    with pytest.raises(TooManyRequests, match="3 programs of this interview") as refused:
        runs.start(13, of=1)
    assert refusal(refused) == (TooManyRequests, "max_runs_per_invitation")
    runs.start(2)
    runs.live.end(mine[0])
    runs.start(13, of=1)


def test_an_address_has_so_many() -> None:
    runs = Runs()
    for session in range(1, 5):
        runs.start(session)
    with pytest.raises(TooManyRequests, match="4 programs started from your address") as refused:
        runs.start(5)
    assert refusal(refused) == (TooManyRequests, "max_runs_per_address")
    runs.start(5, address="elsewhere")


def test_what_was_not_printed_is_given_back() -> None:
    """A run that may print all that a person may have recorded keeps the next from starting until it has ended."""
    bounds = {"run_output_bytes": 64 * KIB, "person_log_burst_bytes": 64 * KIB}
    runs = Runs(**bounds, person_log_bytes_per_second=KIB)
    quiet = runs.start(1)
    runs.start(1)  # the first took what there was at once
    with pytest.raises(TooManyRequests, match=r"Wait 64 s\.") as refused:
        runs.start(1)
    assert refusal(refused) == (TooManyRequests, "person_log_burst_bytes")
    runs.live.end(quiet)
    loud = runs.start(2)
    loud.recorded_bytes = 64 * KIB
    runs.live.end(loud)
    runs.now += 30
    runs.start(2)


def test_those_that_ended_here_are_remembered() -> None:
    runs = Runs()
    run = runs.start(1)
    assert (runs.live.get(run.run_id), runs.live.is_own(run.run_id)) == (run, True)
    for _ in runs.live:  # they may end meanwhile
        runs.live.end(run)
    assert (runs.live.get(run.run_id), runs.live.is_own(run.run_id)) == (None, True)
    assert not runs.live.is_own("another's")
