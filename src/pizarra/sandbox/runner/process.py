"""A runner as a process of its own: it looks at its machine, and serves whoever it was told to."""

import asyncio
import contextlib
import ctypes
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from pizarra.kit.watchdog import Watchdog
from pizarra.sandbox.isolation.orphans import end_orphans
from pizarra.sandbox.isolation.probe import probe
from pizarra.sandbox.limits import compiler_limits
from pizarra.sandbox.runner import ending
from pizarra.sandbox.runner.execution_environment import ExecutionEnvironment
from pizarra.sandbox.runner.runner import Runner
from pizarra.sandbox.runner.settings import RunnerSettings

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_SETTLE_SECONDS = 2.0

Serve = Callable[[Runner], Awaitable[None]]


def on_socket(path: Path) -> Serve:
    """Return what serves web processes of this machine, that come to a Unix socket."""

    async def serve(runner: Runner) -> None:
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(runner.serve_peer, path)
        path.chmod(0o660)
        async with server:
            await server.serve_forever()

    return serve


def _listens(connection: socket.socket | None) -> bool:
    return connection is not None and bool(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    )


def on_connection(connection: socket.socket) -> Serve:
    """Return what serves the one web process that started this one, until it goes away; or those that come to it."""

    async def serve(runner: Runner) -> None:
        if _listens(connection):
            server = await asyncio.start_unix_server(runner.serve_peer, sock=connection)
            async with server:
                await server.serve_forever()
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        await runner.serve_peer(reader, writer)

    return serve


async def run_worker(
    settings: RunnerSettings, serve: Serve, *, connection: socket.socket | None = None
) -> None:
    """Serve until that ends, or this is cancelled, or SIGTERM; an inherited `connection` ends it before, too.

    What is inherited may be a socket that listens: its owner's end is the runner's, too.
    """
    ending.end_orderly()
    # Whatever a killed sandbox leaves behind becomes our child, and is collected.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if listens := _listens(connection):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    elif connection is not None:
        ending.end_with_peer(connection)
    end_orphans()
    machine = await probe(
        first_uid=settings.first_uid,
        tools=settings.tools,
        by=settings.sandbox,
        folders=settings.sandbox_dir,
        libraries=settings.libraries,
    )
    if connection is not None and not listens:
        asyncio.get_running_loop().remove_reader(connection.fileno())
    runner: Runner | None = None
    environment = ExecutionEnvironment(
        machine,
        max_idle=settings.warm,
        cache_bytes=settings.cache_bytes,
        max_language_servers=settings.language_servers,
        compiler_limits=compiler_limits(settings.compile_seconds, settings.compile_memory_bytes),
        settle_seconds=_SETTLE_SECONDS,
        on_change=lambda: runner.tell_capabilities() if runner is not None else None,
    )
    runner = Runner(environment, settings)
    loop = asyncio.get_running_loop()
    watchdog = Watchdog(lambda held: _tell_later(loop, runner, held)).start()
    opening = asyncio.get_running_loop().create_task(environment.open())
    following = asyncio.get_running_loop().create_task(environment.follow_libraries())
    try:
        await serve(runner)
    finally:
        ending.end_in_any_case()
        watchdog.stop()
        for task in (opening, following):
            task.cancel()
        await asyncio.wait({opening, following})
        await runner.finish()
        await environment.close()
        if machine.confinement is not None:
            machine.confinement.close()


def _tell_later(loop: asyncio.AbstractEventLoop, runner: Runner, seconds: float) -> None:
    """Have the runner's peers told, from the watchdog's thread."""
    with contextlib.suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(runner.tell_held, seconds)
