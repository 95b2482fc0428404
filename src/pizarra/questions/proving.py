"""Proves a question here: references pass, what people begin with does not, wrong solutions fail as declared."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from pizarra.answers.codes import Code
from pizarra.config import Settings
from pizarra.database import DATABASE_ERRORS, Database
from pizarra.errors import TooManyRequests
from pizarra.execution.limits import pipe_limits
from pizarra.judging.trying import Judge, Outcome, Program, Rule, Trial, Turn
from pizarra.kit.clock import Clock
from pizarra.kit.text import abridged
from pizarra.models import Language, Question, QuestionVersion
from pizarra.problems.content import Content, WrongSolution
from pizarra.problems.posing import beside_of, starter_of
from pizarra.questions.schemas import LanguageProof, ProofProgress, ProofRead
from pizarra.sandbox.languages import languages
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.link import RunnerUnavailable
from pizarra.sandbox.runner.protocol import Capabilities

log = logging.getLogger(__name__)

_MOST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class _Named:
    """A case, what it is called, and of which group it is."""

    name: str
    group: str
    trial: Trial


class Prover:
    """The proofs of this process: those under way. What comes of one is kept with the version that it is of."""

    def __init__(
        self, settings: Settings, database: Database, runner: RunnerClient, clock: Clock
    ) -> None:
        limits = pipe_limits(settings).model_copy(update={"wall_seconds": settings.test_seconds})
        self._settings = settings
        self._database = database
        self._runner = runner
        self._judge = Judge(runner, limits)
        self._clock = clock
        self._under_way: dict[int, asyncio.Task[ProofRead]] = {}
        self._teams: dict[int, str] = {}  # whose each of these is
        self._progress: dict[int, ProofProgress] = {}

    def start(self, key: int, number: int, content: Content, team: str) -> asyncio.Task[ProofRead]:
        """Begin to prove a version, or go on with it where somebody asked before.

        Raises:
            TooManyRequests: enough are being proven.
        """
        if (found := self._under_way.get(key)) is not None:
            return found
        most, mine = self._settings.max_proofs, list(self._teams.values()).count(team)
        # Nobody has the last place and another one.
        if len(self._under_way) >= most or (mine and len(self._under_way) >= most - 1):
            raise TooManyRequests(
                "Other questions are being proven. Wait for one of them to end.",
                bound="max_proofs",
                code=Code.TOO_MANY_RUNS,
                retry_after=10,
            )
        task = asyncio.get_running_loop().create_task(self._prove(key, number, content, team))
        self._under_way[key], self._teams[key] = task, team
        self._progress[key] = ProofProgress(done=0, of=len(content.languages))
        task.add_done_callback(lambda done: self._end(key, done))
        return task

    def progress(self, key: int) -> ProofProgress | None:
        """Return how far the proof of a version is; None where none is under way here."""
        return self._progress.get(key)

    async def cancel(self, key: int) -> None:
        """Give up the proof of a version; what was proven of it before stays. Where none is under way: nothing."""
        if (task := self._under_way.get(key)) is not None:
            task.cancel()
            await asyncio.wait({task})

    def _end(self, key: int, task: asyncio.Task[ProofRead]) -> None:
        self._under_way.pop(key, None)
        self._teams.pop(key, None)
        self._progress.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("a proof came to nothing: %s", type(error).__name__)

    async def stop(self) -> None:
        """Give up what is being proven."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _prove(self, key: int, number: int, content: Content, team: str) -> ProofRead:
        turn = Turn("proofs", team, behind=self._settings.test_seconds)

        def step(done: int) -> None:
            self._progress[key] = ProofProgress(done=done, of=len(content.languages))

        proof = await prove(
            self._runner, self._judge, content, turn, self._settings.prove_seconds, step
        )
        told = ProofRead(
            **proof, version=number, proved_at=self._clock(), running=False, progress=None
        )
        try:
            async with self._database.write() as db:
                await db.execute(
                    update(QuestionVersion)
                    .where(QuestionVersion.id == key)
                    .values(proof=told.model_dump(mode="json"))
                )
                of_it = select(QuestionVersion.question_id).where(QuestionVersion.id == key)
                await db.execute(
                    update(Question)
                    .where(Question.id == of_it.scalar_subquery(), Question.version == number)
                    .values(proven=told.proven)
                    .execution_options(synchronize_session=False)
                )
        except DATABASE_ERRORS as error:
            log.warning("a proof was not kept: %s", type(error).__name__)
        return told


