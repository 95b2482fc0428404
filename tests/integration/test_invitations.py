"""Invitations: the same person comes back by them, they are counted, and what people may keep is said before."""

import asyncio
import contextlib
import io
import json
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.harness.application import Application, application

from pizarra.access.tokens import Invitation, read_invitation, sign_invitation
from pizarra.config import Settings
from pizarra.kit.tokens import TokenSigner
from pizarra.models import Role
from pizarra.sessions.retention import Retention

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture
async def session(client: httpx2.AsyncClient) -> dict[str, Any]:
    """A session of the owner."""
    return dict((await client.post("/api/sessions", json={"initial_code": "print(42)\n"})).json())


def token_of(session: dict[str, Any]) -> str:
    return str(session["share_url"]).rpartition("/")[2]


async def join(running: Application, token: str, name: str = "Zoë") -> httpx2.Response:
    async with running.client() as device:
        return await device.post("/api/join", json={"token": token, "name": name})


@pytest.fixture
async def guest(running: Application, session: dict[str, Any]) -> AsyncIterator[httpx2.AsyncClient]:
    """A candidate."""
    joined = (await join(running, token_of(session))).json()
    async with running.client() as client:
        client.headers["authorization"] = f"Bearer {joined['access_token']}"
        yield client


async def test_the_same_name_by_the_same_link_is_the_same_person(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    first = (await join(running, token_of(session), "Zoë")).json()
    again = (await join(running, token_of(session), "  zoë ")).json()
    other = (await join(running, token_of(session), "Max")).json()
    assert first["participant_id"] == again["participant_id"] != other["participant_id"]
    # Whoever has the link is told who they are themselves, not who else came by it.
    preview = f"/api/invitations/{token_of(session)}"
    assert (await client.get(preview)).json()["known_names"] == []
    theirs = {"authorization": f"Bearer {other['access_token']}"}
    assert (await client.get(preview, headers=theirs)).json()["known_names"] == ["Max"]
    # Another link is somebody else's, whatever they call themselves.
    invite = f"/api/sessions/{session['session_id']}/invites"
    link = (await client.post(invite, json={"role": "candidate"})).json()["token"]
    assert (await join(running, link, "Zoë")).json()["participant_id"] != first["participant_id"]


async def test_a_role_that_was_given_is_not_for_whoever_types_the_name(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    zoe = (await join(running, token_of(session), "Zoë")).json()["participant_id"]
    person = f"/api/sessions/{session['session_id']}/people/{zoe}"
    assert (await client.patch(person, json={"role": "interviewer"})).status_code == 200
    refused = await join(running, token_of(session), "Zoë")
    assert (refused.status_code, "another role" in refused.json()["detail"]) == (409, True)
    await client.patch(person, json={"role": "observer"})
    assert (await join(running, token_of(session), "Zoë")).json()["role"] == "observer"


async def test_no_other_name_leads_past_the_host(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    """Taken out, or given a smaller role, one still has the link: who has not been given a credential waits."""
    token, people = token_of(session), f"/api/sessions/{session['session_id']}/people"
    zoe, max_ = [(await join(running, token, name)).json() for name in ("Zoë", "Max")]
    assert (
        await client.patch(f"{people}/{zoe['participant_id']}", json={"role": "observer"})
    ).status_code == 200

    async def tries(name: str, credential: str | None = None) -> tuple[str, bool, int]:
        async with running.client() as device:
            device.headers |= {"authorization": f"Bearer {credential}"} if credential else {}
            found = (await device.post("/api/join", json={"token": token, "name": name})).json()
            device.headers["authorization"] = f"Bearer {found['access_token']}"
            read = await device.get(f"/api/sessions/{session['session_id']}")
        return found["participant_id"], found["waiting"], read.status_code

    async def is_kept_out(name: str) -> None:
        person, waiting, status = await tries(name)
        assert (waiting, status) == (True, 404)
        assert person not in (zoe["participant_id"], max_["participant_id"])

    for name in ("Eve", "Max"):
        await is_kept_out(name)
    assert (await client.get(f"/api/invitations/{token}")).json()["waiting_room"] is True
    assert await tries("Max", max_["access_token"]) == (max_["participant_id"], False, 200)
    assert (await client.delete(f"{people}/{zoe['participant_id']}")).status_code == 204
    for name in ("Zoe", "Max"):
        await is_kept_out(name)
    assert (await join(running, token, "Zoë")).status_code == 409
    # The host lets somebody in: they are in, the others go on waiting.
    waiting = [each for each in (await client.get(people)).json() if each["state"] == "waiting"]
    assert [each["name"] for each in waiting] == ["Eve", "Max", "Zoe", "Max"]
    await client.patch(f"{people}/{waiting[0]['participant_id']}", json={"admitted": True})
    states = [each["state"] for each in (await client.get(people)).json()]
    assert states == ["out", "in", "in", "waiting", "waiting", "waiting"]


async def test_a_link_that_was_replaced_leaves_nobody_waiting(
    running: Application, client: httpx2.AsyncClient
) -> None:
    """Whoever waited by it went on waiting for ever, and to let them in did nothing."""
    session = (await client.post("/api/sessions", json={"waiting_room": True})).json()
    path = f"/api/sessions/{session['session_id']}"
    async with running.client() as device:
        wanted = {"token": token_of(session), "name": "Zoë"}
        zoe = (await device.post("/api/join", json=wanted)).json()
        assert (await device.get(f"{path}/admission")).json() == {"state": "waiting"}
        fresh = (await client.post(f"{path}/invites/rotate")).json()["token"]
        assert (await device.get(f"{path}/admission")).json() == {"state": "out"}
        person = f"{path}/people/{zoe['participant_id']}"
        refused = await client.patch(person, json={"admitted": True})
        assert (refused.status_code, refused.json()["code"]) == (409, "person_out")
        # by the new one they wait again, and are let in
        again = (await device.post("/api/join", json=wanted | {"token": fresh})).json()
        person = f"{path}/people/{again['participant_id']}"
        assert (await client.patch(person, json={"admitted": True})).json()["state"] == "in"
        assert (await device.get(f"{path}/admission")).json() == {"state": "in"}


async def test_the_waiting_room_is_not_for_whoever_types_a_name(
    running: Application, client: httpx2.AsyncClient
) -> None:
    session = (await client.post("/api/sessions", json={"waiting_room": True})).json()
    people = f"/api/sessions/{session['session_id']}/people"
    zoe = (await join(running, token_of(session), "Zoë")).json()
    same = (await join(running, token_of(session), "Zoë")).json()
    assert same["participant_id"] != zoe["participant_id"]  # else they would be let in together
    await client.patch(f"{people}/{zoe['participant_id']}", json={"admitted": True})
    eve = (await join(running, token_of(session), "Zoë")).json()
    assert (eve["waiting"], eve["participant_id"] == zoe["participant_id"]) == (True, False)
    async with running.client() as device:
        device.headers["authorization"] = f"Bearer {zoe['access_token']}"
        again = (
            await device.post("/api/join", json={"token": token_of(session), "name": "Zoë"})
        ).json()
    assert (again["waiting"], again["participant_id"]) == (False, zoe["participant_id"])


async def test_a_rehearsal_is_over_with_its_link(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    path, token = f"/api/sessions/{session['session_id']}", token_of(session)
    for act in ("invites/rotate", "end"):
        async with running.client() as guest:
            room = (await guest.post("/api/rehearsals", json={"token": token})).json()
            mine = f"/api/sessions/{room['session_id']}"
            assert (await guest.get(mine)).status_code == 200
            token = (await client.post(f"{path}/{act}")).json().get("token", token)
            assert (await guest.get(mine)).status_code == 404
            assert (await guest.get(f"{mine}/admission")).json() == {"state": "out"}
    await client.post(f"{path}/reopen")
    async with running.client() as guest:
        again = await guest.post("/api/rehearsals", json={"token": token})
        assert (again.status_code, again.json()["session_id"] != room["session_id"]) == (201, True)


async def test_another_sites_page_lets_nobody_join(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    """A form of another site would make the owner's browser a candidate's."""
    body = json.dumps({"token": token_of(session), "name": "Eve"})
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ):
        answer = await client.post(
            "/api/join", content=body, headers={**headers, "content-type": "text/plain"}
        )
        assert answer.status_code in (403, 415)
        answer = await client.post(
            "/api/join", content=body, headers={**headers, "content-type": "application/json"}
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_invitations_are_listed_and_counted(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    invites = f"/api/sessions/{session['session_id']}/invites"
    link = (await client.post(invites, json={"role": "observer"})).json()
    for name in ("Zoë", "Max", "Zoë"):
        await join(running, token_of(session), name)
    await join(running, link["token"], "Olga")
    listed = (await client.get(invites)).json()
    assert [(each["url"], each["role"], each["people"]) for each in listed] == [
        (session["share_url"], "candidate", 2),
        (link["url"], "observer", 1),
    ]


async def test_links_made_in_the_same_instant_differ(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    invites = f"/api/sessions/{session['session_id']}/invites"
    tokens = {
        (await client.post(invites, json={"role": "candidate"})).json()["token"] for _ in range(5)
    }
    assert len(tokens) == 5


def test_links_of_earlier_versions_still_open() -> None:
    """Four parts and a hash: what is in people's calendars is a promise."""
    signer = TokenSigner(b"k" * 32)
    token = sign_invitation(signer, Invitation("0" * 32, Role.CANDIDATE, 0, NOW))
    assert token.count(".") == 4
    assert read_invitation(signer, token) == Invitation("0" * 32, Role.CANDIDATE, 0, NOW, "")


async def test_observers_and_candidates_are_not_shown_the_links(
    running: Application,
    client: httpx2.AsyncClient,
    session: dict[str, Any],
    guest: httpx2.AsyncClient,
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    assert (await client.get(path)).json()["share_url"] == session["share_url"]
    assert (await guest.get(path)).json()["share_url"] is None


@pytest.mark.parametrize(
    ("keeps", "code", "timeline"),
    [("timeline", 200, 200), ("code", 200, 403), ("nothing", 403, 403)],
)
async def test_what_a_candidate_keeps_is_said_before_and_held_after(
    running: Application, client: httpx2.AsyncClient, keeps: str, code: int, timeline: int
) -> None:
    session = (await client.post("/api/sessions", json={"candidate_keeps": keeps})).json()
    path = f"/api/sessions/{session['session_id']}"
    said = (await client.get(f"/api/invitations/{token_of(session)}")).json()["afterwards"]
    assert said.startswith("Afterwards you")
    run = (await client.post(f"{path}/runs?wait=true")).json()["run_id"]
    joined = (await join(running, token_of(session))).json()
    async with running.client() as guest:
        guest.headers["authorization"] = f"Bearer {joined['access_token']}"
        assert (await guest.get(f"{path}/timeline")).status_code == 200
        await client.post(f"{path}/end")
        for rest, status in (
            ("", 200),
            ("/files", code),
            ("/files/main.py", code),
            ("/timeline", timeline),
            (f"/runs/{run}", timeline),
            ("/download", code),
        ):
            assert (await guest.get(path + rest)).status_code == status, rest
            assert (await client.get(path + rest)).status_code == 200, rest
        if code == 200:
            archive = zipfile.ZipFile(io.BytesIO((await guest.get(f"{path}/download")).content))
            assert ("timeline.jsonl" in archive.namelist()) == (timeline == 200)
        await client.post(f"{path}/reopen")
        assert (await guest.get(f"{path}/timeline")).status_code == 200


async def test_a_session_that_leaves_nothing_answers_nothing(
    running: Application, client: httpx2.AsyncClient
) -> None:
    wanted = {"candidate_keeps": "nothing", "initial_code": "secret = 1\n"}
    session = (await client.post("/api/sessions", json=wanted)).json()
    path = f"/api/sessions/{session['session_id']}"
    run = (await client.post(f"{path}/runs?wait=true")).json()["run_id"]
    joined = (await join(running, token_of(session))).json()
    paths: dict[str, Any] = (await client.get("/openapi.json")).json()["paths"]
    bodies = {"assist": {"want": "hover", "path": "main.py", "text": "", "line": 0, "character": 0}}
    bodies["format"] = {"path": "main.py", "text": "x"}
    async with running.client() as guest:
        guest.headers["authorization"] = f"Bearer {joined['access_token']}"
        assert (await guest.get(path)).json()["initial_code"] == wanted["initial_code"]
        await client.post(f"{path}/end")
        answers = {}
        for template, operations in paths.items():
            if "{session_id}" not in template:
                continue
            places = {"{session_id}": session["session_id"], "{run_id}": run, "{path}": "main.py"}
            url = template
            for name, value in places.items():
                url = url.replace(name, value)
            for method in operations:
                body = bodies.get(template.rpartition("/")[2]) if method != "get" else None
                answer = await guest.request(method, url, json=body)
                assert "secret" not in answer.text, template
                answers[f"{method} {template.removeprefix('/api/sessions/{session_id}')}"] = (
                    answer.status_code
                )
        assert {name for name, status in answers.items() if status < 400} == {
            "get ",
            "get /admission",
            "post /admission/leave",  # of whoever is in, nothing
            "get /keeping",
        }, answers
        assert {
            answers[name] for name in ("post /assist", "post /format", "post /runs/{run_id}/stop")
        } == {403}
        assert (await guest.get(path)).json()["initial_code"] == ""


async def test_the_download_is_the_code_and_everything_recorded(
    running: Application,
    client: httpx2.AsyncClient,
    session: dict[str, Any],
    guest: httpx2.AsyncClient,
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    await client.post(f"{path}/runs?wait=true")
    answer = await guest.get(f"{path}/download")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="pizarra-')
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.read("code/main.py") == b"print(42)\n"
    lines = [json.loads(line) for line in archive.read("timeline.jsonl").splitlines()]
    assert lines == (await guest.get(f"{path}/timeline?limit=1000")).json()
    assert {"name": "Zoë", "role": "candidate"}.items() <= json.loads(archive.read("people.json"))[
        0
    ].items()


async def test_erasing_leaves_a_receipt_and_nothing_else(
    settings: Settings, running: Application, client: httpx2.AsyncClient
) -> None:
    session = (
        await client.post("/api/sessions", json={"title": "t1tle", "initial_code": "s3cret"})
    ).json()
    await join(running, token_of(session), "N4me")
    assert (await client.delete(f"/api/sessions/{session['session_id']}")).status_code == 204
    if settings.database_url is not None:
        return
    stored = b"".join(path.read_bytes() for path in settings.data_dir.glob("pizarra.db*"))
    for secret in (b"t1tle", b"N4me", b"s3cret"):
        assert secret not in stored  # not in free pages either, nor in the log
    with sqlite3.connect(settings.sqlite_path) as database:
        tables = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            for row in database.execute(f"SELECT * FROM {table}"):
                text = str(row)
                assert "t1tle" not in text
                assert "N4me" not in text
                assert "s3cret" not in text
        receipts = database.execute(
            "SELECT actor, target, data FROM audit_entries WHERE action = 'session.erased'"
        ).fetchall()
    database.close()
    assert [(actor, target) for actor, target, _ in receipts] == [("owner", session["session_id"])]
    assert json.loads(receipts[0][2])["people"] == 1


async def test_what_was_erased_leaves_the_log_when_a_reader_is_done(
    settings: Settings, client: httpx2.AsyncClient
) -> None:
    """Whoever read just then, as a backup does, left it in SQLite's log for good."""
    if settings.database_url is not None:
        return
    body = {"initial_code": "s3cret"}
    session = (await client.post("/api/sessions", json=body)).json()["session_id"]
    reader = sqlite3.connect(settings.sqlite_path, isolation_level=None)
    reader.execute("BEGIN")
    count = "SELECT count(*) FROM audit_entries WHERE action = 'session.erased'"
    assert reader.execute(count).fetchone() == (0,)
    erasing = asyncio.create_task(client.delete(f"/api/sessions/{session}"))
    with contextlib.closing(sqlite3.connect(settings.sqlite_path)) as other:
        while other.execute(count).fetchone() == (0,):
            await asyncio.sleep(0.01)
    log = settings.sqlite_path.with_name("pizarra.db-wal")
    assert b"s3cret" in log.read_bytes()
    reader.close()
    assert (await erasing).status_code == 204
    assert b"s3cret" not in log.read_bytes()


async def test_retention_erases_on_the_day_and_not_before(settings: Settings) -> None:
    """Off by one: kept while younger than the days, erased once exactly as old."""
    now = NOW
    kept = settings.model_copy(update={"retention_days": 30, "invitation_days": 400})
    async with application(kept, lambda: now) as running, running.client() as owner:
        retention = Retention(
            kept,
            running.services.database,
            running.services.disk,
            running.services.hub,
            lambda: now,
        )
        ended, still_open = [
            (await owner.post("/api/sessions")).json()["session_id"] for _ in range(2)
        ]
        reopened = (await owner.post("/api/sessions")).json()["session_id"]
        for session_id in (ended, reopened):
            await owner.post(f"/api/sessions/{session_id}/end")
        await owner.post(f"/api/sessions/{reopened}/reopen")
        now = NOW + timedelta(days=30) - timedelta(microseconds=1)
        assert await retention.erase_due() == 0
        now = NOW + timedelta(days=30)
        assert await retention.erase_due() == 1
        assert (await owner.get(f"/api/sessions/{ended}")).status_code == 404
        for session_id in (still_open, reopened):
            assert (await owner.get(f"/api/sessions/{session_id}")).status_code == 200
        now = NOW + timedelta(days=365)
        assert await retention.erase_due() == 0


async def test_one_link_does_not_fill_the_waiting_room(settings: Settings) -> None:
    settings.max_waiting, settings.waiting_per_address = 5, 3
    async with application(settings) as running, running.client() as host:
        session = (await host.post("/api/sessions", json={"waiting_room": True})).json()
        token, path = token_of(session), f"/api/sessions/{session['session_id']}"

        async def comes(number: int, address: str) -> httpx2.Response:
            """Join, and close the page: whoever does that may come back, and with all others."""
            async with running.client(address=address) as stranger:
                joined = await stranger.post(
                    "/api/join", json={"token": token, "name": f"Guest {number}"}
                )
                await stranger.post(f"{path}/admission/leave")
                return joined

        first = await asyncio.gather(*(comes(number, "203.0.113.1") for number in range(6)))
        assert sorted(each.status_code for each in first) == [200] * 3 + [429] * 3
        second = [await comes(10 + number, "203.0.113.2") for number in range(3)]
        assert [each.status_code for each in second] == [200, 200, 409]
        expected = "5 people wait for the host already. Ask the host for a link of your own."
        assert second[-1].json()["detail"] == expected
        people = (await host.get(f"{path}/people")).json()
        waiting = [each for each in people if each["state"] == "waiting"]
        assert len(waiting) == 5
        metrics = (await host.get("/metrics")).text
        assert 'pizarra_refusals_total{bound="max_waiting"} 1.0' in metrics
        assert 'pizarra_refusals_total{bound="waiting_per_address"} 3.0' in metrics
        # Whoever is let in, or by another link, takes no place.
        await host.patch(f"{path}/people/{waiting[0]['participant_id']}", json={"admitted": True})
        assert (await comes(20, "203.0.113.3")).status_code == 200
        invited = (await host.post(f"{path}/invites", json={"role": "candidate"})).json()
        async with running.client(address="203.0.113.4") as late:
            joined = await late.post("/api/join", json={"token": invited["token"], "name": "Zoë"})
        assert joined.status_code == 200


async def test_rehearsals_that_begin_at_once_are_all_counted(settings: Settings) -> None:
    settings.rehearsals_per_session = 2
    async with application(settings) as running, running.client() as host:
        session = (await host.post("/api/sessions", json={})).json()

        async def rehearse() -> int:
            async with running.client(address="203.0.113.1") as stranger:
                return (
                    await stranger.post("/api/rehearsals", json={"token": token_of(session)})
                ).status_code

        assert (
            sorted(await asyncio.gather(*(rehearse() for _ in range(8)))) == [201] * 2 + [409] * 6
        )
