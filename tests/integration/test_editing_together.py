"""Two who change one thing, and one who asks twice: nothing is lost, and nothing is made twice."""

import asyncio
import json
import re
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from tests.harness.application import Application, application

from pizarra.config import Settings
from pizarra.kit.clock import utc_now
from pizarra.models import StoredInvitation


@pytest.fixture
async def path(client: httpx2.AsyncClient) -> str:
    """A session's address."""
    return str((await client.post("/api/sessions")).headers["location"])


async def join(
    running: Application, client: httpx2.AsyncClient, path: str, role: str
) -> httpx2.AsyncClient:
    token = (await client.post(f"{path}/invites", json={"role": role})).json()["token"]
    guest = running.client()
    joined = (await guest.post("/api/join", json={"token": token, "name": "Zoë"})).json()
    guest.cookies.clear()
    guest.headers["authorization"] = f"Bearer {joined['access_token']}"
    return guest


# Versions


async def test_a_session_is_changed_by_who_has_read_it(
    client: httpx2.AsyncClient, path: str
) -> None:
    read = (await client.get(path)).headers["etag"]
    first = await client.patch(
        path, json={"title": "One"}, headers={"if-match": f'"other", {read}'}
    )
    assert (first.status_code, first.headers["etag"] == read) == (200, False)
    late = await client.patch(path, json={"rubric": ["Tests"]}, headers={"if-match": read})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert "Read it again" in late.json()["detail"]
    now = await client.get(path)
    assert (now.json()["title"], now.headers["etag"]) == ("One", first.headers["etag"])
    for match in (now.headers["etag"], "*"):
        answer = await client.patch(path, json={"rubric": [match]}, headers={"if-match": match})
        assert answer.status_code == 200
    assert (await client.patch(path, json={"title": "Two"})).status_code == 200
    for act in ("end", "reopen"):
        before = (await client.get(path)).headers["etag"]
        done = await client.post(f"{path}/{act}")
        assert done.headers["etag"] == (await client.get(path)).headers["etag"] != before
        assert (
            await client.patch(path, json={"title": act}, headers={"if-match": before})
        ).status_code == 412


async def test_a_version_betrays_nothing_to_candidates(
    running: Application, client: httpx2.AsyncClient, path: str
) -> None:
    """It is made of the rubric, too: whoever has it could try out guesses."""
    async with aclosing(await join(running, client, path, "candidate")) as candidate:
        assert "etag" not in (await candidate.get(path)).headers
    async with aclosing(await join(running, client, path, "interviewer")) as interviewer:
        assert (await interviewer.get(path)).headers["etag"] == (await client.get(path)).headers[
            "etag"
        ]


async def test_notes_scores_and_tests_have_versions(client: httpx2.AsyncClient, path: str) -> None:
    note = await client.post(f"{path}/notes", json={"kind": "note", "text": "a"})
    place, first = f"{path}/notes/{note.json()['seq']}", {"if-match": note.headers["etag"]}
    changed = await client.patch(place, json={"text": "b"}, headers=first)
    assert changed.status_code == 200
    assert (await client.patch(place, json={"text": "c"}, headers=first)).status_code == 412
    assert (await client.delete(place, headers=first)).status_code == 412
    assert (
        await client.delete(place, headers={"if-match": changed.headers["etag"]})
    ).status_code == 204
    scores = {"scores": [{"criterion": "Testing", "score": 3}]}
    tests = {"tests": [{"name": "t", "stdin": "", "expected": "x"}]}
    for place, body in ((f"{path}/scores", scores), (f"{path}/tests", tests)):
        first = {"if-match": (await client.get(place)).headers["etag"]}
        kept = await client.put(place, json=body, headers=first)
        assert kept.status_code == 200, kept.text
        assert (
            kept.headers["etag"] == (await client.get(place)).headers["etag"] != first["if-match"]
        )
        assert (await client.put(place, json=body, headers=first)).status_code == 412


# Repetitions


async def test_what_is_asked_for_twice_is_made_once(client: httpx2.AsyncClient, path: str) -> None:
    key = {"idempotency-key": "0123-é".encode("ascii", "ignore").decode()}
    wanted = {"title": "Two Sum"}
    answers = await asyncio.gather(
        *(client.post("/api/sessions", json=wanted, headers=key) for _ in range(5))
    )
    assert {(answer.status_code, answer.json()["session_id"]) for answer in answers} == {
        (201, answers[0].json()["session_id"])
    }
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len((await client.get("/api/sessions?q=two+sum")).json()) == 1
    other = await client.post("/api/sessions", json={"title": "Else"}, headers=key)
    assert (other.status_code, "another request" in other.json()["detail"]) == (422, True)
    assert (
        await client.post("/api/sessions", json=wanted, headers={"idempotency-key": "a b"})
    ).status_code == 422
    runs = [
        await client.post(f"{path}/runs?wait=true", json={"stdin": "x"}, headers=key)
        for _ in range(2)
    ]
    assert [run.status_code for run in runs] == [200, 200]
    assert runs[0].json() == runs[1].json()
    assert len((await client.get(f"{path}/runs")).json()) == 1
    invites = [
        await client.post(f"{path}/invites", json={"role": "observer"}, headers=key)
        for _ in range(2)
    ]
    assert invites[0].json() == invites[1].json()
    assert len((await client.get(f"{path}/invites")).json()) == 2  # and the share link


