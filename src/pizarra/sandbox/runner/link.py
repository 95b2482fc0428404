"""One runner as the web process sees it, whatever carries the messages: its runs, and what else it was asked.

A runner may be another machine's, and that machine somebody else's by now: it is believed only about what it was given
on this connection, and no more than a run may print.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel

from pizarra.sandbox.runner.protocol import (
    Assisted,
    Busy,
    Capabilities,
    Credit,
    Event,
    Formatted,
    Held,
    Load,
    Prepared,
    ProgramEnded,
    RunChecked,
    RunEvent,
    RunState,
    StopRun,
)
from pizarra.sandbox.runner.streams import RunnerFault, RunStream

ANSWER_SECONDS = 30.0
# Of a runner on another machine, which keeps to no limit that it does not want to:
STOP_SECONDS = 5.0  # until a run that it was told to stop counts as stopped
ACKNOWLEDGE_SECONDS = 5.0  # until it has said anything of a run: as long as it may be silent
# from its start until a run that was not begun counts as lost, whoever had it meanwhile
QUEUE_SECONDS = 120.0
COMPILE_SECONDS = 120.0  # until one that it compiles does; more where a compilation may take longer
GRACE_SECONDS = 30.0  # beyond the time that a run has, until one that goes on does
AWAY = "The runner is restarting. Try again in a moment."
_LOST = "The runner stopped while this ran. Nothing is wrong with your program: run it again."
_WAITED = "It waited too long for a free sandbox, and was not begun. Run it again."
_MOST_UNCHECKED = 64
MOST_OUTBOX = 1024 * 1024  # bytes that wait for a runner: beyond it nothing more is asked of it
_MOST_UNANSWERED = 16  # runs that it was sent: until it has said something of one it is full
_IDLE = Load(computing=0, waiting=0)
_A = TypeVar("_A")


class RunnerUnavailable(RuntimeError):
    """Nothing can be run at the moment; the message says why and what to do, `bound` which setting refuses."""

    def __init__(self, reason: str, *, bound: str | None = None) -> None:
        super().__init__(reason)
        self.bound = bound


class LinkOwner(Protocol):
    """Whoever has runners, and is told what is not for one run alone."""

    on_held: Callable[[], None]
    on_checked: Callable[[RunChecked], None]

    def prepared(self, link: "RunnerLink", event: Prepared) -> None:
        """A compiler said something."""
        ...

    def changed(self, link: "RunnerLink") -> None:
        """A runner said what it can do, or how much it has to do."""
        ...

    def handed_back(self, link: "RunnerLink", stream: RunStream) -> None:
        """A runner did not begin a run, and will not."""
        ...


class RunnerLink:
    """A runner that can be told something. `send` gives a message on, and raises nothing.

    `key` is the same at every web process that knows this runner, `name` is for people. A run waits `queue_seconds` to
    be begun, and is compiled within `compile_seconds`.
    """

    def __init__(
        self,
        owner: LinkOwner,
        send: Callable[[BaseModel], None],
        *,
        key: str,
        name: str,
        outbox: Callable[[], int] = lambda: 0,
        on_silence: Callable[[], None] = lambda: None,
        queue_seconds: float = QUEUE_SECONDS,
        compile_seconds: float = 0.0,
        is_trusted: bool = False,
    ) -> None:
        self.key = key
        self.name = name
        self.capabilities: Capabilities | None = None
        self.load = _IDLE
        self.send = send
        self.outbox = outbox  # bytes that wait to be sent
        self._owner = owner
        self._on_silence = on_silence
        self._queue_seconds = queue_seconds
        self._compile_seconds = max(COMPILE_SECONDS, compile_seconds + GRACE_SECONDS)
        self._is_trusted = is_trusted
        self._patience: dict[str, asyncio.TimerHandle] = {}  # with each run
        self._runs: dict[str, RunStream] = {}
        self._unanswered: set[str] = set()
        self._unchecked: deque[str] = deque(maxlen=_MOST_UNCHECKED)  # runs that ended lately
        self._formats: dict[str, asyncio.Future[Formatted]] = {}
        self._assists: dict[str, asyncio.Future[Assisted]] = {}

    # How much it has to do

    @property
    def slots(self) -> int:
        """Programs that compute there at once."""
        return self.capabilities.slots if self.capabilities is not None else 0

    @property
    def busy(self) -> int:
        """Programs that compute or wait for a slot there, with those it was sent and has not answered."""
        told = self.load.computing + self.load.waiting + len(self._unanswered)
        return told if self._is_trusted else max(told, self.runs)

    @property
    def waiting(self) -> int:
        """Programs that wait for a slot there, as far as it has told, or can be counted here."""
        found = self.capabilities
        here = self.runs - found.slots - found.resting if found is not None else 0
        return max(self.load.waiting, here)

    @property
    def runs(self) -> int:
        """Runs it was given here, and that have not ended."""
        return len(self._runs)

    @property
    def state(self) -> Literal["starting", "ready", "draining"]:
        """Whether it still tries out its languages, has, or takes nothing new."""
        if self.load.draining:
            return "draining"
        found = self.capabilities
        starts = found is None or any(each.starting for each in found.languages.values())
        return "starting" if starts else "ready"

    @property
    def is_full(self) -> bool:
        """Whether it would send back what it is given now."""
        found = self.capabilities
        if found is None or self.load.draining:
            return True
        if not self._is_trusted and len(self._unanswered) >= _MOST_UNANSWERED:
            return True
        if self.outbox() > MOST_OUTBOX:
            return True
        return self.runs >= found.slots + found.resting + found.queue or (
            0 < found.queue <= self.load.waiting
        )

    def offers(self, language: str) -> bool:
        """Tell whether it runs a language."""
        found = self.capabilities
        return (
            found is not None
            and found.tier is not None
            and (state := found.languages.get(language)) is not None
            and state.available
        )

    # What it is asked

    def begin(self, stream: RunStream) -> None:
        """Have a run begun there."""
        self._runs[stream.run_id] = stream
        self._unanswered.add(stream.run_id)
        stream.tried.append(self.key)
        self._wait(stream, ACKNOWLEDGE_SECONDS)
        self.send(stream.request)
        for told in stream.begin_anew():
            self.send(told)

    def has(self, stream: RunStream) -> bool:
        """Tell whether a run is there."""
        return self._runs.get(stream.run_id) is stream

    def stop(self, stream: RunStream) -> None:
        """Have a run ended."""
        if self.has(stream):
            self.send(StopRun(run_id=stream.run_id))
            self._wait(stream, STOP_SECONDS)

    def _wait(self, stream: RunStream, seconds: float) -> None:
        """Wait so long for what comes next of a run, and no longer."""
        if not self._is_trusted:
            self._wait_no_more(stream.run_id)
            loop = asyncio.get_running_loop()
            self._patience[stream.run_id] = loop.call_later(seconds, self._give_up, stream)

    def _wait_no_more(self, run_id: str) -> None:
        if (timer := self._patience.pop(run_id, None)) is not None:
            timer.cancel()

    def _give_up(self, stream: RunStream) -> None:
        is_unanswered = stream.run_id in self._unanswered
        if not stream.is_stopping:
            self.send(StopRun(run_id=stream.run_id))
        del self._runs[stream.run_id]
        self._patience.pop(stream.run_id, None)
        self._unanswered.discard(stream.run_id)
        # Who lets a program run on, or be compiled on, has the next ones wait for nothing, too, and would take all.
        if (is_unanswered or stream.has_begun) and not stream.is_stopping:
            asyncio.get_running_loop().call_soon(self._on_silence)
        stream.put(_given_up(stream, is_unanswered=is_unanswered))

    def confirm(self, stream: RunStream, cost: int) -> None:
        """Let a run print on."""
        self.send(Credit(run_id=stream.run_id, cost=cost))

    def forget(self, stream: RunStream) -> None:
        """Nobody listens to a run any more."""
        self._unanswered.discard(stream.run_id)
        self._wait_no_more(stream.run_id)
        if self._runs.pop(stream.run_id, None) is not None and not stream.has_ended:
            self.send(StopRun(run_id=stream.run_id))

    async def format(self, request: BaseModel, number: str) -> Formatted:
        """Have a text formatted.

        Raises:
            RunnerUnavailable: it is away, or does not answer.
        """
        return await self._ask(request, number, self._formats, "The formatter takes too long.")

    async def assist(self, request: BaseModel, number: str) -> Assisted:
        """Ask a language server.

        Raises:
            RunnerUnavailable: it is away, or does not answer.
        """
        late = "The language server takes too long."
        return await self._ask(request, number, self._assists, late)

    async def _ask(
        self, request: BaseModel, number: str, asked: dict[str, asyncio.Future[_A]], late: str
    ) -> _A:
        answer: asyncio.Future[_A] = asyncio.get_running_loop().create_future()
        asked[number] = answer
        try:
            self.send(request)
            async with asyncio.timeout(ANSWER_SECONDS):
                return await answer
        except TimeoutError:
            raise RunnerUnavailable(f"{late} Try again in a moment.") from None
        finally:
            asked.pop(number, None)

    # What it says

    def receive(self, event: Event) -> None:
        """Take what the runner says. What it was not asked is as if it had not been said: it may come too late.

        Raises:
            RunnerFault: no runner says that.
        """
        match event:
            case Capabilities():
                self.capabilities = event
                self._owner.changed(self)
            case Load():
                self.load = event
                self._owner.changed(self)
            case Prepared():
                self._owner.prepared(self, event)
            case Formatted():
                _answer(self._formats.pop(event.format_id, None), event)
            case Assisted():
                _answer(self._assists.pop(event.assist_id, None), event)
            case Held():
                self._owner.on_held()
            case RunChecked():
                if event.run_id in self._unchecked:
                    self._unchecked.remove(event.run_id)
                    self._owner.on_checked(event)
            case Busy():
                self._take_back(event.run_id)
            case _:
                if (stream := self._runs.get(event.run_id)) is not None:
                    self._unanswered.discard(event.run_id)
                    stream.put(event)
                    self._follow(stream, event)

    def _follow(self, stream: RunStream, event: RunEvent) -> None:
        if stream.has_ended:
            self._wait_no_more(stream.run_id)
            del self._runs[stream.run_id]
            self._unchecked.append(stream.run_id)
        elif not stream.is_stopping and isinstance(event, RunState):
            if event.status == "queued":
                # However often it says so: its word for it would be as good as no bound.
                waited = asyncio.get_running_loop().time() - stream.asked_at
                self._wait(stream, max(0.0, self._queue_seconds - waited))
            elif event.status == "compiling":
                self._wait(stream, self._compile_seconds)
            elif event.status == "running":
                self._wait(stream, stream.request.limits.wall_seconds + GRACE_SECONDS)

    def _take_back(self, run_id: str) -> None:
        self._unanswered.discard(run_id)
        stream = self._runs.pop(run_id, None)
        if stream is None:
            return
        self._wait_no_more(run_id)
        if stream.has_begun:
            self._runs[run_id] = stream
            raise RunnerFault("a run that has begun, and is handed back")
        self._owner.handed_back(self, stream)

    def lose(self) -> None:
        """The runner is gone, and what it ran with it."""
        self.capabilities = None
        streams = list(self._runs.values())
        self._runs.clear()
        self._unanswered.clear()
        for timer in self._patience.values():
            timer.cancel()
        self._patience.clear()
        for stream in streams:
            stream.put(lost(stream.run_id))
        for asked in (self._formats, self._assists):
            for answer in asked.values():
                if not answer.done():
                    answer.set_exception(RunnerUnavailable(AWAY))
            asked.clear()


def _answer(asked: asyncio.Future[_A] | None, event: _A) -> None:
    if asked is not None and not asked.done():
        asked.set_result(event)


def _given_up(stream: RunStream, *, is_unanswered: bool) -> ProgramEnded:
    if stream.is_stopping:
        return ProgramEnded.without_program(stream.run_id, "stopped")
    if is_unanswered or stream.has_begun:
        return lost(stream.run_id)
    return ProgramEnded.without_program(stream.run_id, "sandbox_error", detail=_WAITED)


def lost(run_id: str) -> ProgramEnded:
    """Return the end of a run whose runner went away: it is never repeated."""
    return ProgramEnded.without_program(run_id, "sandbox_error", detail=_LOST)
