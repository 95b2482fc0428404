"""A worker that does with each program what a test says, for what runs programs to judge them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from pizarra.judging.outcomes import Outcome, Rule, Trial
from pizarra.judging.trying import Judge, Program, Turn
from pizarra.sandbox.runner.protocol import ProgramEnded, StartRun
from tests.harness.fleet import LIMITS, Fleet, running, said

T = TypeVar("T")
Answer = Callable[[StartRun], tuple[bytes, ProgramEnded | None]]  # None: it goes on
PROGRAM = Program("python", "main.py", {"main.py": "print(input())"})
TURN = Turn("room", "team", behind=4.0)


def end(request: StartRun, status: Any = "exited", code: int | None = 0) -> ProgramEnded:
    """Return what a worker says when a program ends so."""
    ended = ProgramEnded.without_program(request.run_id, status)
    return ended.model_copy(update={"exit_code": code if status == "exited" else None})


def prints(text: str, status: Any = "exited", code: int = 0) -> Answer:
    """Return a program that prints something and ends."""
    return lambda request: (text.encode(), end(request, status, code))


class Machine:
    """A worker that does what a test says with whatever it is told to run, and keeps that."""

    def __init__(self, *answers: Answer, seconds: float | None = None, **limits: Any) -> None:
        self.fleet = Fleet("a")
        judge = Judge(self.fleet.client, LIMITS.model_copy(update=limits))
        self.judge = judge if seconds is None else judge.within(seconds)
        self._answers = list(answers)
        self._answered = 0

    @property
    def runs(self) -> list[StartRun]:
        """What it was told to run, in order."""
        return [each for each in self.fleet.told["a"] if isinstance(each, StartRun)]

    async def during(self, work: Awaitable[T]) -> T:
        """Answer until `work` is done, with the last answer from then on."""
        doing = asyncio.ensure_future(work)
        async with asyncio.timeout(10):
            while not doing.done():
                self.answer()
                await asyncio.sleep(0.0005)
        return await doing

    def answer(self) -> None:
        """Do what a test says with all that it was told to run since."""
        for request in self.runs[self._answered :]:
            answer = self._answers[min(self._answered, len(self._answers) - 1)]
            data, ended = answer(request)
            self._answered += 1
            link = self.fleet.links["a"]
            link.receive(running(request.run_id))
            if data:
                link.receive(said(request.run_id, data))
            if ended is not None:
                link.receive(ended)

    async def outcomes(self, trials: Sequence[Trial], rule: Rule | None = None) -> list[Outcome]:
        """Return what comes of cases."""
        return await self.during(self.judge.outcomes(PROGRAM, trials, rule or Rule(), TURN))
