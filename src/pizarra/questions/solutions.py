"""Tries a question's solutions on its cases: references pass, what people begin with does not, wrong ones fail."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pizarra.judging.outcomes import Outcome, Rule, Trial
from pizarra.judging.trying import Judge, Program, Turn
from pizarra.kit.text import abridged
from pizarra.models import Language
from pizarra.problems.content import Content, WrongSolution
from pizarra.problems.posing import beside_of, starter_of
from pizarra.questions.schemas import LanguageProof
from pizarra.sandbox.languages import languages
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.link import RunnerUnavailable
from pizarra.sandbox.runner.protocol import Capabilities

_MOST_DETAIL = 500
_SLOW = ("rejected", "time_limit_exceeded")  # solutions that may be slow and nothing else


@dataclass(frozen=True, slots=True)
class _Named:
    """A case, what it is called, and of which group it is."""

    name: str
    group: str
    trial: Trial


@dataclass(frozen=True, slots=True)
class ProofBounds:
    """How many seconds a whole proof may take, and a case of it at most."""

    prove_seconds: float
    test_seconds: float


async def prove(
    runner: RunnerClient,
    judge: Judge,
    content: Content,
    turn: Turn,
    bounds: ProofBounds,
    step: Callable[[int], None] = lambda _done: None,
) -> dict[str, Any]:
    """Return what is proven of a question: the fields of a `ProofRead` but when and of what version.

    References first: how long the slowest takes says what wrong ones may take. `step` is told how many of its
    languages were tried.
    """
    cases = _cases_of(content)
    reason = content.not_runnable or (None if cases else "There are no cases to try.")
    found: dict[str, LanguageProof] = {}
    versions: dict[str, str] = {}
    trying = _Trying(judge, content, cases, turn, bounds.test_seconds)
    try:
        async with asyncio.timeout(bounds.prove_seconds):
            waiting: list[Language] = []  # for their wrong solutions
            for language in content.languages:
                step(len(found))
                if reason is not None:
                    found[language.value] = LanguageProof(status="not_runnable", detail=reason)
                    continue
                capabilities = await runner.require(language.value)
                versions |= _version_of(capabilities, language)
                problem = await trying.problem_with_reference(capabilities, language)
                if problem is None and any(each.language is language for each in content.wrong):
                    waiting.append(language)
                else:
                    found[language.value] = problem or trying.proven(language)
            for language in waiting:
                step(len(found))
                problem = await trying.problem_with_wrong(language)
                found[language.value] = problem or trying.proven(language)
    except (TimeoutError, RunnerUnavailable) as error:
        said = str(error) or f"It took longer than {bounds.prove_seconds:g} s."
        for language in content.languages:
            found.setdefault(language.value, LanguageProof(status="not_tried", detail=said))
    tried = [each.status for each in found.values() if each.status != "no_reference"]
    return {
        "proven": bool(tried) and set(tried) == {"proven"},
        "languages": {each.value: found[each.value] for each in content.languages},
        "cases": len(cases),
        "slowest_ms": trying.slowest_ms,
        "time_limit": trying.time_limit,
        "toolchains": versions,
    }


def _cases_of(content: Content) -> list[_Named]:
    samples = [
        _Named(each.name or f"sample {place}", "sample", Trial(*content.told(each)))
        for place, each in enumerate(content.samples, 1)
    ]
    secret = [
        _Named(each.name or f"{group.name} {place}", group.name, Trial(*content.told(each)))
        for group in content.secret
        for place, each in enumerate(group.cases, 1)
    ]
    return [*samples, *secret]


def _version_of(capabilities: Capabilities, language: Language) -> dict[str, str]:
    state = capabilities.languages.get(language.value)
    return {language.value: state.version} if state is not None and state.version else {}


class _Trying:
    """The solutions of one question on its cases, and how long the slowest reference took so far."""

    def __init__(
        self, judge: Judge, content: Content, cases: Sequence[_Named], turn: Turn, most: float
    ) -> None:
        project = content.project.all_tests() if content.project is not None else None
        self._judge = judge
        self._content = content
        self._cases = cases
        self._turn = turn
        self._most = most  # seconds that anything may take for a case
        self._rule = Rule(content.comparator, content.signature, project)
        self.slowest_ms: int | None = None

    @property
    def time_limit(self) -> float | None:
        """What a program may take for a case, as far as it is known; None: nothing is."""
        if self._content.project is not None:  # its tests run together
            return None
        return self._content.limits.limit(self.slowest_ms, self._most)

    def proven(self, language: Language) -> LanguageProof:
        """Return what is said of a language in which nothing is wrong."""
        if _reference_of(self._content, language) is None:
            return LanguageProof(status="no_reference", detail="There is no reference in it.")
        return LanguageProof(status="proven", detail=None)

    async def _tried(
        self, judge: Judge, language: Language, files: dict[str, str]
    ) -> list[Outcome]:
        program = Program(language.value, languages()[language.value].main, files)
        trials = [each.trial for each in self._cases]
        return await judge.outcomes(program, trials, self._rule, self._turn)

    async def problem_with_reference(
        self, capabilities: Capabilities, language: Language
    ) -> LanguageProof | None:
        """Return what is wrong with a reference and what people begin with; None: nothing is, or there is none."""
        content, main = self._content, languages()[language.value].main
        reference = _reference_of(content, language)
        if reference is None and all(each.language is not language for each in content.wrong):
            return None
        if (problem := capabilities.problem_with(language.value)) is not None:
            return LanguageProof(status="unavailable", detail=problem)
        if reference is None:
            return None
        given = None if content.project is not None else content.limits.time_limit
        outcomes = await self._tried(self._judge.within(given), language, reference)
        if (first := next(_failures(self._cases, outcomes), None)) is not None:
            where = f"{first[0].name}: {_said_of(first[1])}"
            return LanguageProof(status="reference_fails", detail=where)
        if content.project is None:
            took = [each.duration_ms or 0 for each in outcomes]
            self.slowest_ms = max([*took, self.slowest_ms or 0])
        begun = {main: starter_of(content, language.value), **beside_of(content, language.value)}
        if all(each.passed for each in await self._tried(self._judge, language, begun)):
            detail = "What people begin with passes every case."
            return LanguageProof(status="starter_passes", detail=detail)
        return None

    async def problem_with_wrong(self, language: Language) -> LanguageProof | None:
        """Return what is wrong with the wrong solutions in a language; None: they fail as they were declared."""
        for solution in self._content.wrong:
            if solution.language is not language:
                continue
            judge, seconds = self._judge, None
            if solution.verdict in _SLOW and self.time_limit is not None:
                seconds = self.time_limit * self._content.limits.time_limit_to_tle
                judge = judge.within(seconds)
            outcomes = await self._tried(judge, language, _files_of(self._content, solution))
            problem = _problem_with_wrong(solution, self._cases, outcomes, seconds)
            if problem is not None:
                detail = abridged(f"{solution.name}: {problem}", _MOST_DETAIL)
                return LanguageProof(status="wrong_passes", detail=detail)
        return None


def _reference_of(content: Content, language: Language) -> dict[str, str] | None:
    """Return the files of the reference in a language; None where there is none."""
    if content.project is not None:
        return content.project.solved(language.value)
    source = content.references.get(language)
    return None if source is None else {languages()[language.value].main: source}


def _files_of(content: Content, wrong: WrongSolution) -> dict[str, str]:
    if content.project is None:
        return {languages()[wrong.language.value].main: wrong.source}
    begun = content.project.solved(wrong.language.value, wrong.files)
    return (
        begun
        if begun is not None
        else {**content.project.begins(wrong.language.value), **wrong.files}
    )


def _failures(
    cases: Sequence[_Named], outcomes: Sequence[Outcome]
) -> Iterator[tuple[_Named, Outcome]]:
    for case, outcome in zip(cases, outcomes, strict=True):
        if not outcome.passed:
            yield case, outcome


def _said_of(outcome: Outcome) -> str:
    """Say how a case went."""
    if outcome.status == "exited" and outcome.exit_code in (0, None):
        return abridged(f"it came to {outcome.got.strip() or 'nothing'}", _MOST_DETAIL)
    said = (outcome.detail or outcome.stderr or outcome.stdout).strip()
    how = f"exit code {outcome.exit_code}" if outcome.status == "exited" else outcome.status
    return abridged(f"{how}. {said[-_MOST_DETAIL:]}", _MOST_DETAIL)


def _problem_with_wrong(
    solution: WrongSolution,
    cases: Sequence[_Named],
    outcomes: Sequence[Outcome],
    seconds: float | None,
) -> str | None:
    """Say what a wrong solution passes that it should not; None where it fails as it was declared.

    It had so many `seconds` for each case; None: as many as there are.
    """
    failed = list(_failures(cases, outcomes))
    if not failed:
        return "it passes every case" + (f", each within {seconds:g} s" if seconds else "")
    if solution.verdict != "rejected":
        seen = {each for _, outcome in failed for each in _verdicts_of(outcome)}
        if solution.verdict not in seen:
            return f"it was to end in {solution.verdict}, and ended in {', '.join(sorted(seen))}"
    where = {name for case, _ in failed for name in (case.name, case.group)}
    missed = [name for name in solution.fails if name not in where]
    return f"it passes {', '.join(missed)}" if missed else None


def _verdicts_of(outcome: Outcome) -> tuple[str, ...]:
    """Return what an outcome is called: who prints without end is out of time elsewhere, here out of output."""
    match outcome.status:
        case "timeout" | "not_tried":
            return ("time_limit_exceeded",)
        case "output_limit":
            return ("run_time_error", "time_limit_exceeded")
        case "exited" if outcome.exit_code in (0, None):
            return ("wrong_answer",)
        case "judge_error" | "compile_error":
            return (outcome.status,)
        case _:
            return ("run_time_error",)
