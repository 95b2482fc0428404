"""The sessions API, to the letter of the contract, on both databases."""

import asyncio
import re
import time
from typing import Any

import httpx2
import pytest
from tests.harness.application import Application

from pizarra.sandbox.languages import languages
from pizarra.sessions.activity import BARS
from pizarra.timeline.integrity.sealing import Sealer

CONTRACT_FIELDS = {
    "session_id",
    "room_id",
    "share_url",
    "language",
    "initial_code",
    "title",
    "created_at",
    "active_users",
    "status",
}


async def create(client: httpx2.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/api/sessions", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_create_session_without_a_body_uses_defaults(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/sessions")
    assert answer.status_code == 201
    session = answer.json()
    assert set(session) >= CONTRACT_FIELDS
    assert session["language"] == "python"
    assert session["status"] == "open"
    assert session["active_users"] == 0
    assert session["initial_code"].startswith("def main()")
    assert session["share_url"].startswith("http://127.0.0.1:8000/j/")


async def test_create_session_keeps_what_was_given(client: httpx2.AsyncClient) -> None:
    session = await create(
        client, language="cpp", initial_code="int main() {}\r\n", title="Two Sum"
    )
    assert session["language"] == "cpp"
    assert session["initial_code"] == "int main() {}\n"  # line ends are LF
    assert session["title"] == "Two Sum"
    again = await client.get(f"/api/sessions/{session['session_id']}")
    assert again.status_code == 200
    assert again.json() == session


async def test_ids_are_unguessable_and_distinct(client: httpx2.AsyncClient) -> None:
    sessions = [await create(client) for _ in range(5)]
    ids = {value for session in sessions for value in (session["session_id"], session["room_id"])}
    assert len(ids) == 10
    assert all(len(bytes.fromhex(value)) * 8 >= 128 for value in ids)


