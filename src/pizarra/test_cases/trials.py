"""Runs a session's tests on the code of one instant, one program at a time and behind what people run."""

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from itertools import takewhile

from pizarra.judging.outcomes import Outcome
from pizarra.judging.outcomes import Trial as Case
from pizarra.judging.trying import Judge, Program, Turn
from pizarra.models import SessionView, share_of
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.protocol import Limits
from pizarra.test_cases import service as test_cases
from pizarra.test_cases.schemas import TestOutcome

_GIVE_WAY_SECONDS = 2.0  # in all, to programs of people that compute
_QUICK_SECONDS = 3.0  # of a program, while others wait
_OUTCOMES_KEPT = 256  # of programs: much of a timeline is the same code
_ENOUGH_TIMEOUTS = 3  # of one program: the rest is not waited for


class NotNowError(Exception):
    """The tests cannot be tried at the moment; the text says why."""


class TooSlowError(Exception):
    """A program took too long for a lane where others wait; what came of the tests before it is remembered."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The tests, and the code of one instant."""

    session: SessionView
    suite: test_cases.Suite
    at: int
    time: str | None  # when that was
    language: str
    path: str
    files: dict[str, str] | None  # None: there is nothing to run


class Trials:
    """Tries them, and remembers what came of the same code before."""

    def __init__(self, runner: RunnerClient, limits: Limits, keep: int, usual: int) -> None:
        self._runner = runner
        self._judge = Judge(runner, limits)
        self._keep = keep  # bytes of what a program printed when a test failed
        self._usual = usual  # tests; of more together no more is kept
        self._outcomes: OrderedDict[bytes, list[TestOutcome]] = OrderedDict()

    async def outcomes(self, trial: Trial, *, quick: bool) -> list[TestOutcome]:
        """Return what comes of each test; where it is to be `quick`, unless one takes long.

        Raises:
            NotNowError: the language, or the sandbox, does not work at the moment.
            TooSlowError: one takes long. RunnerUnavailable: the runner is away.
        """
        tests = trial.suite.tests
        if trial.files is None:
            return [_without_run("no_file") for _ in tests]
        judge = trial.suite.judge.model_dump() if trial.suite.judge is not None else None
        key = _digest(
            trial.language,
            trial.path,
            trial.files,
            judge,
            [each.model_dump() for each in tests],
        )
        known = list(self._outcomes.get(key, ()))  # of a program that was too slow, the first ones
        if len(known) < len(tests):
            problem = (await self._runner.require(trial.language)).problem_with(trial.language)
            if problem is not None:
                raise NotNowError(problem)
        program, session = Program(trial.language, trial.path, trial.files), trial.session
        patience = _GIVE_WAY_SECONDS
        while len(known) < len(tests):
            if (foreseen := _foreseen(known)) is not None:
                known.append(foreseen)
                continue
            test = tests[len(known)]
            turn = Turn(f"tests of {share_of(session)}", str(session.team_id or ""), patience)
            if trial.suite.rule(test).project is not None:
                some = await self._of_project(program, trial, len(known), turn, quick=quick)
                if some is None:
                    self._keep_outcomes(key, known)
                    raise TooSlowError
                known += [self._kept(each, len(tests)) for each in some]
                continue
            judging = self._judge.within(trial.suite.seconds(test))
            outcome = await judging.outcome(
                program,
                Case(test.stdin, test.expected),
                trial.suite.rule(test),
                turn,
                patience=_QUICK_SECONDS if quick else None,
            )
            if outcome is not None:
                patience = max(0.0, patience - outcome.waited)
                known.append(self._kept(outcome, len(tests)))
            if outcome is None or (quick and known[-1].status == "timeout"):
                self._keep_outcomes(key, known)
                raise TooSlowError
        self._keep_outcomes(key, known)
        return known

    async def _of_project(
        self, program: Program, trial: Trial, place: int, turn: Turn, *, quick: bool
    ) -> list[Outcome] | None:
        """Return what comes of the tests of a project from `place` on, which one process runs; None: it takes long."""
        rule = trial.suite.rule(trial.suite.tests[place])
        assert rule.project is not None, "else there is nothing to run together"
        together = takewhile(lambda test: test.by_question, trial.suite.tests[place:])
        return await self._judge.tested(
            program,
            [Case(each.stdin, each.expected) for each in together],
            rule.project,
            turn,
            patience=_QUICK_SECONDS if quick else None,
        )

    def _keep_outcomes(self, key: bytes, known: list[TestOutcome]) -> None:
        self._outcomes[key] = known
        self._outcomes.move_to_end(key)
        while len(self._outcomes) > _OUTCOMES_KEPT:
            self._outcomes.popitem(last=False)

    def _kept(self, outcome: Outcome, of: int) -> TestOutcome:
        """Return what came of one `of` so many tests, with as much of what was printed as is worth keeping."""
        if outcome.says_nothing:
            raise NotNowError(outcome.detail or "The sandbox could not run it.")
        size = self._keep * min(of, self._usual) // of
        passed, got = outcome.passed, beginning(outcome.got, size)
        said = outcome.detail if outcome.status == "judge_error" else outcome.stderr
        complaint = ending(said or "", size)
        return TestOutcome(
            passed=passed,
            status=outcome.status,
            duration_ms=outcome.duration_ms,
            exit_code=outcome.exit_code,
            got=None if passed else got,
            got_more=0 if passed else len(outcome.got) - len(got),
            complaint=None if passed else complaint,
        )


def _foreseen(known: list[TestOutcome]) -> TestOutcome | None:
    """Return what comes of the next test, where those before it tell."""
    if known and known[-1].status == "compile_error":  # of the program, whatever it is given
        return known[-1]
    timeouts = sum(each.status == "timeout" for each in known)
    return _without_run("not_tried") if timeouts >= _ENOUGH_TIMEOUTS else None


def _without_run(status: str) -> TestOutcome:
    return TestOutcome(
        passed=False,
        status=status,
        duration_ms=None,
        exit_code=None,
        got=None,
        got_more=0,
        complaint=None,
    )


def beginning(text: str, size: int) -> str:
    """Return as much of the beginning of a text as `size` bytes hold."""
    return text[:size].encode()[:size].decode(errors="ignore")


def ending(text: str, size: int) -> str:
    """Return as much of the end of a text as `size` bytes hold."""
    return text[-size:].encode()[-size:].decode(errors="ignore") if size else ""


def _digest(*what: object) -> bytes:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).digest()
