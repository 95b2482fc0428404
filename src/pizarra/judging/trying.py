"""Tries a program on cases: runs it, or calls its function, and judges what it came to."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import ParamSpec, TypeVar

from pizarra.judging import harness, projects
from pizarra.judging.checking import RIGHT, WRONG, checker_files
from pizarra.judging.comparing import Comparator, says_the_same
from pizarra.judging.junit import NoReport, Reported, by_name, read_report
from pizarra.judging.outcomes import (
    NOT_JUDGED,
    Outcome,
    Rule,
    Trial,
    arguments_of,
    cut,
    ended_as,
    not_reported,
    reported_as,
    returned,
)
from pizarra.judging.running import Ran, run_program
from pizarra.judging.signature import Signature
from pizarra.kit.ids import new_public_id
from pizarra.kit.text import storable
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.protocol import Limits, StartRun

_COSTLY = ("timeout", "memory", "output_limit", "not_tried")
_ENOUGH_ENDS = 3  # of one program in such a way: the cases after them are not tried
# times that a process ended before its function returned, and the rest needed another
_ENOUGH_BROKEN = 10
_MOST_SECONDS = 600.0
_START_SECONDS = 1.0  # of processor time, until a function is called for the first time
# Of their own: the usual ones bring commits to the disk.
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="judge")

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Program:
    """Which file is run, in which language, with which files beside it."""

    language: str
    path: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose part of the machine it takes; with `behind`, how many seconds it lets others go first."""

    share: str
    team: str
    behind: float | None = None


