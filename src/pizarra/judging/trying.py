"""Tries a program on cases: runs it, or calls its function, and judges what it came to."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ParamSpec, TypeVar

from pizarra.judging import harness, projects
from pizarra.judging.checking import RIGHT, WRONG, checker_files
from pizarra.judging.comparing import EXACT, Comparator, says_the_same
from pizarra.judging.junit import NoReport, Reported, by_name, read_report
from pizarra.judging.running import Ran, run_program
from pizarra.judging.signature import Signature
from pizarra.judging.values import (
    NotOfType,
    read_arguments,
    read_expected,
    result_type,
    same_value,
    shown,
)
from pizarra.kit.ids import new_public_id
from pizarra.kit.text import storable
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.protocol import Limits, StartRun

_NOT_JUDGED = ("sandbox_error", "stopped")  # says nothing about the program
_COSTLY = ("timeout", "memory", "output_limit", "not_tried")
_ENOUGH_ENDS = 3  # of one program in such a way: the cases after them are not tried
_ENOUGH_BROKEN = (
    10  # times that a process ended before its function returned, and the rest needed another
)
_SHOWN = 32 * 1024  # characters of what one case printed, or came to: nobody is shown more
_MOST_SECONDS = 600.0
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


@dataclass(frozen=True, slots=True)
class Rule:
    """How cases are judged: how what came out is compared, of a function what it takes and returns, and of a project
    its tests by language, of which each case names one.
    """

    comparator: Comparator = field(default_factory=lambda: EXACT)
    signature: Signature | None = None
    project: Mapping[str, projects.ProjectTests] | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A case: what is given, and what must come out; None: it need only end well."""

    given: str
    expected: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case. `status` is a run's; `judge_error`: the checker, or the case itself, is at fault;
    `not_tried`: the program ended badly too often before.
    """

    passed: bool
    status: str
    duration_ms: int | None = None
    exit_code: int | None = None
    got: str = ""
    stdout: str = ""
    stderr: str = ""
    detail: str | None = None
    waited: float = 0.0  # seconds, for its turn
    broken: bool = False  # the process ended before the function had returned

    @property
    def says_nothing(self) -> bool:
        """Whether it is no word about the program: the platform's fault, or somebody stopped it."""
        return self.status in _NOT_JUDGED


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
        wait for is bounded by the limits alone.
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
                found += map(_cut, await self._some(program, next_ones, rule, turn))
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
            return [_not_reported(last) for _ in trials]
        named = by_name(found)
        around = [each for each in named.values() if each.how == "error"]
        return [_reported(named.get(each.given), around, last) for each in trials]

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
        ended = _ended(ran, rest)
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
        outcome = _ended(ran, ran.printed["stdout"])
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
        arguments, wrong = await _beside(_arguments_of, trials, signature)
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
        )
        # All at once: to hand a case to a thread takes longer than to judge what is usual.
        found, rest = await _beside(_all_of, ran, secret, trials, rule, signature, self._seconds)
        if rule.comparator.checker is not None:
            for number, (trial, outcome) in enumerate(zip(trials, found, strict=False)):
                if outcome.status == "exited" and trial.expected is not None:
                    found[number] = await self._checked(outcome, trial, rule.comparator, turn)
        if len(found) < len(arguments):  # it ended before it told
            ended = _ended(ran, rest)
            if ended.status == "exited":
                said = f"The program ended before {signature.function} returned.\n"
                ended = replace(ended, stderr=ended.stderr + said, broken=True)
            found.append(ended)
        return found

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
        if ended.status in _NOT_JUDGED:
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


def _cut(outcome: Outcome) -> Outcome:
    """Return an outcome without what nobody is shown of it: a question may have two hundred cases."""
    got, printed = outcome.got[:_SHOWN], outcome.stdout[:_SHOWN]
    return replace(outcome, got=got, stdout=printed, stderr=outcome.stderr[-_SHOWN:])


