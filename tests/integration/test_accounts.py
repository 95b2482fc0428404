"""Signing in, and everything somebody might try instead."""

import contextlib
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
from tests.harness.account_server import admin, server, stranger
from tests.harness.actors import PASSWORD, add_account, add_team, browser, first_admin, setup_secret
from tests.harness.program import pizarra
from tests.harness.server import ServerProcess, server_process

_COOKIE = "pizarra-sign-in"

__all__ = ["admin", "server", "stranger"]  # fixtures


def test_bound_elsewhere_nobody_is_the_owner(
    server: ServerProcess, stranger: httpx2.Client
) -> None:
    assert stranger.get("/api/me").json() | {"needs_setup": None} == {
        "auth": "accounts",
        "is_owner": False,
        "account": None,
        "needs_setup": None,
        "single_sign_on": None,
        "min_password_length": 10,
    }
    for headers in (
        {},
        {"host": "localhost"},
        {"x-forwarded-for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
    ):
        assert stranger.get("/api/sessions", headers=headers).status_code == 401
        assert stranger.post("/api/sessions", headers=headers).status_code == 401


def test_the_set_up_link_works_once(
    server: ServerProcess, admin: httpx2.Client, stranger: httpx2.Client
) -> None:
    assert admin.get("/api/me").json()["account"]["role"] == "admin"
    again = {"token": setup_secret(server), "password": PASSWORD, "name": "eve"}
    refused = stranger.post("/api/welcome", json=again)
    assert refused.status_code == 404
    assert stranger.get("/api/me").json()["account"] is None
    assert [each["name"] for each in admin.get("/api/accounts").json()].count("eve") == 0


def test_without_an_administrator_a_start_still_offers_the_first_account(
    tmp_path: Path, runner_socket: Path
) -> None:
    command(tmp_path, "user", "add", "only-an-interviewer")
    with (
        server_process(tmp_path, runner_socket=runner_socket, auth="accounts") as server,
        browser(server) as visitor,
    ):
        assert visitor.get("/api/me").json()["needs_setup"] is False
        assert setup_secret(server).startswith("pzf_")
        with contextlib.closing(first_admin(server)) as admin:
            names = [each["name"] for each in admin.get("/api/accounts").json()]
            assert names == ["only-an-interviewer", "root"]


def test_the_set_up_link_is_never_logged(server: ServerProcess, admin: httpx2.Client) -> None:
    secret = setup_secret(server)
    log = server.log()
    assert log.count(secret) == 1  # where it was printed for the person who started it
    cookie = admin.cookies[_COOKIE]
    assert cookie not in log
    assert PASSWORD not in log


def test_names_are_compared_without_case(
    server: ServerProcess, admin: httpx2.Client, stranger: httpx2.Client
) -> None:
    team = admin.get("/api/teams").json()[0]["team_id"]
    add_account(server, admin, "Bea@Example.org", team).close()
    assert admin.post("/api/accounts", json={"name": " bea@example.ORG "}).status_code == 409
    assert (
        stranger.post(
            "/api/sign-in", json={"name": "BEA@example.org", "password": PASSWORD}
        ).status_code
        == 204
    )


def test_a_cookie_is_safe_and_new_each_time(admin: httpx2.Client, stranger: httpx2.Client) -> None:
    planted = "pzs_planted-by-somebody-else"
    stranger.cookies.set(_COOKIE, planted)
    answer = stranger.post("/api/sign-in", json={"name": "root", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    first = re.search(rf"{_COOKIE}=([^;]+)", cookie)
    assert first is not None
    assert first[1] not in (planted, admin.cookies[_COOKIE])


def test_signing_out_ends_the_sign_in_on_the_server(
    server: ServerProcess, admin: httpx2.Client, stranger: httpx2.Client
) -> None:
    stranger.post("/api/sign-in", json={"name": "root", "password": PASSWORD})
    stolen = {"cookie": f"{_COOKIE}={stranger.cookies[_COOKIE]}"}
    with browser(server) as thief:
        assert thief.get("/api/sessions", headers=stolen).status_code == 200
        stranger.post("/api/sign-out")
        assert _COOKIE not in stranger.cookies
        assert thief.get("/api/sessions", headers=stolen).status_code == 401


def test_other_browsers_can_be_signed_out(
    server: ServerProcess, admin: httpx2.Client, stranger: httpx2.Client
) -> None:
    stranger.post(
        "/api/sign-in",
        json={"name": "root", "password": PASSWORD},
        headers={"user-agent": "Old laptop"},
    )
    found = {each["browser"]: each for each in admin.get("/api/me/sign-ins").json()}
    assert found["Old laptop"]["is_this"] is False
    assert sum(each["is_this"] for each in found.values()) == 1
    admin.delete(f"/api/me/sign-ins/{found['Old laptop']['sign_in_id']}")
    assert stranger.get("/api/sessions").status_code == 401


def test_changing_a_password_signs_the_other_browsers_out(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    team = admin.get("/api/teams").json()[0]["team_id"]
    with (
        contextlib.closing(add_account(server, admin, "cleo", team)) as cleo,
        browser(server) as other,
    ):
        other.post("/api/sign-in", json={"name": "cleo", "password": PASSWORD})
        wrong = {"old_password": "not it at all", "password": "a new long one"}
        assert cleo.put("/api/me/password", json=wrong).status_code == 401
        short = {"old_password": PASSWORD, "password": "short"}
        assert cleo.put("/api/me/password", json=short).status_code == 422
        easy = {"old_password": PASSWORD, "password": "cleo1234567890"}
        assert (
            "first that somebody would try"
            in cleo.put("/api/me/password", json=easy).json()["detail"]
        )
        token = cleo.post("/api/me/tokens", json={"name": "x", "scope": "admin"}).json()["token"]
        right = {"old_password": PASSWORD, "password": "a new long one"}
        assert cleo.put("/api/me/password", json=right).status_code == 204
        # A thief's token would outlive what was changed because of the thief.
        with browser(server) as program:
            assert (
                program.get(
                    "/api/me/tokens", headers={"authorization": f"Bearer {token}"}
                ).status_code
                == 401
            )
        assert cleo.get("/api/me/tokens").json() == []
        assert cleo.get("/api/sessions").status_code == 200
        assert other.get("/api/sessions").status_code == 401
        assert (
            other.post("/api/sign-in", json={"name": "cleo", "password": PASSWORD}).status_code
            == 401
        )
        assert (
            other.post(
                "/api/sign-in", json={"name": "cleo", "password": "a new long one"}
            ).status_code
            == 204
        )


def test_a_reset_takes_the_password_and_its_link_sets_another(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    team = admin.get("/api/teams").json()[0]["team_id"]
    with contextlib.closing(add_account(server, admin, "dora", team)) as dora:
        account = dora.get("/api/me").json()["account"]["account_id"]
        token = dora.post("/api/me/tokens", json={"name": "x", "scope": "read"}).json()["token"]
        first = admin.post(f"/api/accounts/{account}/reset").json()["url"].partition("#")[2]
        with browser(server, token) as program:
            assert program.get("/api/me/tokens").status_code == 401
        assert dora.get("/api/sessions").status_code == 401
        assert (
            dora.post("/api/sign-in", json={"name": "dora", "password": PASSWORD}).status_code
            == 401
        )
        second = admin.post(f"/api/accounts/{account}/reset").json()["url"].partition("#")[2]
        for secret, status in ((first, 404), (second, 204), (second, 404)):
            answer = dora.post(
                "/api/welcome", json={"token": secret, "password": "another long one"}
            )
            assert answer.status_code == status


def test_whoever_is_let_in_again_begins_anew(server: ServerProcess, admin: httpx2.Client) -> None:
    """A lost laptop had a token on it, and a link in its mail."""
    made = admin.post("/api/accounts", json={"name": "lost"}).json()
    account, link = made["account"]["account_id"], made["link"]["url"].partition("#")[2]
    with browser(server) as lost:
        assert (
            lost.post("/api/welcome", json={"token": link, "password": PASSWORD}).status_code == 204
        )
        token = lost.post("/api/me/tokens", json={"name": "laptop"}).json()["token"]
    unused = admin.post(f"/api/accounts/{account}/reset").json()["url"].partition("#")[2]
    with browser(server, token) as program:
        for disabled in (True, False):
            admin.patch(f"/api/accounts/{account}", json={"disabled": disabled}).raise_for_status()
        assert program.get("/api/me/tokens").status_code == 401
    with browser(server) as finder:
        answer = finder.post("/api/welcome", json={"token": unused, "password": PASSWORD})
    assert answer.status_code == 404


def test_names_that_nobody_sees_are_no_names(admin: httpx2.Client) -> None:
    team = admin.post("/api/teams", json={"name": "Seen"}).json()["team_id"]
    admin.patch(f"/api/teams/{team}", json={"name": "\u200b\u202e"})
    me = admin.get("/api/me").json()["account"]["account_id"]
    changed = admin.patch(f"/api/accounts/{me}", json={"display_name": "\u202eAna\u200b\u0007"})
    assert changed.json()["display_name"] == "Ana"
    assert {each["name"] for each in admin.get("/api/teams").json()} >= {"Seen"}


def test_of_two_who_use_a_link_at_the_same_time_one_gets_in(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    secret = (
        admin.post("/api/accounts", json={"name": "twice"}).json()["link"]["url"].partition("#")[2]
    )

    def use(password: str) -> int:
        with browser(server) as visitor:
            return visitor.post(
                "/api/welcome", json={"token": secret, "password": password}
            ).status_code

    with ThreadPoolExecutor(4) as people:
        statuses = list(people.map(use, (f"a long password {number}" for number in range(4))))
    assert sorted(statuses) == [204, 404, 404, 404]


def test_the_last_administrator_stays(admin: httpx2.Client) -> None:
    me = admin.get("/api/me").json()["account"]["account_id"]
    for change in ({"disabled": True}, {"role": "interviewer"}):
        refused = admin.patch(f"/api/accounts/{me}", json=change)
        assert (refused.status_code, "last administrator" in refused.json()["detail"]) == (
            409,
            True,
        )


def test_a_token_shows_when_it_was_used(server: ServerProcess, admin: httpx2.Client) -> None:
    made = admin.post("/api/me/tokens", json={"name": "nightly", "scope": "read"}).json()
    assert made["used_at"] is None
    with browser(server, made["token"]) as program:
        assert program.get("/api/sessions").status_code == 200
        deadline = time.monotonic() + 5
        used = None
        while used is None and time.monotonic() < deadline:
            listed = {each["token_id"]: each for each in admin.get("/api/me/tokens").json()}
            assert "token" not in listed[made["token_id"]]
            used = listed[made["token_id"]]["used_at"]
        assert used is not None
        admin.delete(f"/api/me/tokens/{made['token_id']}")
        assert program.get("/api/sessions").status_code in (401, 403)


def test_teams_do_not_see_each_other(server: ServerProcess, admin: httpx2.Client) -> None:
    red, blue = add_team(admin, "Red"), add_team(admin, "Blue")
    with (
        contextlib.closing(add_account(server, admin, "rita", red)) as rita,
        contextlib.closing(add_account(server, admin, "ben", blue)) as ben,
    ):
        session = rita.post("/api/sessions", json={"title": "Red only"}).json()
        assert [each["title"] for each in rita.get("/api/sessions").json()] == ["Red only"]
        assert ben.get("/api/sessions").json() == []
        assert ben.get(f"/api/sessions/{session['session_id']}").status_code == 404
        assert [each["name"] for each in ben.get("/api/teams").json()] == ["Blue"]
        assert session["session_id"] in [
            each["session_id"] for each in admin.get("/api/sessions").json()
        ]


def test_the_audit_has_every_act_and_no_secret(server: ServerProcess, admin: httpx2.Client) -> None:
    session = admin.post("/api/sessions", json={"title": "t1tle", "initial_code": "c0de"}).json()
    path, token = f"/api/sessions/{session['session_id']}", session["share_url"].rpartition("/")[2]
    admin.post(f"{path}/invites", json={"role": "observer"})
    with browser(server) as guest:
        person = guest.post("/api/join", json={"token": token, "name": "Zoë"}).json()[
            "participant_id"
        ]
    admin.patch(f"{path}/people/{person}", json={"role": "observer"})
    admin.delete(f"{path}/people/{person}")
    admin.post(f"{path}/invites/rotate")
    admin.get(f"{path}/download")
    admin.post(f"{path}/end")
    admin.post(f"{path}/reopen")
    admin.delete(path)
    entries = admin.get("/api/audit", params={"target": session["session_id"]}).json()
    assert [entry["action"] for entry in reversed(entries)] == [
        *(
            "invitation.created",
            "person.joined",
            "person.role",
            "person.removed",
            "invitation.rotated",
        ),
        *("session.downloaded", "session.ended", "session.reopened", "session.erased"),
    ]
    assert {entry["address"] for entry in entries if entry["actor"].startswith("person:")} == {""}
    receipt = entries[0]
    assert receipt["actor"] == "root"
    assert receipt["data"]["people"] == 1
    assert receipt["data"]["entries"] >= 4
    everything = admin.get("/api/audit", params={"limit": 1000}).text
    for secret in (PASSWORD, token, admin.cookies[_COOKIE], "t1tle", "c0de", "Zoë"):
        assert secret not in everything
    assert {"setup", "sign_in"} <= {
        entry["action"] for entry in admin.get("/api/audit?limit=1000").json()
    }


def command(server_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return pizarra(*arguments, "--data-dir", server_dir)


def test_accounts_from_the_command_line(tmp_path: Path) -> None:
    looked = command(tmp_path, "user", "list")
    assert (looked.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "there is no database" in looked.stderr.lower()
    command(tmp_path, "db", "upgrade").check_returncode()
    assert "Nobody may sign in yet" in command(tmp_path, "user", "list").stdout
    added = command(tmp_path, "user", "add", "Eva@example.org", "--admin", "--team", "Core")
    assert re.search(r"/welcome#pzl_\S+", added.stdout), added
    assert "asks nobody to sign in: set PIZARRA_AUTH=accounts" in added.stdout
    listed = command(tmp_path, "user", "list").stdout
    assert re.search(r"eva@example.org\s+admin\s+Core\s+no password yet", listed)
    again = command(tmp_path, "user", "add", "eva@EXAMPLE.org")
    assert (again.returncode, again.stderr) == (
        1,
        "pizarra: There is an account eva@example.org already.\n",
    )
    unknown = command(tmp_path, "user", "disable", "nobody")
    assert (unknown.returncode, "pizarra user list" in unknown.stderr) == (1, True)
    last = command(tmp_path, "user", "disable", "eva@example.org")
    assert (last.returncode, "last administrator" in last.stderr) == (1, True)
    token = command(
        tmp_path, "token", "create", "eva@example.org", "nightly", "--scope", "write"
    ).stdout.strip()
    assert token.startswith("pzt_")
    shown = command(tmp_path, "token", "list").stdout
    assert "nightly  write  never used" in shown
    assert token not in shown
    assert (
        command(tmp_path, "token", "create", "eva@example.org", "x", "--scope", "all").returncode
        == 1
    )
    assert "opens nothing" in command(tmp_path, "token", "revoke", shown.split()[0]).stdout
    assert "There are no API tokens." in command(tmp_path, "token", "list").stdout
    assert re.search(
        r"/welcome#pzl_\S+", command(tmp_path, "user", "reset", "eva@example.org").stdout
    )