async def prove(
    runner: RunnerClient,
    judge: Judge,
    content: Content,
    turn: Turn,
    seconds: float,
    step: Callable[[int], None] = lambda _done: None,
) -> dict[str, Any]:
    """Return what is proven of a question: the fields of a `ProofRead` but when and of what version.

    `step` is told how many of its languages were tried.
    """
    cases = _cases_of(content)
    reason = content.not_runnable or (None if cases else "There are no cases to try.")
    found: dict[str, LanguageProof] = {}
    versions: dict[str, str] = {}
    try:
        async with asyncio.timeout(seconds):
            for language in content.languages:
                step(len(found))
                if reason is not None:
                    found[language.value] = LanguageProof(status="not_runnable", detail=reason)
                    continue
                capabilities = await runner.require(language.value)
                versions |= _version_of(capabilities, language)
                found[language.value] = await _prove_in(
                    judge, capabilities, content, cases, language, turn
                )
    except (TimeoutError, RunnerUnavailable) as error:
        said = str(error) or f"It took longer than {seconds:g} s."
        for language in content.languages:
            found.setdefault(language.value, LanguageProof(status="not_tried", detail=said))
    tried = [each.status for each in found.values() if each.status != "no_reference"]
    return {
        "proven": bool(tried) and set(tried) == {"proven"},
        "languages": found,
        "cases": len(cases),
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


async def _prove_in(
    judge: Judge,
    capabilities: Capabilities,
    content: Content,
    cases: Sequence[_Named],
    language: Language,
    turn: Turn,
) -> LanguageProof:
    """Return what is proven of a question in one language."""
    reference = _reference_of(content, language)
    wrong = [each for each in content.wrong if each.language is language]
    if reference is None and not wrong:
        return LanguageProof(status="no_reference", detail="There is no reference in it.")
    if (problem := capabilities.problem_with(language.value)) is not None:
        return LanguageProof(status="unavailable", detail=problem)
    project = content.project.all_tests() if content.project is not None else None
    rule = Rule(content.comparator, content.signature, project)
    main, trials = languages()[language.value].main, [each.trial for each in cases]

    async def tried(files: dict[str, str]) -> list[Outcome]:
        program = Program(language.value, main, files)
        return await judge.outcomes(program, trials, rule, turn)

    if reference is not None:
        outcomes = await tried(reference)
        if (first := next(_failures(cases, outcomes), None)) is not None:
            where = f"{first[0].name}: {_said_of(first[1])}"
            return LanguageProof(status="reference_fails", detail=where)
        begun = {main: starter_of(content, language.value), **beside_of(content, language.value)}
        if all(each.passed for each in await tried(begun)):
            detail = "What people begin with passes every case."
            return LanguageProof(status="starter_passes", detail=detail)
    for solution in wrong:
        files = _files_of(content, solution)
        problem = _problem_with_wrong(solution, cases, await tried(files))
        if problem is not None:
            detail = abridged(f"{solution.name}: {problem}", _MOST_DETAIL)
            return LanguageProof(status="wrong_passes", detail=detail)
    if reference is None:
        return LanguageProof(status="no_reference", detail="There is no reference in it.")
    return LanguageProof(status="proven", detail=None)


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
    solution: WrongSolution, cases: Sequence[_Named], outcomes: Sequence[Outcome]
) -> str | None:
    """Say what a wrong solution passes that it should not; None where it fails as it was declared."""
    failed = list(_failures(cases, outcomes))
    if not failed:
        return "it passes every case"
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
