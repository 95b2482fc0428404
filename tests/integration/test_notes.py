"""Notes, the interviewers' chat and blind scores: what is kept, who reads it, and when."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, text
from tests.harness.application import Application

from pizarra.models import AuditEntry


@pytest.fixture
async def session(client: httpx2.AsyncClient) -> dict[str, Any]:
    """A session of the owner's."""
    return dict((await client.post("/api/sessions", json={"title": "Two Sum"})).json())


@contextlib.asynccontextmanager
async def guest(
    running: Application, owner: httpx2.AsyncClient, session: dict[str, Any], role: str, name: str
) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who came by a link."""
    invite = await owner.post(f"/api/sessions/{session['session_id']}/invites", json={"role": role})
    async with running.client() as client:
        await client.post("/api/join", json={"token": invite.json()["token"], "name": name})
        yield client


def path(session: dict[str, Any], rest: str) -> str:
    return f"/api/sessions/{session['session_id']}{rest}"


async def test_a_note_is_pinned_to_the_instant_it_was_written(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    first = await client.post(path(session, "/notes"), json={"text": "Asks about duplicates."})
    assert first.status_code == 201
    note = first.json()
    assert (note["seq"], note["kind"], note["data"]["anchor"]) == (1, "note", 1)
    assert note["data"]["name"] == "Host"
    await client.patch(path(session, ""), json={"language": "java"})
    later = (
        await client.post(path(session, "/notes"), json={"kind": "chat", "text": "Java now"})
    ).json()
    head = len((await client.get(path(session, "/timeline"))).json())
    assert (later["seq"], later["data"]["anchor"]) == (2, head)
    earlier = (
        await client.post(path(session, "/notes"), json={"text": "at the start", "anchor": 1})
    ).json()
    assert (earlier["seq"], earlier["data"]["anchor"]) == (3, 1)
    assert (await client.get(path(session, "/notes"), params={"after": 1})).json() == [
        later,
        earlier,
    ]


async def test_the_shared_log_tells_nothing_of_notes(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    before = (await client.get(path(session, "/timeline"))).json()
    await client.post(path(session, "/notes"), json={"text": "secret"})
    await client.put(
        path(session, "/scores"), json={"scores": [{"criterion": "Testing", "score": 2}]}
    )
    await client.post(path(session, "/scores/submit"))
    assert (await client.get(path(session, "/timeline"))).json() == before


async def test_a_note_is_changed_and_taken_back_by_its_author_and_stays_in_the_log(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    await client.post(path(session, "/notes"), json={"text": "frist"})
    async with guest(running, client, session, "interviewer", "Ida") as other:
        assert (
            await other.patch(path(session, "/notes/1"), json={"text": "mine"})
        ).status_code == 403
        assert (await other.delete(path(session, "/notes/1"))).status_code == 403
        assert (await other.patch(path(session, "/notes/7"), json={"text": "x"})).status_code == 404
    changed = await client.patch(path(session, "/notes/1"), json={"text": "first"})
    assert changed.json()["data"] == {"name": "Host", "anchor": 1, "of": 1, "text": "first"}
    assert (await client.delete(path(session, "/notes/1"))).status_code == 204
    assert (await client.delete(path(session, "/notes/1"))).status_code == 404
    log = (await client.get(path(session, "/notes"))).json()
    assert [(entry["seq"], entry["kind"]) for entry in log] == [
        (1, "note"),
        (2, "note.changed"),
        (3, "note.removed"),
    ]
    assert log[0]["data"]["text"] == "frist"


async def test_notes_go_on_after_the_session_has_ended(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    await client.post(path(session, "/end"))
    assert (await client.post(path(session, "/notes"), json={"text": "strong"})).status_code == 201
    scores = {"scores": [{"criterion": "Testing", "score": 4, "comment": "wrote them first"}]}
    assert (await client.put(path(session, "/scores"), json=scores)).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n"}, "text"),
        ({"text": "x", "anchor": -1}, "anchor"),
        ({}, "text"),
    ],
)
async def test_bad_notes_are_refused_with_the_reason(
    client: httpx2.AsyncClient, session: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    answer = await client.post(path(session, "/notes"), json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(field)


async def test_an_instant_that_has_not_come_is_refused(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    answer = await client.post(path(session, "/notes"), json={"text": "x", "anchor": 99})
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "anchor: the timeline has 1 entries so far",
    )


async def test_the_limits_of_the_private_log(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    settings = running.app.state.services.settings
    longest = settings.max_note_characters
    assert (
        await client.post(path(session, "/notes"), json={"text": "x" * longest})
    ).status_code == 201
    refused = await client.post(path(session, "/notes"), json={"text": "x" * (longest + 1)})
    assert refused.status_code == 422
    assert f"{longest:,}" in refused.json()["detail"]
    settings.max_private_entries = 1
    full = await client.post(path(session, "/notes"), json={"text": "one more"})
    assert full.status_code == 409
    assert "all it can have" in full.json()["detail"]


async def test_scores_are_blind_until_they_are_submitted(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    async with guest(running, client, session, "interviewer", "Ida") as ida:
        mine = {"scores": [{"criterion": "Testing", "score": 2, "comment": "none written"}]}
        kept = (await client.put(path(session, "/scores"), json=mine)).json()
        assert (kept["yours"], kept["submitted_at"], kept["scores"][0]["anchor"]) == (True, None, 1)
        assert (await ida.get(path(session, "/scores"))).json() == []
        assert "none written" not in (await ida.get(path(session, "/notes"))).text
        assert [card["yours"] for card in (await client.get(path(session, "/scores"))).json()] == [
            True
        ]
        submitted = (await client.post(path(session, "/scores/submit"))).json()
        assert submitted["submitted_at"] is not None
        seen = (await ida.get(path(session, "/scores"))).json()
        assert [(card["name"], card["yours"], card["scores"][0]["score"]) for card in seen] == [
            ("Host", False, 2)
        ]
        again = (await client.post(path(session, "/scores/submit"))).json()
        assert again["submitted_at"] == submitted["submitted_at"]
        # A change after that is seen, and in the log.
        mine["scores"][0]["score"] = 3
        await client.put(path(session, "/scores"), json=mine)
        assert (await ida.get(path(session, "/scores"))).json()[0]["scores"][0]["score"] == 3
        log = (await ida.get(path(session, "/notes"))).json()
        assert [(entry["kind"], entry["data"]["scores"][0]["score"]) for entry in log] == [
            ("scores", 2),
            ("scores", 3),
        ]


@pytest.mark.parametrize(
    ("scores", "status"),
    [
        ([{"criterion": "Charm", "score": 3}], 409),
        ([{"criterion": "Testing", "score": 3}, {"criterion": "Testing", "score": 4}], 409),
        ([{"criterion": "Testing", "score": 5}], 422),
        ([{"criterion": "Testing", "score": 3, "anchor": 99}], 409),
    ],
)
async def test_bad_scores_are_refused(
    client: httpx2.AsyncClient, session: dict[str, Any], scores: list[dict[str, Any]], status: int
) -> None:
    assert (
        await client.put(path(session, "/scores"), json={"scores": scores})
    ).status_code == status
    assert (await client.get(path(session, "/scores"))).json() == []


async def test_nothing_is_submitted_that_was_not_scored(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    assert (await client.post(path(session, "/scores/submit"))).status_code == 409
    await client.put(
        path(session, "/scores"), json={"scores": [{"criterion": "Testing", "score": None}]}
    )
    assert (await client.post(path(session, "/scores/submit"))).status_code == 409


async def test_a_session_has_a_rubric_of_its_own(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    assert session["rubric"] == ["Problem solving", "Code quality", "Testing", "Communication"]
    own = (await client.post("/api/sessions", json={"rubric": ["Depth"]})).json()
    assert own["rubric"] == ["Depth"]
    changed = await client.patch(path(own, ""), json={"rubric": ["Depth", "Width"]})
    assert changed.json()["rubric"] == ["Depth", "Width"]


async def test_erasing_a_session_takes_the_private_log_along(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    await client.post(path(session, "/notes"), json={"text": "gone"})
    await client.put(
        path(session, "/scores"), json={"scores": [{"criterion": "Testing", "score": 1}]}
    )
    assert (await client.delete(path(session, ""))).status_code == 204
    assert (await client.get(path(session, "/notes"))).status_code == 404
    async with running.app.state.services.database.read() as db:
        for table in ("private_entries", "scorecards"):
            assert await db.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        receipt = await db.scalar(select(AuditEntry).where(AuditEntry.action == "session.erased"))
        assert receipt.data["private"] == 1
