"""How candidates fared with a question: counted in the database, without names, for interviewers."""

from datetime import timedelta

import httpx2
from sqlalchemy import select, update
from tests.harness.application import Application
from tests.harness.peer import connect_peer
from tests.harness.rooms import join, url_of
from tests.harness.server import ServerProcess
from tests.integration.test_questions import QUESTION, begin, make
from tests.integration.test_test_cases import tried

from pizarra.kit.clock import utc_now
from pizarra.models import InterviewSession, SessionProblem, SessionStatus


async def test_how_candidates_fared_is_the_middle_of_the_latest(
    running: Application, client: httpx2.AsyncClient
) -> None:
    made = await make(client)
    address = f"/api/questions/{made['question_id']}"
    nothing = {"candidates": 0, "passed": 0, "median_minutes": None}
    assert made["fared"] == nothing
    begun = utc_now()
    for minutes in (4, 10, 30, None, 50):
        path = await begin(client, made)
        async with running.services.database.write() as db:
            key = await db.scalar(
                select(InterviewSession.id).where(
                    InterviewSession.public_id == path.rpartition("/")[2]
                )
            )
            candidate_came = begun + timedelta(hours=1)
            await db.execute(
                update(InterviewSession)
                .where(InterviewSession.id == key)
                .values(clock_started_at=candidate_came, status=SessionStatus.ENDED)
            )
            passed = candidate_came + timedelta(minutes=minutes) if minutes else None
            await db.execute(
                update(SessionProblem)
                .where(SessionProblem.session_id == key)
                .values(passed_at=passed)
            )
        if minutes == 10:
            found = (await client.get(address)).json()["fared"]
            assert found == {"candidates": 2, "passed": 2, "median_minutes": 7.0}
    await begin(client, made)  # goes on still
    fared = {"candidates": 5, "passed": 4, "median_minutes": 20.0}
    assert (await client.get(address)).json()["fared"] == fared
    [listed] = (await client.get("/api/questions")).json()
    assert (listed["fared"], listed["sessions"]) == (fared, 6)
    other = await make(client)
    assert other["fared"] == nothing


async def test_the_first_pass_is_that_of_the_code_and_the_clock_is_the_candidates(
    server: ServerProcess,
) -> None:
    starters = {"python": QUESTION["references"]["python"]}
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as client:
        made = await make(client, starters=starters)
        path = await begin(client, made)
        session = (await client.get(path)).json()
        async with connect_peer(url_of(server, session), token=join(server, session)):
            assert (await client.post(f"{path}/runs?wait=true", json={"stdin": "1\n"})).is_success
            await tried(f"{path}/tests", client=client)
        await client.post(f"{path}/end")
        fared = (await client.get(f"/api/questions/{made['question_id']}")).json()["fared"]
        assert (fared["candidates"], fared["passed"]) == (1, 1)
        assert 0 <= fared["median_minutes"] < 5
