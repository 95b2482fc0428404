"""What happens to one run, as the web process follows it: in order, once, and no more of it than was agreed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from math import ceil
from typing import assert_never

from pizarra.sandbox.runner.protocol import (
    OUTPUT_WINDOW,
    ProgramEnded,
    ProgramOutput,
    Resize,
    RunEvent,
    RunState,
    StartRun,
    WriteStdin,
    output_cost,
)

_MOST_BEYOND = 0.1  # of what a run may print: so much more is taken from its runner
_MOST_BESIDE = 256 * 1024  # what a compiler says, not the program
_MOST_EVENTS = 2 * OUTPUT_WINDOW // output_cost(b"")  # that nobody has dealt with
_MOST_POSITIONS = 2000  # in the queue, that a run is told
_ORDER = {"queued": 0, "compiling": 1, "running": 2}


class RunnerFault(ValueError):
    """A runner said what no runner says; the message tells what."""


class RunStream:
    """What happens to one run, in order; `ProgramEnded` is the last. Close it in any case.

    `on_credit` is told how much of its output was dealt with, `on_close` that nobody listens any more.
    """

    def __init__(
        self,
        request: StartRun,
        on_credit: Callable[["RunStream", int], None],
        on_close: Callable[["RunStream"], None],
    ) -> None:
        self.request = request.model_copy(update={"window": OUTPUT_WINDOW})
        self.asked_at = asyncio.get_running_loop().time()
        self.tried: list[str] = []  # the runners that had it, by key
        self.is_stopping = False  # somebody asked for its end
        self.has_ended = False
        self._given: list[WriteStdin | Resize] = []  # what it was told before it began
        self._stage = -1
        self._positions = 0
        self._printed = 0
        self._unconfirmed = 0
        self._events: asyncio.Queue[RunEvent] = asyncio.Queue()
        self._on_credit = on_credit
        self._on_close = on_close

    @property
    def run_id(self) -> str:
        """Which run it is."""
        return self.request.run_id

    @property
    def has_begun(self) -> bool:
        """Whether it does not wait any more."""
        return self._stage > 0

    def keep(self, told: WriteStdin | Resize) -> None:
        """Remember what a run is told that may still be sent elsewhere."""
        if not self.has_begun:
            self._given.append(told)

    def begin_anew(self) -> list[WriteStdin | Resize]:
        """Forget what its runner said: it was not begun there. Return what the next has to be told besides."""
        self._stage = -1
        return self._given

    def put(self, event: RunEvent) -> None:
        """Add what happened.

        Raises:
            RunnerFault: it cannot have.
        """
        match event:
            case RunState():
                self._advance(event)
                if self._positions > _MOST_POSITIONS and event.status == "queued":
                    return  # who waits so long knows that they wait
            case ProgramOutput(data=data):
                self._count(data)
            case ProgramEnded():
                self.has_ended = True
            case _:
                assert_never(event)
        if not isinstance(event, RunState) or event.status != "queued":
            self._given.clear()
        self._events.put_nowait(event)

    async def __aiter__(self) -> AsyncIterator[RunEvent]:
        """Yield what happens until the end; what was yielded before counts as dealt with."""
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, ProgramEnded):
                return
            if isinstance(event, ProgramOutput):
                self._unconfirmed += output_cost(event.data)
                if self._unconfirmed >= OUTPUT_WINDOW // 2 and not self.has_ended:
                    self._on_credit(self, self._unconfirmed)
                    self._unconfirmed = 0

    def close(self) -> None:
        """Nobody listens any more: a run that goes on is ended."""
        self._on_close(self)

    def _advance(self, state: RunState) -> None:
        stage = _ORDER[state.status]
        self._positions += stage == 0
        if stage < self._stage or (stage and stage == self._stage):
            raise RunnerFault(f"a run that is {state.status} again")
        self._stage = stage

    def _count(self, data: bytes) -> None:
        if not data:
            raise RunnerFault("output of nothing")
        self._printed += len(data)
        most = ceil(self.request.limits.output_bytes * (1 + _MOST_BEYOND)) + _MOST_BESIDE
        if self._printed > most:
            raise RunnerFault("a run that printed more than any may")
        if self._events.qsize() >= _MOST_EVENTS:
            raise RunnerFault("output that nobody gave it credit for")