def _arguments_of(
    trials: Sequence[Trial], signature: Signature
) -> tuple[list[list[Any]], NotOfType | None]:
    """Return the arguments of each case, up to the first that is none, and what is wrong with that."""
    found: list[list[Any]] = []
    for trial in trials:
        try:
            if trial.expected is not None:
                read_expected(signature, trial.expected)
            found.append(read_arguments(signature, trial.given))
        except NotOfType as error:
            return found, error
    return found, None


def _ended(ran: Ran, stdout: bytes) -> Outcome:
    """Return what is known of a program's end."""
    printed, complained = (
        storable(each.decode(errors="replace")) for each in (stdout, ran.printed["stderr"])
    )
    if (ended := ran.ended) is None:
        return Outcome(False, "timeout", stdout=printed, stderr=complained, waited=ran.waited)
    return Outcome(
        False,
        ended.status,
        duration_ms=ended.duration_ms,
        exit_code=ended.exit_code,
        stdout=printed,
        stderr=complained,
        detail=ended.detail,
        waited=ran.waited,
    )


def _all_of(
    ran: Ran,
    secret: str,
    trials: Sequence[Trial],
    rule: Rule,
    signature: Signature,
    seconds: float | None,
) -> tuple[list[Outcome], bytes]:
    """Return what a function came to in each case that it returned from, and what was printed after the last."""
    frames, rest = harness.frames_in(ran.printed["stdout"], secret)
    found = []
    for trial, frame in zip(trials, frames, strict=False):
        outcome = _came_to(frame, trial, rule, signature, ran)
        if seconds is not None and frame.micros > seconds * 1_000_000:
            outcome = replace(outcome, passed=False, status="timeout")
        found.append(outcome)
    return found, rest


def _came_to(
    frame: harness.Frame, trial: Trial, rule: Rule, signature: Signature, ran: Ran
) -> Outcome:
    """Return what a function came to in a case."""
    stdout = storable(frame.printed.decode(errors="replace"))
    outcome = Outcome(
        False, "exited", duration_ms=frame.micros // 1000, stdout=stdout, waited=ran.waited
    )
    if frame.how == "error":
        return replace(outcome, status="exception", stderr=storable(frame.said))
    kind = result_type(signature)
    if frame.how == "mismatch":
        return replace(
            outcome, got=storable(frame.said), stderr=f"It must be of the type {kind}.\n"
        )
    try:
        value = harness.value_in(frame, signature)
    except NotOfType as error:
        said = storable(" ".join(frame.tokens)[:200])
        return replace(outcome, got=said, stderr=f"It must be of the type {kind}: {error}.\n")
    outcome = replace(outcome, exit_code=0, got=storable(shown(kind, value)))
    if trial.expected is None:
        return replace(outcome, passed=True)
    expected = read_expected(signature, trial.expected)
    return replace(outcome, passed=same_value(kind, value, expected, rule.comparator))


def _not_reported(ended: Outcome) -> Outcome:
    """Return what is said of a test of which nothing was reported: how the program ended, if that was no mere end."""
    if ended.status != "exited":
        return replace(ended, passed=False)
    said = "The tests ended before this one was reported.\n"
    return replace(ended, passed=False, status="exception", stderr=f"{ended.stderr}{said}")


def _reported(test: Reported | None, around: Sequence[Reported], ended: Outcome) -> Outcome:
    """Return what came of a test, as it was reported; `around` are the errors, of which one may be why it was not."""
    if test is None:
        said = "".join(f"{each.said}\n" for each in around)
        return _not_reported(replace(ended, stderr=storable(said or ended.stderr), stdout=""))
    outcome = Outcome(
        test.how == "passed",
        "exited" if test.how in ("passed", "failed") else "exception",
        duration_ms=None if test.seconds is None else int(test.seconds * 1000),
        exit_code=0 if test.how in ("passed", "failed") else None,
        got=storable(": ".join(each for each in (test.how, test.brief) if each)),
        stdout=storable(test.printed),
        waited=ended.waited,
    )
    if outcome.passed:
        return outcome
    return replace(
        outcome, stdout=outcome.stdout or ended.stdout, stderr=storable(f"{test.said}\n")
    )