async def test_a_key_is_its_senders_own(
    running: Application, client: httpx2.AsyncClient, path: str
) -> None:
    key = {"idempotency-key": "one"}
    mine = (await client.post(f"{path}/runs?wait=true", headers=key)).json()
    async with aclosing(await join(running, client, path, "candidate")) as candidate:
        theirs = (await candidate.post(f"{path}/runs?wait=true", headers=key)).json()
    assert mine["run_id"] != theirs["run_id"]
    await client.delete(path)
    assert (await client.post(f"{path}/runs", headers=key)).status_code == 404


async def test_what_failed_may_be_tried_again(client: httpx2.AsyncClient, path: str) -> None:
    key = {"idempotency-key": "one"}
    await client.post(f"{path}/end")
    assert (await client.post(f"{path}/runs?wait=true", headers=key)).status_code == 409
    await client.post(f"{path}/reopen")
    assert (await client.post(f"{path}/runs?wait=true", headers=key)).status_code == 200


async def test_an_invitation_that_was_not_stored_is_made_when_asked_again(
    client: httpx2.AsyncClient, path: str
) -> None:
    key, wanted = {"idempotency-key": "one"}, {"role": "observer"}

    def mark(session: Session, _context: object) -> None:
        session.info["invites"] = any(isinstance(each, StoredInvitation) for each in session.new)

    def fail(session: Session) -> None:
        if session.info.get("invites"):
            raise OperationalError("COMMIT", {}, Exception("the database went away"))

    event.listen(Session, "after_flush", mark)
    event.listen(Session, "before_commit", fail)
    try:
        assert (await client.post(f"{path}/invites", json=wanted, headers=key)).status_code == 503
    finally:
        event.remove(Session, "after_flush", mark)
        event.remove(Session, "before_commit", fail)
    made = await client.post(f"{path}/invites", json=wanted, headers=key)
    assert made.status_code == 201
    assert (await client.get(made.headers["location"])).status_code == 200
    assert len((await client.get(f"{path}/invites")).json()) == 2  # and the share link


async def test_a_rerun_that_is_forgotten_is_done_anew(settings: Settings) -> None:
    now = utc_now()

    def clock() -> datetime:
        return now

    async with application(settings, clock) as started, started.client() as client:
        made = (await client.post("/api/sessions", json={"initial_code": "print(42)"})).json()
        path, wanted = f"/api/sessions/{made['session_id']}/runs?wait=true", {"at": 1}
        key = {"idempotency-key": "one"}
        first, again = [
            (await client.post(path, json=wanted, headers=key)).json() for _ in range(2)
        ]
        assert (again["run_id"], again["stdout"]) == (first["run_id"], "42\n")
        now += timedelta(minutes=settings.rerun_minutes + 1)
        await started.services.reruns.forget_old()
        anew = await client.post(path, json=wanted, headers=key)
        assert (anew.status_code, anew.json()["stdout"]) == (200, "42\n")
        assert anew.json()["run_id"] != first["run_id"]


async def test_keys_are_forgotten_in_time_and_when_they_are_too_many(settings: Settings) -> None:
    now = utc_now()
    few = settings.model_copy(update={"max_idempotency_keys": 3, "idempotency_hours": 1.0})

    def clock() -> datetime:
        return now

    async with application(few, clock) as started, started.client() as client:

        async def made(key: str) -> Any:
            return (await client.post("/api/sessions", headers={"idempotency-key": key})).json()[
                "session_id"
            ]

        first = [await made(key) for key in "abc"]
        assert [await made(key) for key in "abc"] == first
        await made("d")
        assert await made("b") == first[1]
        assert await made("a") != first[0]
        kept = await made("d")
        now += timedelta(hours=1)
        assert await made("d") != kept


async def test_who_has_made_a_session_may_change_it_at_once(client: httpx2.AsyncClient) -> None:
    wanted = {"title": "Zoë", "rubric": ["Tests"], "starts_at": "2030-01-01T10:00:00+02:00"}
    made = await client.post("/api/sessions", json=wanted, headers={"idempotency-key": "e"})
    again = await client.post("/api/sessions", json=wanted, headers={"idempotency-key": "e"})
    path, version = made.headers["location"], made.headers["etag"]
    assert version == again.headers["etag"] == (await client.get(path)).headers["etag"]
    changed = await client.patch(path, json={"title": "Bo"}, headers={"if-match": version})
    assert changed.status_code == 200


# Words

