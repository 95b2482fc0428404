"""Tries a session's tests in the background: one program at a time, behind what people run."""

import asyncio
import hashlib
import json
import logging
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from pizarra.collab.document import Document
from pizarra.collab.hub import Hub
from pizarra.config import Settings
from pizarra.database import DATABASE_ERRORS, Database
from pizarra.errors import AppError, NotFound
from pizarra.kit.clock import Clock
from pizarra.kit.ids import new_public_id
from pizarra.models import InterviewSession, Participant
from pizarra.notes import service as notes
from pizarra.notes.telling import added, limits_of, tell_interviewers
from pizarra.runs.limits import pipe_limits
from pizarra.runs.output import OutputCollector
from pizarra.runs.program import choose_program, program_files
from pizarra.runs.supervisor import RunSupervisor, language_problem
from pizarra.sandbox.client import RunnerClient, RunnerUnavailable
from pizarra.sandbox.protocol import RunEnded, RunOutput, StartRun
from pizarra.sessions.documents import read_document
from pizarra.test_cases import service as test_cases
from pizarra.test_cases.schemas import TestCase, TestOutcome

log = logging.getLogger(__name__)

_GIVE_WAY_TURNS = 40  # at most so many before each program, while somebody's own is running
_TURN_SECONDS = 0.05
_OUTCOMES_KEPT = 256  # of programs: much of a timeline is the same code
_PROBLEMS_KEPT = 256  # of sessions
_ENOUGH_TIMEOUTS = 3  # of one program: the rest is not waited for
_NOT_TRIED = TestOutcome(passed=False, status="not_tried", duration_ms=None)
_NOT_NOW = ("sandbox_error", "stopped")  # says nothing about the program


class _NotNowError(Exception):
    """The tests cannot be tried at the moment; the text says why."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """The tests, and the code of one instant."""

    session: InterviewSession
    suite: test_cases.Suite
    at: int
    language: str
    path: str
    files: dict[str, str] | None  # None: there is nothing to run


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
        self._runner = runner
        self._runs = runs
        self._clock = clock
        self._run_limits = pipe_limits(settings).model_copy(update={"wall_seconds": settings.test_seconds})
        self._note_limits = limits_of(settings)
        self._asked: OrderedDict[int, None] = OrderedDict()
        self._wake = asyncio.Event()
        self._outcomes: OrderedDict[bytes, list[TestOutcome]] = OrderedDict()
        self._problems: OrderedDict[int, str] = OrderedDict()

    def ask(self, session_key: int) -> None:
        """Have a session's tests tried wherever they have not been, soon."""
        self._asked[session_key] = None
        self._wake.set()

    def problem(self, session_key: int) -> str | None:
        """Return why it did not go on the last time, or None."""
        return self._problems.get(session_key)

    async def work(self) -> None:
        """Do what is asked for, until cancelled."""
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

    async def _advance(self, session_key: int) -> bool:
        """Try the tests on one instant; tell whether there may be more. What is next is asked anew each time."""
        try:
            if (trial := await self._next(session_key)) is None:
                return False
            recorded = await self._record(trial, await self._outcomes_of(trial))
        except (_NotNowError, RunnerUnavailable, AppError) as error:
            self._note(session_key, str(error))
            return False
        self._problems.pop(session_key, None)
        return recorded  # else it would be tried again at once, for ever

    def _note(self, session_key: int, problem: str) -> None:
        self._problems[session_key] = problem
        while len(self._problems) > _PROBLEMS_KEPT:
            self._problems.popitem(last=False)

    async def _next(self, session_key: int) -> _Trial | None:
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
    ) -> _Trial:
        try:
            path, language = choose_program(document, session.language, path=program.path, language=program.language)
        except NotFound:
            return _Trial(session, suite, program.at, session.language, "", None)
        return _Trial(session, suite, program.at, language, path, program_files(document, path))

    async def _outcomes_of(self, trial: _Trial) -> list[TestOutcome]:
        if trial.files is None:
            return [TestOutcome(passed=False, status="no_file", duration_ms=None) for _ in trial.suite.tests]
        key = _digest(trial.language, trial.path, trial.files, [each.model_dump() for each in trial.suite.tests])
        if (known := self._outcomes.get(key)) is None:
            problem = language_problem(await self._runner.require(trial.language), trial.language)
            if problem is not None:
                raise _NotNowError(problem)
            known = []
            for test in trial.suite.tests:
                hopeless = sum(each.status == "timeout" for each in known) >= _ENOUGH_TIMEOUTS
                known.append(_NOT_TRIED if hopeless else await self._try(trial, trial.files, test))
            self._outcomes[key] = known
            while len(self._outcomes) > _OUTCOMES_KEPT:
                self._outcomes.popitem(last=False)
        return known

    async def _try(self, trial: _Trial, files: dict[str, str], test: TestCase) -> TestOutcome:
        await self._give_way()
        request = StartRun(
            run_id=new_public_id(),
            language=trial.language,
            main=trial.path,
            files=files,
            stdin=test.stdin,
            keep_stdin_open=False,
            terminal=None,
            limits=self._run_limits,
        )
        ended, printed = await self._run(request)
        if ended.status in _NOT_NOW:
            raise _NotNowError(ended.detail or "The sandbox could not run it.")
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
        for _ in range(_GIVE_WAY_TURNS):
            if not self._runs.any_live:
                return
            await asyncio.sleep(_TURN_SECONDS)

    async def _record(self, trial: _Trial, outcomes: Sequence[TestOutcome]) -> bool:
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


def says_the_same(printed: str, expected: str) -> bool:
    """Tell whether two outputs are the same but for spaces at the ends of lines and of the text."""
    return _trimmed(printed) == _trimmed(expected)


def _trimmed(text: str) -> str:
    return re.sub(r"[ \t\r]+$", "", text, flags=re.MULTILINE).strip()


def _digest(*what: object) -> bytes:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).digest()
