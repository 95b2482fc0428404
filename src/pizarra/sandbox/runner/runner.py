"""The runner process: takes runs over a socket, gives each a slot, executes it in a sandbox, streams what happens.

It holds no database credentials and no secrets. When its peer goes away, every run of that peer is killed.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, assert_never

from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.runner.execution_environment import ExecutionEnvironment
from pizarra.sandbox.runner.formatting import Formatters
from pizarra.sandbox.runner.job import Job, execute
from pizarra.sandbox.runner.load import LoadTeller
from pizarra.sandbox.runner.preparations import Preparations
from pizarra.sandbox.runner.protocol import (
    Assist,
    Assisted,
    Busy,
    CancelPrepare,
    Capabilities,
    Credit,
    Event,
    Format,
    Held,
    Load,
    Prepare,
    Prepared,
    ProgramEnded,
    Resize,
    RunChecked,
    RunState,
    StartRun,
    StopRun,
    Warm,
    WriteStdin,
    encode,
    read_message,
    request_adapter,
)
from pizarra.sandbox.runner.scheduler import Scheduler
from pizarra.sandbox.runner.settings import RunnerSettings

log = logging.getLogger(__name__)

_CLOSE_SECONDS = 3.0
_LOOK_SECONDS = 0.25
_DRAINED = (
    "The machine that ran this was stopped. Nothing is wrong with your program: run it again."
)


class Peer:
    """A connected web process. `send` takes a message without waiting: what a run may print is bounded."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        self.send = send
        self.jobs: dict[str, Job] = {}
        self.preparing: dict[str, asyncio.Task[None]] = {}


