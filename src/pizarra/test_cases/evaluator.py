"""Has sessions' tests tried in the background, in turn, wherever they have not been, and keeps what came of it.

In two lanes: sessions whose programs lately took long wait for each other, and for nobody else.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pizarra.cluster.advisory_locks import AdvisoryLock, if_free
from pizarra.collab.hub import Hub
from pizarra.collab.state.document import Document
from pizarra.config import Settings
from pizarra.database import Database, within
from pizarra.errors import AppError, NotFound
from pizarra.execution.limits import pipe_limits
from pizarra.execution.program import choose_program, program_files
from pizarra.kit.clock import Clock
from pizarra.kit.suspects import Suspects
from pizarra.models import InterviewSession, Participant, SessionView
from pizarra.problems.passing import note_pass
from pizarra.problems.posing import program_in
from pizarra.sandbox.languages import languages
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.link import RunnerUnavailable
from pizarra.storage.failures import DATABASE_ERRORS
from pizarra.test_cases import service as test_cases
from pizarra.test_cases.schemas import TestOutcome
from pizarra.test_cases.trials import NotNowError, TooSlowError, Trial, Trials
from pizarra.timeline.entries.private import CaseOutcome, Tested
from pizarra.timeline.private.log import append_private
from pizarra.timeline.private.notices import limits_of
from pizarra.timeline.read.documents import read_document
from pizarra.timeline.read.rows import read_time

log = logging.getLogger(__name__)

_ELSEWHERE_SECONDS = 1.0  # until tests are asked for again that another process tries
_PROBLEMS_KEPT = 256  # of sessions
_RECENT = timedelta(days=1)  # what ended longer ago is tried when somebody looks at it


class _Lane:
    """Sessions whose tests are to be tried, in the order in which they are."""

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.wake = asyncio.Event()
        self._asked: OrderedDict[int, None] = OrderedDict()

    def ask(self, session_key: int) -> None:
        """Put a session at the end, unless it waits already."""
        self._asked[session_key] = None
        self.wake.set()

    def next(self) -> int | None:
        """Return who has waited longest, and waits no more."""
        return self._asked.popitem(last=False)[0] if self._asked else None


class Evaluator:
    """The one who tries tests in this process."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        hub: Hub,
        runner: RunnerClient,
        clock: Clock,
    ) -> None:
        self.limits = test_cases.SuiteLimits(
            settings.max_tests,
            settings.max_test_bytes,
            settings.max_question_cases,
            settings.max_question_bytes,
            settings.max_test_instants,
        )
        self._database = database
        self._hub = hub
        self._clock = clock
        limits = pipe_limits(settings).model_copy(update={"wall_seconds": settings.test_seconds})
        self._trials = Trials(runner, limits, settings.max_test_output_bytes, settings.max_tests)
        self._most_files = settings.run_source_files
        self._note_limits = limits_of(settings)
        self._quick, self._slow = _Lane(quick=True), _Lane(quick=False)
        self._suspects = Suspects()
        self._at_it: set[int] = set()  # sessions whose tests are being tried
        self._again: set[int] = set()  # of them those for which somebody asked meanwhile
        self._problems: OrderedDict[int, str] = OrderedDict()

    def ask(self, session_key: int) -> None:
        """Have a session's tests tried wherever they have not been, soon."""
        if session_key in self._at_it:
            self._again.add(session_key)
        else:
            is_slow = str(session_key) in self._suspects
            (self._slow if is_slow else self._quick).ask(session_key)

    def problem(self, session_key: int) -> str | None:
        """Return why it did not go on the last time, or None."""
        return self._problems.get(session_key)

    async def work(self) -> None:
        """Take up what an earlier process left, then do what is asked for, until cancelled."""
        await self._take_up()
        async with asyncio.TaskGroup() as workers:
            for lane in (self._quick, self._quick, self._slow):
                workers.create_task(self._work_in(lane))

    async def _work_in(self, lane: _Lane) -> None:
        while True:
            while (session_key := lane.next()) is not None:
                if session_key in self._at_it:  # it waited in the other lane too
                    self._again.add(session_key)
                    continue
                self._at_it.add(session_key)
                try:
                    more = await self._attempt(session_key, quick=lane.quick)
                finally:
                    self._at_it.discard(session_key)
                if more or session_key in self._again:
                    self._again.discard(session_key)
                    self.ask(session_key)  # the other sessions have their turn before it goes on
            lane.wake.clear()
            await lane.wake.wait()

    async def _attempt(self, session_key: int, *, quick: bool) -> bool:
        """Try a session's tests once, whatever goes wrong; tell whether there may be more."""
        try:
            async with if_free(self._database, AdvisoryLock.TESTS, session_key) as free:
                if free:
                    return await self._advance(session_key, quick=quick)
            await asyncio.sleep(_ELSEWHERE_SECONDS)
            return True  # another process is at it: what it has not seen is tried after that
        except TooSlowError:
            self._suspects.add(str(session_key))
            return True
        except DATABASE_ERRORS as error:
            self._note(session_key, "The database does not answer.")
            log.warning("tests: not this time: %s", type(error).__name__)
        except Exception:
            self._note(session_key, "That failed here; the server's log says how.")
            log.exception("tests of session %d", session_key)
        return False

    async def _take_up(self) -> None:
        try:
            async with self._database.read() as db:
                for session_key in await test_cases.sessions_with_tests(
                    db, self._clock() - _RECENT
                ):
                    self.ask(session_key)
        except DATABASE_ERRORS as error:
            log.warning("tests: those of earlier are not taken up: %s", type(error).__name__)

    async def _advance(self, session_key: int, *, quick: bool) -> bool:
        """Try the tests on one instant; tell whether there may be more. What is next is asked anew each time."""
        try:
            if (trial := await self._next(session_key)) is None:
                return False
            outcomes = await self._trials.outcomes(trial, quick=quick)
            recorded = await self._record(trial, outcomes)
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
            suites = await test_cases.find_suites(db, session_key)
            if session is None or not suites.by_folder:
                return None
            attempts = await test_cases.list_attempts(db, session_key, suites.by_folder.values())
            tried = {(of, each.at) for of, some in attempts.items() for each in some}
            wanted = [
                (program, suite)
                for program, suite in await test_cases.programs_to_try(
                    db, session, suites, self.limits
                )
                if (suite.seq, program.at) not in tried
            ]
            if not wanted:
                return None
            # what people ran comes first
            program, suite = max(wanted, key=lambda each: (each[0].path is not None, each[0].at))
            document = await read_document(db, self._hub, session, program.at)
            time = await read_time(within(db), session.id, program.at)
            if program.path is None:  # nobody ran it: what answers the session's question
                posing = suites.course.at(program.at)
                language = document.language() or session.language
                program = replace(program, path=program_in(document, posing, language))
            if suite.is_of_project:
                language = program.language or document.language() or session.language
                main = languages()[language if language in languages() else session.language].main
                program = replace(program, path=f"{suite.folder or ''}{main}")
        return self._trial(session, suite, program, document, time)

    def _trial(
        self,
        session: SessionView,
        suite: test_cases.Suite,
        program: test_cases.Program,
        document: Document,
        time: str | None,
    ) -> Trial:
        try:
            path, language = choose_program(
                document, session.language, path=program.path, language=program.language
            )
        except NotFound:
            return Trial(session, suite, program.at, time, session.language, "", None)
        files = program_files(document, path, self._most_files)
        return Trial(session, suite, program.at, time, language, path, files)

    async def _record(self, trial: Trial, outcomes: Sequence[TestOutcome]) -> bool:
        """Keep what came of it; tell whether it still mattered."""
        async with self._database.write() as db:
            session = await db.get(InterviewSession, trial.session.id, with_for_update=True)
            author = await db.get(Participant, trial.suite.author)
            suites = await test_cases.find_suites(db, trial.session.id)
            suite = suites.by_folder.get(trial.suite.folder)
            if session is None or author is None or suite is None or suite.seq != trial.suite.seq:
                return False  # erased, or other tests hold now: whoever changed them has asked
            await append_private(
                db,
                session,
                author,
                self._clock(),
                self._note_limits,
                anchor=trial.at,
                told=Tested(
                    of=suite.seq,
                    time=trial.time,
                    results=[CaseOutcome(**each.model_dump()) for each in outcomes],
                ),
            )
            if outcomes and all(each.passed for each in outcomes):
                await note_pass(db, session.id, trial.at, suite.folder)
        self._hub.recorded_private(trial.session.room_id)
        return True
