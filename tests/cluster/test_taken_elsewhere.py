"""What is taken from somebody through one process is taken at once at another: sockets, requests, links, sign-ins."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.actors import PASSWORD, add_account, browser, first_admin
from tests.harness.pair import pair
from tests.harness.peer import Peer, connect_peer
from tests.harness.two_rooms import TwoServers

from pizarra.collab.wire.close_codes import CloseCode

_COOKIE = "pizarra-sign-in"


@pytest.fixture
def both(tmp_path: Path, runner_socket: Path, postgres_url: str) -> Iterator[TwoServers]:
    """Two processes with accounts."""
    with pair(tmp_path, postgres_url, runner_socket, auth="accounts") as servers:
        yield servers


@contextlib.contextmanager
def at_each(servers: TwoServers) -> Iterator[tuple[httpx2.Client, httpx2.Client]]:
    """Give an administrator's browser at each of them, with one sign-in."""
    # the link of whoever started last is the one that works
    with contextlib.closing(first_admin(servers[1])) as there, browser(servers[0]) as here:
        here.cookies.set(_COOKIE, there.cookies[_COOKIE])
        yield here, there


class Guests:
    """A session, and people who come into it by links."""

    def __init__(self, servers: TwoServers, admin: httpx2.Client, **about: Any) -> None:
        self.servers, self.admin = servers, admin
        self.session: dict[str, Any] = admin.post(
            "/api/sessions", json={"initial_code": "hello", **about}
        ).json()
        self.path = f"/api/sessions/{self.session['session_id']}"

    def invite(self, role: str = "candidate") -> str:
        return str(self.admin.post(f"{self.path}/invites", json={"role": role}).json()["token"])

    @contextlib.asynccontextmanager
    async def at(
        self, place: int, token: str
    ) -> AsyncIterator[tuple[Peer, str, httpx2.AsyncClient]]:
        """Give somebody at one of the processes: their socket, their id, and what asks with their credential."""
        server = self.servers[place]
        async with httpx2.AsyncClient(base_url=server.url) as client:
            joined = (await client.post("/api/join", json={"token": token, "name": "Zoë"})).json()
            client.cookies.clear()
            client.headers["authorization"] = f"Bearer {joined['access_token']}"
            async with connect_peer(
                f"{server.ws_url}/{self.session['room_id']}",
                control=True,
                token=joined["access_token"],
            ) as peer:
                await peer.wait_for(lambda: bool(peer.controls_of("welcome")))
                yield peer, joined["participant_id"], client


async def test_a_person_is_removed_and_made_an_observer(both: TwoServers) -> None:
    with at_each(both) as (here, _):
        guests = Guests(both, here)
        token = guests.invite()
        async with guests.at(1, token) as (peer, person, client):
            assert (await client.get(guests.path)).json()["your_role"] == "candidate"
            here.patch(f"{guests.path}/people/{person}", json={"role": "observer"})
            assert (await client.get(guests.path)).json()["your_role"] == "observer"
            assert (await client.post(f"{guests.path}/runs", json={})).status_code == 403
            await peer.wait_for(lambda: bool(peer.controls_of("you.changed")))
            here.delete(f"{guests.path}/people/{person}")
            assert (await client.get(guests.path)).status_code == 404
            assert await peer.wait_closed() == CloseCode.NOT_ALLOWED


async def test_links_are_rotated(both: TwoServers) -> None:
    with at_each(both) as (here, there):
        guests = Guests(both, here)
        token = guests.invite()
        async with guests.at(1, token) as (peer, _, client):
            here.post(f"{guests.path}/invites/rotate")
            assert (await client.get(guests.path)).status_code == 404
            late = await client.post("/api/join", json={"token": token, "name": "Eve"})
            assert late.status_code in (403, 404)
            assert await peer.wait_closed() == CloseCode.NOT_ALLOWED
        assert there.get(guests.path).status_code == 200


async def test_a_session_is_locked_and_ended(both: TwoServers) -> None:
    with at_each(both) as (here, there):
        guests = Guests(both, here, candidate_keeps="nothing")
        async with guests.at(1, guests.invite()) as (peer, _, client):
            here.patch(guests.path, json={"editing_locked": True})
            await peer.wait_for(lambda: bool(peer.controls_of("session.changed")))
            here.post(f"{guests.path}/end")
            assert (await client.post(f"{guests.path}/runs", json={})).status_code in (
                403,
                404,
                409,
            )
            assert (await client.get(f"{guests.path}/files/main.py")).status_code in (403, 404)
            assert await peer.wait_closed() in (CloseCode.SESSION_ENDED, CloseCode.NOT_ALLOWED)
        assert there.get(f"{guests.path}/files/main.py").text == "hello"


