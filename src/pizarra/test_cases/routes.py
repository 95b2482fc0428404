"""Tests over HTTP. Nothing here reaches candidates or observers."""

from fastapi import BackgroundTasks, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.dependencies import HostedSession, PrivateSession, ReadSession, WriteSession
from pizarra.access.private_writer import Writer
from pizarra.answers.wire import compressed
from pizarra.http.etags import IF_MATCH, require_unchanged, tagged
from pizarra.http.router import Router
from pizarra.models import SessionView
from pizarra.problems.course import titles_of
from pizarra.schemas import problems
from pizarra.test_cases import service as test_cases
from pizarra.test_cases.evaluator import Evaluator
from pizarra.test_cases.parts import TestPartsDep
from pizarra.test_cases.schemas import OtherTests, TestsRead, TestsUpdate
from pizarra.timeline.entries.private import TestsChanged

_SELF_REPORTED = (
    "The program runs where its tests run, and can report for itself: that it passes is no proof. "
    "Look at the code."
)

router = Router(prefix="/api/sessions/{session_id}/tests", tag="tests")


def _version(of: int | None) -> str:
    return f'"{of or 0}"'


@router.get("", responses={**tagged(200), **problems(403, 404, 422, 503)})
@compressed
async def read_tests(
    response: Response, access: PrivateSession, db: ReadSession, services: TestPartsDep
) -> TestsRead:
    """Read a session's tests, and at which instants each passed. Interviewers only."""
    read = await _read(db, services.evaluator, access.session)
    response.headers["ETag"] = _version(read.of)
    return read


async def _read(db: AsyncSession, evaluator: Evaluator, session: SessionView) -> TestsRead:
    suites = await test_cases.find_suites(db, session.id)
    attempts = await test_cases.list_attempts(db, session.id, suites.by_folder.values())
    tried = {(of, each.at) for of, some in attempts.items() for each in some}
    wanted = await test_cases.programs_to_try(db, session, suites, evaluator.limits)
    left = [suite.seq for program, suite in wanted if (suite.seq, program.at) not in tried]
    if left:
        evaluator.ask(session.id)
    now, titles = suites.now, await titles_of(db, session.id, suites.course)
    pending = left.count(now.seq) if now is not None else 0
    return TestsRead(
        of=now.seq if now is not None else None,
        tests=now.tests if now is not None else [],
        attempts=attempts[now.seq] if now is not None else [],
        pending=pending,
        problem=evaluator.problem(session.id) if pending else None,
        note=_SELF_REPORTED if now is not None and now.is_of_project else None,
        others=[
            OtherTests(
                title=titles.get(each.posing.seq, "") if each.posing is not None else "",
                of=each.seq,
                tests=each.tests,
                attempts=attempts[each.seq],
            )
            for each in suites.by_folder.values()
            if each is not now
        ],
    )


@router.put(
    "",
    responses={**tagged(200), **problems(403, 404, 409, 412, 413, 422, 503)},
    openapi_extra=IF_MATCH,
)
async def update_tests(
    request: Request,
    response: Response,
    access: HostedSession,
    db: WriteSession,
    services: TestPartsDep,
    after: BackgroundTasks,
    payload: TestsUpdate,
) -> TestsRead:
    """Say what the program must print for which input.

    The tests are tried in the background: on the code of every run, on instants between, and on every run to come.
    Candidates see neither the tests nor what comes of them.
    """
    evaluator, session = services.evaluator, access.session
    test_cases.check_tests(payload.tests, evaluator.limits)
    suites = await test_cases.find_suites(db, session.id)
    before, posing = suites.now, suites.course.now
    require_unchanged(request, _version(before.seq if before is not None else None))
    # How the question judges stays known while one of its cases is among the tests.
    judge = before.judge if before is not None else None
    of_question = posing.seq if posing is not None else 0
    told = TestsChanged.model_validate(payload.model_dump() | {"problem": of_question})
    if judge is not None and any(each.by_question for each in payload.tests):
        told = TestsChanged(tests=told.tests, judge=judge, problem=of_question)
    await Writer(access, db, services, after).append(None, told)
    after.add_task(evaluator.ask, session.id)
    read = await _read(db, evaluator, session)
    response.headers["ETag"] = _version(read.of)
    return read
