"""Runs a session's tests on the code of one instant, one program at a time and behind what people run."""

import asyncio
import contextlib
import hashlib
import json
import re
from collections import OrderedDict
from dataclasses import dataclass

from pizarra.kit.ids import new_public_id
from pizarra.models import InterviewSession
from pizarra.runs.output import OutputCollector
from pizarra.runs.supervisor import RunSupervisor
from pizarra.sandbox.client import RunnerClient
from pizarra.sandbox.protocol import Limits, RunEnded, RunOutput, StartRun
from pizarra.test_cases import service as test_cases
from pizarra.test_cases.schemas import TestCase, TestOutcome

_GIVE_WAY_SECONDS = 2.0  # at most so long before each program, while somebody's own is running
_OUTCOMES_KEPT = 256  # of programs: much of a timeline is the same code
_ENOUGH_TIMEOUTS = 3  # of one program: the rest is not waited for
_NOT_TRIED = TestOutcome(passed=False, status="not_tried", duration_ms=None)
_NOT_NOW = ("sandbox_error", "stopped")  # says nothing about the program


class NotNowError(Exception):
    """The tests cannot be tried at the moment; the text says why."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The tests, and the code of one instant."""

    session: InterviewSession
    suite: test_cases.Suite
    at: int
    language: str
    path: str
    files: dict[str, str] | None  # None: there is nothing to run


class Trials:
    """Tries them, and remembers what came of the same code before."""

    def __init__(self, runner: RunnerClient, runs: RunSupervisor, limits: Limits) -> None:
        self._runner = runner
        self._runs = runs
        self._limits = limits
        self._outcomes: OrderedDict[bytes, list[TestOutcome]] = OrderedDict()

    async def outcomes(self, trial: Trial) -> list[TestOutcome]:
        """Return what comes of each test.

        Raises:
            NotNowError: the language, or the sandbox, does not work at the moment.
            RunnerUnavailable: the runner is away.
        """
        if trial.files is None:
            return [TestOutcome(passed=False, status="no_file", duration_ms=None) for _ in trial.suite.tests]
        key = _digest(trial.language, trial.path, trial.files, [each.model_dump() for each in trial.suite.tests])
        if (known := self._outcomes.get(key)) is None:
            problem = (await self._runner.require(trial.language)).problem_with(trial.language)
            if problem is not None:
                raise NotNowError(problem)
            known = []
            for test in trial.suite.tests:
                hopeless = sum(each.status == "timeout" for each in known) >= _ENOUGH_TIMEOUTS
                known.append(_NOT_TRIED if hopeless else await self._try(trial, trial.files, test))
            self._outcomes[key] = known
            while len(self._outcomes) > _OUTCOMES_KEPT:
                self._outcomes.popitem(last=False)
        return known

    async def _try(self, trial: Trial, files: dict[str, str], test: TestCase) -> TestOutcome:
        await self._give_way()
        request = StartRun(
            run_id=new_public_id(),
            language=trial.language,
            main=trial.path,
            files=files,
            stdin=test.stdin,
            keep_stdin_open=False,
            terminal=None,
            limits=self._limits,
        )
        ended, printed = await self._run(request)
        if ended.status in _NOT_NOW:
            raise NotNowError(ended.detail or "The sandbox could not run it.")
        passed = ended.status == "exited" and ended.exit_code == 0 and says_the_same(printed, test.expected)
        return TestOutcome(passed=passed, status=ended.status, duration_ms=ended.duration_ms)

    async def _run(self, request: StartRun) -> tuple[RunEnded, str]:
        stream, output = self._runner.submit(request), OutputCollector()
        try:
            async for event in stream:
                match event:
                    case RunOutput(stream="stdout", data=data):
                        output.add("stdout", data)
                    case RunEnded():
                        output.finish()
                        return event, "".join(piece.text for piece in output.take())
            raise RuntimeError("a run without an end")
        except asyncio.CancelledError:
            await self._runner.stop_run(request.run_id)
            raise
        finally:
            stream.close()

    async def _give_way(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GIVE_WAY_SECONDS):
                await self._runs.wait_until_idle()


def says_the_same(printed: str, expected: str) -> bool:
    """Tell whether two outputs are the same but for spaces at the ends of lines and of the text."""
    return _trimmed(printed) == _trimmed(expected)


def _trimmed(text: str) -> str:
    return re.sub(r"[ \t\r]+$", "", text, flags=re.MULTILINE).strip()


def _digest(*what: object) -> bytes:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).digest()
