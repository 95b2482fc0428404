"""The runner process: takes runs over a socket, gives each a slot, executes it in a sandbox, streams what happens.

It holds no database credentials and no secrets. When its peer goes away, every run of that peer is killed.
"""

import asyncio
import ctypes
import logging
import signal
import socket
from collections import deque
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from pizarra.sandbox.compilers import Sources
from pizarra.sandbox.formatting import format_text
from pizarra.sandbox.job import Job, execute, prepare
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.probe import Method, probe
from pizarra.sandbox.protocol import (
    Assist,
    Assisted,
    CancelPrepare,
    Capabilities,
    Format,
    Formatted,
    Prepare,
    Prepared,
    Resize,
    RunEnded,
    RunEvent,
    RunState,
    StartRun,
    StopRun,
    Warm,
    WriteStdin,
    encode,
    read_message,
    request_adapter,
)
from pizarra.sandbox.workshop import Workshop

log = logging.getLogger(__name__)

_PR_SET_CHILD_SUBREAPER = 36
_CLOSE_SECONDS = 3.0
_SETTLE_SECONDS = 2.0
_MAX_FORMATTING = 8


class _Peer:
    """A connected web process."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.jobs: dict[str, Job] = {}
        self.preparing: dict[str, asyncio.Task[None]] = {}

    def send(self, event: RunEvent | Prepared | Formatted | Assisted | Capabilities) -> None:
        """Send without waiting: all a run may print is bounded by its limit."""
        if not self._writer.is_closing():
            self._writer.write(encode(event))


class Runner:
    """Slots, a queue, and the machine's workshop."""

    def __init__(self, workshop: Workshop, *, slots: int, queue: int) -> None:
        self._workshop = workshop
        self._slots = slots
        self._queue_limit = queue
        self._busy = 0
        self._waiting: deque[Job] = deque()
        self._peers: set[_Peer] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_preparation = asyncio.Lock()
        self._one_format = asyncio.Lock()
        self._formatting = 0

    def capabilities(self) -> Capabilities:
        """Return what can be done here, as of now."""
        machine = self._workshop.machine
        return Capabilities(
            tier=machine.tier,
            reason=machine.reason,
            checks=machine.checks,
            languages=dict(self._workshop.states),
            slots=self._slots,
            queue=self._queue_limit,
        )

    def tell_capabilities(self) -> None:
        """Tell every peer what can be done here now."""
        for peer in self._peers:
            peer.send(self.capabilities())

    async def serve_peer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one web process until it goes away."""
        peer = _Peer(writer)
        self._peers.add(peer)
        peer.send(self.capabilities())
        try:
            while (message := await read_message(reader)) is not None:
                self._take(peer, message)
        finally:
            self._peers.discard(peer)
            for job in list(peer.jobs.values()):
                job.stop()
            for task in peer.preparing.values():
                task.cancel()
            self._waiting = deque(job for job in self._waiting if job.request.run_id not in peer.jobs)
            writer.close()

    async def finish(self) -> None:
        """Wait for the sandboxes that are being killed."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSE_SECONDS)

    def _take(self, peer: _Peer, message: bytes) -> None:
        match request_adapter.validate_json(message):
            case StartRun() as request:
                self._accept(peer, Job(request, peer.send))
            case WriteStdin(run_id=run_id, text=text, eof=eof):
                if (job := peer.jobs.get(run_id)) is not None:
                    job.write_stdin(text.encode("utf-8", errors="replace"), eof=eof)
            case Resize(run_id=run_id, size=size):
                if (job := peer.jobs.get(run_id)) is not None:
                    job.resize(size)
            case StopRun(run_id=run_id):
                if (job := peer.jobs.get(run_id)) is not None:
                    self._stop(peer, job)
            case Prepare() as request:
                self._prepare(peer, request)
            case CancelPrepare(prepare_id=prepare_id):
                if (task := peer.preparing.pop(prepare_id, None)) is not None:
                    task.cancel()
            case Format() as request:
                self._format(peer, request)
            case Assist() as request:
                self._do(self._assist(peer, request))
            case Warm(terminal_limits=limits):
                self._workshop.keep_ready(RunLimits(**limits.model_dump()))

    def _accept(self, peer: _Peer, job: Job) -> None:
        run_id = job.request.run_id
        peer.jobs[run_id] = job
        if self._busy < self._slots:
            self._begin(peer, job)
        elif len(self._waiting) < self._queue_limit:
            self._waiting.append(job)
            job.on_turn = lambda: self._begin(peer, job)
            self._tell_positions()
        else:
            del peer.jobs[run_id]
            peer.send(RunEnded(run_id=run_id, status="sandbox_error", detail="The queue is full: try again."))

    def _begin(self, peer: _Peer, job: Job) -> None:
        self._busy += 1
        job.task = asyncio.get_running_loop().create_task(self._execute(peer, job))
        self._tasks.add(job.task)
        job.task.add_done_callback(self._tasks.discard)

    async def _execute(self, peer: _Peer, job: Job) -> None:
        try:
            ended = await execute(job, self._workshop)
        finally:
            self._busy -= 1
            peer.jobs.pop(job.request.run_id, None)
        peer.send(ended)
        self._next()

    def _next(self) -> None:
        while self._waiting and self._busy < self._slots:
            self._waiting.popleft().on_turn()
            self._tell_positions()

    def _stop(self, peer: _Peer, job: Job) -> None:
        if job in self._waiting:
            self._waiting.remove(job)
            del peer.jobs[job.request.run_id]
            peer.send(RunEnded(run_id=job.request.run_id, status="stopped"))
            self._tell_positions()
        else:
            job.stop()

    def _tell_positions(self) -> None:
        for position, job in enumerate(self._waiting, 1):
            job.send(RunState(run_id=job.request.run_id, status="queued", position=position))

    def _format(self, peer: _Peer, request: Format) -> None:
        if self._formatting >= _MAX_FORMATTING:
            busy = "The formatters are busy. Try again in a moment."
            peer.send(Formatted(format_id=request.format_id, text=None, problem=busy, is_fault=True))
            return
        self._do(self._format_in_turn(peer, request))

    async def _format_in_turn(self, peer: _Peer, request: Format) -> None:
        self._formatting += 1
        try:
            async with self._one_format:
                peer.send(await format_text(self._workshop, request))
        finally:
            self._formatting -= 1

    async def _assist(self, peer: _Peer, request: Assist) -> None:
        servers = self._workshop.language_servers
        nothing = Assisted(assist_id=request.assist_id, problem="Programs cannot be run on this machine.")
        peer.send(await servers.answer(request) if servers is not None else nothing)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _prepare(self, peer: _Peer, request: Prepare) -> None:
        if (last := peer.preparing.pop(request.prepare_id, None)) is not None:
            last.cancel()
        if not self._workshop.compiles(request.language):
            return
        task = asyncio.get_running_loop().create_task(self._prepare_in_turn(peer, request))
        peer.preparing[request.prepare_id] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _prepare_in_turn(self, peer: _Peer, request: Prepare) -> None:
        try:
            async with self._one_preparation:
                files = {path: text.encode("utf-8", errors="replace") for path, text in request.files.items()}
                diagnostics = await prepare(self._workshop, request.language, Sources(request.main, files))
            if diagnostics is not None:
                peer.send(Prepared(prepare_id=request.prepare_id, diagnostics=diagnostics))
        finally:
            if peer.preparing.get(request.prepare_id) is asyncio.current_task():
                del peer.preparing[request.prepare_id]


