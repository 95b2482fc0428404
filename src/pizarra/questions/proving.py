"""Proves questions here, a few at once, and keeps what came of it with the version that it is of."""

import asyncio
import logging

from sqlalchemy import select, update

from pizarra.answers.codes import Code
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.errors import TooManyRequests
from pizarra.execution.limits import pipe_limits
from pizarra.judging.trying import Judge, Turn
from pizarra.kit.clock import Clock
from pizarra.models import Question, QuestionVersion
from pizarra.problems.content import Content
from pizarra.questions.schemas import ProofProgress, ProofRead
from pizarra.questions.solutions import ProofBounds, prove
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.storage.failures import DATABASE_ERRORS

log = logging.getLogger(__name__)


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

        bounds = ProofBounds(self._settings.prove_seconds, self._settings.test_seconds)
        proof = await prove(self._runner, self._judge, content, turn, bounds, step)
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
