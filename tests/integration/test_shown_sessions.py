"""Sessions are answered as JSON that is made without the models that declare it: this holds the one to the other."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from pydantic import TypeAdapter
from tests.harness.application import Application, application

from pizarra.access.tokens import (
    candidate_invitation,
    candidate_periods,
    read_invitation,
    sign_candidate_invitation,
    sign_invitation,
)
from pizarra.config import Settings
from pizarra.models import InterviewSession
from pizarra.sessions.schemas import SessionListed, SessionRead

EVERYTHING = {
    "title": "Zwei Ä <b> \u2028",
    "initial_code": "print('é😀')\n",
    "language": "javascript",
    "waiting_room": True,
    "candidate_keeps": "nothing",
    "candidate_name": "Zoë",
    "signals": "pastes",
    "rules": 'look "up"',
    "rubric": ["One", "Two"],
    "starts_at": "2026-11-30T10:00:00.5+02:00",
}
LISTED = TypeAdapter(list[SessionListed])


class Moved:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 29, 12, 0, 0, 250, UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("body", [{}, EVERYTHING])
async def test_they_have_the_declared_shape(
    client: httpx2.AsyncClient, body: dict[str, Any]
) -> None:
    made = await client.post("/api/sessions", json=body)
    path = made.headers["location"]
    await client.patch(path, json={"editing_locked": True, "thinking_seconds": 60})
    await client.post(f"{path}/end")
    for answer in (made, await client.get(path)):
        assert SessionRead.model_validate_json(answer.content).model_dump_json() == answer.text
    for query in ("", "?activity=true", "?agenda=true"):
        listed = await client.get(f"/api/sessions{query}")
        shown = LISTED.validate_json(listed.content)
        assert LISTED.dump_json(shown, exclude_unset=True) == listed.content
        assert {*SessionListed.model_fields} - {*listed.json()[0]} == {"initial_code"}
    coded = await client.get("/api/sessions?include=initial_code&agenda=true")
    assert LISTED.dump_json(LISTED.validate_json(coded.content)) == coded.content
    assert [each["initial_code"] for each in coded.json()] == [made.json()["initial_code"]]


async def test_a_list_shows_what_is_true_now(client: httpx2.AsyncClient) -> None:
    path = (await client.post("/api/sessions", json={"title": "a"})).headers["location"]

    async def listed() -> dict[str, Any]:
        await client.get("/api/sessions")
        return dict((await client.get("/api/sessions")).json()[0])

    before = await listed()
    changes: list[tuple[dict[str, Any], str]] = [
        ({"title": "b"}, "title"),
        ({"running_locked": True}, "running_locked"),
        ({"candidate_name": "Zoë"}, "candidate_name"),
        ({"rubric": ["x"]}, "rubric"),
        ({"language": "cpp"}, "language"),
    ]
    for change, name in changes:
        await client.patch(path, json=change)
        assert (await listed())[name] == change[name]
    await client.post(f"{path}/end")
    after = await listed()
    assert (before["status"], after["status"]) == ("open", "ended")
    assert after["last_activity_at"] > before["last_activity_at"]
    elsewhere = (await client.get("/api/sessions", headers={"host": "localhost:1"})).json()[0]
    assert elsewhere["share_url"].startswith("http://localhost:1/j/")
    assert after["share_url"].startswith("http://127.0.0.1:8000/j/")


async def test_a_list_never_shows_a_link_that_is_over(settings: Settings) -> None:
    clock = Moved()
    async with application(settings, clock) as running, running.client() as owner:
        path = (await owner.post("/api/sessions")).headers["location"]
        first = (await owner.get("/api/sessions")).json()[0]["share_url"]
        clock.now += timedelta(days=settings.invitation_days) - timedelta(microseconds=1)
        assert (await owner.get("/api/sessions")).json()[0]["share_url"] == first
        clock.now += timedelta(microseconds=1)
        for listed in (
            (await owner.get("/api/sessions")).json()[0],
            (await owner.get(path)).json(),
        ):
            assert listed["share_url"] != first
            token = listed["share_url"].rpartition("/")[2]
            invitation = read_invitation(running.services.signer, token)
            assert invitation is not None
            assert invitation.expires_at > clock.now


@pytest.mark.parametrize("age", [-1.0, 0.0, 0.4, 6.9999999, 7.0, 7.5, 700.0])
async def test_a_links_token_is_that_of_its_invitation(running: Application, age: float) -> None:
    created, days = datetime(2026, 3, 28, 1, 59, 59, 999_999, UTC), 7
    session = InterviewSession(public_id="0" * 32, created_at=created, invitation_generation=3)
    now, signer = created + timedelta(days=age), running.services.signer
    lifetime = timedelta(days=days)
    ends = created + candidate_periods(session, lifetime, now) * lifetime
    invitation = candidate_invitation(session, days, now)
    assert sign_candidate_invitation(signer, session, ends) == sign_invitation(signer, invitation)


async def test_the_count_is_of_now(
    settings: Settings, client: httpx2.AsyncClient, running: Application
) -> None:
    async def counted(query: str = "") -> int:
        answer = await client.get(f"/api/sessions?limit=1{query}")
        return int(answer.headers["x-total-count"])

    for number in (1, 2, 3):
        made = await client.post("/api/sessions", json={"title": f"number {number}"})
        assert await counted() == await counted() == number
        assert await counted("&q=number") == number
    await client.patch(made.headers["location"], json={"title": "other"})
    assert await counted("&q=number") == 2
    if running.services.database.is_sqlite:  # another program writes
        with sqlite3.connect(settings.sqlite_path, isolation_level=None) as other:
            other.execute("UPDATE sessions SET title = 'other'")
        other.close()
        assert (
            await counted("&q=number")
            == 0
            == len((await client.get("/api/sessions?q=number")).json())
        )
    await client.delete(made.headers["location"])
    assert await counted() == 2


async def test_a_session_is_shown_as_it_is_now(client: httpx2.AsyncClient) -> None:
    path = (await client.post("/api/sessions", json={"title": "a"})).headers["location"]
    versions = set()
    for change in ({"title": "b"}, {"rubric": ["x"]}, {"title": "a"}, {"editing_locked": True}):
        for _ in range(2):  # the second is what was put together for the first
            before = await client.get(path)
            assert (await client.get(path)).headers["etag"] == before.headers["etag"]
        versions.add(before.headers["etag"])
        answer = await client.patch(path, json=change, headers={"If-Match": before.headers["etag"]})
        assert answer.status_code == 200, answer.text
        shown = (await client.get(path)).json()
        assert {name: shown[name] for name in change} == change
    assert len(versions) == 4
    ended = await client.post(f"{path}/end")
    assert (await client.get(path)).json()["ended_at"] == ended.json()["ended_at"]
