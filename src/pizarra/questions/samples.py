"""Tries a session's program on the samples of its question, for everybody to see: on the timeline, and at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, TypeVar

from sqlalchemy import select

from pizarra import control
from pizarra.answers.codes import Code
from pizarra.collab.hub import Hub
from pizarra.collab.journal import EventEntry
from pizarra.collab.token_bucket import TokenBuckets
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.errors import Conflict, TooManyRequests, Unavailable
from pizarra.execution.limits import pipe_limits
from pizarra.execution.program import program_files
from pizarra.judging.outcomes import Outcome, Rule, Trial
from pizarra.judging.trying import Judge, Program, Turn
from pizarra.kit.clock import Clock
from pizarra.models import InterviewSession, SessionStatus, SessionView, share_of
from pizarra.questions.session_schemas import OwnCase, SampleResult
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.link import RunnerUnavailable
from pizarra.timeline.append.log import append_entries
from pizarra.timeline.entries.shared import OwnOutcome, Sample, Sampled, SampleOutcome

T = TypeVar("T")

_LOOK_SECONDS = 2.0  # from one look at whether the session is open to the next


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried, on what, and for whom; `participant` is storage's id."""

    session: SessionView
    participant: int | None
    participant_id: str | None
    address: str
    problem: int
    program: Program
    samples: Sequence[Sample]
    rule: Rule
    own: Sequence[OwnCase]
    own_rule: Rule
    seconds: float | None  # that a program may take for a case, where the question says it
    code_seq: int
    time: datetime  # when the code was that