class Judge:
    """Tries programs, each case with the limits of a test."""

    def __init__(
        self, runner: RunnerClient, limits: Limits, *, seconds: float | None = None
    ) -> None:
        self._runner = runner
        self._limits = limits
        self._seconds = seconds  # that a program may take for a case; None: as the limits say

    def within(self, seconds: float | None) -> "Judge":
        """Return one that holds programs to a question's time limit.

        What counts is what they compute, and of a function how long it took to return: what a busy machine has them
        wait for is bounded by the limits alone. What a function took is told within its process, where an answer can
        say anything: so what the process computes is bounded too.
        """
        return Judge(self._runner, self._limits, seconds=seconds)

    async def outcomes(
        self, program: Program, trials: Sequence[Trial], rule: Rule, turn: Turn
    ) -> list[Outcome]:
        """Return what comes of each case. What ends badly too often is not tried on.

        Raises:
            RunnerUnavailable: the runner is away.
        """
        if rule.project is not None:
            return await self.tested(program, trials, rule.project, turn) or []
        found: list[Outcome] = []
        together = rule.signature is not None and rule.signature.process == "per_call"
        while len(found) < len(trials):
            if found and found[-1].status == "compile_error":  # whatever it is given
                found.append(replace(found[-1]))
            elif sum(each.status in _COSTLY for each in found) >= _ENOUGH_ENDS or (
                together and sum(each.broken for each in found) >= _ENOUGH_BROKEN
            ):
                found.append(Outcome(False, "not_tried"))
            else:
                next_ones = trials[len(found) :] if together else [trials[len(found)]]
                found += map(cut, await self._some(program, next_ones, rule, turn))
        return found

    async def outcome(
        self,
        program: Program,
        trial: Trial,
        rule: Rule,
        turn: Turn,
        *,
        patience: float | None = None,
    ) -> Outcome | None:
        """Return what comes of one case; None when the program took more than `patience` seconds and was stopped.

        Raises:
            RunnerUnavailable: the runner is away.
        """
        if rule.signature is not None:
            (found,) = await self._called(program, [trial], rule, rule.signature, turn, patience)
            return None if patience is not None and found.status == "timeout" else found
        return await self._printed(program, trial, rule, turn, patience)

    async def tested(
        self,
        program: Program,
        trials: Sequence[Trial],
        tests: Mapping[str, projects.ProjectTests],
        turn: Turn,
        *,
        patience: float | None = None,
    ) -> list[Outcome] | None:
        """Return what comes of each of a project's tests, which one process runs, or one for each file of
        them; None when one took more than `patience` seconds and was stopped.

        Raises:
            RunnerUnavailable: the runner is away.
        """
        mine = tests.get(program.language)
        parts = projects.programs(program.language, mine) if mine is not None and mine.run else []
        if not trials or not parts:
            said = "The project has no tests in this language."
            return [Outcome(False, "judge_error", detail=said) for _ in trials]
        found: list[Reported] = []
        last: Outcome | None = None
        for part in parts:
            told = await self._reports(program, part, turn, patience)
            if told is None:
                return None
            reported, ended = told
            found += reported
            if last is None or not reported:  # what did not report says why
                last = ended
        assert last is not None, "there is one that is run"
        if not found:
            return [not_reported(last) for _ in trials]
        named = by_name(found)
        around = [each for each in named.values() if each.how == "error"]
        return [reported_as(named.get(each.given), around, last) for each in trials]

    async def _reports(
        self, program: Program, tests: projects.ProjectTests, turn: Turn, patience: float | None
    ) -> tuple[list[Reported], Outcome] | None:
        """Return what one program reported of its tests, and how it ended; None when it was stopped."""
        word, seconds = harness.new_secret(), self._limits.wall_seconds
        language = program.language
        main, files = projects.with_tests(language, program.path, program.files, tests, seconds)
        ran = await self._run(
            Program(language, main, files), f"{word}\n", turn, patience=patience, times=2
        )
        if ran.ended is None:
            return None
        framed, rest = await _beside(projects.report_in, ran.printed["stdout"], word)
        ended = ended_as(ran, rest)
        if ended.status == "compile_error" and (add := projects.lacks(language, ended.stderr)):
            ended = replace(ended, stderr=ended.stderr + add)
        if framed is None:
            return [], ended
        if framed.how == "timeout":
            ended = replace(ended, status="timeout")
        if not framed.report.strip():
            return [], ended
        try:
            return await _beside(read_report, framed.report), ended
        except NoReport as error:
            return [], replace(ended, stderr=f"{ended.stderr}{error}\n")

    async def _some(
        self, program: Program, trials: Sequence[Trial], rule: Rule, turn: Turn
    ) -> list[Outcome]:
        """Return what comes of the first of some cases: of all for which one process suffices."""
        if rule.signature is not None:
            return await self._called(program, trials, rule, rule.signature, turn, None)
        outcome = await self._printed(program, trials[0], rule, turn, None)
        assert outcome is not None, "without patience it is waited for"
        return [outcome]

    async def _printed(
        self, program: Program, trial: Trial, rule: Rule, turn: Turn, patience: float | None
    ) -> Outcome | None:
        ran = await self._run(
            program, trial.given, turn, patience=patience, cpu_seconds=self._seconds
        )
        if ran.ended is None:
            return None
        outcome = ended_as(ran, ran.printed["stdout"])
        outcome = replace(outcome, got=outcome.stdout)
        if outcome.status != "exited" or outcome.exit_code != 0:
            return outcome
        if trial.expected is None:
            return replace(outcome, passed=True)
        if rule.comparator.checker is not None:
            return await self._checked(outcome, trial, rule.comparator, turn)
        passed = await _beside(
            says_the_same, ran.printed["stdout"], trial.expected.encode(), rule.comparator
        )
        return replace(outcome, passed=passed)

    async def _called(
        self,
        program: Program,
        trials: Sequence[Trial],
        rule: Rule,
        signature: Signature,
        turn: Turn,
        patience: float | None,
    ) -> list[Outcome]:
        """Return what a function comes to in each case, as far as one process got."""
        arguments, wrong = await _beside(arguments_of, trials, signature)
        if not arguments:
            return [Outcome(False, "judge_error", detail=f"The case itself is wrong: {wrong}")]
        secret = harness.new_secret()
        main, files = harness.harnessed(program.language, program.path, program.files, signature)
        ran = await self._run(
            Program(program.language, main, files),
            await _beside(harness.input_for, program.language, signature, arguments, secret),
            turn,
            patience=patience or self._limits.wall_seconds,
            anew_at=secret.encode(),
            times=len(arguments),
            cpu_seconds=self._computing(len(arguments)),
        )
        # All at once: to hand a case to a thread takes longer than to judge what is usual.
        found, rest = await _beside(returned, ran, secret, trials, rule, signature, self._seconds)
        if rule.comparator.checker is not None:
            for number, (trial, outcome) in enumerate(zip(trials, found, strict=False)):
                if outcome.status == "exited" and trial.expected is not None:
                    found[number] = await self._checked(outcome, trial, rule.comparator, turn)
        if len(found) < len(arguments):  # it ended before it told
            ended = ended_as(ran, rest)
            if ended.status == "exited":
                said = f"The program ended before {signature.function} returned.\n"
                ended = replace(ended, stderr=ended.stderr + said, broken=True)
            found.append(ended)
        return found

    def _computing(self, cases: int) -> float | None:
        """Return how much processor time a process may use that calls a function in so many cases; None: no less than
        any program.
        """
        return None if self._seconds is None else self._seconds * cases + _START_SECONDS

    async def _checked(
        self, outcome: Outcome, trial: Trial, comparator: Comparator, turn: Turn
    ) -> Outcome:
        assert comparator.checker is not None
        assert trial.expected is not None, "there is nothing to check"
        path, files = checker_files(comparator.checker, trial.given, trial.expected)
        program = Program(comparator.checker.language, path, files)
        await self._runner.require(program.language)  # a server that has just started tries it out
        checked = await self._run(program, outcome.got, turn)
        ended = checked.ended
        assert ended is not None, "without patience it is waited for"
        if ended.status in NOT_JUDGED:
            return replace(outcome, status=ended.status, detail=ended.detail)
        if ended.status != "exited" or ended.exit_code not in (RIGHT, WRONG):
            said = checked.printed["stderr"].decode(errors="replace")[-500:]
            about = f"exited with {ended.exit_code}" if ended.status == "exited" else ended.status
            detail = storable(f"The checker failed: {about}. {said}")
            return replace(outcome, status="judge_error", detail=detail)
        return replace(outcome, passed=ended.exit_code == RIGHT)

    async def _run(
        self,
        program: Program,
        stdin: str,
        turn: Turn,
        *,
        patience: float | None = None,
        anew_at: bytes | None = None,
        times: int = 1,
        cpu_seconds: float | None = None,
    ) -> Ran:
        seconds = min(_MOST_SECONDS, self._limits.wall_seconds * times)
        cpu = min(_MOST_SECONDS, self._limits.cpu_seconds * times)
        if cpu_seconds is not None:
            cpu = min(cpu, cpu_seconds)
        limits = self._limits.model_copy(update={"wall_seconds": seconds, "cpu_seconds": cpu})
        return await run_program(
            self._runner,
            StartRun(
                run_id=new_public_id(),
                language=program.language,
                main=program.path,
                files=program.files,
                stdin=stdin,
                keep_stdin_open=False,
                terminal=None,
                limits=limits,
                share=turn.share,
                team=turn.team,
                behind=turn.behind,
            ),
            patience=patience,
            anew_at=anew_at,
        )


async def _beside(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Do something beside the event loop: a program may print a mebibyte."""
    return await asyncio.get_running_loop().run_in_executor(
        _THREADS, partial(work, *arguments, **named)
    )