@pytest.mark.parametrize(
    "unknown", ["nope", "0" * 32, "0123456789abcdef0123456789abcde%00", "a" * 500]
)
async def test_read_session_unknown_is_404(client: httpx2.AsyncClient, unknown: str) -> None:
    answer = await client.get(f"/api/sessions/{unknown}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == f"Session {unknown.replace('%00', '␀')} not found"


async def test_list_sessions_newest_first_in_pages(client: httpx2.AsyncClient) -> None:
    made = [(await create(client, title=f"number {index}"))["session_id"] for index in range(5)]
    listed = (await client.get("/api/sessions")).json()
    assert [session["session_id"] for session in listed] == made[::-1]
    page = (await client.get("/api/sessions", params={"skip": 1, "limit": 2})).json()
    assert [session["session_id"] for session in page] == made[::-1][1:3]


@pytest.mark.parametrize("query", ["skip=-1", "limit=0", "limit=1001", "limit=x"])
async def test_list_sessions_refuses_bad_pages(client: httpx2.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/sessions?{query}")
    assert answer.status_code == 422
    assert query.split("=")[0] in answer.json()["detail"]


async def test_update_session_renames_and_switches_language(client: httpx2.AsyncClient) -> None:
    session = await create(client, initial_code="print(1)\n")
    path = f"/api/sessions/{session['session_id']}"
    renamed = await client.patch(path, json={"title": "Better"})
    assert renamed.json()["title"] == "Better"
    switched = await client.patch(path, json={"language": "java"})
    assert switched.status_code == 200
    assert switched.json()["language"] == "java"
    assert switched.json()["title"] == "Better"
    files = {file["path"]: file["language"] for file in (await client.get(f"{path}/files")).json()}
    assert files == {"Main.java": "java", "main.py": "python"}
    assert (await client.get(f"{path}/files/main.py")).text == "print(1)\n"
    # Back and forth: no file is seeded twice, none is touched.
    java = (await client.get(f"{path}/files/Main.java")).text
    for language in ("python", "java"):
        await client.patch(path, json={"language": language})
    assert (await client.get(f"{path}/files/Main.java")).text == java
    assert (await client.get(f"{path}/files/main.py")).text == "print(1)\n"


async def test_a_language_chosen_by_many_at_once_is_seeded_once(client: httpx2.AsyncClient) -> None:
    path = f"/api/sessions/{(await create(client, initial_code=''))['session_id']}"
    wanted = ["cpp", "java", "cpp", "java", "cpp", "javascript"]
    answers = await asyncio.gather(
        *(client.patch(path, json={"language": language}) for language in wanted)
    )
    assert {answer.status_code for answer in answers} == {200}
    sizes = {file["path"]: file["size"] for file in (await client.get(f"{path}/files")).json()}
    starters = {spec.main: len(spec.starter.encode()) for spec in languages().values()}
    assert sizes == {name: starters[name] for name in ("main.cpp", "Main.java", "main.js")} | {
        "main.py": 0
    }


async def test_ending_or_deleting_while_others_work_answers_everybody(
    client: httpx2.AsyncClient,
) -> None:
    """Requests that meet the end of their session are answered with what happened: no 5xx, no silence."""
    for finish in ("end", "delete"):
        path = f"/api/sessions/{(await create(client, initial_code='print(1)'))['session_id']}"
        languages_in_turn = ("cpp", "java", "javascript", "typescript", "python")
        work = [client.patch(path, json={"language": language}) for language in languages_in_turn]
        work += [client.post(f"{path}/runs") for _ in range(3)]
        work.insert(3, client.post(f"{path}/end") if finish == "end" else client.delete(path))
        async with asyncio.timeout(15):
            answers = await asyncio.gather(*work)
        assert {answer.status_code for answer in answers} <= {200, 202, 204, 404, 409}


async def test_end_and_reopen_session(client: httpx2.AsyncClient) -> None:
    session = await create(client)
    path = f"/api/sessions/{session['session_id']}"
    ended = await client.post(f"{path}/end")
    assert (ended.status_code, ended.json()["status"]) == (200, "ended")
    for method, action, body in (
        ("POST", f"{path}/end", None),
        ("POST", f"{path}/runs", None),
        ("PATCH", path, {"language": "cpp"}),
    ):
        refused = await client.request(method, action, json=body)
        assert refused.status_code == 409, refused.text
    assert (await client.get(f"{path}/files/main.py")).status_code == 200
    reopened = await client.post(f"{path}/reopen")
    assert (reopened.status_code, reopened.json()["status"]) == (200, "open")
    assert (await client.post(f"{path}/reopen")).status_code == 409
    kinds = [entry["kind"] for entry in (await client.get(f"{path}/timeline")).json()]
    assert kinds == ["edit", "session.ended", "session.reopened"]


async def test_delete_session_leaves_nothing(client: httpx2.AsyncClient) -> None:
    session = await create(client)
    kept = await create(client)
    path = f"/api/sessions/{session['session_id']}"
    assert (await client.delete(path)).status_code == 204
    for address in (path, f"{path}/files", f"{path}/timeline"):
        assert (await client.get(address)).status_code == 404
    assert (await client.delete(path)).status_code == 404
    assert [other["session_id"] for other in (await client.get("/api/sessions")).json()] == [
        kept["session_id"]
    ]


async def test_sessions_created_at_the_same_time_all_exist(client: httpx2.AsyncClient) -> None:
    made = await asyncio.gather(*(create(client, title=str(index)) for index in range(30)))
    listed = (await client.get("/api/sessions")).json()
    assert {session["session_id"] for session in made} == {
        session["session_id"] for session in listed
    }


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        (
            '{"language": "ruby"}',
            "language",
            "'python', 'javascript', 'typescript', 'java' or 'cpp'",
        ),
        ('{"language": 5}', "language", "'python', 'javascript', 'typescript', 'java' or 'cpp'"),
        ('{"title": 5}', "title", "valid string"),
        ('{"title": "' + "x" * 201 + '"}', "title", "200"),
        ('{"colour": "red"}', "colour", "not a field"),
        ('{"title": "a\\u0000b"}', "title", "NUL"),
        ('{"title": "a\\ud800b"}', "title", "surrogate"),
        ('{"language": ', "body", "malformed JSON"),
        ("[1, 2]", "body", "must be an object"),
        (b'{"title": "\xff"}', "body", "it is not UTF-8"),
        ('{"title": "a"}'.encode("utf-16"), "body", "it is not UTF-8"),
        ('{"a": ' + "1" * 5000 + "}", "body", "a number in it is too long"),
        ('{"' + "x" * 1_000_000 + '": 1}', "x" * 200 + "…", "not a field"),
    ],
)
async def test_create_session_refuses_bad_bodies(
    client: httpx2.AsyncClient, body: str | bytes, field: str, says: str
) -> None:
    answer = await client.post(
        "/api/sessions", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in problem["detail"]
    assert field in {error["field"] for error in problem["errors"]}


@pytest.mark.parametrize("path", ["/api/join", "/api/sign-in", "/api/welcome", "/api/sessions"])
async def test_a_body_of_many_errors_has_a_small_answer_soon(
    client: httpx2.AsyncClient, path: str
) -> None:
    """170,000 unknown names had an answer of 16.8 MB, and nobody else was answered for a second."""
    as_json = {"content-type": "application/json"}
    for body, says in (
        ("{" + ",".join(f'"{key}":1' for key in range(170_000)) + "}", "10,000 names"),
        ("[" * 5000, "32 levels deep"),
    ):
        started = time.process_time()
        answer = await client.post(path, content=body, headers=as_json)
        assert (answer.status_code, len(answer.content) < 1000) == (413, True)
        assert says in answer.json()["detail"]
        assert time.process_time() - started < 0.2
    answer = await client.post(path, json=dict.fromkeys(map(str, range(2000)), 1))
    assert (answer.status_code, len(answer.json()["errors"]), len(answer.content) < 5000) == (
        422,
        20,
        True,
    )
    assert re.search(r"; and 1,98\d more$", answer.json()["detail"])


async def test_create_session_refuses_starter_code_beyond_the_limit(
    client: httpx2.AsyncClient,
) -> None:
    most = 1024 * 1024
    accepted = await client.post("/api/sessions", json={"initial_code": "x" * most})
    assert accepted.status_code == 201
    answer = await client.post("/api/sessions", json={"initial_code": "x" * (most + 1)})
    assert answer.status_code == 422
    assert "initial_code" in answer.json()["detail"]
    assert "1,048,576" in answer.json()["detail"]
    assert len((await client.get("/api/sessions")).json()) == 1


async def test_a_body_beyond_the_limit_is_413(client: httpx2.AsyncClient) -> None:
    for headers in ({}, {"transfer-encoding": "chunked"}):

        async def body() -> Any:
            for _ in range(30):
                yield b'"' + b"x" * 100_000

        content: Any = body() if headers else b"x" * 3_000_000
        answer = await client.post(
            "/api/sessions",
            content=content,
            headers={"content-type": "application/json", **headers},
        )
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert "2,097,152" in answer.json()["detail"]


async def test_list_sessions_is_searched_by_title_candidate_and_status(
    client: httpx2.AsyncClient,
) -> None:
    one = await create(client, title="Two Sum", candidate_name="Zoë")
    two = await create(client, title="100% done_")
    await client.post(f"/api/sessions/{two['session_id']}/end")

    async def found(**query: str) -> list[str]:
        return [
            each["session_id"] for each in (await client.get("/api/sessions", params=query)).json()
        ]

    assert await found(q="two s") == [one["session_id"]]
    assert await found(q="zo") == [one["session_id"]]
    assert await found(q="0% DONE_") == [two["session_id"]]
    assert await found(q="%") == [two["session_id"]]  # not a wildcard
    assert await found(q="e_") == [two["session_id"]]
    assert await found(status="open") == [one["session_id"]]
    assert await found(status="ended", q="two") == []
    listed = (await client.get("/api/sessions")).json()
    assert listed[0]["last_activity_at"] > listed[0]["created_at"]  # it was ended
    assert listed[0]["people_here"] == []


async def test_the_list_tells_how_busy_sessions_were(
    running: Application, client: httpx2.AsyncClient
) -> None:
    services = running.services
    sealer = Sealer(services.database, services.signer, services.clock, services.recent)
    session = (await client.post("/api/sessions")).json()
    await client.post("/api/sessions")
    await sealer.seal_due()
    for language in ("java", "cpp"):
        await client.patch(f"/api/sessions/{session['session_id']}", json={"language": language})
        await sealer.seal_due()
    entries = (await client.get(f"/api/sessions/{session['session_id']}/timeline")).json()
    quiet, busy = (await client.get("/api/sessions", params={"activity": "true"})).json()
    assert (len(busy["activity"]), sum(busy["activity"])) == (BARS, len(entries))
    assert quiet["activity"] is None
    assert [each["activity"] for each in (await client.get("/api/sessions")).json()] == [None, None]
