"""Every route and every message × everybody, as one table. A route or a message without a row fails."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.harness.actors import World, browser, join, world
from tests.harness.peer import connect_peer
from tests.harness.server import server_process

from pizarra.collab.wire.close_codes import CloseCode

ACTORS = (
    *("stranger", "other team", "removed", "expired"),
    *(
        "observer",
        "candidate",
        "read token",
        "interviewer",
        "teammate",
        "admin",
        "write token",
        "host",
    ),
)
# What somebody gets: + let in, and the status of a refusal. In the order of ACTORS.
_NOT_HERE = "404 404 404 404"
TABLE: dict[str, tuple[str, dict[str, Any] | None]] = {
    # Of the session
    "GET /api/sessions/{session_id}": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/files": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/files/{path}": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/timeline": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/branches": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/download": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/export": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/admission": ("404 404 + + + + + + + + + +", None),
    "POST /api/sessions/{session_id}/admission/leave": ("404 404 + + + + 403 + + + + +", None),
    "GET /api/sessions/{session_id}/runs": (f"{_NOT_HERE} + + + + + + + +", None),
    "GET /api/sessions/{session_id}/runs/{run_id}": (f"{_NOT_HERE} + + + + + + + +", None),
    "POST /api/sessions/{session_id}/format": (
        "404 404 404 404 403 + 403 + + + + +",
        {"path": "main.py", "text": "x=1"},
    ),
    "POST /api/sessions/{session_id}/assist": (
        "404 404 404 404 403 + 403 + + + + +",
        {"path": "main.py", "text": "x=1", "line": 0, "character": 1, "want": "hover"},
    ),
    "POST /api/sessions/{session_id}/runs": ("404 404 404 404 403 + 403 + + + + +", {"stdin": ""}),
    "POST /api/sessions/{session_id}/runs/{run_id}/stdin": (
        "404 404 404 404 403 + 403 + + + + +",
        {"text": "x"},
    ),
    "POST /api/sessions/{session_id}/runs/{run_id}/stop": (
        "404 404 404 404 403 + 403 + + + + +",
        None,
    ),
    "GET /api/sessions/{session_id}/invites": ("404 404 404 404 403 403 403 + + + + +", None),
    "POST /api/sessions/{session_id}/invites": (
        "404 404 404 404 403 403 403 + + + + +",
        {"role": "observer"},
    ),
    "GET /api/sessions/{session_id}/people": ("404 404 404 404 403 403 403 + + + + +", None),
    "PATCH /api/sessions/{session_id}/people/{participant_id}": (
        "404 404 404 404 403 403 403 + + + + +",
        {"role": "candidate"},
    ),
    "PATCH /api/sessions/{session_id}": ("404 404 404 404 403 403 403 + + + + +", {"title": "x"}),
    "POST /api/sessions/{session_id}/end": ("404 404 404 404 403 403 403 + + + + +", None),
    "POST /api/sessions/{session_id}/branches": (
        "404 404 404 404 403 403 403 + + + + +",
        {"name": "x"},
    ),
    "POST /api/sessions/{session_id}/branches/{branch_id}/resume": (
        "404 404 404 404 403 403 403 404 404 404 404 404",
        None,
    ),
    "POST /api/sessions/{session_id}/reopen": ("404 404 404 404 403 403 403 + + + + +", None),
    # Of interviewers
    "GET /api/sessions/{session_id}/notes": ("404 404 404 404 403 403 403 + + + + +", None),
    "POST /api/sessions/{session_id}/notes": (
        "404 404 404 404 403 403 403 + + + + +",
        {"text": "x"},
    ),
    "PATCH /api/sessions/{session_id}/notes/{seq}": (
        "404 404 404 404 403 403 403 404 404 404 404 404",
        {"text": "x"},
    ),
    "DELETE /api/sessions/{session_id}/notes/{seq}": (
        "404 404 404 404 403 403 403 404 404 404 404 404",
        None,
    ),
    "GET /api/sessions/{session_id}/tests": ("404 404 404 404 403 403 403 + + + + +", None),
    "PUT /api/sessions/{session_id}/tests": (
        "404 404 404 404 403 403 403 + + + + +",
        {"tests": []},
    ),
    "GET /api/sessions/{session_id}/scores": ("404 404 404 404 403 403 403 + + + + +", None),
    "PUT /api/sessions/{session_id}/scores": (
        "404 404 404 404 403 403 403 + + + + +",
        {"scores": []},
    ),
    "POST /api/sessions/{session_id}/scores/submit": (
        "404 404 404 404 403 403 403 + + + + +",
        None,
    ),
    "GET /api/sessions/{session_id}/decisions": ("404 404 404 404 403 403 403 + + + + +", None),
    "PUT /api/sessions/{session_id}/decision": (
        "404 404 404 404 403 403 403 + + + + +",
        {"verdict": "yes"},
    ),
    "GET /api/sessions/{session_id}/keeping": (f"{_NOT_HERE} + + + + + + + +", None),
    # The clock is for interviewers unless they show it.
    "GET /api/sessions/{session_id}/clock": ("404 404 404 404 403 403 403 + + + + +", None),
    "PUT /api/sessions/{session_id}/clock": (
        "404 404 404 404 403 403 403 + + + + +",
        {"minutes": 60},
    ),
    "POST /api/sessions/{session_id}/lines": ("404 404 404 404 403 + 403 + + + + +", {"text": "x"}),
    "GET /api/sessions/{session_id}/replay-links": ("404 404 404 404 403 403 403 + + + + +", None),
    "POST /api/sessions/{session_id}/replay-links": ("404 404 404 404 403 403 403 + + + + +", {}),
    "DELETE /api/sessions/{session_id}/replay-links/{link_id}": (
        "404 404 404 404 403 403 403 404 404 404 404 404",
        None,
    ),
    # These end what the table needs: those who may are tried on sessions of their own, below.
    "DELETE /api/sessions/{session_id}/people/{participant_id}": (
        "404 404 404 404 403 403 403 . . . . .",
        None,
    ),
    "POST /api/sessions/{session_id}/invites/rotate": (
        "404 404 404 404 403 403 403 . . . . .",
        None,
    ),
    "DELETE /api/sessions/{session_id}": ("404 404 404 404 403 403 403 . . . . .", None),
    # What it is about: an invited interviewer has no library.
    "GET /api/sessions/{session_id}/problem": (f"{_NOT_HERE} + + + + + + + +", None),
    "PUT /api/sessions/{session_id}/problem": (
        "404 404 404 404 403 403 403 404 + + + +",
        {"question_id": "{question_id}"},
    ),
    "POST /api/sessions/{session_id}/samples": ("404 404 404 404 403 + 403 + + + + +", {}),
    "GET /api/sessions/{session_id}/plan": ("404 404 404 404 403 403 403 + + + + +", None),
    "GET /api/plans": ("401 + 403 403 403 403 + 403 + + + +", None),
    "POST /api/plans": (
        "401 404 403 403 403 403 403 403 + + + +",
        {"title": "x", "questions": [{"question_id": ""}]},
    ),
    "GET /api/plans/{plan_id}": ("401 404 403 403 403 403 + 403 + + + +", None),
    "PATCH /api/plans/{plan_id}": ("401 404 403 403 403 403 403 403 + + + +", {"title": "y"}),
    "DELETE /api/plans/{plan_id}": ("401 404 403 403 403 403 403 403 . . . .", None),
    "GET /api/questions": ("401 + 403 403 403 403 + 403 + + + +", None),
    "POST /api/questions": ("401 + 403 403 403 403 403 403 + + + +", {"title": "x"}),
    "GET /api/questions/{question_id}": ("401 404 403 403 403 403 + 403 + + + +", None),
    "PATCH /api/questions/{question_id}": (
        "401 404 403 403 403 403 403 403 + + + +",
        {"minutes": 5},
    ),
    # No archive is sent: 415 is no refusal of the person.
    "POST /api/questions/import": ("401 415 403 403 403 403 403 403 415 415 415 415", {}),
    "POST /api/questions/propose": (
        "401 + 403 403 403 403 403 403 + + + +",
        {"text": "f(int a) -> int"},
    ),
    "GET /api/questions/{question_id}/files": ("401 404 403 403 403 403 + 403 + + + +", None),
    "PUT /api/questions/{question_id}/files": (
        "401 404 403 403 403 403 403 403 + + + +",
        {"files": {"problem.yaml": "name: x\n"}},
    ),
    "POST /api/questions/{question_id}/prove/stop": (
        "401 404 403 403 403 403 403 403 + + + +",
        None,
    ),
    "GET /api/questions/{question_id}/export": (
        "401 404 403 403 403 403 + 403 + + + +",
        None,
    ),
    "POST /api/questions/{question_id}/prove": (
        "401 404 403 403 403 403 403 403 + + + +",
        None,
    ),
    "DELETE /api/questions/{question_id}": ("401 404 403 403 403 403 403 403 . . . .", None),
    # Of accounts
    "GET /api/sessions": ("401 + 403 403 403 403 + 403 + + + +", None),
    "POST /api/sessions": ("401 + 403 403 403 403 403 403 + + + +", {}),
    "GET /api/me": ("+ + + + + + + + + + + +", None),
    "PUT /api/me/password": (
        "401 . 401 401 401 401 403 401 . . 403 .",
        {"old_password": "x", "password": "long enough for us"},
    ),
    "GET /api/me/sign-ins": ("401 + 401 401 401 401 403 401 + + 403 +", None),
    "DELETE /api/me/sign-ins/{sign_in_id}": (
        "401 404 401 401 401 401 403 401 404 404 403 404",
        None,
    ),
    "GET /api/me/tokens": ("401 + 401 401 401 401 403 401 + + 403 +", None),
    "POST /api/me/tokens": (
        "401 + 401 401 401 401 403 401 + + 403 +",
        {"name": "x", "scope": "admin"},
    ),
    "DELETE /api/me/tokens/{token_id}": ("401 404 401 401 401 401 403 401 404 404 404 404", None),
    "GET /api/teams": ("401 + 401 401 401 401 + 401 + + + +", None),
    "POST /api/teams": ("401 403 401 401 401 401 403 401 403 + 403 403", {"name": "Three"}),
    "PATCH /api/teams/{team_id}": (
        "401 403 401 401 401 401 403 401 403 404 403 403",
        {"name": "x"},
    ),
    "GET /api/accounts": ("401 403 401 401 401 401 403 401 403 + 403 403", None),
    "POST /api/accounts": ("401 403 401 401 401 401 403 401 403 + 403 403", {"name": "dora"}),
    "PATCH /api/accounts/{account_id}": (
        "401 403 401 401 401 401 403 401 403 404 403 403",
        {"disabled": True},
    ),
    "POST /api/accounts/{account_id}/reset": (
        "401 403 401 401 401 401 403 401 403 404 403 403",
        None,
    ),
    "GET /api/audit": ("401 403 401 401 401 401 403 401 403 + 403 403", None),
    "GET /metrics": ("401 + 401 401 401 401 + 401 + + + +", None),
    # Of anybody
    "GET /api/invitations/{token}": ("404 404 404 404 404 404 404 404 404 404 404 404", None),
    "GET /api/replays/{token}": ("404 404 404 404 404 404 404 404 404 404 404 404", None),
    "GET /api/replays/{token}/timeline": ("404 404 404 404 404 404 404 404 404 404 404 404", None),
    "GET /api/replays/{token}/notes": ("404 404 404 404 404 404 404 404 404 404 404 404", None),
    "POST /api/join": (
        "404 404 404 404 404 404 403 404 404 404 404 404",
        {"token": "x", "name": "Eve"},
    ),
    "POST /api/rehearsals": ("404 404 404 404 404 404 403 404 404 404 404 404", {"token": "x"}),
    "POST /api/welcome": (
        "404 404 404 404 404 404 403 404 404 404 404 404",
        {"token": "x", "password": "y"},
    ),
    "POST /api/welcome/link": (
        "404 404 404 404 404 404 403 404 404 404 404 404",
        {"token": "x"},
    ),
    "POST /api/sign-in": (
        "401 401 401 401 401 401 403 401 401 401 401 401",
        {"name": "nobody", "password": "wrong password"},
    ),
    "GET /api/sign-in/oidc": ("404 404 404 404 404 404 404 404 404 404 404 404", None),
    "GET /api/sign-in/oidc/callback": ("404 404 404 404 404 404 404 404 404 404 404 404", None),
    "POST /api/sign-out": ("+ . + + + + 403 + . . + .", None),
    "POST /api/leave": ("+ + . . . . 403 . + + + +", None),
    "GET /api/languages": ("+ + + + + + + + + + + +", None),
    "GET /health": ("+ + + + + + + + + + + +", None),
    "GET /health/ready": ("+ + + + + + + + + + + +", None),
}


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory, runner_socket: Path) -> Iterator[World]:
    """A server with accounts, and everybody."""
    folder = tmp_path_factory.mktemp("who")
    many: dict[str, Any] = {
        "sign_in_attempts_per_name": 1000,
        "sign_in_attempts_per_address": 1000,
        "max_sample_runs_per_session": 100,  # nobody waits for what the one before has tried
        "max_runs_per_address": 100,
    }
    with (
        server_process(folder, runner_socket=runner_socket, auth="accounts", **many) as server,
        world(server) as made,
    ):
        yield made


def test_every_route_has_a_row(everybody: World) -> None:
    document = everybody.clients["stranger"].get("/openapi.json").json()
    routes = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert routes == set(TABLE)


def test_everybody_gets_what_the_table_says(everybody: World) -> None:
    host = everybody.clients["host"]
    run = host.post(everybody.path("/runs?wait=true")).json()
    question_id = host.post("/api/questions", json={"title": "Two Sum"}).json()["question_id"]
    assert host.put(everybody.path("/problem"), json={"question_id": question_id}).is_success
    plan = {"title": "Hour", "questions": [{"question_id": question_id}]}
    values = {
        "session_id": everybody.session["session_id"],
        "path": "main.py",
        "question_id": question_id,
        "plan_id": host.post("/api/plans", json=plan).json()["plan_id"],
        "run_id": run["run_id"],
        "seq": "9999",
        "branch_id": "9999",
        "participant_id": everybody.ids["candidate"],
    }
    wrong = []
    for route, (cells, body) in TABLE.items():
        method, template = route.split(" ")
        for actor, expected in zip(ACTORS, cells.split(), strict=True):
            if expected == ".":
                continue
            # 409 is no refusal of the person: the session has ended already, or the name is taken.
            address = template.format(**{**dict.fromkeys(_names(template), "f" * 32), **values})
            sent = {"question_id": question_id} if "question_id" in (body or {}) else body
            sent = body | plan if "questions" in (body or {}) else sent  # type: ignore[operator]
            answer = everybody.clients[actor].request(method, address, json=sent)
            got = (
                "+"
                if answer.is_success or answer.status_code in (409, 422)
                else str(answer.status_code)
            )
            if got != expected:
                wrong.append(
                    f"{route} as {actor}: {answer.status_code}, not {expected}: {answer.text[:120]}"
                )
        host.post(everybody.path("/reopen"))  # whoever ended it
    assert wrong == []


def _names(template: str) -> list[str]:
    return [part[1:-1].partition(":")[0] for part in template.split("/") if part.startswith("{")]


@pytest.mark.parametrize("actor", ["interviewer", "teammate", "admin", "write token", "host"])
def test_who_hosts_removes_rotates_and_erases(everybody: World, actor: str) -> None:
    host, server = everybody.clients["host"], everybody.server
    session = host.post("/api/sessions").json()
    path, token = f"/api/sessions/{session['session_id']}", session["share_url"].rpartition("/")[2]
    with browser(server) as guest, contextlib.ExitStack() as more:
        client = everybody.clients[actor]
        if actor == "interviewer":
            client = join(server, host, session["session_id"], "interviewer", "Ida")[0]
            more.enter_context(contextlib.closing(client))
        person = guest.post("/api/join", json={"token": token, "name": "Zoë"}).json()[
            "participant_id"
        ]
        assert client.delete(f"{path}/people/{person}").status_code == 204
        assert guest.get(path).status_code == 404
        if actor != "interviewer":  # whose own link that would end
            assert client.post(f"{path}/invites/rotate").status_code == 200
            assert guest.get(f"/api/invitations/{token}").status_code == 404
        assert client.delete(path).status_code == 204
        assert host.get(path).status_code == 404


def test_a_replay_link_opens_its_replay_and_nothing_else(everybody: World) -> None:
    """As a credential, as an invitation, as a ticket to the socket: it is nobody's."""
    host = everybody.clients["host"]
    link = host.post(everybody.path("/replay-links"), json={}).json()
    token = link["url"].rpartition("/")[2]
    wrong = []
    with browser(everybody.server, token) as holder, browser(everybody.server) as stranger:
        for route, (cells, body) in TABLE.items():
            method, template = route.split(" ")
            values = {
                "session_id": everybody.session["session_id"],
                "path": "main.py",
                "seq": "1",
                "branch_id": "1",
            }
            values |= {
                "run_id": "a" * 32,
                "participant_id": everybody.ids["candidate"],
                "link_id": link["link_id"],
            }
            address = template.format(**{**dict.fromkeys(_names(template), "f" * 32), **values})
            as_nobody = stranger.request(method, address, json=body).status_code
            got = holder.request(method, address, json=body).status_code
            if cells.split()[0] != "." and got not in (as_nobody, 401, 403):
                wrong.append(f"{route}: {got}, not {as_nobody}")
        assert wrong == []
        for route in ("/api/invitations/{}", "/api/replays/{}x"):
            assert stranger.get(route.format(token)).status_code == 404
        assert stranger.post("/api/join", json={"token": token, "name": "Eve"}).status_code == 404
        assert stranger.post("/api/rehearsals", json={"token": token}).status_code == 404
        share = everybody.session["share_url"].rpartition("/")[2]
        assert stranger.get(f"/api/replays/{share}").status_code == 404, (
            "nor does an invitation open a replay"
        )
        assert (
            stranger.get(f"/api/replays/{token}").json()["title"]
            == host.get(everybody.path()).json()["title"]
        )
        assert stranger.get(f"/api/replays/{token}/notes").status_code == 403


