"""Has sessions' tests tried in the background, in turn, wherever they have not been, and keeps what came of it."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta

from pizarra.collab.document import Document
from pizarra.collab.hub import Hub
from pizarra.config import Settings
from pizarra.database import DATABASE_ERRORS, Database
from pizarra.errors import AppError, NotFound
from pizarra.kit.clock import Clock
from pizarra.models import InterviewSession, Participant
from pizarra.notes import service as notes
from pizarra.notes.telling import added, limits_of, tell_interviewers
from pizarra.runs.limits import pipe_limits
from pizarra.runs.program import choose_program, program_files
from pizarra.runs.supervisor import RunSupervisor
from pizarra.sandbox.client import RunnerClient, RunnerUnavailable
from pizarra.sessions.documents import read_document
from pizarra.test_cases import service as test_cases
from pizarra.test_cases.schemas import TestOutcome
from pizarra.test_cases.trials import NotNowError, Trial, Trials

log = logging.getLogger(__name__)

_PROBLEMS_KEPT = 256  # of sessions
_RECENT = timedelta(days=1)  # what ended longer ago is tried when somebody looks at it


class Evaluator:
    """The one who tries tests in this process."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        hub: Hub,
        runner: RunnerClient,
        runs: RunSupervisor,
        clock: Clock,
    ) -> None:
        self.limits = test_cases.Limits(settings.max_tests, settings.max_test_bytes, settings.max_test_instants)
        self._database = database
        self._hub = hub
        self._clock = clock
        limits = pipe_limits(settings).model_copy(update={"wall_seconds": settings.test_seconds})
        self._trials = Trials(runner, runs, limits)
        self._note_limits = limits_of(settings)
        self._asked: OrderedDict[int, None] = OrderedDict()
        self._wake = asyncio.Event()
        self._problems: OrderedDict[int, str] = OrderedDict()

    def ask(self, session_key: int) -> None:
        """Have a session's tests tried wherever they have not been, soon."""
        self._asked[session_key] = None
        self._wake.set()

    def problem(self, session_key: int) -> str | None:
        """Return why it did not go on the last time, or None."""
        return self._problems.get(session_key)

    async def work(self) -> None:
        """Take up what an earlier process left, then do what is asked for, until cancelled."""
        await self._take_up()
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._asked:
                session_key, _ = self._asked.popitem(last=False)
                try:
                    if await self._advance(session_key):
                        self.ask(session_key)  # the other sessions have their turn before it goes on
                except DATABASE_ERRORS as error:
                    self._note(session_key, "The database does not answer.")
                    log.warning("tests: not this time: %s", type(error).__name__)
                except Exception:
                    self._note(session_key, "That failed here; the server's log says how.")
                    log.exception("tests of session %d", session_key)

    async def _take_up(self) -> None:
        try:
            async with self._database.read() as db:
                for session_key in await test_cases.sessions_with_tests(db, self._clock() - _RECENT):
                    self.ask(session_key)
        except DATABASE_ERRORS as error:
            log.warning("tests: those of earlier are not taken up: %s", type(error).__name__)

    async def _advance(self, session_key: int) -> bool:
        """Try the tests on one instant; tell whether there may be more. What is next is asked anew each time."""
        try:
            if (trial := await self._next(session_key)) is None:
                return False
            recorded = await self._record(trial, await self._trials.outcomes(trial))
        except (NotNowError, RunnerUnavailable, AppError) as error:
            self._note(session_key, str(error))
            return False
        self._problems.pop(session_key, None)
        return recorded  # else it would be tried again at once, for ever

    def _note(self, session_key: int, problem: str) -> None:
        self._problems[session_key] = problem
        while len(self._problems) > _PROBLEMS_KEPT:
            self._problems.popitem(last=False)

    async def _next(self, session_key: int) -> Trial | None:
        """Return the newest instant that has not been tried; None when all have."""
        async with self._database.read() as db:
            session = await db.get(InterviewSession, session_key)
            suite = await test_cases.find_suite(db, session_key)
            if session is None or suite is None:
                return None
            tried = {each.at for each in await test_cases.list_attempts(db, session_key, suite)}
            wanted = [
                each for each in await test_cases.programs_to_try(db, session, self.limits) if each.at not in tried
            ]
            if not wanted:
                return None
            program = max(wanted, key=lambda each: (each.path is not None, each.at))  # what people ran comes first
            document = await read_document(db, self._hub, session, program.at)
        return self._trial(session, suite, program, document)

    def _trial(
        self, session: InterviewSession, suite: test_cases.Suite, program: test_cases.Program, document: Document
    ) -> Trial:
        try:
            path, language = choose_program(document, session.language, path=program.path, language=program.language)
        except NotFound:
            return Trial(session, suite, program.at, session.language, "", None)
        return Trial(session, suite, program.at, language, path, program_files(document, path))

    async def _record(self, trial: Trial, outcomes: Sequence[TestOutcome]) -> bool:
        """Keep what came of it; tell whether it still mattered."""
        async with self._database.write() as db:
            session = await db.get(InterviewSession, trial.session.id, with_for_update=True)
            author = await db.get(Participant, trial.suite.author)
            suite = await test_cases.find_suite(db, trial.session.id)
            if session is None or author is None or suite is None or suite.seq != trial.suite.seq:
                return False  # erased, or other tests hold now: whoever changed them has asked
            entry = await notes.append_private(
                *(db, session, author, self._clock(), self._note_limits),
                kind="test.result",
                anchor=trial.at,
                data={"of": suite.seq, "results": [each.model_dump() for each in outcomes]},
            )
        tell_interviewers(self._hub, trial.session.room_id, added(entry))
        return True