def _end_orderly() -> None:
    """Have SIGTERM cancel this task: whoever is killed while a sandbox starts may leave half of it behind."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def end() -> None:
        loop.remove_signal_handler(signal.SIGTERM)
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, end)


async def run_worker(
    *,
    slots: int,
    queue: int,
    warm: int,
    cache_bytes: int,
    language_servers: int,
    compiler_limits: RunLimits,
    first_uid: int,
    tools: Path | None,
    sandbox: Method,
    sandbox_dir: Path | None,
    connection: socket.socket | None,
    socket_path: Path | None,
) -> None:
    """Serve one inherited connection until it closes, or listen on a Unix socket; until cancelled, or SIGTERM."""
    _end_orderly()
    # Whatever a killed sandbox leaves behind becomes our child, and is collected.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    machine = await probe(first_uid=first_uid, tools=tools, by=sandbox, folders=sandbox_dir)
    runner: Runner | None = None
    workshop = Workshop(
        machine,
        max_idle=warm,
        cache_bytes=cache_bytes,
        max_language_servers=language_servers,
        compiler_limits=compiler_limits,
        settle_seconds=_SETTLE_SECONDS,
        on_change=lambda: runner.tell_capabilities() if runner is not None else None,
    )
    runner = Runner(workshop, slots=slots, queue=queue)
    opening = asyncio.get_running_loop().create_task(workshop.open())
    try:
        if connection is not None:
            reader, writer = await asyncio.open_unix_connection(sock=connection)
            await runner.serve_peer(reader, writer)
        elif socket_path is not None:
            socket_path.unlink(missing_ok=True)
            server = await asyncio.start_unix_server(runner.serve_peer, socket_path)
            socket_path.chmod(0o660)
            async with server:
                await server.serve_forever()
    finally:
        opening.cancel()
        await asyncio.wait({opening})
        await runner.finish()
        await workshop.close()
        if machine.confinement is not None:
            machine.confinement.close()
