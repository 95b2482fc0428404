"""A worker on another machine: serves the web processes that it dials, and goes in order when it is told to."""

import asyncio
import logging
import signal
from typing import Any

from pizarra.sandbox.remote.dialer import Dialer, Dialling
from pizarra.sandbox.runner.process import Serve
from pizarra.sandbox.runner.runner import Runner

log = logging.getLogger(__name__)


def on_servers(dialling: Dialling) -> Serve:
    """Return what serves web processes on other machines, until told to end twice, or once and nothing runs any more.

    What it returns raises `Refused` when none of them wants this worker.
    """

    async def serve(runner: Runner) -> None:
        loop, told = asyncio.get_running_loop(), asyncio.Event()
        task = asyncio.current_task()
        assert task is not None

        def end() -> None:
            if told.is_set():
                task.cancel()
            told.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, end)
        dialer = Dialer(runner, dialling)
        working = loop.create_task(dialer.work())
        waiting = loop.create_task(told.wait())
        try:
            any_of: set[asyncio.Future[Any]] = {working, waiting, dialer.failed}
            await asyncio.wait(any_of, return_when=asyncio.FIRST_COMPLETED)
            if told.is_set():
                log.info("ending: nothing new is begun")
                await runner.drain(dialling.drain_seconds)
                await dialer.close()
            elif dialer.failed.done():
                raise dialer.failed.result()
            else:
                working.result()
        finally:
            waiting.cancel()
            working.cancel()
            await asyncio.gather(working, waiting, return_exceptions=True)

    return serve