class Runner:
    """Slots, a queue, and the machine's environment."""

    def __init__(self, environment: ExecutionEnvironment, settings: RunnerSettings) -> None:
        self._environment = environment
        self._settings = settings
        self._scheduler = Scheduler(
            slots=settings.slots, queue=settings.queue, resting=settings.resting
        )
        self._looking: asyncio.TimerHandle | None = None
        self._load = LoadTeller(
            self._read_load, self._tell_load, lambda: bool(self._scheduler.begun)
        )
        self._draining = False
        self._idle = asyncio.Event()
        self._peers: set[Peer] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._preparations = Preparations(environment)
        self._formatters = Formatters(environment)

    def capabilities(self) -> Capabilities:
        """Return what can be done here, as of now."""
        machine = self._environment.machine
        return Capabilities(
            tier=machine.tier,
            reason=machine.reason,
            checks=machine.checks,
            languages=dict(self._environment.states),
            slots=self._settings.slots,
            queue=self._settings.queue,
            resting=self._settings.resting,
        )

    def tell_capabilities(self) -> None:
        """Tell every peer what can be done here now."""
        for peer in self._peers:
            peer.send(self.capabilities())

    def tell_held(self, seconds: float) -> None:
        """Tell every peer that the event loop was held: they count it."""
        for peer in self._peers:
            peer.send(Held(seconds=seconds))

    async def serve_peer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one web process on a stream socket until it goes away."""

        def send(event: Event) -> None:
            if not writer.is_closing():
                writer.write(encode(event))

        peer = Peer(send)
        self.meet(peer)
        try:
            while (message := await read_message(reader)) is not None:
                self.receive(peer, message)
        finally:
            self.part(peer)
            writer.close()

    def meet(self, peer: Peer) -> None:
        """Serve a web process from now on."""
        self._peers.add(peer)
        peer.send(self.capabilities())
        peer.send(self._load.told)

    def part(self, peer: Peer) -> None:
        """A web process is gone: what it wanted is of no use to anybody."""
        self._peers.discard(peer)
        for job in list(peer.jobs.values()):
            job.stop()
        for task in peer.preparing.values():
            task.cancel()
        self._scheduler.waiting = [
            job for job in self._scheduler.waiting if job.request.run_id not in peer.jobs
        ]
        self._idle.set()
        self._load.changed()

    def receive(self, peer: Peer, message: bytes) -> None:
        """Do what a web process asks. What goes wrong with it is of one session: the others' programs run on."""
        try:
            self._receive(peer, message)
        except Exception:
            log.exception("a message could not be taken")

    async def drain(self, seconds: float) -> None:
        """Begin nothing more, hand back what waits, and let what runs go on for so long."""
        self._draining = True
        self._load.now()  # first: nobody is to send back what is handed back
        for peer in self._peers:
            for task in peer.preparing.values():
                task.cancel()
            for job in [each for each in peer.jobs.values() if each in self._scheduler.waiting]:
                self._scheduler.waiting.remove(job)
                self._hand_back(peer, job)
        self._load.now()
        try:
            async with asyncio.timeout(seconds):
                while any(peer.jobs for peer in self._peers):
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            for peer in self._peers:
                for job in list(peer.jobs.values()):
                    job.stop()
        await self.finish()

    async def finish(self) -> None:
        """Wait for the sandboxes that are being killed."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSE_SECONDS)

    def _receive(self, peer: Peer, message: bytes) -> None:
        match request_adapter.validate_json(message):
            case StartRun() as request:
                self._accept(peer, Job(request, peer.send))
            case Credit() | WriteStdin() | Resize() | StopRun() as told:
                if (job := peer.jobs.get(told.run_id)) is not None:
                    self._tell(peer, job, told)
            case Prepare() as request:
                self._prepare(peer, request)
            case CancelPrepare(prepare_id=prepare_id):
                if (task := peer.preparing.pop(prepare_id, None)) is not None:
                    task.cancel()
            case Format() as request:
                self._do(self._format(peer, request))
            case Assist() as request:
                self._do(self._assist(peer, request))
            case Warm(terminal_limits=limits):
                self._environment.keep_ready(RunLimits(**limits.model_dump()))
            case request:
                assert_never(request)

    def _tell(self, peer: Peer, job: Job, told: Credit | WriteStdin | Resize | StopRun) -> None:
        match told:
            case Credit(cost=cost):
                job.confirm(cost)
            case WriteStdin(text=text, eof=eof):
                job.write_stdin(text.encode("utf-8", errors="replace"), eof=eof)
            case Resize(size=size):
                job.resize(size)
            case StopRun():
                self._stop(peer, job)
            case _:
                assert_never(told)

    def _accept(self, peer: Peer, job: Job) -> None:
        run_id = job.request.run_id
        peer.jobs[run_id] = job
        if self._draining:
            self._hand_back(peer, job)
        elif self._scheduler.begin(job):
            self._begin(peer, job)
        elif self._scheduler.wait(job):
            job.on_turn = lambda: self._begin(peer, job)
            self._tell_positions()
            self._look_soon()
        else:
            self._hand_back(peer, job)
        self._load.changed()

    def _hand_back(self, peer: Peer, job: Job) -> None:
        del peer.jobs[job.request.run_id]
        peer.send(Busy(run_id=job.request.run_id))

    def _begin(self, peer: Peer, job: Job) -> None:
        job.task = asyncio.get_running_loop().create_task(self._execute(peer, job))
        self._tasks.add(job.task)
        job.task.add_done_callback(self._tasks.discard)

    async def _execute(self, peer: Peer, job: Job) -> None:
        try:
            ended = await execute(job, self._environment)
        finally:
            self._scheduler.end(job)
            peer.jobs.pop(job.request.run_id, None)
            self._idle.set()
        if self._draining and ended.status == "stopped" and ended.detail is None:
            ended = ended.model_copy(update={"detail": _DRAINED})
        peer.send(ended)
        if job.checking is not None:
            self._do(self._tell_checked(peer, job.checking))
        self._next()
        self._load.changed()

    def _read_load(self) -> Load:
        computing, waiting = self._scheduler.computing(), self._scheduler.people_waiting()
        return Load(computing=computing, waiting=waiting, draining=self._draining)

    def _tell_load(self, load: Load) -> None:
        for peer in self._peers:
            peer.send(load)

    async def _tell_checked(self, peer: Peer, checking: asyncio.Task[RunChecked | None]) -> None:
        if (told := await checking) is not None:
            peer.send(told)

    def _next(self) -> None:
        while (job := self._scheduler.next()) is not None:
            job.on_turn()
            self._tell_positions()

    def _look_soon(self) -> None:
        """Look now and then, while somebody waits, whether a program that runs does nothing."""
        if self._looking is None and self._scheduler.waiting:
            self._looking = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._looking = None
        self._next()
        self._look_soon()

    def _stop(self, peer: Peer, job: Job) -> None:
        if job in self._scheduler.waiting:
            self._scheduler.waiting.remove(job)
            del peer.jobs[job.request.run_id]
            peer.send(ProgramEnded.without_program(job.request.run_id, "stopped"))
            self._tell_positions()
        else:
            job.stop()

    def _tell_positions(self) -> None:
        for position, job in self._scheduler.places():
            if job.position == position:
                continue
            job.position = position
            job.send(RunState(run_id=job.request.run_id, status="queued", position=position))

    async def _format(self, peer: Peer, request: Format) -> None:
        peer.send(await self._formatters.format(request))

    async def _assist(self, peer: Peer, request: Assist) -> None:
        servers = self._environment.language_servers
        nothing = Assisted(
            assist_id=request.assist_id, problem="Programs cannot be run on this machine."
        )
        peer.send(await servers.answer(request) if servers is not None else nothing)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _prepare(self, peer: Peer, request: Prepare) -> None:
        if (last := peer.preparing.pop(request.prepare_id, None)) is not None:
            last.cancel()
        if not self._environment.compiles(request.language):
            return
        task = asyncio.get_running_loop().create_task(self._prepare_in_turn(peer, request))
        peer.preparing[request.prepare_id] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _prepare_in_turn(self, peer: Peer, request: Prepare) -> None:
        try:
            diagnostics = await self._preparations.prepare(request)
            if diagnostics is not None:
                peer.send(Prepared(prepare_id=request.prepare_id, diagnostics=diagnostics))
        finally:
            if peer.preparing.get(request.prepare_id) is asyncio.current_task():
                del peer.preparing[request.prepare_id]
