"""The runner process: takes runs over a socket, gives each a slot, executes it in a sandbox, streams what happens.

It holds no database credentials and no secrets. When its peer goes away, every run of that peer is killed.
"""

import asyncio
import contextlib
import ctypes
import logging
import socket
from collections import deque
from dataclasses import replace
from pathlib import Path

from pizarra.sandbox.box import Box, SandboxError
from pizarra.sandbox.bubblewrap import Confinement, Program
from pizarra.sandbox.languages import languages
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.probe import Machine, probe
from pizarra.sandbox.protocol import (
    RunEnded,
    RunEvent,
    RunOutput,
    RunState,
    StartRun,
    StopRun,
    Stream,
    WriteStdin,
    encode,
    read_message,
    request_adapter,
)

log = logging.getLogger(__name__)

_PR_SET_CHILD_SUBREAPER = 36


class _Job:
    """One run, from its arrival to its end."""

    def __init__(self, request: StartRun, peer: "_Peer") -> None:
        self.request = request
        self.peer = peer
        self.box: Box | None = None
        self.stopped = False


class _Peer:
    """A connected web process."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.jobs: dict[str, _Job] = {}

    async def send(self, event: RunEvent) -> None:
        with contextlib.suppress(ConnectionError):
            self._writer.write(encode(event))
            await self._writer.drain()


class Runner:
    """Slots, a queue, and the machine's confinement."""

    def __init__(self, machine: Machine, *, slots: int, queue: int, first_uid: int) -> None:
        self._machine = machine
        self._free_slots = deque(range(slots))
        self._first_uid = first_uid
        self._queue_limit = queue
        self._waiting: deque[_Job] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve_peer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one web process until it goes away."""
        peer = _Peer(writer)
        writer.write(encode(self._machine.capabilities))
        try:
            while (message := await read_message(reader)) is not None:
                match request_adapter.validate_json(message):
                    case StartRun() as request:
                        await self._accept(_Job(request, peer))
                    case WriteStdin(run_id=run_id, text=text, eof=eof):
                        await self._write_stdin(peer, run_id, text, eof)
                    case StopRun(run_id=run_id):
                        await self._stop(peer, run_id)
        finally:
            for job in list(peer.jobs.values()):
                job.stopped = True
                if job.box is not None:
                    job.box.kill("stopped")
            self._waiting = deque(job for job in self._waiting if job.peer is not peer)
            writer.close()

    async def finish(self) -> None:
        """Wait for the sandboxes that are being killed."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=3)

    async def _accept(self, job: _Job) -> None:
        job.peer.jobs[job.request.run_id] = job
        if self._free_slots:
            self._begin(job)
        elif len(self._waiting) < self._queue_limit:
            self._waiting.append(job)
            await self._tell_positions()
        else:
            await self._end(
                job, RunEnded(run_id=job.request.run_id, status="sandbox_error", detail="The queue is full.")
            )

    def _begin(self, job: _Job) -> None:
        task = asyncio.get_running_loop().create_task(self._execute(job, self._free_slots.popleft()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _execute(self, job: _Job, slot: int) -> None:
        run_id = job.request.run_id
        try:
            ended = await self._run(job, slot)
        except SandboxError as error:
            log.error("run %s: sandbox failed: %s", run_id, error)
            ended = RunEnded(run_id=run_id, status="sandbox_error", detail=f"The sandbox failed: {error}.")
        except Exception:
            log.exception("run %s: runner failed", run_id)
            ended = RunEnded(run_id=run_id, status="sandbox_error", detail="The runner failed; its log says how.")
        finally:
            self._free_slots.append(slot)
        await self._end(job, ended)
        while self._waiting and self._free_slots:
            self._begin(self._waiting.popleft())
            await self._tell_positions()

    async def _run(self, job: _Job, slot: int) -> RunEnded:
        request = job.request
        spec = languages().get(request.language)
        tool = self._machine.tools.get(request.language)
        base = self._machine.confinement
        if spec is None or spec.run is None or tool is None or base is None:
            return RunEnded(run_id=request.run_id, status="sandbox_error", detail="The language cannot be run here.")
        if job.stopped:
            return RunEnded(run_id=request.run_id, status="stopped")
        await job.peer.send(RunState(run_id=request.run_id, status="running"))
        limits = RunLimits(**request.limits.model_dump())
        job.box = Box(_in_slot(base, self._first_uid + slot), limits, f"slot-{slot}")
        argv = [part.format(tool=tool, main=request.main) for part in spec.run.argv]
        files = {path: text.encode("utf-8", errors="replace") for path, text in request.files.items()}
        tail = b""

        async def forward(stream: str, data: bytes) -> None:
            nonlocal tail
            if stream == "stderr":
                tail = (tail + data)[-1000:]
            await job.peer.send(RunOutput.model_construct(run_id=request.run_id, stream=_stream(stream), data=data))

        outcome = await job.box.run(
            Program(argv, files),
            request.stdin.encode("utf-8", errors="replace"),
            keep_stdin_open=request.keep_stdin_open,
            on_output=forward,
        )
        reason = outcome.reason
        marker = spec.run.out_of_memory
        if reason == "exited" and outcome.exit_code != 0 and marker:
            last = tail.decode(errors="replace").strip().rpartition("\n")[2]
            reason = "memory" if last.startswith(marker) else reason
        return RunEnded.model_validate(
            {
                "run_id": request.run_id,
                "status": reason,
                "exit_code": outcome.exit_code if reason == "exited" else None,
                "signal": outcome.signal,
                "duration_ms": outcome.duration_ms,
                "memory_kb": outcome.memory_kb,
            }
        )

    async def _end(self, job: _Job, ended: RunEnded) -> None:
        job.peer.jobs.pop(job.request.run_id, None)
        await job.peer.send(ended)

    async def _stop(self, peer: _Peer, run_id: str) -> None:
        job = peer.jobs.get(run_id)
        if job is None:
            return
        job.stopped = True
        if job in self._waiting:
            self._waiting.remove(job)
            await self._end(job, RunEnded(run_id=run_id, status="stopped"))
            await self._tell_positions()
        elif job.box is not None:
            job.box.kill("stopped")

    async def _write_stdin(self, peer: _Peer, run_id: str, text: str, eof: bool) -> None:
        job = peer.jobs.get(run_id)
        if job is not None and job.box is not None:
            # A program that does not read must not keep its neighbours' messages waiting.
            task = asyncio.get_running_loop().create_task(
                job.box.write_stdin(text.encode("utf-8", errors="replace"), eof=eof)
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _tell_positions(self) -> None:
        for position, job in enumerate(list(self._waiting), 1):
            await job.peer.send(RunState(run_id=job.request.run_id, status="queued", position=position))


def _stream(name: str) -> Stream:
    return "stderr" if name == "stderr" else "stdout"


def _in_slot(confinement: Confinement, uid: int) -> Confinement:
    """Give each concurrent sandbox a host uid of its own, when the runner is root."""
    return confinement if confinement.uid is None else replace(confinement, uid=uid)


async def run_worker(
    *, slots: int, queue: int, first_uid: int, connection: socket.socket | None, socket_path: Path | None
) -> None:
    """Serve one inherited connection until it closes, or listen on a Unix socket until cancelled."""
    # Whatever a killed sandbox leaves behind becomes our child, and is collected.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    machine = await probe(slots=slots, queue=queue, first_uid=first_uid)
    runner = Runner(machine, slots=slots, queue=queue, first_uid=first_uid)
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
        await runner.finish()
        if machine.confinement is not None and machine.confinement.cgroups is not None:
            machine.confinement.cgroups.close()
