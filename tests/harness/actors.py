"""A server with accounts, and people of every kind around one session: who may what is tried with each of them."""

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

PASSWORD = "orange elephants whisper"
_SIGN_IN = "pizarra-sign-in"


def setup_secret(server: ServerProcess) -> str:
    """Return the secret of the set-up link that a first start prints."""
    link = re.compile(r"/welcome#(\S+)")
    wait_until(
        lambda: link.search(server.log()) is not None,
        "the set-up link, which comes after the line it waits for",
    )
    return str(link.findall(server.log())[-1])


def browser(server: ServerProcess, token: str | None = None) -> httpx2.Client:
    """Return a browser that nobody has signed in with, or a program with a bearer token."""
    headers = {"authorization": f"Bearer {token}"} if token is not None else {}
    return httpx2.Client(base_url=server.url, headers=headers, timeout=30)


def first_admin(server: ServerProcess, name: str = "root") -> httpx2.Client:
    """Make the first account with the set-up link; return its browser."""
    client = browser(server)
    body = {
        "token": setup_secret(server),
        "password": PASSWORD,
        "name": name,
        "display_name": name.title(),
    }
    answer = client.post("/api/welcome", json=body)
    assert answer.status_code == 204, answer.text
    return client


def add_account(
    server: ServerProcess, admin: httpx2.Client, name: str, team_id: str
) -> httpx2.Client:
    """Create an account and set its password by its link; return its browser."""
    body = {"name": name, "display_name": name.title(), "team_id": team_id}
    made = admin.post("/api/accounts", json=body).json()
    client = browser(server)
    secret = made["link"]["url"].partition("#")[2]
    answer = client.post("/api/welcome", json={"token": secret, "password": PASSWORD})
    assert answer.status_code == 204, answer.text
    return client


def add_team(admin: httpx2.Client, name: str) -> str:
    """Create a team; return its id."""
    return str(admin.post("/api/teams", json={"name": name}).json()["team_id"])


def join(
    server: ServerProcess, host: httpx2.Client, session_id: str, role: str, name: str
) -> tuple[httpx2.Client, dict[str, Any]]:
    """Have somebody come in by a link of their own; return their browser, and what they were told."""
    invite = host.post(f"/api/sessions/{session_id}/invites", json={"role": role}).json()
    guest = browser(server)
    joined = guest.post("/api/join", json={"token": invite["token"], "name": name})
    assert joined.status_code == 200, joined.text
    return guest, dict(joined.json())


@dataclass
class World:
    """A session of Ana's team, and everybody around it: name → client, participant id, credential of a socket."""

    server: ServerProcess
    session: dict[str, Any]
    other_session: dict[str, Any]
    clients: dict[str, httpx2.Client] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def path(self, rest: str = "") -> str:
        """Return the address of the session, or of something in it."""
        return f"/api/sessions/{self.session['session_id']}{rest}"

    @property
    def room(self) -> str:
        """The socket's address."""
        return f"{self.server.ws_url}/{self.session['room_id']}"

    def socket_options(self, name: str) -> dict[str, Any]:
        """Return what `connect_peer` takes to come as somebody: a token, or the cookie of a sign-in."""
        if name in self.tokens:
            return {"token": self.tokens[name]}
        cookie = self.clients[name].cookies.get(_SIGN_IN) if name in self.clients else None
        return {"additional_headers": {"Cookie": f"{_SIGN_IN}={cookie}"}} if cookie else {}


@contextlib.contextmanager
def world(server: ServerProcess) -> Iterator[World]:
    """Give everybody. The server has accounts, and nobody has one yet; it is on SQLite."""
    admin = first_admin(server)
    one, two = add_team(admin, "One"), add_team(admin, "Two")
    ana, bea = add_account(server, admin, "ana", one), add_account(server, admin, "bea", one)
    carl = add_account(server, admin, "carl", two)
    session = ana.post(
        "/api/sessions", json={"title": "Two Sum", "initial_code": "print(input())\n"}
    ).json()
    made = World(server, session, carl.post("/api/sessions", json={"title": "Other"}).json())
    made.clients = {
        "stranger": browser(server),
        "other team": carl,
        "host": ana,
        "teammate": bea,
        "admin": admin,
    }
    for name, role in (
        ("candidate", "candidate"),
        ("observer", "observer"),
        ("interviewer", "interviewer"),
        ("removed", "candidate"),
        ("expired", "candidate"),
    ):
        made.clients[name], joined = join(server, ana, session["session_id"], role, name.title())
        made.ids[name], made.tokens[name] = joined["participant_id"], joined["access_token"]
    assert ana.delete(made.path(f"/people/{made.ids['removed']}")).status_code == 204
    expire(server, made.ids["expired"])
    for scope in ("read", "write"):
        token = ana.post("/api/me/tokens", json={"name": scope, "scope": scope}).json()["token"]
        made.clients[f"{scope} token"], made.tokens[f"{scope} token"] = (
            browser(server, token),
            token,
        )
    try:
        yield made
    finally:
        for client in made.clients.values():
            client.close()


def expire(server: ServerProcess, participant_id: str) -> None:
    """Move the end of somebody's invitation into the past."""
    past = int((time.time() - 1) * 1_000_000)
    with contextlib.closing(
        sqlite3.connect(server.data_dir / "pizarra.db", timeout=10)
    ) as database:
        database.execute(
            "UPDATE participants SET expires_at = ? WHERE public_id = ?", (past, participant_id)
        )
        database.commit()
