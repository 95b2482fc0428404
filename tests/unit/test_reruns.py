"""Reruns of earlier instants: for who asked alone, within shares, and forgotten in time."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.harness.core import turns
from tests.harness.fleet import Fleet, ended, running, said

from pizarra.config import Settings
from pizarra.errors import Conflict, NotFound, TooManyRequests
from pizarra.execution.records import RunPlan
from pizarra.execution.schemas import RunRead
from pizarra.models import InterviewSession
from pizarra.runs.reruns import Reruns
from pizarra.sandbox.outcome import TerminalSize
from pizarra.sandbox.runner.protocol import StartRun, StopRun

MIB = 2**20
OLGA, PAUL = "participant:1", "participant:2"
ONE, OTHER, REHEARSAL = (
    InterviewSession(id=key, public_id=f"{key:032x}", rehearsal_of=of, team_id=team)
    for key, of, team in ((1, None, 4), (2, None, None), (3, 1, 4))
)


def plan(session: InterviewSession = ONE, **changed: Any) -> RunPlan:
    known: dict[str, Any] = {
        "session": session,
        "participant": 1,
        "language": "python",
        "path": "main.py",
        "files": {"main.py": "print(1)"},
        "stdin": None,
        "terminal": None,
        "code_seq": 7,
    }
    return RunPlan(**{**known, **changed})


class Stage:
    """The reruns of a process with one worker, and a clock that is moved."""

    def __init__(self, **settings: Any) -> None:
        self.now = datetime(2026, 12, 1, tzinfo=UTC)
        self.fleet = Fleet("worker")
        self.reruns = Reruns(self.fleet.client, lambda: self.now, Settings(**settings))

    async def start(
        self, session: InterviewSession = ONE, who: str = OLGA, address: str = "::1", **more: Any
    ) -> str:
        """Begin one; return its id, when the worker has been told."""
        run_id = self.reruns.start(plan(session, **more), who, address)
        await turns()
        return run_id

    async def say(self, *events: Any) -> None:
        """Have the worker say something."""
        for each in events:
            self.fleet.links["worker"].receive(each)
        await turns(5)

    async def end(self, run_id: str, printed: bytes = b"1\n") -> None:
        """Have one print something and end."""
        await self.say(running(run_id), said(run_id, printed), ended(run_id))
        assert self.reruns.ended(run_id).is_set()

    def read(self, run_id: str, session: InterviewSession = ONE, who: str = OLGA) -> RunRead | None:
        return self.reruns.read(run_id, session.id, who)

    def told(self) -> list[Any]:
        """Return what the worker was told."""
        return list(self.fleet.told["worker"])


async def test_what_it_printed_is_read_while_it_goes_on_and_when_it_has_ended() -> None:
    stage = Stage()
    run_id = await stage.start(stdin="in")
    (request,) = stage.told()
    assert isinstance(request, StartRun)
    assert (request.files, request.stdin) == ({"main.py": "print(1)"}, "in")
    assert (request.keep_stdin_open, request.share, request.team) == (False, "1", "4")
    read = stage.read(run_id)
    assert read is not None
    assert (read.status, read.stdout, read.at, read.ended_at) == ("queued", "", 7, None)
    await stage.say(running(run_id), said(run_id, "¡ya".encode()[:-1]), said(run_id, b"a\n\xc2"))
    read = stage.read(run_id)
    assert read is not None
    assert (read.status, read.stdout) == ("running", "¡ya\n"), "half a letter waits for the other"
    stage.now += timedelta(seconds=3)
    await stage.say(said(run_id, b"\xa1"), ended(run_id))
    read = stage.read(run_id)
    assert read is not None
    assert (read.status, read.stdout, read.ended_at) == ("exited", "¡ya\n¡", stage.now)
    assert read.created_at == stage.now - timedelta(seconds=3)
    assert (read.participant_id, read.terminal) == (None, False)


async def test_it_is_for_who_asked_in_the_session_it_is_of() -> None:
    stage = Stage()
    run_id = await stage.start()
    assert stage.read(run_id) is not None
    for other in ((run_id, OTHER, OLGA), (run_id, ONE, PAUL), ("0" * 32, ONE, OLGA)):
        assert stage.read(*other) is None
        with pytest.raises(NotFound, match=f"Run {other[0]} not found"):
            stage.reruns.require(other[0], other[1].id, other[2])
    assert stage.reruns.require(run_id, ONE.id, OLGA).run_id == run_id


async def test_a_terminal_needs_somebody_and_is_refused() -> None:
    stage = Stage()
    with pytest.raises(Conflict, match="runs without a terminal"):
        stage.reruns.start(plan(terminal=TerminalSize()), OLGA, "::1")
    await turns()
    assert stage.told() == []


async def test_a_session_and_its_rehearsals_have_so_many_at_once() -> None:
    stage = Stage(max_reruns_per_session=2)
    first = await stage.start()
    await stage.start(REHEARSAL)
    for session in (ONE, REHEARSAL):
        with pytest.raises(TooManyRequests, match="2 reruns of this session are under way") as told:
            await stage.start(session)
        assert told.value.bound == "max_reruns_per_session"
    await stage.start(OTHER)
    await stage.end(first)
    await stage.start()


async def test_an_address_has_so_many_at_once() -> None:
    stage = Stage(max_runs_per_address=2)
    first = await stage.start()
    await stage.start(OTHER)
    with pytest.raises(TooManyRequests, match="2 reruns from your address are under way") as told:
        await stage.start()
    assert told.value.bound == "max_runs_per_address"
    await stage.start(address="::2")
    await stage.end(first)
    await stage.start()


async def test_one_that_is_stopped_tells_its_runner_and_nobody_else() -> None:
    stage = Stage()
    run_id, other = await stage.start(), await stage.start()
    await stage.say(running(run_id), running(other))
    await stage.reruns.stop(run_id)
    assert [each.run_id for each in stage.told() if isinstance(each, StopRun)] == [run_id]
    assert not stage.reruns.ended(run_id).is_set(), "it has when its runner says so"


async def test_it_is_forgotten_some_time_after_its_end_and_not_before() -> None:
    stage = Stage(rerun_minutes=30)
    done, going = await stage.start(), await stage.start()
    await stage.end(done)
    stage.now += timedelta(minutes=30)
    await stage.reruns.forget_old()
    assert stage.reruns.knows(done)
    stage.now += timedelta(seconds=1)
    await stage.reruns.forget_old()
    assert (stage.reruns.knows(done), stage.reruns.knows(going)) == (False, True)
    assert stage.read(done) is None


async def test_of_too_many_the_oldest_that_ended_go() -> None:
    stage = Stage(max_reruns_kept=2)
    going = await stage.start()
    ids = []
    for _ in range(3):
        ids.append(await stage.start())
        await stage.end(ids[-1])
    await stage.reruns.forget_old()
    assert [stage.reruns.knows(each) for each in (going, *ids)] == [True, False, False, True]


async def test_of_too_much_output_the_oldest_that_ended_goes() -> None:
    stage = Stage(max_rerun_bytes=MIB)
    ids = []
    for _ in range(3):
        ids.append(await stage.start())
        await stage.end(ids[-1], b"x" * (MIB * 4 // 10))
    assert all(map(stage.reruns.knows, ids)), "it is looked at when the next begins, or in a minute"
    await stage.reruns.forget_old()
    assert [stage.reruns.knows(each) for each in ids] == [False, True, True]


async def test_who_waits_for_one_that_nobody_knows_waits_for_nothing() -> None:
    stage = Stage()
    async with asyncio.timeout(5):
        await stage.reruns.ended("0" * 32).wait()


async def test_a_runner_that_goes_away_ends_it() -> None:
    stage = Stage()
    run_id = await stage.start()
    await stage.say(running(run_id))
    stage.fleet.client.leave(stage.fleet.links["worker"])
    await turns(5)
    read = stage.read(run_id)
    assert read is not None
    assert read.status == "sandbox_error"
    assert read.detail is not None
    assert read.detail.startswith("The runner stopped while this ran.")
