"""Decisions that are blind until one has decided oneself, links to a replay, and what is kept until when."""

import contextlib
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update
from tests.harness.application import Application

from pizarra.models import AuditEntry, ReplayLink
from pizarra.timeline.private.decisions import may_read_all


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


@pytest.mark.parametrize(
    ("decided", "interviewers", "reader", "may"),
    [
        ([], [1, 2], 1, False),
        ([2], [1, 2], 1, False),
        ([1], [1, 2], 1, True),
        ([1, 2], [1, 2], None, True),
        ([1], [1, 2], None, False),
        ([1], [1, 2], 3, False),
        ([], [], None, True),
    ],
)
def test_who_may_read_decisions(
    decided: list[int], interviewers: list[int], reader: int | None, *, may: bool
) -> None:
    assert may_read_all(decided, interviewers, reader) is may


async def test_a_decision_is_blind_until_one_has_decided(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    await client.post(path(session, "/notes"), json={"text": "first"})  # the owner takes part
    async with guest(running, client, session, "interviewer", "Ida") as ida:
        body = {"verdict": "strong_yes", "text": "h4sh map"}
        mine = (await ida.put(path(session, "/decision"), json=body)).json()
        assert (mine["name"], mine["verdict"], mine["yours"]) == ("Ida", "strong_yes", True)
        # The owner learns that Ida has decided, and nothing of what: not from any answer there is.
        seen = (await client.get(path(session, "/decisions"))).json()
        assert seen == {"decisions": [], "waiting_for": [], "readable": False}
        assert (await ida.get(path(session, "/decisions"))).json()["waiting_for"] == ["Host"]
        entry = (await client.get(path(session, "/notes"))).json()[-1]
        assert (entry["kind"], entry["data"]["verdict"], entry["data"]["text"]) == (
            "decision",
            None,
            "",
        )
        report = await client.get(path(session, "/export"), params={"format": "report"})
        assert "Decide first" in report.text
        assert "h4sh" not in report.text
        for kind in ("archive", "html"):
            refused = await client.get(path(session, "/export"), params={"format": kind})
            assert (refused.status_code, refused.json()["detail"]) == (
                409,
                "Decide first: the others' decisions are in this.",
            )
        # Ida has her own, in the log too.
        assert (await ida.get(path(session, "/notes"))).json()[-1]["data"][
            "verdict"
        ] == "strong_yes"
        await client.put(path(session, "/decision"), json={"verdict": "no"})
        for reader in (client, ida):
            read = (await reader.get(path(session, "/decisions"))).json()
            assert [(each["name"], each["verdict"]) for each in read["decisions"]] == [
                ("Ida", "strong_yes"),
                ("Host", "no"),
            ]
        # It can be changed; what it was stays in the log. It can be changed after the end, too.
        await client.post(path(session, "/end"))
        await client.put(path(session, "/decision"), json={"verdict": "yes"})
    log = [
        each["data"]
        for each in (await client.get(path(session, "/notes"))).json()
        if each["kind"] == "decision"
    ]
    assert [each["verdict"] for each in log] == ["strong_yes", "no", "yes"]
    report = await client.get(
        path(session, "/export"), params={"format": "report", "language": "es"}
    )
    assert "<td>Ida</td><td>sí rotundo</td><td>h4sh map</td>" in report.text
    assert "<td>Host</td><td>sí</td>" in report.text


async def test_an_interviewer_who_still_waits_has_no_say(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    invite = await client.post(path(session, "/invites"), json={"role": "interviewer"})
    link = invite.json()["token"]
    async with running.client() as ida, running.client() as eva:
        joined = await ida.post("/api/join", json={"token": link, "name": "Ida"})
        await client.delete(path(session, f"/people/{joined.json()['participant_id']}"))
        # By the link of somebody who was taken out: the host must let her in.
        asked = await eva.post("/api/join", json={"token": link, "name": "Eva"})
        assert asked.json()["waiting"] is True
        await client.post(path(session, "/notes"), json={"text": "first"})  # the owner takes part
        assert (await client.get(path(session, "/decisions"))).json()["waiting_for"] == []
        assert (await listed(client))["agenda"]["interviewers"] == ["Host"]
        waiting = path(session, f"/people/{asked.json()['participant_id']}")
        await client.patch(waiting, json={"admitted": True})
        assert (await client.get(path(session, "/decisions"))).json()["waiting_for"] == ["Eva"]
        assert (await listed(client))["agenda"]["interviewers"] == ["Eva", "Host"]


async def test_candidates_never_read_decisions(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    async with guest(running, client, session, "candidate", "Zoë") as zoe:
        await client.put(path(session, "/decision"), json={"verdict": "no", "text": "n0t yet"})
        await client.post(path(session, "/end"))
        for rest in ("/decisions", "/notes"):
            assert (await zoe.get(path(session, rest))).status_code == 403
        export = await zoe.get(path(session, "/export"))
        with zipfile.ZipFile(io.BytesIO(export.content)) as archive:
            assert all(b"n0t yet" not in archive.read(name) for name in archive.namelist())
        assert "decision" not in (await zoe.get(path(session, "/timeline"))).text


@pytest.mark.parametrize("body", [{}, {"verdict": "maybe"}, {"verdict": "yes", "text": "\0"}])
async def test_bad_decisions_are_refused(
    client: httpx2.AsyncClient, session: dict[str, Any], body: dict[str, Any]
) -> None:
    assert (await client.put(path(session, "/decision"), json=body)).status_code == 422


async def test_a_rubric_names_no_criterion_twice(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    for rubric in (["Depth", "depth "], ["Depth", " "], ["x"] * 21):
        refused = await client.patch(path(session, ""), json={"rubric": rubric})
        assert refused.status_code == 422
    changed = await client.patch(path(session, ""), json={"rubric": [" Depth ", "Width"]})
    assert changed.json()["rubric"] == ["Depth", "Width"]


# Links to a replay


async def test_a_replay_link_shows_the_replay_and_no_notes_unless_chosen(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    await client.post(path(session, "/notes"), json={"text": "s3cret"})
    await client.put(
        path(session, "/tests"), json={"tests": [{"name": "", "stdin": "", "expected": "s3cret"}]}
    )
    await client.post(path(session, "/end"))
    async with running.client() as manager:
        for chosen in ({}, {"with_notes": True, "days": 3}):
            link = (await client.post(path(session, "/replay-links"), json=chosen)).json()
            end = datetime.fromisoformat(link["expires_at"]) - datetime.fromisoformat(
                link["created_at"]
            )
            assert round(end / timedelta(days=1)) == chosen.get(
                "days", running.services.settings.replay_link_days
            )
            address = "/api/replays/" + link["url"].rpartition("/r/")[2]
            opened = (await manager.get(address)).json()
            assert (opened["title"], opened["with_notes"]) == ("Two Sum", "with_notes" in chosen)
            timeline = (await manager.get(f"{address}/timeline", params={"limit": 1000})).json()
            assert (
                timeline
                == (await client.get(path(session, "/timeline"), params={"limit": 1000})).json()
            )
            notes = await manager.get(f"{address}/notes")
            if chosen:
                assert [each["kind"] for each in notes.json()][:2] == ["note", "tests"]
            else:
                assert (notes.status_code, notes.json()["detail"]) == (
                    403,
                    "This link shows no notes.",
                )
                assert "s3cret" not in str(opened) + str(timeline)
    async with running.services.database.read() as db:
        acts = (
            await db.scalars(
                select(AuditEntry.action).where(AuditEntry.action.startswith("replay_link"))
            )
        ).all()
    assert acts == ["replay_link.created", "replay_link.opened"] * 2


async def test_a_link_with_notes_keeps_decisions_blind(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    """Else an interviewer would make one to read what the others came to."""
    link = (await client.post(path(session, "/replay-links"), json={"with_notes": True})).json()
    address = "/api/replays/" + link["url"].rpartition("/r/")[2]
    async with (
        guest(running, client, session, "interviewer", "Ida") as ida,
        running.client() as manager,
    ):
        await client.put(path(session, "/decision"), json={"verdict": "no"})
        assert (await manager.get(f"{address}/notes")).json()[0]["data"]["verdict"] is None
        await ida.put(path(session, "/decision"), json={"verdict": "yes"})
        assert [
            each["data"]["verdict"] for each in (await manager.get(f"{address}/notes")).json()
        ] == ["no", "yes"]


@pytest.mark.parametrize("end", ["revoked", "replaced", "expired", "erased"])
async def test_a_replay_link_ends(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any], end: str
) -> None:
    link = (await client.post(path(session, "/replay-links"), json={"days": 1})).json()
    address = "/api/replays/" + link["url"].rpartition("/r/")[2]
    assert (await client.get(path(session, "/replay-links"))).json() == [link]
    async with running.client() as manager:
        assert (await manager.get(address)).status_code == 200
        if end == "revoked":
            assert (
                await client.delete(path(session, f"/replay-links/{link['link_id']}"))
            ).status_code == 204
            assert (
                await client.delete(path(session, f"/replay-links/{link['link_id']}"))
            ).status_code == 404
        elif end == "replaced":
            await client.post(path(session, "/invites/rotate"))
        elif end == "expired":
            past = running.services.clock() - timedelta(seconds=1)
            async with running.services.database.write() as db:
                await db.execute(update(ReplayLink).values(expires_at=past))
        else:
            await client.delete(path(session, ""))
        for rest in ("", "/timeline", "/notes"):
            assert (await manager.get(f"{address}{rest}")).status_code == 404
    if end != "erased":
        assert (await client.get(path(session, "/replay-links"))).json() == []


async def test_the_limits_of_replay_links(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    settings = running.services.settings
    longest = settings.max_replay_link_days = 30
    refused = await client.post(path(session, "/replay-links"), json={"days": longest + 1})
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        f"days: must be at most {longest}",
    )
    settings.max_replay_links = settings.replay_opens_per_address = 1
    link = (await client.post(path(session, "/replay-links"), json={})).json()
    assert (await client.post(path(session, "/replay-links"), json={})).status_code == 409
    address = "/api/replays/" + link["url"].rpartition("/r/")[2]
    assert [(await client.get(address)).status_code for _ in range(2)] == [200, 429]


# What is kept


@pytest.mark.parametrize("policy", ["nothing", "code", "timeline"])
async def test_people_are_told_until_when_it_is_kept(
    running: Application, client: httpx2.AsyncClient, policy: str
) -> None:
    running.services.settings.retention_days = 7
    session = dict((await client.post("/api/sessions", json={"candidate_keeps": policy})).json())
    async with guest(running, client, session, "candidate", "Zoë") as zoe:
        kept = (await zoe.get(path(session, "/keeping"))).json()
        assert (kept["candidate_keeps"], kept["erased_at"]) == (policy, None)
        assert kept["yours_until"] is not None
        await client.post(path(session, "/end"))
        answer = await zoe.get(path(session, "/keeping"))
        assert (answer.status_code, answer.json().get("candidate_keeps")) == (200, policy)
        left = datetime.fromisoformat(answer.json()["erased_at"]) - running.services.clock()
        assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    assert (await client.get(path(session, "/keeping"))).json()["yours_until"] is None


async def listed(client: httpx2.AsyncClient) -> dict[str, Any]:
    """Return the newest session as the list shows it."""
    found: list[dict[str, Any]] = (
        await client.get("/api/sessions", params={"agenda": True})
    ).json()
    return found[0]


async def test_the_list_tells_who_interviews_whom_and_what_they_came_to(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    assert (await client.get("/api/sessions")).json()[0]["agenda"] is None  # nobody asked
    nothing = {"interviewers": [], "candidates": [], "decisions": [], "yours_is_missing": False}
    assert (await listed(client))["agenda"] == nothing
    await client.post(path(session, "/notes"), json={"text": "first"})  # the owner takes part
    async with (
        guest(running, client, session, "candidate", "Zoë Martínez"),
        guest(running, client, session, "observer", "Otto"),
        guest(running, client, session, "interviewer", "Ida") as ida,
    ):
        await ida.put(
            path(session, "/decision"), json={"verdict": "strong_yes", "text": "h4sh map"}
        )
        people = {"interviewers": ["Host", "Ida"], "candidates": ["Zoë Martínez"]}
        # Blind here too: the owner reads of Ida's only once theirs is there.
        assert (await listed(client))["agenda"] == {
            **people,
            "decisions": None,
            "yours_is_missing": True,
        }
        await client.put(path(session, "/decision"), json={"verdict": "no"})
        decided = {**people, "decisions": ["no", "strong_yes"], "yours_is_missing": False}
        assert (await listed(client))["agenda"] == decided


async def test_a_planned_session(client: httpx2.AsyncClient) -> None:
    body = {"starts_at": "2026-12-01T10:00:00+01:00"}
    made = (await client.post("/api/sessions", json=body)).json()
    assert (made["starts_at"], made["ended_at"]) == ("2026-12-01T09:00:00Z", None)
    address = f"/api/sessions/{made['session_id']}"
    assert (await client.patch(address, json={"title": "Two Sum"})).json()[
        "starts_at"
    ] == "2026-12-01T09:00:00Z"
    assert (await client.patch(address, json={"starts_at": None})).json()["starts_at"] is None
    assert (await client.post(f"{address}/end")).json()["ended_at"] is not None
    for day in (3, 2):
        await client.post(
            "/api/sessions", json={"title": f"day {day}", "starts_at": f"2026-12-0{day}T09:00:00Z"}
        )
    await client.post("/api/sessions", json={"title": "unplanned"})
    planned = await client.get(
        "/api/sessions", params={"planned_from": "2026-12-02T01:00:00+01:00", "limit": 2}
    )
    assert [each["title"] for each in planned.json()] == ["day 2", "day 3"]
    assert planned.headers["x-total-count"] == "2"
    assert (await client.get("/api/sessions", params={"planned_from": "0.5"})).status_code == 422
    for wrong in ("2026-12-01T10:00:00", "0001-01-01T00:00:00+01:00", "tomorrow", "17", 17):
        refused = await client.post("/api/sessions", json={"starts_at": wrong})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "starts_at")
