"""Runs the code of an earlier instant. It leaves no trace: what comes out is kept here a while, for who asked."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import StringIO
from typing import assert_never

from pizarra.answers.codes import Code
from pizarra.config import Settings
from pizarra.errors import Conflict, NotFound, TooManyRequests
from pizarra.execution.limits import pipe_limits
from pizarra.execution.output import OutputCollector
from pizarra.execution.records import RunPlan
from pizarra.execution.schemas import RunRead
from pizarra.kit.clock import Clock
from pizarra.kit.ids import new_public_id
from pizarra.models import Language, RunStatus, share_of
from pizarra.sandbox.outcome import RunOutcome, outcome_of
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.protocol import ProgramEnded, ProgramOutput, RunState, StartRun


@dataclass(slots=True)
class _Rerun:
    """One rerun; `who` may read it."""

    run_id: str
    who: str
    address: str
    plan: RunPlan
    share: int
    created_at: datetime
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    status: RunStatus = RunStatus.QUEUED
    end: ProgramEnded | None = None
    ended_at: datetime | None = None
    printed: dict[str, StringIO] = field(
        default_factory=lambda: {"stdout": StringIO(), "stderr": StringIO()}
    )

    @property
    def size(self) -> int:
        """Characters it printed."""
        return sum(each.tell() for each in self.printed.values())


class Reruns:
    """The reruns of this process: those under way, and the last ones that ended."""

    def __init__(self, runner: RunnerClient, clock: Clock, settings: Settings) -> None:
        self._runner = runner
        self._clock = clock
        self._settings = settings
        self._limits = pipe_limits(settings)
        self._known: OrderedDict[str, _Rerun] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, plan: RunPlan, who: str, address: str) -> str:
        """Begin one; return its id.

        Raises:
            Conflict: a terminal is wanted. TooManyRequests: the address or the session has enough under way.
        """
        if plan.terminal is not None:
            raise Conflict(
                "The code of an earlier instant runs without a terminal: give it its input at once.",
                code=Code.TERMINAL_NOT_POSSIBLE,
            )
        share = share_of(plan.session)
        live = [each for each in self._known.values() if not each.ended.is_set()]
        under_way = sum(each.address == address for each in live)
        if under_way >= self._settings.max_runs_per_address:
            raise TooManyRequests(
                f"{under_way} reruns from your address are under way. Wait for one to end.",
                bound="max_runs_per_address",
                code=Code.TOO_MANY_RUNS,
            )
        under_way = sum(each.share == share for each in live)
        if under_way >= self._settings.max_reruns_per_session:
            raise TooManyRequests(
                f"{under_way} reruns of this session are under way. Wait for one to end.",
                bound="max_reruns_per_session",
                code=Code.TOO_MANY_RUNS,
            )
        rerun = _Rerun(new_public_id(), who, address, plan, share, self._clock())
        self._known[rerun.run_id] = rerun
        self._forget_old()
        task = asyncio.get_running_loop().create_task(self._follow(rerun))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return rerun.run_id

    async def forget_old(self) -> None:
        """Forget those that ended long ago, and the oldest of too many: in number, or in what they printed."""
        self._forget_old()

    def _forget_old(self) -> None:
        settings = self._settings
        before = self._clock() - timedelta(minutes=settings.rerun_minutes)
        size = sum(each.size for each in self._known.values())
        over = len(self._known) - settings.max_reruns_kept
        for run_id, each in list(self._known.items()):
            if not each.ended.is_set():
                continue
            is_old = each.ended_at is not None and each.ended_at < before
            if is_old or over > 0 or size > settings.max_rerun_bytes:
                del self._known[run_id]
                size -= each.size
                over -= 1

    def knows(self, run_id: str) -> bool:
        """Tell whether one is kept still."""
        return run_id in self._known

    def ended(self, run_id: str) -> asyncio.Event:
        """Return what is set when one has ended; one that is not known here has."""
        if (rerun := self._known.get(run_id)) is not None:
            return rerun.ended
        over = asyncio.Event()
        over.set()
        return over

    async def stop(self, run_id: str) -> None:
        """End one."""
        await self._runner.stop_run(run_id)

    def read(self, run_id: str, session_key: int, who: str) -> RunRead | None:
        """Return one as the API shows it; None when it is no rerun of this session that `who` asked for."""
        rerun = self._known.get(run_id)
        if rerun is None or rerun.plan.session.id != session_key or rerun.who != who:
            return None
        end = rerun.end
        return RunRead(
            run_id=rerun.run_id,
            session_id=rerun.plan.session.public_id,
            participant_id=None,
            language=Language(rerun.plan.language),
            path=rerun.plan.path,
            status=rerun.status,
            stdout=rerun.printed["stdout"].getvalue(),
            stderr=rerun.printed["stderr"].getvalue(),
            diagnostics=end.diagnostics if end else [],
            terminal=False,
            at=rerun.plan.code_seq,
            created_at=rerun.created_at,
            ended_at=rerun.ended_at,
            **(outcome_of(end) if end else dict.fromkeys(RunOutcome.model_fields)),
        )

    def require(self, run_id: str, session_key: int, who: str) -> RunRead:
        """Return one.

        Raises:
            NotFound: there is none.
        """
        found = self.read(run_id, session_key, who)
        if found is None:
            raise NotFound(f"Run {run_id} not found", code=Code.RUN_NOT_FOUND)
        return found

    async def _follow(self, rerun: _Rerun) -> None:
        plan = rerun.plan
        request = StartRun(
            run_id=rerun.run_id,
            language=plan.language,
            main=plan.path,
            files=plan.files,
            stdin=plan.stdin or "",
            keep_stdin_open=False,
            terminal=None,
            limits=self._limits,
            share=str(rerun.share),
            team=str(plan.session.team_id or ""),
        )
        rerun.plan = replace(plan, files={})  # a mebibyte each, and of no more use here
        stream, output = self._runner.submit(request), OutputCollector()
        try:
            async for event in stream:
                match event:
                    case RunState(status=status):
                        rerun.status = RunStatus(status)
                    case ProgramOutput(stream=name, data=data):
                        output.add(name, data)
                        _keep(rerun, output)
                    case ProgramEnded():
                        output.finish()
                        _keep(rerun, output)
                        rerun.end, rerun.status, rerun.ended_at = (
                            event,
                            RunStatus(event.status),
                            self._clock(),
                        )
                    case _:
                        assert_never(event)
        finally:
            stream.close()
            rerun.ended.set()


def _keep(rerun: _Rerun, output: OutputCollector) -> None:
    for piece in output.drain():
        rerun.printed[piece.stream].write(piece.text)
