"""Two questions in one session: each keeps its tests, what came of them, and the line of work it was given on."""

import asyncio
from typing import Any

import httpx2
import pytest
from pycrdt import Doc, Map
from tests.harness.application import Application
from tests.harness.wires import Wire
from tests.integration.test_questions import begin, make
from tests.integration.test_test_cases import tried

from pizarra.access.session_access import read_session
from pizarra.collab.connection import Connection, Person
from pizarra.collab.wire.codec import SyncStep, sync_frame
from pizarra.timeline.read.documents import read_document

RIGHT = "print(int(input()) * 2)\n"
TRIPLE: dict[str, Any] = {
    "title": "Triple it",
    "samples": [{"input": "1\n", "expected": "3\n"}],
    "secret": [{"name": "big", "cases": [{"input": "5\n", "expected": "15\n"}]}],
    "starters": {"python": "print(int(input()) * 3)\n"},
}


def chosen(question: dict[str, Any]) -> dict[str, str]:
    """Return what asks for a question of the library."""
    return {"question_id": question["question_id"]}


async def give(client: httpx2.AsyncClient, path: str, question: dict[str, Any]) -> dict[str, Any]:
    answer = await client.put(f"{path}/problem", json=chosen(question))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def run(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.post(f"{path}/runs?wait=true", json={"stdin": "1\n"}, timeout=60)
    assert answer.json()["status"] == "exited", answer.text


def outcomes(read: dict[str, Any]) -> list[list[bool]]:
    return [[each["passed"] for each in attempt["results"]] for attempt in read["attempts"]]


async def test_each_question_keeps_its_tests_and_what_came_of_them(
    client: httpx2.AsyncClient,
) -> None:
    double, triple = await make(client), await make(client, **TRIPLE)
    path = await begin(client, double, initial_code=RIGHT)
    await run(client, path)
    first = await tried(f"{path}/tests", client=client)
    assert (outcomes(first)[-1], first["others"]) == ([True], [])

    await give(client, path, triple)
    await run(client, path)
    second = await tried(
        f"{path}/tests",
        client=client,
        enough=lambda read: bool(read["attempts"] and read["others"][0]["attempts"]),
    )
    assert [each["name"] for each in second["tests"]] == ["big: 1"]
    assert outcomes(second)[-1] == [True]
    (kept,) = second["others"]
    assert (kept["title"], kept["of"], kept["tests"]) == ("Double it", first["of"], first["tests"])
    assert first["attempts"][-1] in kept["attempts"], "nothing that came of them is lost"
    assert all(each == [True] for each in outcomes(kept)), (
        "the other's program is not tried on them"
    )

    await give(client, path, double)
    third = await tried(f"{path}/tests", client=client)
    assert (third["of"], third["tests"]) == (first["of"], first["tests"])
    assert first["attempts"][-1] in third["attempts"]
    assert [each["title"] for each in third["others"]] == ["Triple it"]

    report = (await client.get(f"{path}/export?format=report")).text
    assert ("Double it</h2>" in report, "Triple it</h2>" in report) == (True, True)


async def test_tests_written_by_hand_are_of_the_question_that_is_on(
    client: httpx2.AsyncClient,
) -> None:
    session = (await client.post("/api/sessions", json={"initial_code": "print(7)\n"})).json()
    path = f"/api/sessions/{session['session_id']}"
    seven = [{"name": "seven", "stdin": "", "expected": "7\n"}]
    assert (await client.put(f"{path}/tests", json={"tests": seven})).status_code == 200
    await run(client, path)
    assert outcomes(await tried(f"{path}/tests", client=client))[-1] == [True]
    triple = await make(client, **TRIPLE)
    await give(client, path, triple)
    nine = [{"name": "nine", "stdin": "3\n", "expected": "9\n"}]
    put = (await client.put(f"{path}/tests", json={"tests": nine})).json()
    assert [each["name"] for each in put["tests"]] == ["nine"]
    assert [(each["title"], len(each["tests"])) for each in put["others"]] == [("", 1)]
    await run(client, path)
    read = await tried(f"{path}/tests", client=client)
    assert (outcomes(read)[-1], outcomes(read["others"][0])[-1]) == ([True], [True])


async def test_back_on_the_main_line_is_its_question(client: httpx2.AsyncClient) -> None:
    double, triple = await make(client), await make(client, **TRIPLE)
    path = await begin(client, double, initial_code=RIGHT)
    branch = (await client.post(f"{path}/branches", json={"name": "And thrice?"})).json()
    await give(client, path, triple)
    assert (await client.get(f"{path}/problem")).json()["title"] == "Triple it"
    await client.post(f"{path}/branches/0/resume")
    back = (await client.get(f"{path}/problem")).json()
    assert (back["title"], back["folder"]) == ("Double it", "")
    samples = await client.post(f"{path}/samples?wait=true", timeout=60)
    assert [each["passed"] for each in samples.json()] == [True]
    read = await asyncio.wait_for(tried(f"{path}/tests", client=client), 40)
    assert [each["title"] for each in read["others"]] == ["Triple it"]
    await client.post(f"{path}/branches/{branch['branch_id']}/resume")
    assert (await client.get(f"{path}/problem")).json()["title"] == "Triple it"


async def test_what_was_given_before_comes_back_in_its_version_though_it_is_deleted(
    client: httpx2.AsyncClient,
) -> None:
    double, triple = await make(client), await make(client, **TRIPLE)
    path = await begin(client, double, initial_code=RIGHT)
    first = (await client.get(f"{path}/tests")).json()
    given = await give(client, path, triple)
    before = given["for_interviewers"]["given"]
    assert [(each["title"], each["version"]) for each in before] == [
        ("Double it", 1),
        ("Triple it", 1),
    ]
    address = f"/api/questions/{double['question_id']}"
    await client.patch(address, json={"title": "Quadruple it"})
    assert (await client.delete(address)).status_code == 204
    back = await client.put(f"{path}/problem", json={"seq": before[0]["seq"]})
    assert back.status_code == 200, back.text
    assert (back.json()["title"], back.json()["version"]) == ("Double it", 1)
    assert (await client.get(f"{path}/tests")).json()["of"] == first["of"]
    for wrong in ({"seq": 1}, {"follow_up": 7}):
        answer = await client.put(f"{path}/problem", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_problem")
    both = await client.put(f"{path}/problem", json={"seq": 2, "follow_up": 0})
    assert both.status_code == 422


async def test_a_follow_up_is_asked_and_nothing_of_the_question_is_touched(
    client: httpx2.AsyncClient,
) -> None:
    cases = [{"name": "four", "input": "4\n", "expected": "12\n"}]
    follow_ups = [
        {"title": "And thrice?", "text": "Print it *thrice*.", "cases": cases},
        {"title": "Backwards", "text": "x", "starters": {"python": "print('own')\n"}},
    ]
    question = await make(client, follow_ups=follow_ups)
    path = await begin(client, question, initial_code=RIGHT)
    asked = (await client.put(f"{path}/problem", json={"follow_up": 0})).json()
    assert (asked["title"], asked["statement"]) == ("And thrice?", "Print it *thrice*.")
    assert (asked["follow_up"], asked["folder"][:11]) == (0, "and-thrice-")
    assert [each["expected"] for each in asked["samples"]] == ["12\n"]
    # It goes on with a copy of the answer, and is tried on its own cases.
    begun = await client.get(f"{path}/files/{asked['folder']}main.py")
    assert begun.text == RIGHT
    samples = (await client.post(f"{path}/samples?wait=true", timeout=60)).json()
    assert [(each["name"], each["passed"]) for each in samples] == [("four", False)]
    assert (await client.get(f"{path}/tests")).json()["others"][0]["title"] == "Double it"
    second = (await client.put(f"{path}/problem", json={"follow_up": 1})).json()
    begun = await client.get(f"{path}/files/{second['folder']}main.py")
    assert begun.text == "print('own')\n"
    back = (await client.put(f"{path}/problem", json={"seq": 2})).json()
    assert (back["title"], back["follow_up"]) == ("Double it", None)
    assert (await client.get(f"{path}/files/main.py")).text == RIGHT
    titles = [each["title"] for each in back["for_interviewers"]["given"]]
    assert sorted(titles) == ["And thrice?", "Backwards", "Double it"]
    # From the library it comes back as well, and not with the files of what followed it.
    await client.put(f"{path}/problem", json={"follow_up": 0})
    again = (await client.put(f"{path}/problem", json=chosen(question))).json()
    assert (again["title"], again["follow_up"], again["folder"]) == ("Double it", None, "")


async def test_the_questions_rubric_is_the_sessions_that_has_none(
    client: httpx2.AsyncClient,
) -> None:
    session = (await client.post("/api/sessions", json={})).json()
    path = f"/api/sessions/{session['session_id']}"
    await give(client, path, await make(client))
    assert (await client.get(path)).json()["rubric"] == ["Reads the input"]
    own = (await client.post("/api/sessions", json={"rubric": ["Mine"]})).json()
    path = f"/api/sessions/{own['session_id']}"
    await give(client, path, await make(client))
    assert (await client.get(path)).json()["rubric"] == ["Mine"]


async def test_whoever_waits_learns_neither_problem_nor_title(client: httpx2.AsyncClient) -> None:
    question = await make(client)
    titles = {}
    for wanted in (None, "Tuesday at ten"):
        body = {"question_id": question["question_id"], "waiting_room": True, "title": wanted}
        session = (await client.post("/api/sessions", json=body)).json()
        token = session["share_url"].rpartition("/")[2]
        preview = await client.get(f"/api/invitations/{token}")
        assert "Double" not in preview.text
        titles[wanted] = preview.json()["title"]
        joined = (await client.post("/api/join", json={"token": token, "name": "Zoë"})).json()
        assert joined["waiting"] is True
        mine = {"authorization": f"Bearer {joined['access_token']}"}
        path = f"/api/sessions/{session['session_id']}"
        for address in (path, f"{path}/problem", f"{path}/timeline", f"{path}/admission"):
            answer = await client.get(address, headers=mine)
            assert "Double" not in answer.text, address
        client.cookies.clear()  # the next session is the host's again
    assert titles == {None: "", "Tuesday at ten": "Tuesday at ten"}


# On PostgreSQL it is the row's lock that is waited for.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_question_is_given_while_somebody_types(
    running: Application, client: httpx2.AsyncClient
) -> None:
    """What is typed meanwhile waits for the transaction that gives it: who waits for both in it waits for ever."""
    question = await make(client)
    session = (await client.post("/api/sessions", json={})).json()
    database = running.services.database
    room = await running.services.hub.room(session["room_id"])
    zoe = Connection(
        Person(1001, f"{1001:032}", "Zoë", "candidate", may_edit=True),
        Wire(),
        running.services.hub.limits.connection,
        wants_control=False,
    )
    assert room.join(zoe)
    path = f"/api/sessions/{session['session_id']}/problem"
    giving = asyncio.create_task(client.put(path, json=chosen(question)))
    assert database.embedded is not None
    while not database.embedded.turn.locked():  # the moment at which it matters
        assert not giving.done()
        await asyncio.sleep(0)
    typed: Doc[Any] = Doc()
    typed.get("notes", type=Map)["typed"] = Map({})
    room.receive(zoe, sync_frame(SyncStep.UPDATE, typed.get_update()))
    async with asyncio.timeout(20):
        assert (await giving).status_code == 200
        await room.settled()


async def test_nothing_is_waited_for_in_a_transaction_that_may_wait_for_it(
    running: Application, client: httpx2.AsyncClient
) -> None:
    session = (await client.post("/api/sessions", json={})).json()
    await running.services.hub.room(session["room_id"])
    access = await read_session(running.services.database, session["session_id"])
    assert access is not None
    async with running.services.database.write() as db:
        with pytest.raises(RuntimeError, match="may wait for the transaction"):
            await read_document(db, running.services.hub, access, None)
    async with running.services.database.read() as db:  # that one is over
        assert (await read_document(db, running.services.hub, access, None)).language() == "python"