async def test_a_replay_link_is_no_ticket_to_the_room(everybody: World) -> None:
    link = (
        everybody.clients["host"]
        .post(everybody.path("/replay-links"), json={"with_notes": True})
        .json()
    )
    token = link["url"].rpartition("/")[2]
    async with connect_peer(everybody.room, control=True, sync=False, token=token) as peer:
        assert await peer.wait_closed() == CloseCode.NOT_ALLOWED
        assert peer.messages == []


def test_strangers_and_wrong_ids_get_the_same_answer(everybody: World) -> None:
    session_id = everybody.session["session_id"]
    for actor in ("stranger", "other team", "removed", "expired"):
        for route, (_, body) in TABLE.items():
            method, template = route.split(" ")
            if "{session_id}" not in template or "/admission" in template:
                continue
            values = {
                **dict.fromkeys(_names(template), "a" * 32),
                "path": "main.py",
                "seq": "1",
                "branch_id": "1",
            }
            answers = [
                everybody.clients[actor].request(
                    method, template.format(**{**values, "session_id": each}), json=body
                )
                for each in (session_id, "f" * 32)
            ]
            assert [answer.status_code for answer in answers] == [404, 404], (actor, route)
            assert answers[0].text.replace(session_id, "f" * 32) == answers[1].text, (actor, route)


# Sockets
