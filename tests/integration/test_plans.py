"""Plans: questions in order, with minutes and a rubric, and the sessions that go through them."""

import asyncio
from typing import Any

import httpx2
import pytest
from tests.harness.application import Application
from tests.integration.test_questions import QUESTION, begin, make


async def plan_of(client: httpx2.AsyncClient, *questions: dict[str, Any], **more: Any) -> Any:
    steps = [{"question_id": each["question_id"]} for each in questions]
    answer = await client.post("/api/plans", json={"title": "Backend", "questions": steps, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_plan_is_kept_changed_found_and_deleted(client: httpx2.AsyncClient) -> None:
    one, two = await make(client), await make(client, title="Thrice", minutes=25)
    made = await plan_of(client, two, one, rubric=["Tests first"])
    assert [each["title"] for each in made["questions"]] == ["Thrice", "Double it"]
    assert (made["minutes"], made["rubric"]) == (35, ["Tests first"])
    address = f"/api/plans/{made['plan_id']}"
    read = await client.get(address)
    assert read.json() == made
    steps = [{"question_id": one["question_id"], "minutes": 40}]
    changed = await client.patch(
        address, json={"questions": steps}, headers={"if-match": read.headers["etag"]}
    )
    assert (changed.status_code, changed.json()["minutes"]) == (200, 40)
    assert (changed.json()["title"], changed.json()["rubric"]) == ("Backend", ["Tests first"])
    stale = await client.patch(address, json={"title": "X"}, headers={"if-match": '"other"'})
    assert stale.status_code == 412
    found = await client.get("/api/plans?q=BACK")
    assert [each["plan_id"] for each in found.json()] == [made["plan_id"]]
    assert found.headers["x-total-count"] == "1"
    assert (await client.get("/api/plans?q=100%25")).json() == []
    assert (await client.delete(address)).status_code == 204
    assert (await client.get(address)).json()["code"] == "plan_not_found"
    assert (await client.get(f"/api/questions/{one['question_id']}")).status_code == 200


async def test_what_is_no_plan_is_refused(running: Application, client: httpx2.AsyncClient) -> None:
    question = {"question_id": (await make(client))["question_id"]}

    async def said(**plan: Any) -> tuple[int, str]:
        answer = await client.post(
            "/api/plans", json={"title": "x", "questions": [question]} | plan
        )
        return answer.status_code, answer.text

    assert (await said(questions=[]))[0] == 422
    assert (await said(questions=[{"question_id": "f" * 32}]))[0] == 404
    assert (await said(rubric=["a", "A "]))[0] == 422
    status, text = await said(questions=[question] * 6)
    assert (status, "questions: must be at most 5" in text) == (422, True)
    status, text = await said(questions=[question | {"minutes": 300}] * 3)
    assert (status, "minutes: must be at most 600" in text) == (422, True)
    running.services.settings.max_plans = 1
    assert (await said())[0] == 201
    status, text = await said()
    assert (status, "which is all it can have" in text) == (409, True)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_of_many_at_once_no_more_are_made_than_there_may_be(
    running: Application, client: httpx2.AsyncClient
) -> None:
    """Each counted what was there before any of the others was."""
    made = {"question_id": (await make(client))["question_id"]}
    running.services.settings.max_plans, running.services.settings.max_questions = 2, 3
    for address, body, more in (
        ("/api/plans", {"title": "x", "questions": [made]}, 2),
        ("/api/questions", QUESTION, 2),
    ):
        answers = await asyncio.gather(*(client.post(address, json=body) for _ in range(12)))
        assert sorted(each.status_code for each in answers) == [201] * more + [409] * (12 - more)


async def test_a_session_goes_through_its_plan(client: httpx2.AsyncClient) -> None:
    first, second = (
        await make(client, languages=["python", "java"]),
        await make(
            client, title="Thrice", languages=["java", "cpp"], starters={}, references={}, wrong=[]
        ),
    )
    plan = await plan_of(client, first, second, rubric=["Tests first"])
    answer = await client.post("/api/sessions", json={"plan_id": plan["plan_id"]})
    session, path = answer.json(), f"/api/sessions/{answer.json()['session_id']}"
    # Java is what both can be solved in.
    assert (session["title"], session["language"]) == ("Double it", "java")
    assert session["rubric"] == ["Tests first"]
    clock = (await client.get(f"{path}/clock")).json()
    assert clock["minutes"] == 20
    assert clock["steps"] == [
        {"name": "1/2", "minutes": 10},
        {"name": "2/2", "minutes": 10},
    ]
    await client.put(f"{path}/clock", json={"minutes": 20, "steps": clock["steps"], "shown": True})
    link = session["share_url"].rpartition("/")[2]
    joined = (await client.post("/api/join", json={"token": link, "name": "Zoë"})).json()
    bearer = {"Authorization": f"Bearer {joined['access_token']}"}
    for place in ("", "/clock", "/problem", "/timeline"):
        told = (await client.get(path + place, headers=bearer)).text
        assert "Thrice" not in told, place
        assert "Backend" not in told, place
    client.cookies.clear()  # of who joined
    planned = (await client.get(f"{path}/plan")).json()
    assert planned["current"] == 0
    assert [each["given"] for each in planned["questions"]] == [True, False]
    # The plan goes, the session's stays.
    await client.delete(f"/api/plans/{plan['plan_id']}")
    following = planned["questions"][1]["question_id"]
    given = await client.put(f"{path}/problem", json={"question_id": following})
    assert given.json()["title"] == "Thrice"
    planned = (await client.get(f"{path}/plan")).json()
    assert (planned["current"], [each["given"] for each in planned["questions"]]) == (
        1,
        [True, True],
    )
    # A question that is deleted meanwhile is named still.
    await client.delete(f"/api/questions/{first['question_id']}")
    planned = (await client.get(f"{path}/plan")).json()
    assert (planned["questions"][0]["question_id"], planned["questions"][0]["title"]) == (
        None,
        "Double it",
    )


async def test_a_plan_that_is_not_ready_begins_no_session(client: httpx2.AsyncClient) -> None:
    first, draft = await make(client), await make(client, title="Later", draft=True)
    plan = await plan_of(client, first, draft)
    assert [each["ready"] for each in plan["questions"]] == [True, False]
    wanted = {"plan_id": plan["plan_id"]}
    answer = await client.post("/api/sessions", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_not_ready")
    assert "Later" in answer.json()["detail"]
    both = await client.post("/api/sessions", json=wanted | {"question_id": first["question_id"]})
    assert (both.status_code, "not both" in both.text) == (422, True)
    unknown = await client.post("/api/sessions", json={"plan_id": "f" * 32})
    assert unknown.status_code == 404
    # Deleted for good, its questions leave an empty plan behind.
    for each in (first, draft):
        await client.delete(f"/api/questions/{each['question_id']}")
    answer = await client.post("/api/sessions", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_not_ready")


async def test_a_session_without_a_plan_has_an_empty_one(client: httpx2.AsyncClient) -> None:
    path = await begin(client, await make(client))
    assert (await client.get(f"{path}/plan")).json() == {"questions": [], "current": None}