BAD: list[Any] = [None, True, -1, 1.5, 10**30, "", " ", "x" * 20_001, "a\0", [], [None], {}, "one"]
ENGLISH = re.compile(
    r"\b(should|must|valid|input|items?|characters?|field|required|body|or|and|at|expecting|True)\b(?! ?:)"
)


async def test_no_refusal_is_half_english(client: httpx2.AsyncClient, path: str) -> None:
    """Every field of every request with what it cannot be, and every path with a name that nothing has."""
    spanish = {"accept-language": "es", "content-type": "application/json"}
    spec = (await client.get("/openapi.json")).json()
    schemas, found = spec["components"]["schemas"], dict[str, str]()

    async def send(method: str, template: str, body: bytes, **named: str) -> None:
        values = {"session_id": path.rpartition("/")[2], "path": "main.py", **named}
        where = re.sub(r"\{(\w+)\}", lambda each: values.get(each[1], "1"), template)
        answer = await client.request(method, where, content=body, headers=spanish)
        if answer.status_code >= 400 and not answer.headers["content-type"].startswith("text"):
            told = answer.json()["detail"]
            english = answer.headers["content-language"] != "es" or ENGLISH.search(told)
            if english:
                found[told[:200]] = f"{method} {template}"

    for template, acts in spec["paths"].items():
        for name in re.findall(r"\{(\w+)\}", template):
            for odd in ("x" * 5000, "%0a", "0" * 32):
                if "get" in acts:
                    await send("GET", template, b"", **{name: odd})
        for method, act in acts.items():
            content = act.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None or method == "delete" or template.startswith("/api/auth"):
                continue
            for broken in (b"[]", b"1", b"{", b"\xff", b'{"a" 1}', b"{}}", b'{"a":"', b"1" * 5000):
                await send(method, template, broken)
            name = re.findall(r"schemas/(\w+)", json.dumps(content))[0]
            for field in schemas[name].get("properties", {}):
                for bad in BAD:
                    await send(method, template, json.dumps({field: bad}).encode())
    assert found == {}


async def test_lengths_are_told_in_characters(client: httpx2.AsyncClient, path: str) -> None:
    long = await client.patch(path, json={"title": "x" * 201})
    assert long.json()["detail"] == "title: string should have at most 200 characters"
    token = (await client.post(f"{path}/invites", json={"role": "candidate"})).json()["token"]
    none = await client.post("/api/join", json={"token": token, "name": ""})
    assert none.json()["detail"] == "name: string should have at least 1 character"
    many = await client.patch(path, json={"rubric": ["x"] * 1000})
    assert re.fullmatch(r"rubric: must have at most \d+ items", many.json()["detail"])


async def test_formatters_and_language_servers_refuse_with_their_own_codes(
    client: httpx2.AsyncClient, path: str
) -> None:
    asked = {"path": "main.py", "text": "x = 1 1\n"}
    for language, begin in (
        ("en", "It could not be formatted: "),
        ("es", "No se pudo dar formato: "),
    ):
        answer = await client.post(
            f"{path}/format", json=asked, headers={"accept-language": language}, timeout=60
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "not_formatted")
        assert answer.json()["detail"].startswith(begin)
        assert answer.headers["content-language"] == language


async def test_refusals_are_in_spanish_for_who_prefers_it(client: httpx2.AsyncClient) -> None:
    missing = f"/api/sessions/{'0' * 32}"
    spanish = {"accept-language": "es-ES,es;q=0.9,en;q=0.8"}
    for headers in (
        {},
        {"accept-language": "en-GB,es;q=0.5"},
        {"accept-language": "*"},
        {"accept-language": "fr"},
    ):
        answer = await client.get(missing, headers=headers)
        assert answer.json()["detail"] == f"Session {'0' * 32} not found"
        assert answer.headers["content-language"] == "en"
        assert "Accept-Language" in answer.headers["vary"]
    answer = await client.get(missing, headers=spanish)
    told = answer.json()
    assert (told["detail"], told["title"]) == (
        f"No existe la sesión {'0' * 32}, o no es para ti",
        "No encontrado",
    )
    assert (told["code"], told["status"]) == ("session_not_found", 404)
    assert answer.headers["content-language"] == "es"
    assert "Accept-Language" in answer.headers["vary"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    wrong = await client.post("/api/sessions", json={"language": "cobol", "x": 1}, headers=spanish)
    assert "language: debe ser uno de 'python'" in wrong.json()["detail"]
    assert {each["field"]: each["message"] for each in wrong.json()["errors"]}["x"] == (
        "no es un campo de esta petición"
    )
    assert (await client.head(missing, headers=spanish)).status_code == 404
    # Several headers are one list, and however many translate once.
    answer = await client.get(missing, headers=[("accept-language", "es")] * 1500)
    assert (answer.status_code, answer.headers["content-language"]) == (404, "es")
    divided = [("accept-language", "es;q=0.5"), ("accept-language", "en")]
    assert (await client.get(missing, headers=divided)).headers["content-language"] == "en"
