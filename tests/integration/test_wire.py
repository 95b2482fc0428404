"""What programs that call the API may expect of HTTP itself."""

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from tests.harness.application import Application

from pizarra.accounts import api_tokens, teams
from pizarra.accounts import service as accounts
from pizarra.config import Settings
from pizarra.models import AccountRole, Scope


@pytest.fixture
async def session(client: httpx2.AsyncClient) -> dict[str, Any]:
    """A session."""
    return dict((await client.post("/api/sessions", json={"initial_code": "print(42)\n"})).json())


@pytest.fixture
async def candidate(
    running: Application, session: dict[str, Any]
) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who joined, with their credential in `Authorization`."""
    async with running.client() as guest:
        token = session["share_url"].rpartition("/")[2]
        joined = (await guest.post("/api/join", json={"token": token, "name": "Zoë"})).json()
        guest.cookies.clear()
        guest.headers["authorization"] = f"Bearer {joined['access_token']}"
        yield guest


# Credentials


@pytest.mark.parametrize(
    "presented", ["Bearer", "Bearer ", "bearer nonsense", "Bearer pzt_nonsense"]
)
async def test_what_opens_nothing_is_401(
    client: httpx2.AsyncClient, session: dict[str, Any], presented: str
) -> None:
    for path in (
        "/api/sessions",
        f"/api/sessions/{session['session_id']}",
        f"/api/sessions/{'0' * 32}/runs",
    ):
        answer = await client.get(path, headers={"authorization": presented})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert "browser" not in answer.json()["detail"]
        assert (await client.get(path)).status_code == (404 if "0000" in path else 200)


@pytest.mark.parametrize(
    "presented", ["", "Basic b3duZXI6eA==", "Digest x", "Bearers x", "nonsense"]
)
async def test_what_a_proxy_in_front_asks_for_is_not_ours(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any], presented: str
) -> None:
    path, headers = f"/api/sessions/{session['session_id']}", {"authorization": presented}
    # the owner's requests are bare
    assert (await client.get(path, headers=headers)).status_code == 404
    async with running.client(address="203.0.113.5") as guest:
        token = session["share_url"].rpartition("/")[2]
        assert (await guest.get(path, headers=headers)).status_code == 404
        await guest.post("/api/join", json={"token": token, "name": "Zoë"}, headers=headers)
        assert (await guest.get(path, headers=headers)).json()["your_role"] == "candidate"
        assert (await guest.get(path, headers={"authorization": "Bearer x"})).status_code == 401


async def test_on_ones_own_computer_an_api_token_acts_with_it(
    settings: Settings, running: Application
) -> None:
    services = running.services
    assert settings.trusts_local
    async with services.database.write() as db:
        now = services.clock()
        team = await teams.first_team(db, now)
        role = AccountRole.INTERVIEWER
        account = await accounts.create_account(
            db, now, name="ana", display_name="Ana", role=role, team=team
        )
        token, secret = await api_tokens.create_token(
            db, account.id, now, name="t", scope=Scope.READ
        )
    async with running.client() as program:
        owned = (await program.post("/api/sessions")).headers["location"]
        program.headers["authorization"] = f"Bearer {secret}"
        me = (await program.get("/api/me")).json()
        assert (me["account"]["name"], me["is_owner"]) == ("ana", False)
        assert (await program.get("/api/sessions")).status_code == 200
        assert (await program.post("/api/sessions")).status_code == 403  # it only reads
        assert (await program.get(owned)).status_code == 404  # of no team
        async with services.database.write() as db:
            await api_tokens.revoke_token(
                db, token.public_id, services.clock(), account_id=account.id
            )
        assert (await program.get("/api/sessions")).status_code == 401


async def test_a_genuine_credential_is_for_its_session_alone(
    client: httpx2.AsyncClient, candidate: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    other = (await client.post("/api/sessions")).json()["session_id"]
    assert (await candidate.get(f"/api/sessions/{other}")).status_code == 404
    listing = await candidate.get("/api/sessions")
    assert (listing.status_code, "browser" in listing.json()["detail"]) == (403, False)
    people = f"/api/sessions/{session['session_id']}/people"
    person = (await client.get(people)).json()[0]["participant_id"]
    await client.delete(f"{people}/{person}")
    listing = await candidate.get("/api/sessions")
    assert (listing.status_code, listing.headers["www-authenticate"]) == (
        401,
        'Bearer error="invalid_token"',
    )


async def test_a_revoked_api_token_is_401(settings: Settings, running: Application) -> None:
    services = running.services
    settings.auth = "accounts"
    async with services.database.write() as db:
        now = services.clock()
        team = await teams.first_team(db, now)
        account = await accounts.create_account(
            db, now, name="ana", display_name="Ana", role=AccountRole.INTERVIEWER, team=team
        )
        token, secret = await api_tokens.create_token(
            db, account.id, now, name="t", scope=Scope.WRITE
        )
    async with running.client() as program:
        program.headers["authorization"] = f"Bearer {secret}"
        made = await program.post("/api/sessions")
        assert made.status_code == 201
        async with services.database.write() as db:
            await api_tokens.revoke_token(
                db, token.public_id, services.clock(), account_id=account.id
            )
        for path in ("/api/sessions", made.headers["location"]):
            answer = await program.get(path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer ")


# Runs


async def test_runs_are_listed_newest_last(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    path = f"/api/sessions/{session['session_id']}/runs"
    assert (await client.get(path)).json() == []
    answers = [await client.post(f"{path}?wait=true") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    runs = [answer.json() for answer in answers]
    listed = await client.get(path)
    printed = ("stdout", "stderr", "diagnostics")
    assert listed.json() == [
        {name: run[name] for name in run if name not in printed} for run in runs
    ]
    assert listed.headers["x-total-count"] == "3"
    page = await client.get(path, params={"skip": 1, "limit": 1})
    assert [run["run_id"] for run in page.json()] == [runs[1]["run_id"]]
    assert page.headers["x-total-count"] == "3"
    assert page.headers["link"] == ", ".join(
        f'<{path}?skip={skip}&limit=1>; rel="{rel}"'
        for rel, skip in (("first", 0), ("prev", 0), ("next", 2))
    )
    assert (await client.get(answers[0].headers["location"])).json() == runs[0]


async def test_a_run_that_goes_on_is_202(client: httpx2.AsyncClient) -> None:
    code = {"initial_code": "input()\n"}
    session = (await client.post("/api/sessions", json=code)).json()["session_id"]
    started = await client.post(f"/api/sessions/{session}/runs")
    assert (started.status_code, started.json()["status"] == "exited") == (202, False)
    place = started.headers["location"]
    stopped = await client.post(f"{place}/stop")
    assert (stopped.status_code, stopped.headers["location"]) == (202, place)
    again = await client.post(
        f"/api/sessions/{session}/runs?wait=true", json={"at": 1, "stdin": "x\n"}
    )
    assert again.status_code == 200
    assert (await client.get(again.headers["location"])).json() == again.json()


# Lists


async def test_lists_leave_the_code_out_unless_asked(client: httpx2.AsyncClient) -> None:
    codes = [f"print({number})\n" + "#" * 200_000 for number in range(3)]
    for code in codes:
        await client.post("/api/sessions", json={"initial_code": code})
    listed = (await client.get("/api/sessions")).json()
    assert len(listed) == 3
    assert not any("initial_code" in each for each in listed)
    asked = await client.get("/api/sessions?include=initial_code&limit=2")
    assert [each["initial_code"] for each in asked.json()] == [codes[2], codes[1]]
    assert [{**each, "initial_code": None} for each in asked.json()] == [
        {**each, "initial_code": None} for each in listed[:2]
    ]
    assert (asked.headers["content-type"], asked.headers["x-total-count"]) == (
        "application/json",
        "3",
    )
    assert (await client.get("/api/sessions?include=nonsense")).status_code == 422


async def test_a_list_says_how_long_it_is_and_where_it_goes_on(client: httpx2.AsyncClient) -> None:
    for number in range(5):
        await client.post("/api/sessions", json={"title": f"é {number % 2}"})
    whole = await client.get("/api/sessions")
    assert (whole.headers["x-total-count"], "link" in whole.headers) == ("5", False)
    seen, place = [], "/api/sessions?limit=2&q=%C3%A9+0"
    while True:
        page = await client.get(place)
        assert page.headers["x-total-count"] == "3"
        seen += [each["session_id"] for each in page.json()]
        if 'rel="next"' not in page.headers["link"]:
            break
        place = page.links["next"]["url"]
    assert len(set(seen)) == len(seen) == 3
    assert (await client.get("/api/sessions?skip=90")).headers["x-total-count"] == "5"


async def test_the_timeline_says_where_it_goes_on(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    for title in ("end", "reopen"):
        await client.post(f"{path}/{title}")
    page = await client.get(f"{path}/timeline?limit=2")
    assert (page.headers["x-total-count"], page.links["next"]["url"]) == (
        "3",
        f"{path}/timeline?after=2&limit=2",
    )
    assert "link" not in (await client.get(page.links["next"]["url"])).headers
    note = await client.post(f"{path}/notes", json={"kind": "note", "text": "x"})
    await client.post(f"{path}/notes", json={"kind": "note", "text": "y"})
    notes = await client.get(f"{note.headers['location']}?limit=1")
    assert (notes.headers["x-total-count"], notes.links["next"]["url"]) == (
        "2",
        f"{path}/notes?after=1&limit=1",
    )


# What was made, and when to come back


async def test_whatever_is_made_has_an_address(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    made = await client.post("/api/sessions")
    assert (await client.get(made.headers["location"])).json() == made.json()
    invite = await client.post(f"{made.headers['location']}/invites", json={"role": "observer"})
    assert (await client.get(invite.headers["location"])).json()["role"] == "observer"
    document = (await client.get("/openapi.json")).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status in {"201", "202"} & set(operation["responses"]):
                assert "Location" in operation["responses"][status]["headers"], f"{method} {path}"
            for status in {"429", "503"} & set(operation["responses"]):
                assert "Retry-After" in operation["responses"][status]["headers"], (
                    f"{method} {path}"
                )


async def test_who_asks_too_often_is_told_when_to_ask_again(
    settings: Settings, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    settings.rehearsals_per_address = 1
    token = {"token": session["share_url"].rpartition("/")[2]}
    made = await client.post("/api/rehearsals", json=token)
    assert made.status_code == 201
    client.cookies.clear()
    refused = await client.post("/api/rehearsals", json=token)
    assert refused.status_code == 429
    assert 3500 < int(refused.headers["retry-after"]) <= 3600


# Bodies


@pytest.mark.parametrize("kind", [None, "application/x-www-form-urlencoded", "text/plain"])
async def test_json_that_is_not_said_to_be_is_415_and_told_how(
    client: httpx2.AsyncClient, session: dict[str, Any], kind: str | None
) -> None:
    headers = {"content-type": kind} if kind else {}
    for path in ("/api/sessions", "/api/join", f"/api/sessions/{session['session_id']}/runs"):
        answer = await client.post(path, content=b'{"language": "python"}', headers=headers)
        assert answer.status_code == 415
        assert "Content-Type: application/json" in answer.json()["detail"]
        assert (await client.post(path, headers=headers)).status_code != 415  # nothing was sent


async def test_a_body_that_may_be_left_out_may_be_null(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    """Some generated clients leave it out that way."""
    headers = {"content-type": "application/json"}
    for path in ("/api/sessions", f"/api/sessions/{session['session_id']}/runs?wait=true"):
        for body in (b"null", b"", b"{}"):
            assert (await client.post(path, content=body, headers=headers)).is_success


async def test_every_get_has_its_head(client: httpx2.AsyncClient, session: dict[str, Any]) -> None:
    path = f"/api/sessions/{session['session_id']}"
    for place in (
        "/health",
        "/api/sessions",
        path,
        f"{path}/files/main.py",
        f"{path}/timeline",
        "/openapi.json",
    ):
        head, whole = await client.head(place), await client.get(place)
        assert (head.status_code, head.content) == (200, b"")
        mine = {name: value for name, value in head.headers.items() if name != "x-request-id"}
        assert mine == {
            name: value for name, value in whole.headers.items() if name != "x-request-id"
        }
    assert (await client.head(f"/api/sessions/{'0' * 32}")).status_code == 404
    assert "HEAD" in (await client.delete("/api/sessions")).headers["allow"]


async def test_head_does_nothing_that_get_does(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    for place in (
        f"{path}/download",
        f"{path}/export",
        "/api/replays/x",
        "/api/sign-in/oidc/callback",
    ):
        for refused in (await client.head(place), await client.delete(place)):
            assert (refused.status_code, refused.headers["allow"]) == (405, "GET"), place
    taken = await client.get(f"{path}/download")
    assert (taken.status_code, (await client.head(f"{path}/people")).status_code) == (200, 200)


@pytest.mark.parametrize("before", ["", "W/"])
async def test_a_version_may_come_through_a_proxy_that_compresses(
    client: httpx2.AsyncClient, session: dict[str, Any], before: str
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    read = before + (await client.get(path)).headers["etag"]
    assert (
        await client.patch(path, json={"title": "a"}, headers={"if-match": read})
    ).status_code == 200
    assert (
        await client.patch(path, json={"title": "b"}, headers={"if-match": read})
    ).status_code == 412


async def test_large_json_is_compressed_where_it_holds_no_secret(
    client: httpx2.AsyncClient,
) -> None:
    made = (await client.post("/api/sessions", json={"initial_code": "x = 1\n" * 20_000})).json()
    path = f"/api/sessions/{made['session_id']}"
    for place, is_small in (
        (f"{path}/timeline", True),
        ("/openapi.json", True),
        (path, False),
        ("/health", False),
    ):
        for wanted in ("gzip", "br, gzip;q=0.1", "identity", "gzip;q=0", "gzip; q=0.000, br"):
            async with client.stream("GET", place, headers={"accept-encoding": wanted}) as answer:
                body = b"".join([piece async for piece in answer.aiter_raw()])
            packed = is_small and wanted in ("gzip", "br, gzip;q=0.1")
            assert (answer.headers.get("content-encoding") == "gzip") is packed, place
            assert int(answer.headers["content-length"]) == len(body)
            assert json.loads(gzip.decompress(body) if packed else body)
            assert ("accept-encoding" in answer.headers.get("vary", "").lower()) is is_small
