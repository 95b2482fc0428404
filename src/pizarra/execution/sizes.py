"""The size of a run's terminal: recorded first, then told to the program and shown to everybody."""

import asyncio

from pizarra import control
from pizarra.answers.codes import Code
from pizarra.collab.journal import EventEntry, JournalError, JournalUnavailable
from pizarra.config import Settings
from pizarra.errors import Conflict
from pizarra.execution.live_runs import LiveRun
from pizarra.execution.recording import RunRecorder
from pizarra.sandbox.outcome import TerminalSize
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.storage.failures import DATABASE_ERRORS
from pizarra.timeline.entries.shared import RunResized


class Resizer:
    """Changes the size of terminals while programs run. A window that is dragged asks often: the latest size counts."""

    def __init__(self, settings: Settings, recorder: RunRecorder, runner: RunnerClient) -> None:
        self._every = settings.run_resize_seconds
        self._most = settings.max_run_resizes
        self._recorder = recorder
        self._runner = runner
        self._wanted: dict[str, TerminalSize] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def resize(self, live: LiveRun, size: TerminalSize) -> None:
        """Change the size of a run's terminal as soon as its turn comes.

        Raises:
            Conflict: it changed as often as it may.
        """
        if live.resizes >= self._most:
            raise Conflict(
                f"A terminal changes its size {self._most} times in a run, and no more.",
                code=Code.TOO_MANY_RESIZES,
            )
        self._wanted[live.run_id] = size
        if live.run_id not in self._tasks:
            task = asyncio.get_running_loop().create_task(self._follow(live))
            self._tasks[live.run_id] = task
            task.add_done_callback(lambda _task: self._forget(live.run_id))

    async def _follow(self, live: LiveRun) -> None:
        while (size := self._wanted.pop(live.run_id, None)) is not None and not live.ended.is_set():
            live.resizes += 1
            try:
                await self._change(live, size)
            except (JournalError, JournalUnavailable, *DATABASE_ERRORS):
                return  # what is not recorded does not happen; whoever follows the run tells of it
            await asyncio.sleep(self._every)

    async def _change(self, live: LiveRun, size: TerminalSize) -> None:
        told = RunResized(run_id=live.run_id, columns=size.columns, rows=size.rows)
        seq = await self._recorder.append(live, [EventEntry(live.participant, told)])
        changed = control.RunSize(seq=seq, columns=size.columns, rows=size.rows)
        self._recorder.show(live, control.RunResized(run_id=live.run_id, size=changed))
        await self._runner.resize(live.run_id, size)

    def _forget(self, run_id: str) -> None:
        self._tasks.pop(run_id, None)
        self._wanted.pop(run_id, None)
