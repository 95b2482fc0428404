"""Questions: a library with versions, and what a session is about, for whoever may see it."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select
from tests.harness.application import Application
from tests.harness.rooms import join
from tests.harness.server import ServerProcess
from tests.integration.test_export import export, members

from pizarra.exports.reader import open_archive
from pizarra.exports.restore import import_archive
from pizarra.kit.clock import utc_now
from pizarra.models import Question, QuestionVersion

QUESTION: dict[str, Any] = {
    "title": "Double it",
    "statement": "Read $n$, print it **twice**.",
    "translations": {"es": {"title": "Dóblalo", "statement": "Lee $n$ y dóblalo."}},
    "difficulty": "easy",
    "minutes": 10,
    "tags": ["Math", "input"],
    "licence": "cc0",
    "languages": ["python", "java"],
    "starters": {"python": "n = int(input())\n"},
    "references": {"python": "print(int(input()) * 2)  # r3ference\n"},
    "wrong": [{"name": "square", "language": "python", "source": "print(int(input()) ** 2)\n"}],
    "samples": [{"name": "three", "input": "3\n", "expected": "6\n"}],
    "secret": [{"name": "small", "cases": [{"input": "0\n", "expected": "0\n", "hint": "h1nt"}]}],
    "guide": "gu1de",
    "rubric": ["Reads the input"],
    "follow_ups": [{"title": "f0llow", "text": "And thrice?"}],
}


FUNCTION: dict[str, Any] = {
    "kind": "function",
    "starters": {},
    "secret": [],
    "signature": {
        "function": "sumOf",
        "parameters": [{"name": "a", "type": "int[]"}, {"name": "b", "type": "int"}],
        "returns": "int",
    },
    "samples": [{"input": "[1, 2]\n3", "expected": "6"}],
}


async def make(client: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/api/questions", json=QUESTION | changes)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def begin(client: httpx2.AsyncClient, question: dict[str, Any], **more: Any) -> str:
    """Create a session about a question; return its address."""
    answer = await client.post(
        "/api/sessions", json={"question_id": question["question_id"], **more}
    )
    assert answer.status_code == 201, answer.text
    return f"/api/sessions/{answer.json()['session_id']}"


async def test_a_question_is_kept_as_it_was_given(client: httpx2.AsyncClient) -> None:
    made = await make(client)
    address = f"/api/questions/{made['question_id']}"
    read = await client.get(address)
    assert read.json() == made
    assert {name: made[name] for name in ("title", "statement", "translations", "guide")} == {
        name: QUESTION[name] for name in ("title", "statement", "translations", "guide")
    }
    assert (made["version"], made["newest"], made["runnable"], made["detail"]) == (1, 1, True, None)
    again = await client.post("/api/questions", json=QUESTION)
    assert again.headers["location"] == f"/api/questions/{again.json()['question_id']}"
    assert again.json()["question_id"] != made["question_id"]


async def test_a_change_makes_a_version_and_nothing_else_changes(
    client: httpx2.AsyncClient,
) -> None:
    made = await make(client)
    address = f"/api/questions/{made['question_id']}"
    changed = await client.patch(address, json={"title": "Twice", "rubric": []})
    assert changed.status_code == 200
    assert changed.json()["version"] == 2
    same = await client.patch(address, json={"title": "Twice"})
    assert (same.json()["version"], same.headers["etag"]) == (2, changed.headers["etag"])
    old = (await client.get(f"{address}?version=1")).json()
    assert (old["title"], old["version"], old["newest"]) == ("Double it", 1, 2)
    assert {**old, "newest": 1} == made
    assert (await client.get(f"{address}?version=3")).status_code == 404
    stale = await client.patch(address, json={"title": "X"}, headers={"if-match": '"other"'})
    assert stale.status_code == 412
    kept = await client.patch(address, json={"minutes": None, "difficulty": "hard"})
    assert (kept.json()["minutes"], kept.json()["difficulty"]) == (30, "hard")  # as when left out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "function"}, "signature is given with kind: function"),
        ({"translations": {"en": {"title": "x", "statement": ""}}}, "translations: en is what"),
        ({"starters": {"cpp": ""}}, "starters: cpp is not one of its languages"),
        ({"comparator": {"how": "checker"}}, "a checker is given with how: checker"),
        ({"rubric": ["a", "A"]}, "must not name a criterion twice"),
        ({"kind": "function", "signature": {"function": "lambda"}}, "is a word of one"),
        (
            FUNCTION | {"samples": [{"input": "1\n2", "expected": "3"}]},
            "a: must be of the type int[]",
        ),
        (FUNCTION | {"samples": [{"input": "[1]\n2", "expected": "x"}]}, "expected: is no JSON"),
        ({"title": ""}, "title"),
        ({"languages": []}, "languages"),
    ],
)
async def test_what_is_no_question_is_refused_made_or_changed(
    client: httpx2.AsyncClient, change: dict[str, Any], says: str
) -> None:
    made = await make(client)
    for answer in (
        await client.post("/api/questions", json=QUESTION | change),
        await client.patch(f"/api/questions/{made['question_id']}", json=change),
    ):
        assert answer.status_code == 422
        assert says in answer.json()["detail"]
    assert (await client.get(f"/api/questions/{made['question_id']}")).json() == made


@pytest.mark.parametrize(
    ("bound", "size", "change"),
    [
        ("max_statement_bytes", 1024, {"statement": "é" * 513}),
        ("max_statement_bytes", 1024, {"guide": "x" * 1025}),
        ("max_statement_bytes", 1024, {"follow_ups": [{"title": "x", "text": "x" * 1025}]}),
        ("max_statement_cells", 3, {"statement": "|a|b|\n|-|-|\nc"}),
        ("max_statement_cells", 3, {"guide": "|a|b|\n|-|-|\nc"}),
        ("max_statement_cells", 3, {"follow_ups": [{"title": "x", "text": "|a|b|\n|-|-|\nc"}]}),
        (
            "max_statement_cells",
            3,
            {"translations": {"es": {"title": "x", "statement": "|a|b|\n|-|-|\nc"}}},
        ),
        ("max_sample_bytes", 10, {"samples": [{"input": "x" * 11}]}),
        ("max_question_cases", 2, {"follow_ups": [{"title": "x", "text": "", "cases": [{}]}]}),
        ("max_question_bytes", 3000, {"references": {"python": "#" * 2000}}),
    ],
)
async def test_every_bound_holds_and_is_named(
    running: Application, client: httpx2.AsyncClient, bound: str, size: int, change: dict[str, Any]
) -> None:
    made = await make(client)
    setattr(running.services.settings, bound, size)
    for answer in (
        await client.post("/api/questions", json=QUESTION | change),
        await client.patch(f"/api/questions/{made['question_id']}", json=change),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "question_too_large")
        assert bound in answer.json()["detail"]


async def test_a_library_and_a_question_have_an_end(
    running: Application, client: httpx2.AsyncClient
) -> None:
    made = await make(client)
    running.services.settings.max_questions = 1
    running.services.settings.max_question_versions = 1
    full = await client.post("/api/questions", json=QUESTION)
    assert (full.status_code, full.json()["code"]) == (409, "too_many_questions")
    old = await client.patch(f"/api/questions/{made['question_id']}", json={"minutes": 7})
    assert (old.status_code, old.json()["code"]) == (409, "too_many_versions")


async def test_the_library_is_searched_and_filtered(client: httpx2.AsyncClient) -> None:
    double = await make(client)
    tree = await make(
        client,
        title="100 % of a_tree",
        minutes=25,
        tags=["trees"],
        difficulty="hard",
        languages=["python"],
        starters={},
        translations={},
    )

    async def found(query: str) -> list[str]:
        answer = await client.get(f"/api/questions?{query}")
        assert answer.status_code == 200, answer.text
        assert int(answer.headers["x-total-count"]) >= len(answer.json())
        return [each["question_id"] for each in answer.json()]

    both = [tree["question_id"], double["question_id"]]  # the newest first
    assert await found("") == both
    for query, expected in (
        *(("q=DOUBLE", 1), ("q=dóblalo", 1), ("q=math double", 1), ("q=math tree", None)),
        *(("q=100 %25", 0), ("q=a_tree", 0), ("q=a%25ee", None)),
        *(("tag=MATH", 1), ("tag=mat", None), ("tag=trees", 0)),
        *(("difficulty=hard", 0), ("language=java", 1), ("kind=function", None)),
        *(("tag=math&tag=INPUT", 1), ("tag=math&tag=trees", None)),
        *(("minutes=10", 1), ("minutes=9", None), ("proven=true", None), ("draft=true", None)),
    ):
        assert await found(query) == ([] if expected is None else [both[expected]]), query
    assert await found("limit=1&skip=1") == both[1:]
    listed = (await client.get("/api/questions?q=double")).json()[0]
    assert "statement" not in listed
    assert listed["sessions"] == 0


async def test_a_session_begins_with_a_question(client: httpx2.AsyncClient) -> None:
    question = await make(client)
    path = await begin(client, question)
    session = (await client.get(path)).json()
    assert (session["title"], session["rubric"]) == ("Double it", ["Reads the input"])
    assert (await client.get(f"{path}/files/main.py")).text == "n = int(input())\n"
    kinds = [(each["seq"], each["kind"]) for each in (await client.get(f"{path}/timeline")).json()]
    assert kinds == [(1, "edit"), (2, "problem")]
    problem = (await client.get(f"{path}/problem")).json()
    assert (problem["question_id"], problem["version"]) == (question["question_id"], 1)
    assert problem["samples"] == [{"name": "three", "input": "3\n", "expected": "6\n"}]
    assert problem["for_interviewers"]["guide"] == "gu1de"
    spanish = await client.get(f"{path}/problem", headers={"accept-language": "fr, es-MX;q=0.8"})
    assert (spanish.json()["title"], spanish.json()["spoken"]) == ("Dóblalo", "es")
    tests = (await client.get(f"{path}/tests")).json()["tests"]
    assert [(each["name"], each["stdin"]) for each in tests] == [("small: 1", "0\n")]
    # What is asked for goes before what the question says, and each language has its own starter.
    mine = await begin(client, question, title="Mine", initial_code="x\n", language="java")
    assert (await client.get(mine)).json()["title"] == "Mine"
    assert (await client.get(f"{mine}/files/Main.java")).text == "x\n"
    await client.patch(mine, json={"language": "python"})
    assert (await client.get(f"{mine}/files/main.py")).text == "n = int(input())\n"
    assert (await client.get(f"{mine}/files/Main.java")).text == "x\n"
    listed = (await client.get("/api/questions")).json()[0]
    assert listed["sessions"] == 2


async def test_what_no_session_can_begin_with(client: httpx2.AsyncClient) -> None:
    question = await make(client, draft=True)
    for body, status, code in (
        ({"question_id": question["question_id"]}, 409, "question_is_draft"),
        ({"question_id": "f" * 32}, 404, "question_not_found"),
        ({"question_id": "no id"}, 404, "question_not_found"),
    ):
        answer = await client.post("/api/sessions", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    ready = await make(client)
    body = {"question_id": ready["question_id"], "language": "cpp"}
    answer = await client.post("/api/sessions", json=body)
    assert answer.status_code == 422
    assert "python, java" in answer.json()["detail"]
    assert (await client.get("/api/sessions")).json() == []


async def test_another_question_touches_nothing_that_was_written(
    client: httpx2.AsyncClient,
) -> None:
    session = (await client.post("/api/sessions", json={"initial_code": "mine\n"})).json()
    path = f"/api/sessions/{session['session_id']}"
    none = await client.get(f"{path}/problem")
    assert (none.status_code, none.json()["code"]) == (404, "no_problem")
    asked = await client.get(f"{path}/problem?optional=true")
    assert (asked.status_code, asked.content) == (204, b"")
    first, second = await make(client), await make(client, title="Ñandú: 2")
    put = await client.put(f"{path}/problem", json={"question_id": first["question_id"]})
    assert put.status_code == 200, put.text
    same = await client.get(f"{path}/problem?optional=true")
    assert (same.status_code, same.json()) == (200, put.json())
    folder = put.json()["folder"]
    assert folder == f"double-it-{first['question_id'][:4]}/"
    assert (await client.get(f"{path}/files/{folder}main.py")).text == "n = int(input())\n"
    assert (await client.get(f"{path}/files/main.py")).text == "mine\n"
    other = await client.put(f"{path}/problem", json={"question_id": second["question_id"]})
    assert other.json()["folder"].startswith("nandu-2-")
    back = await client.put(f"{path}/problem", json={"question_id": first["question_id"]})
    assert back.json()["folder"] == folder
    paths = [each["path"] for each in (await client.get(f"{path}/files")).json()]
    assert len(paths) == 3
    await client.patch(path, json={"language": "java"})
    paths = [each["path"] for each in (await client.get(f"{path}/files")).json()]
    assert {f"{folder}Main.java", "Main.java"} < set(paths)
    await client.post(f"{path}/end")
    ended = await client.put(f"{path}/problem", json={"question_id": second["question_id"]})
    assert ended.status_code == 409


async def test_a_session_keeps_the_version_it_was_given(client: httpx2.AsyncClient) -> None:
    question = await make(client)
    address, path = f"/api/questions/{question['question_id']}", await begin(client, question)
    await client.patch(address, json={"title": "Newer", "starters": {"java": "class New {}\n"}})
    await client.patch(path, json={"language": "java"})
    assert "New" not in (await client.get(f"{path}/files/Main.java")).text
    problem = (await client.get(f"{path}/problem")).json()
    assert (problem["title"], problem["version"]) == ("Double it", 1)
    assert problem["for_interviewers"]["newest"] == 2
    assert (await client.delete(address)).status_code == 204
    for gone in (await client.get(address), await client.patch(address, json={"minutes": 3})):
        assert gone.status_code == 404
    assert (await client.get("/api/questions")).json() == []
    kept = (await client.get(f"{path}/problem")).json()
    assert kept["for_interviewers"]["newest"] is None
    assert {**kept, "for_interviewers": None} == {**problem, "for_interviewers": None}
    assert (await client.delete(path)).status_code == 204


async def test_deleted_questions_go_with_the_last_session_that_has_them(
    running: Application, client: httpx2.AsyncClient
) -> None:
    async def rows() -> list[int]:
        async with running.services.database.read() as db:
            counts = [
                await db.scalar(select(func.count()).select_from(each))
                for each in (Question, QuestionVersion)
            ]
        return [each or 0 for each in counts]

    used, unused = await make(client), await make(client)
    path = await begin(client, used)
    await client.patch(f"/api/questions/{used['question_id']}", json={"minutes": 3})
    for each in (used, unused):
        await client.delete(f"/api/questions/{each['question_id']}")
    assert await rows() == [1, 1]
    await client.delete(path)
    last = await make(client)
    await client.delete(f"/api/questions/{last['question_id']}")
    assert await rows() == [0, 0]


def test_whoever_is_in_the_session_sees_the_statement_and_nobody_the_rest(
    shared_server: ServerProcess,
) -> None:
    url = shared_server.url
    question = httpx2.post(f"{url}/api/questions", json=QUESTION).json()
    session = httpx2.post(
        f"{url}/api/sessions", json={"question_id": question["question_id"]}
    ).json()
    path = f"{url}/api/sessions/{session['session_id']}"
    for role in ("candidate", "observer", "interviewer"):
        mine = {"authorization": f"Bearer {join(shared_server, session, role)}"}
        problem = httpx2.get(f"{path}/problem", headers=mine)
        assert problem.json()["statement"] == QUESTION["statement"]
        assert (problem.json()["for_interviewers"] is not None) == (role == "interviewer")
        if role == "interviewer":
            continue
        seen = problem.text + httpx2.get(f"{path}/timeline", headers=mine).text
        for content in members(export(shared_server, session, mine["authorization"][7:])).values():
            seen += content
        for secret in ("r3ference", "gu1de", "h1nt", "f0llow", "square", 'secret_count": 1'):
            assert secret not in seen
        refused = httpx2.put(f"{path}/problem", headers=mine, json={"question_id": "x"})
        assert refused.status_code == 403


async def test_it_is_in_the_archive_the_report_and_what_is_restored(
    shared_server: ServerProcess,
    running: Application,
    client: httpx2.AsyncClient,
    tmp_path: Path,
) -> None:
    url = shared_server.url
    question = httpx2.post(f"{url}/api/questions", json=QUESTION).json()
    session = httpx2.post(
        f"{url}/api/sessions", json={"question_id": question["question_id"]}
    ).json()
    httpx2.post(f"{url}/api/sessions/{session['session_id']}/end")
    archive = export(shared_server, session)
    found = members(archive)
    assert "Read $n$, print it **twice**." in found["timeline.jsonl"]
    assert "gave the question: Double it (version 1)" in found["report.html"]
    assert '"by_question":true' in found["notes.jsonl"]
    file = tmp_path / "session.zip"
    file.write_bytes(archive)
    opened = open_archive(file, 10_000_000)
    await import_archive(running.services.database, opened, utc_now())
    restored = (await client.get(f"/api/sessions/{session['session_id']}/problem")).json()
    assert restored["statement"] == QUESTION["statement"]
    assert restored["for_interviewers"] is None  # the question is not on this server


async def test_a_function_begins_with_its_signature_in_each_language(
    client: httpx2.AsyncClient,
) -> None:
    question = await make(client, **FUNCTION)
    path = await begin(client, question)
    assert (
        "def sum_of(a: list[int], b: int) -> int:"
        in (await client.get(f"{path}/files/main.py")).text
    )
    await client.patch(path, json={"language": "java"})
    assert "static int sumOf(int[] a, int b)" in (await client.get(f"{path}/files/Main.java")).text
    problem = (await client.get(f"{path}/problem")).json()
    assert problem["signature"]["parameters"][0] == {"name": "a", "type": "int[]"}
    assert problem["kind"] == "function"


async def test_a_question_is_not_given_in_a_language_that_it_cannot_be_solved_in(
    client: httpx2.AsyncClient,
) -> None:
    """It was, with a file in that language which nobody had written anything for."""
    session = (await client.post("/api/sessions", json={"language": "java"})).json()
    path = f"/api/sessions/{session['session_id']}"
    question = await make(client, languages=["python"])
    refused = await client.put(f"{path}/problem", json={"question_id": question["question_id"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "language_not_of_question")
    await client.patch(path, json={"language": "python"})
    given = await client.put(f"{path}/problem", json={"question_id": question["question_id"]})
    assert given.status_code == 200


async def test_a_title_has_nothing_that_turns_it_round(client: httpx2.AsyncClient) -> None:
    made = await make(
        client,
        title="Double\u202e it\u2066",
        tags=["ma\u202eth"],
        rubric=["Reads\u200f it"],
        translations={"es": {"title": "D\u202eóblalo", "statement": ""}},
    )
    assert (made["title"], made["tags"], made["rubric"]) == ("Double it", ["math"], ["Reads it"])
    assert made["translations"]["es"]["title"] == "Dóblalo"
    refused = await client.post("/api/questions", json=QUESTION | {"title": "\u202e\u2066"})
    assert refused.status_code == 422


async def test_a_large_question_is_checked_beside_the_event_loop(
    client: httpx2.AsyncClient,
) -> None:
    """The suite's watchdog fails whoever holds the loop: each value was looked at there, at every reading."""
    large = [{"input": f"{list(range(4000))}\n{each}", "expected": "1"} for each in range(24)]
    question = await make(client, **(FUNCTION | {"secret": [{"name": "large", "cases": large}]}))
    address = f"/api/questions/{question['question_id']}"
    assert (await client.get(address)).json()["title"] == "Double it"
    assert (await client.patch(address, json={"minutes": 11})).json()["version"] == 2
    large[7]["expected"] = "x"
    body = {"secret": [{"name": "large", "cases": large}]}
    for refused in (
        await client.patch(address, json=body),
        await client.post("/api/questions", json=QUESTION | FUNCTION | body),
    ):
        assert refused.status_code == 422
        assert "large: 8: expected: is no JSON" in refused.json()["detail"]