async def test_a_link_lets_so_many_in_at_all_of_them_together(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    limits: dict[str, Any] = {"max_people_per_link": 4}
    with (
        pair(tmp_path, postgres_url, runner_socket, auth="accounts", **limits) as both,
        at_each(both) as (here, _),
    ):
        token = Guests(both, here).invite()
        async with (
            httpx2.AsyncClient(base_url=both[0].url) as one,
            httpx2.AsyncClient(base_url=both[1].url) as two,
        ):
            joining = [
                client.post("/api/join", json={"token": token, "name": f"{name} {n}"})
                for n in range(6)
                for client, name in ((one, "Zoë"), (two, "Ann"))
            ]
            answers = [each.status_code for each in await asyncio.gather(*joining)]
        assert answers.count(200) == 4, answers


async def test_signing_out_a_password_and_a_lock_hold_everywhere(both: TwoServers) -> None:
    with at_each(both) as (here, there):
        team = here.get("/api/teams").json()[0]["team_id"]
        session = here.post("/api/sessions").json()
        path = f"/api/sessions/{session['session_id']}"

        @contextlib.asynccontextmanager
        async def at_there(cookie: str) -> AsyncIterator[Peer]:
            async with connect_peer(
                f"{both[1].ws_url}/{session['room_id']}",
                control=True,
                additional_headers={"Cookie": f"{_COOKIE}={cookie}"},
            ) as peer:
                await peer.wait_for(lambda: bool(peer.controls_of("welcome")))
                yield peer

        with (
            contextlib.closing(add_account(both[0], here, "cleo", team)) as cleo,
            browser(both[1]) as other,
        ):
            other.cookies.set(_COOKIE, cleo.cookies[_COOKIE])
            assert other.get(path).status_code == 200
            async with at_there(cleo.cookies[_COOKIE]) as peer:
                cleo.post("/api/sign-out")
                assert other.get(path).status_code == 404
                assert await peer.wait_closed() == CloseCode.NOT_ALLOWED
            other.cookies.clear()
            mine = {"name": "cleo", "password": PASSWORD}
            assert other.post("/api/sign-in", json=mine).status_code == 204
            cleo.post("/api/sign-in", json=mine)
            async with at_there(other.cookies[_COOKIE]) as peer:
                change = {"old_password": PASSWORD, "password": "a new long one"}
                assert cleo.put("/api/me/password", json=change).status_code == 204
                assert other.get("/api/me").json()["account"] is None
                assert await peer.wait_closed() == CloseCode.NOT_ALLOWED
            other.cookies.clear()
            again = {**mine, "password": "a new long one"}
            assert other.post("/api/sign-in", json=again).status_code == 204
            account = other.get("/api/me").json()["account"]["account_id"]
            async with at_there(other.cookies[_COOKIE]) as peer:
                here.patch(f"/api/accounts/{account}", json={"disabled": True})
                assert other.get("/api/me").json()["account"] is None
                assert await peer.wait_closed() == CloseCode.NOT_ALLOWED
        assert there.get("/api/me").json()["account"] is not None


async def test_nobody_becomes_who_is_connected_to_another_process(both: TwoServers) -> None:
    """A request to join names no session, so any of several processes answers it: few of them have the room."""
    with at_each(both) as (here, _):
        guests = Guests(both, here)
        token = guests.invite()
        async with (
            guests.at(1, token) as (_, person, client),
            httpx2.AsyncClient(base_url=both[0].url) as eve,
        ):
            mine = client.headers["authorization"]
            async with asyncio.timeout(20):  # who is where is told now and then
                while not here.get(guests.path).json()["active_users"]:
                    await asyncio.sleep(0.05)
            joining = {"token": token, "name": "zoë"}
            other = (await eve.post("/api/join", json=joining)).json()
            assert other["participant_id"] != person
            eve.cookies.clear()
            again = await eve.post("/api/join", json=joining, headers={"authorization": mine})
            assert again.json()["participant_id"] == person
