"""Runs a program to its end for whoever judges it, and keeps what it printed apart by stream."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.protocol import ProgramEnded, ProgramOutput, RunState, StartRun


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, what it printed by stream, and how many seconds it waited for its turn.

    Where `ended` is None it was stopped, because it took longer than somebody had patience.
    """

    ended: ProgramEnded | None
    printed: Mapping[str, bytes]
    waited: float


async def run_program(
    runner: RunnerClient,
    request: StartRun,
    *,
    patience: float | None = None,
    anew_at: bytes | None = None,
) -> Ran:
    """Run a program to its end, or for `patience` seconds after it was compiled, anew from each piece that has
    `anew_at` in it.

    Raises:
        RunnerUnavailable: the runner is away.
    """
    stream = runner.submit(request)
    printed = {"stdout": bytearray(), "stderr": bytearray()}
    submitted, waited = time.monotonic(), None
    try:
        async with asyncio.timeout(None) as limit:
            async for event in stream:
                match event:
                    case RunState(status="compiling"):
                        waited = time.monotonic() - submitted
                    case RunState(status="running"):
                        if waited is None:
                            waited = time.monotonic() - submitted
                        if patience is not None:  # what compilers take has a limit of its own
                            limit.reschedule(asyncio.get_running_loop().time() + patience)
                    case ProgramOutput(stream=which, data=data):
                        printed[which] += data
                        if patience is not None and anew_at is not None and anew_at in data:
                            limit.reschedule(asyncio.get_running_loop().time() + patience)
                    case ProgramEnded():
                        return Ran(event, _whole(printed), waited or 0.0)
        raise RuntimeError("a run without an end")
    except TimeoutError:
        await runner.stop_run(request.run_id)
        return Ran(None, _whole(printed), waited or 0.0)
    except asyncio.CancelledError:
        await runner.stop_run(request.run_id)
        raise
    finally:
        stream.close()


def _whole(printed: Mapping[str, bytearray]) -> dict[str, bytes]:
    return {which: bytes(data) for which, data in printed.items()}
