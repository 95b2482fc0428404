"""Runs the code of an earlier instant. It leaves no trace: what comes out is kept here a while, for who asked."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from pizarra.errors import Conflict, NotFound, TooManyRequests
from pizarra.kit.clock import Clock
from pizarra.kit.ids import new_public_id
from pizarra.models import Language, RunStatus
from pizarra.runs.output import OutputCollector, Piece
from pizarra.runs.schemas import RunRead
from pizarra.runs.service import RunPlan
from pizarra.sandbox.client import RunnerClient
from pizarra.sandbox.protocol import Limits, RunEnded, RunOutput, RunState, StartRun


@dataclass(slots=True)
class _Rerun:
    """One rerun; `who` may read it."""

    run_id: str
    who: str
    address: str
    plan: RunPlan
    created_at: datetime
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    status: RunStatus = RunStatus.QUEUED
    end: RunEnded | None = None
    ended_at: datetime | None = None
    pieces: list[Piece] = field(default_factory=list)


class Reruns:
    """The reruns of this process: those under way, and the last ones that ended."""

    def __init__(self, runner: RunnerClient, clock: Clock, limits: Limits, *, kept: int, per_address: int) -> None:
        self._runner = runner
        self._clock = clock
        self._limits = limits
        self._kept = kept
        self._per_address = per_address
        self._known: OrderedDict[str, _Rerun] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, plan: RunPlan, who: str, address: str) -> str:
        """Begin one; return its id.

        Raises:
            Conflict: a terminal is wanted. TooManyRequests: the address has as many under way as it may.
        """
        if plan.terminal is not None:
            raise Conflict("The code of an earlier instant runs without a terminal: give it its input at once.")
        under_way = sum(1 for each in self._known.values() if each.address == address and not each.ended.is_set())
        if under_way >= self._per_address:
            raise TooManyRequests(f"{under_way} reruns from your address are under way. Wait for one to end.")
        rerun = _Rerun(new_public_id(), who, address, plan, self._clock())
        self._known[rerun.run_id] = rerun
        while len(self._known) > self._kept:
            self._known.popitem(last=False)
        task = asyncio.get_running_loop().create_task(self._follow(rerun))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return rerun.run_id

    async def wait(self, run_id: str, seconds: float) -> None:
        """Wait for one to end, at most so long."""
        if (rerun := self._known.get(run_id)) is not None:
            await asyncio.wait({asyncio.ensure_future(rerun.ended.wait())}, timeout=seconds)

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
            exit_code=end.exit_code if end else None,
            signal=end.signal if end else None,
            stdout="".join(piece.text for piece in rerun.pieces if piece.stream == "stdout"),
            stderr="".join(piece.text for piece in rerun.pieces if piece.stream == "stderr"),
            diagnostics=end.diagnostics if end else [],
            terminal=False,
            compile_ms=end.compile_ms if end else None,
            duration_ms=end.duration_ms if end else None,
            memory_kb=end.memory_kb if end else None,
            detail=end.detail if end else None,
            at=rerun.plan.code_seq,
            created_at=rerun.created_at,
            ended_at=rerun.ended_at,
        )

    def require(self, run_id: str, session_key: int, who: str) -> RunRead:
        """Return one.

        Raises:
            NotFound: there is none.
        """
        found = self.read(run_id, session_key, who)
        if found is None:
            raise NotFound(f"Run {run_id} not found")
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
        )
        stream, output = self._runner.submit(request), OutputCollector()
        try:
            async for event in stream:
                match event:
                    case RunState(status=status):
                        rerun.status = RunStatus(status)
                    case RunOutput(stream=name, data=data):
                        output.add(name, data)
                        rerun.pieces += output.take()
                    case RunEnded():
                        output.finish()
                        rerun.pieces += output.take()
                        rerun.end, rerun.status, rerun.ended_at = event, RunStatus(event.status), self._clock()
        finally:
            stream.close()
            rerun.ended.set()
