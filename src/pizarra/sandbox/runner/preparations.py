"""Compiles ahead of time, one program at a time, twice: who lately took long waits for nobody but others who did.

Where several wait each share has its turn after the other, however many programs it has.
"""

import contextlib

from pizarra.kit.round_robin import RoundRobin
from pizarra.kit.suspects import Suspects
from pizarra.sandbox.compilers import Sources
from pizarra.sandbox.outcome import DiagnosticFound
from pizarra.sandbox.runner.execution_environment import ExecutionEnvironment
from pizarra.sandbox.runner.job import prepare
from pizarra.sandbox.runner.protocol import Prepare

_QUICK_SECONDS = 2.0
_SLOW_SECONDS = 5.0  # what takes longer is compiled when somebody runs it


class Preparations:
    """What is compiled ahead of time on this machine."""

    def __init__(self, environment: ExecutionEnvironment) -> None:
        self._environment = environment
        self._quick, self._slow = RoundRobin(), RoundRobin()
        self._suspects = Suspects()

    async def prepare(self, request: Prepare) -> list[DiagnosticFound] | None:
        """Return what there is to say about a program, or None when that took too long or failed."""
        files = {path: text.encode("utf-8", "replace") for path, text in request.files.items()}
        sources, share = Sources(request.main, files, request.share), request.share
        what = (self._environment, request.language, sources)
        if share not in self._suspects:
            async with self._quick.turn(share):
                if share not in self._suspects:  # by what else it had compiled meanwhile
                    with contextlib.suppress(TimeoutError):
                        return await prepare(*what, seconds=_QUICK_SECONDS)
                    self._suspects.add(share)
        try:
            async with self._slow.turn(share):
                return await prepare(*what, seconds=_SLOW_SECONDS)
        except TimeoutError:
            return None
