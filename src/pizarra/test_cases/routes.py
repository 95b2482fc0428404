"""Tests over HTTP. Nothing here reaches candidates or observers."""

from fastapi import APIRouter, BackgroundTasks

from pizarra.notes.writing import Writer
from pizarra.participants.access import HostedSession, PrivateSession, ReadSession, ServicesDep, WriteSession
from pizarra.schemas import problems
from pizarra.test_cases import service as test_cases
from pizarra.test_cases.schemas import TestsRead, TestsUpdate

router = APIRouter(prefix="/api/sessions/{session_id}/tests", tags=["tests"])


@router.get("", responses=problems(403, 404, 422, 503))
async def read_tests(access: PrivateSession, db: ReadSession, services: ServicesDep) -> TestsRead:
    """Read a session's tests, and at which instants each passed. Interviewers only."""
    evaluator, session = services.evaluator, access.session
    suite = await test_cases.find_suite(db, session.id)
    if suite is None:
        return TestsRead(of=None, tests=[], attempts=[], pending=0, problem=None)
    attempts = await test_cases.list_attempts(db, session.id, suite)
    tried = {each.at for each in attempts}
    wanted = await test_cases.programs_to_try(db, session, evaluator.limits)
    pending = sum(each.at not in tried for each in wanted)
    if pending:
        evaluator.ask(session.id)
    return TestsRead(
        of=suite.seq,
        tests=suite.tests,
        attempts=attempts,
        pending=pending,
        problem=evaluator.problem(session.id) if pending else None,
    )


@router.put("", responses=problems(403, 404, 409, 413, 422, 503))
async def update_tests(
    access: HostedSession, db: WriteSession, services: ServicesDep, after: BackgroundTasks, payload: TestsUpdate
) -> TestsRead:
    """Say what the program must print for which input.

    The tests are tried in the background: on the code of every run, on instants between, and on every run to come.
    Candidates see neither the tests nor what comes of them.
    """
    evaluator, session = services.evaluator, access.session
    test_cases.check_tests(payload.tests, evaluator.limits)
    entry = await Writer(access, db, services, after).append("tests", None, payload.model_dump())
    after.add_task(evaluator.ask, session.id)
    wanted = await test_cases.programs_to_try(db, session, evaluator.limits) if payload.tests else []
    of = entry.seq if payload.tests else None
    return TestsRead(of=of, tests=payload.tests, attempts=[], pending=len(wanted), problem=None)
