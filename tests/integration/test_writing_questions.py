"""Questions as they are written: proposed from a text, edited as files, proven until somebody stops it."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
from tests.harness.application import Application, application
from tests.harness.packages import DOT
from tests.integration.test_questions import FUNCTION, QUESTION, begin, make
from tests.unit.test_proposals import case, exercise

from pizarra.access.rules import role_of_account
from pizarra.config import Settings
from pizarra.kit.clock import utc_now
from pizarra.models import AccountRole, Role
from pizarra.sessions.retention import Retention

PASTED = "twoSum(int[] nums, int target) -> int[]\ntwoSum([2, 7], 9) -> [0, 1]\n[3, 3], 6 -> [0, 1]"
SPANISH = {"accept-language": "es"}


async def propose(client: httpx2.AsyncClient, text: str, **more: Any) -> httpx2.Response:
    headers = more.pop("headers", {})
    body = {"text": text, **more}
    return await client.post("/api/questions/propose", json=body, headers=headers)


async def test_a_pasted_signature_is_a_draft_that_a_person_keeps(
    client: httpx2.AsyncClient,
) -> None:
    answer = await propose(client, PASTED, statement="Find the *two*.")
    assert answer.status_code == 200, answer.text
    question, remarks = answer.json()["question"], answer.json()["remarks"]
    assert (question["title"], question["draft"], remarks) == ("Two sum", True, [])
    assert question["signature"]["parameters"][0] == {"name": "nums", "type": "int[]"}
    assert [each["expected"] for each in question["samples"]] == ["[0, 1]", "[0, 1]"]
    assert (await client.get("/api/questions")).json() == []
    made = await client.post("/api/questions", json=question)
    assert made.status_code == 201, made.text
    assert {name: made.json()[name] for name in question} == question


async def test_an_exercise_says_what_was_guessed_and_left_out(client: httpx2.AsyncClient) -> None:
    text = exercise(case({"a": 1}, 2), case({"a": 2}, 4), case({"a": -1}, {"error": "negative"}))
    proposed = (await propose(client, text)).json()
    assert proposed["question"]["signature"]["function"] == "addUp"
    assert [each.split()[0] for each in proposed["remarks"]] == ["The", "1"]


async def test_what_is_no_question_gets_a_sentence(
    running: Application, client: httpx2.AsyncClient
) -> None:
    refused = await propose(client, "nothing of the kind", headers=SPANISH)
    assert (refused.status_code, refused.json()["code"]) == (422, "package_refused")
    assert refused.json()["detail"].startswith("Su primera línea no es una firma.")
    bound = running.services.settings.max_proposal_bytes
    large = await propose(client, PASTED + "\n" * bound, headers=SPANISH)
    assert (large.status_code, large.json()["code"]) == (422, "question_too_large")
    assert large.json()["detail"].startswith("texto: ")
    running.services.settings.max_question_cases = 1
    assert (await propose(client, PASTED)).json()["code"] == "question_too_large"


async def files_of(
    client: httpx2.AsyncClient, question: dict[str, Any]
) -> tuple[dict[str, str], str]:
    answer = await client.get(f"/api/questions/{question['question_id']}/files")
    assert answer.json()["version"] == question["version"]
    return dict(answer.json()["files"]), answer.headers["etag"]


async def write(
    client: httpx2.AsyncClient, question: dict[str, Any], files: dict[str, str], tag: str = "*"
) -> httpx2.Response:
    address = f"/api/questions/{question['question_id']}/files"
    return await client.put(address, json={"files": files}, headers={"if-match": tag})


async def test_files_are_edited_and_nothing_else_changes(client: httpx2.AsyncClient) -> None:
    function = FUNCTION | {"references": {}, "wrong": [], "rubric": ["Asks"]}
    for changes in ({}, function):
        made = await make(client, **changes)
        address = f"/api/questions/{made['question_id']}"
        files, tag = await files_of(client, made)
        same = await write(client, made, files, tag)
        assert (same.status_code, same.json()["version"], same.json()["remarks"]) == (200, 1, [])
        assert (await client.get(address)).json() == made
        files["statement/problem.en.md"] = "Read it."
        files["data/sample/009.in"] = made["samples"][0]["input"]
        files["data/sample/009.ans"] = made["samples"][0]["expected"]
        changed = await write(client, made, files, tag)
        assert changed.json()["version"] == 2, changed.text
        read = (await client.get(address)).json()
        assert (read["statement"], len(read["samples"])) == ("Read it.", 2)
        of_the_version = ("statement", "samples", "version", "newest", "updated_at")
        assert {**read, **dict.fromkeys(of_the_version)} == {
            **made,
            **dict.fromkeys(of_the_version),
        }
        late = await write(client, made, files, tag)
        assert late.status_code == 412
        assert changed.headers["etag"] == (await client.get(address)).headers["etag"]


async def test_a_refusal_names_the_file(running: Application, client: httpx2.AsyncClient) -> None:
    groups = [
        {"name": "small", "cases": [{"input": "[]\n1", "expected": "1"}]},
        {"name": "large", "cases": [{"input": "[9]\n1", "expected": "10"}]},
    ]
    about = FUNCTION | {"references": {}, "wrong": [], "secret": groups}
    made = await make(client, **about)
    files, tag = await files_of(client, made)
    ours = files[".pizarra.yaml"]
    for path, text in (
        ("problem.yaml", "- x"),
        ("problem.yaml", "name: {en: '  '}\n"),
        (".pizarra.yaml", ours.replace("minutes: 10", "minutes: 0")),
        (".pizarra.yaml", "minutes: : :"),
        ("data/sample/001.ans", "six"),
        ("data/secret/01/001.in", "[]"),
        ("data/secret/02/001.ans", '"10"'),
        ("data/secret/02/001.yaml", "- x"),
    ):
        refused = await write(client, made, files | {path: text}, tag)
        assert (refused.status_code, refused.json()["code"]) == (422, "package_refused"), path
        assert path in refused.json()["detail"]
    said = await client.put(
        f"/api/questions/{made['question_id']}/files",
        json={"files": files | {"data/sample/001.ans": "six"}},
        headers=SPANISH,
    )
    assert said.json()["detail"].endswith("Está en el archivo data/sample/001.ans.")
    without = {path: text for path, text in files.items() if path != "problem.yaml"}
    for wrong in (without, {}, files | {"../x": ""}, files | {"/etc/x": ""}):
        assert (await write(client, made, wrong)).json()["code"] == "package_refused"
    running.services.settings.max_package_files = len(files)
    too_many = await write(client, made, files | {"one.more": ""})
    assert "more than" in too_many.json()["detail"]
    assert (await client.get(f"/api/questions/{made['question_id']}")).json() == made


async def test_what_is_left_out_of_the_files_is_said(client: httpx2.AsyncClient) -> None:
    made = await make(client)
    files, _ = await files_of(client, made)
    answer = await write(
        client, made, files | {"generators/a.py": "", "data/secret/01/001.in": "1"}
    )
    assert answer.json()["remarks"] == ["These parts were left out: generators."]
    assert answer.json()["detail"] == "These parts were left out: generators."


async def test_a_proof_is_stopped(client: httpx2.AsyncClient) -> None:
    endless = {"references": {"python": "while True:\n    pass\n"}, "wrong": [], "secret": []}
    made = await make(client, **endless)
    address = f"/api/questions/{made['question_id']}"
    assert (await client.post(f"{address}/prove/stop")).status_code == 204  # none is under way
    begun = await client.post(f"{address}/prove")
    assert begun.status_code == 202
    assert begun.json()["progress"] == {"done": 0, "of": 2}
    assert (await client.post(f"{address}/prove/stop")).status_code == 204
    assert (await client.get(address)).json()["proof"] is None
    waiting = asyncio.create_task(client.post(f"{address}/prove?wait=true", timeout=120))
    async with asyncio.timeout(60):
        while (await client.get(address)).json()["proof"] is None:  # until it is asked for
            await asyncio.sleep(0.01)
    assert (await client.post(f"{address}/prove/stop")).status_code == 204
    assert (await client.get(address)).json()["proof"] is None
    stopped = await waiting
    assert stopped.status_code in (202, 409)  # it may not have waited that long
    assert (await client.get(f"{address}?version=1")).json()["proof"] is None


async def test_a_question_is_tried_out_as_its_candidate(
    running: Application, client: httpx2.AsyncClient
) -> None:
    made = await make(client, draft=True)
    wanted = {"question_id": made["question_id"]}
    assert (await client.post("/api/sessions", json=wanted)).status_code == 409
    assert (await client.post("/api/sessions", json={"rehearsal": True})).status_code == 422
    begun = await client.post("/api/sessions", json={**wanted, "rehearsal": True})
    assert begun.status_code == 201, begun.text
    session = begun.json()
    assert (session["is_rehearsal"], session["your_role"]) == (True, "candidate")
    assert (session["share_url"], session["title"]) == (None, QUESTION["title"])
    address = f"/api/sessions/{session['session_id']}"
    read = (await client.get(address)).json()
    assert (read["your_role"], read["initial_code"]) == ("candidate", "n = int(input())\n")
    problem = await client.get(f"{address}/problem")
    assert problem.json()["for_interviewers"] is None
    for secret in ("gu1de", "r3ference", "h1nt", "f0llow"):
        assert secret not in problem.text
    for path in ("tests", "notes", "scores", "plan"):
        assert (await client.get(f"{address}/{path}")).status_code == 403
    assert (await client.put(f"{address}/problem", json=wanted)).status_code == 403
    # No list has it, nothing counts it, and it goes as every rehearsal does.
    assert (await client.get("/api/sessions")).json() == []
    question = (await client.get(f"/api/questions/{made['question_id']}")).json()
    assert (question["sessions"], question["fared"]["candidates"]) == (0, 0)


async def test_what_was_tried_out_is_erased_after_a_day(settings: Settings) -> None:
    now = utc_now()
    async with application(settings, lambda: now) as running, running.client() as owner:
        services = running.services
        retention = Retention(settings, services.database, services.disk, services.hub, lambda: now)
        made = await make(owner)
        wanted = {"question_id": made["question_id"], "rehearsal": True}
        session = (await owner.post("/api/sessions", json=wanted)).json()
        now += timedelta(hours=settings.rehearsal_hours) - timedelta(microseconds=1)
        assert await retention.erase_due() == 0
        now += timedelta(microseconds=1)
        assert await retention.erase_due() == 1
        assert await retention.erase_due() == 0
        assert (await owner.get(f"/api/sessions/{session['session_id']}")).status_code == 404
        question = await owner.get(f"/api/questions/{made['question_id']}")
        assert question.json() == made


def test_whoever_may_be_where_a_question_is_tried_is_a_candidate() -> None:
    about: dict[str, Any] = {"session_team": 1, "created_by": 7, "tries_question": True}
    for account, kind, team, role in (
        (7, AccountRole.INTERVIEWER, 1, Role.CANDIDATE),
        (8, AccountRole.INTERVIEWER, 1, Role.CANDIDATE),
        (8, AccountRole.ADMIN, 2, Role.CANDIDATE),
        (8, AccountRole.INTERVIEWER, 2, None),
    ):
        assert role_of_account(account, kind, team, may_write=True, **about) is role
    assert role_of_account(7, AccountRole.INTERVIEWER, 1, may_write=False, **about) is Role.OBSERVER


async def test_pictures_are_for_whoever_reads_the_statement(
    running: Application, client: httpx2.AsyncClient
) -> None:
    made = await make(client, images={"dot.gif": DOT}, statement="![a dot](dot.gif)")
    assert made["images"] == {"dot.gif": DOT}
    address = await begin(client, made)
    assert (await client.get(f"{address}/problem")).json()["images"] == {"dot.gif": DOT}
    [posed] = (await client.get(f"{address}/timeline?kinds=problem")).json()
    assert posed["data"]["images"] == {"dot.gif": DOT}
    files, tag = await files_of(client, made)
    assert not any("dot.gif" in path for path in files)
    changed = await write(client, made, files | {"statement/problem.en.md": "![](dot.gif)"}, tag)
    assert changed.json()["version"] == 2
    question = (await client.get(f"/api/questions/{made['question_id']}")).json()
    assert question["images"] == {"dot.gif": DOT}
    running.services.settings.max_image_bytes = 10
    large = await client.post("/api/questions", json=QUESTION | {"images": {"dot.gif": DOT}})
    assert (large.status_code, large.json()["code"]) == (422, "question_too_large")