class Samples:
    """Those of this process that are being tried."""

    def __init__(
        self, settings: Settings, database: Database, hub: Hub, runner: RunnerClient, clock: Clock
    ) -> None:
        limits = pipe_limits(settings).model_copy(update={"wall_seconds": settings.test_seconds})
        self._settings = settings
        self._judge = Judge(runner, limits)
        self._database = database
        self._hub = hub
        self._clock = clock
        self._recorded = TokenBuckets(
            settings.person_log_bytes_per_second, settings.person_log_burst_bytes, time.monotonic
        )
        self._under_way: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[list[SampleResult]]] = set()

    def require_room(self, session: SessionView, participant: int | None, address: str) -> None:
        """Ask before anything is read: what costs is for those who may.

        Raises:
            TooManyRequests: the session, or the address, has enough under way, or somebody recorded too much.
        """
        settings, shares = self._settings, self._shares_of(session, address)
        wait = self._recorded.spend((session.id, participant), 0)
        if wait > 0:
            raise TooManyRequests(
                f"Your programs printed more than can be recorded at once. Wait {ceil(wait)} s.",
                bound="person_log_burst_bytes",
                code=Code.RECORDING_TOO_FAST,
            )
        bounds = ("max_sample_runs_per_session", "max_runs_per_address")
        for share, bound in zip(shares, bounds, strict=True):
            if self._under_way[share] >= getattr(settings, bound):
                raise TooManyRequests(
                    "Samples are being tried already. Wait for them to end.",
                    bound=bound,
                    code=Code.TOO_MANY_RUNS,
                    retry_after=ceil(settings.test_seconds),
                )

    def start(self, plan: Plan) -> asyncio.Task[list[SampleResult]]:
        """Begin to try them; whoever wants the results waits for the task, and nobody need.

        Raises:
            TooManyRequests: see `require_room`.
        """
        self.require_room(plan.session, plan.participant, plan.address)
        shares = self._shares_of(plan.session, plan.address)
        self._under_way.update(shares)
        task = asyncio.get_running_loop().create_task(self._try(plan))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._end(done, shares))
        return task

    @staticmethod
    def _shares_of(session: SessionView, address: str) -> tuple[str, str]:
        return f"session {share_of(session)}", f"address {address}"

    def _end(self, task: asyncio.Task[list[SampleResult]], shares: tuple[str, str]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited was told
        self._under_way.subtract(shares)
        for share in shares:
            if self._under_way[share] <= 0:
                del self._under_way[share]

    async def stop(self) -> None:
        """Give up what is being tried."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _try(self, plan: Plan) -> list[SampleResult]:
        session = plan.session
        turn = Turn(str(share_of(session)), str(session.team_id or ""))
        try:
            outcomes, own = await self._while_open(session.id, self._outcomes(plan, turn))
        except RunnerUnavailable as error:
            raise Unavailable(
                str(error), code=Code.RUNNER_UNAVAILABLE, bound=error.bound
            ) from error
        results = [self._told(*each) for each in zip(plan.samples, outcomes, strict=True)]
        of_own = [self._told(*each) for each in zip(plan.own, own, strict=True)]
        await self._record(plan, results, of_own)
        return [*results, *of_own]

    async def _outcomes(self, plan: Plan, turn: Turn) -> tuple[list[Outcome], list[Outcome]]:
        """Return what comes of the samples, and of the cases of one's own."""
        trials = [Trial(each.input, each.expected) for each in plan.samples]
        judge = self._judge.within(plan.seconds)
        found = await judge.outcomes(plan.program, trials, plan.rule, turn)
        own = [Trial(each.input, each.expected) for each in plan.own]
        return found, await judge.outcomes(plan.program, own, plan.own_rule, turn)

    async def _while_open(self, session: int, judging: Coroutine[Any, Any, T]) -> T:
        """Wait for what is tried, and give it up once the session has ended or is gone."""
        task = asyncio.ensure_future(judging)
        try:
            while not (await asyncio.wait({task}, timeout=_LOOK_SECONDS))[0]:
                async with self._database.read() as db:
                    status = await db.scalar(
                        select(InterviewSession.status).where(InterviewSession.id == session)
                    )
                if status != SessionStatus.OPEN:
                    raise Conflict("The session has ended.", code=Code.SESSION_ENDED)
            return task.result()
        finally:
            task.cancel()

    def _is_changed(self, plan: Plan) -> bool:
        """Whether the program is another one by now."""
        room = self._hub.loaded(plan.session.room_id)
        if room is None or not room.document.has_file(plan.program.path):
            return room is not None
        files = program_files(room.document, plan.program.path, self._settings.run_source_files)
        return files != plan.program.files

    def _told(self, sample: Sample | OwnCase, outcome: Outcome) -> SampleResult:
        most = self._settings.max_test_output_bytes
        judged = outcome.status != "judge_error"  # what a checker says is not for candidates
        return SampleResult(
            name=sample.name,
            own=isinstance(sample, OwnCase),
            passed=outcome.passed,
            status=outcome.status,
            expected=sample.expected,
            got=_beginning(outcome.got, most),
            stdout=_beginning(outcome.stdout, most),
            stderr=_ending((outcome.stderr or outcome.detail or "") if judged else "", most),
            duration_ms=outcome.duration_ms,
        )

    async def _record(
        self, plan: Plan, results: list[SampleResult], own: list[SampleResult]
    ) -> None:
        """Keep what came of it, and tell everybody once that is committed."""
        told = Sampled(
            problem=plan.problem,
            language=plan.program.language,
            path=plan.program.path,
            at=plan.code_seq,
            results=[SampleOutcome(**_kept(each)) for each in results],
        )
        if own:
            cases = zip(plan.own, own, strict=True)
            told = told.model_copy(update={"own": [_own_outcome(*each) for each in cases]})
        size = len(told.model_dump_json())
        self._recorded.spend((plan.session.id, plan.participant), size)
        async with self._database.write() as db:
            entry = EventEntry(plan.participant, told)
            seq = await append_entries(
                db, plan.session.id, [entry], self._clock(), require_open=True
            )
        ran = control.SamplesRan(
            seq=seq,
            participant_id=plan.participant_id,
            language=told.language,
            path=told.path,
            results=[
                control.SampleRun(**each.model_dump(exclude={"stderr", "own"})) for each in results
            ],
            own=[
                control.OwnRun(input=case.input, **each.model_dump(exclude={"stderr", "own"}))
                for case, each in zip(plan.own, own, strict=True)
            ],
            time=plan.time,
            changed=self._is_changed(plan),
        )
        self._hub.tell(plan.session.room_id, ran.encode())


def _kept(result: SampleResult) -> dict[str, Any]:
    """Return what the timeline keeps of a result: what the sample says already is not said again."""
    return {
        **result.model_dump(include={"name", "passed", "status", "got", "duration_ms"}),
        "stdout": "" if result.stdout == result.got else result.stdout,
    }


def _own_outcome(case: OwnCase, result: SampleResult) -> OwnOutcome:
    return OwnOutcome(**_kept(result), input=case.input, expected=case.expected)


def _beginning(text: str, size: int) -> str:
    return text[:size].encode()[:size].decode(errors="ignore")


def _ending(text: str, size: int) -> str:
    return text[-size:].encode()[-size:].decode(errors="ignore") if size else ""
