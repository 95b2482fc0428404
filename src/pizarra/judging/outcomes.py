"""What came of a case: made of how a program ended, what it printed or returned, and what its tests reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pizarra.judging import harness, projects
from pizarra.judging.comparing import EXACT, Comparator
from pizarra.judging.junit import Reported
from pizarra.judging.running import Ran
from pizarra.judging.signature import Signature
from pizarra.judging.values import (
    NotOfType,
    read_arguments,
    read_expected,
    result_type,
    same_value,
    shown,
)
from pizarra.kit.text import storable

NOT_JUDGED = ("sandbox_error", "stopped")  # says nothing about the program
_SHOWN = 32 * 1024  # characters of what one case printed, or came to: nobody is shown more


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
        return self.status in NOT_JUDGED


def cut(outcome: Outcome) -> Outcome:
    """Return an outcome without what nobody is shown of it: a question may have two hundred cases."""
    got, printed = outcome.got[:_SHOWN], outcome.stdout[:_SHOWN]
    return replace(outcome, got=got, stdout=printed, stderr=outcome.stderr[-_SHOWN:])


def arguments_of(
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


def ended_as(ran: Ran, stdout: bytes) -> Outcome:
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


def returned(
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


def not_reported(ended: Outcome) -> Outcome:
    """Return what is said of a test of which nothing was reported: how the program ended, if that was no mere end."""
    if ended.status != "exited":
        return replace(ended, passed=False)
    said = "The tests ended before this one was reported.\n"
    return replace(ended, passed=False, status="exception", stderr=f"{ended.stderr}{said}")


def reported_as(test: Reported | None, around: Sequence[Reported], ended: Outcome) -> Outcome:
    """Return what came of a test, as it was reported; `around` are the errors, of which one may be why it was not."""
    if test is None:
        said = "".join(f"{each.said}\n" for each in around)
        return not_reported(replace(ended, stderr=storable(said or ended.stderr), stdout=""))
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
