"""The interview's clock, by the server's time, and the lines that everybody reads."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.actors import World, join, world
from tests.harness.application import application
from tests.harness.peer import Peer, connect_peer
from tests.harness.server import server_process

from pizarra.config import Settings
from pizarra.kit.clock import utc_now


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory, runner_socket: Path) -> Iterator[World]:
    """A server with accounts, and everybody."""
    folder = tmp_path_factory.mktemp("clock")
    with (
        server_process(
            folder, runner_socket=runner_socket, auth="accounts", max_lines_per_minute=5
        ) as server,
        world(server) as made,
    ):
        yield made


def last_clock(peer: Peer) -> dict[str, Any] | None:
    told: dict[str, Any] | None = peer.controls_of("clock")[-1]["clock"]
    return told


async def test_the_clock_starts_when_the_candidate_joins(everybody: World) -> None:
    host, server = everybody.clients["host"], everybody.server
    session = host.post("/api/sessions").json()
    path, room = (
        f"/api/sessions/{session['session_id']}/clock",
        f"{server.ws_url}/{session['room_id']}",
    )
    guests = {
        role: join(server, host, session["session_id"], role, role.title())
        for role in ("candidate", "interviewer")
    }
    candidate = guests["candidate"][0]
    assert host.get(path).json() == {"seconds": None, "minutes": 60, "steps": [], "shown": False}
    async with contextlib.AsyncExitStack() as stack:

        async def come(actor: str) -> Peer:
            known = (
                {"token": guests[actor][1]["access_token"]}
                if actor in guests
                else everybody.socket_options(actor)
            )
            peer = await stack.enter_async_context(connect_peer(room, control=True, **known))
            await peer.wait_for(lambda: bool(peer.controls_of("welcome")))
            return peer

        ana = await come("host")
        assert ana.controls_of("welcome")[0]["clock"]["seconds"] is None
        zoe = await come("candidate")
        await ana.wait_for(lambda: bool(ana.controls_of("clock")))
        first = last_clock(ana)
        assert first is not None
        assert 0 <= first["seconds"] < 30
        # Who comes later, or again, is told how far it is; the candidate only when the host allows it.
        again = await come("interviewer")
        assert again.controls_of("welcome")[0]["clock"]["seconds"] >= first["seconds"]
        assert zoe.controls_of("welcome")[0]["clock"] is None
        assert candidate.get(path).status_code == 403
        await zoe.wait_for(lambda: bool(zoe.controls_of("clock")))
        assert last_clock(zoe) is None
        # When it began is told to everybody: their pages show what happened with its time since then.
        began = host.get(f"/api/sessions/{session['session_id']}").json()["clock_started_at"]
        assert began > session["created_at"]
        assert {peer.controls_of("clock")[-1]["started_at"] for peer in (ana, zoe)} == {began}
        assert again.controls_of("welcome")[0]["clock_started_at"] == began
        steps = [{"name": "Warm-up", "minutes": 10}, {"name": "Problem", "minutes": 30}]
        set_to = host.put(path, json={"minutes": 45, "steps": steps, "shown": True}).json()
        assert (set_to["minutes"], set_to["steps"]) == (45, steps)
        await zoe.wait_for(lambda: last_clock(zoe) is not None)
        shown = last_clock(zoe)
        assert shown is not None
        assert (shown["minutes"], shown["steps"]) == (45, steps)
        assert candidate.get(path).status_code == 200
        before = host.get(path).json()["seconds"]
        assert host.put(path, json={"minutes": 45, "restart": True}).json()["seconds"] < before
        await zoe.wait_for(lambda: last_clock(zoe) is None)
    for body in (
        {"minutes": 0},
        {"minutes": 601},
        {"minutes": 60, "steps": [{"name": " ", "minutes": 1}]},
        {"minutes": 60, "steps": [{"name": "x", "minutes": 1}] * 6},
    ):
        assert host.put(path, json=body).status_code == 422
    for client, _ in guests.values():
        client.close()


async def test_a_line_reaches_everybody_and_stays_on_the_timeline(everybody: World) -> None:
    host = everybody.clients["host"]
    host.post(everybody.path("/reopen"))
    async with (
        connect_peer(
            everybody.room, control=True, **everybody.socket_options("observer")
        ) as observer,
        connect_peer(everybody.room, control=True, **everybody.socket_options("candidate")) as zoe,
    ):
        for peer in (observer, zoe):
            await peer.wait_for(lambda peer=peer: bool(peer.controls_of("welcome")))  # type: ignore[misc]
        written = everybody.clients["candidate"].post(
            everybody.path("/lines"), json={"text": "May I use a dict?"}
        )
        assert written.status_code == 201, written.text
        for peer in (observer, zoe):
            await peer.wait_for(lambda peer=peer: bool(peer.controls_of("said")))  # type: ignore[misc]
            line = peer.controls_of("said")[0]["line"]
            assert (line["text"], line["participant_id"]) == (
                "May I use a dict?",
                everybody.ids["candidate"],
            )
    host.post(everybody.path("/lines"), json={"text": "Yes."})
    said = host.get(everybody.path("/timeline"), params={"kinds": "said"}).json()[-2:]
    assert [each["data"] for each in said] == [{"text": "May I use a dict?"}, {"text": "Yes."}]
    assert said[0] == written.json()
    # Who comes later reads them too.
    async with connect_peer(
        everybody.room, control=True, **everybody.socket_options("observer")
    ) as late:
        await late.wait_for(lambda: bool(late.controls_of("welcome")))
        assert [each["text"] for each in late.controls_of("welcome")[0]["lines"][-2:]] == [
            "May I use a dict?",
            "Yes.",
        ]
    assert (
        everybody.clients["observer"].post(everybody.path("/lines"), json={"text": "x"}).status_code
        == 403
    )


def test_the_limits_of_lines(everybody: World) -> None:
    teammate, path = everybody.clients["teammate"], everybody.path("/lines")
    assert teammate.post(path, json={"text": "x" * 2001}).status_code == 422
    assert teammate.post(path, json={"text": " "}).status_code == 422
    answers = [teammate.post(path, json={"text": "x"}).status_code for _ in range(6)]
    assert answers == [201] * 5 + [429]
    host = everybody.clients["host"]
    host.post(everybody.path("/end"))
    refused: httpx2.Response = host.post(path, json={"text": "x"})
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "The session has ended. Reopen it to write to everybody.",
    )
    host.post(everybody.path("/reopen"))


async def test_a_lines_instant_is_the_logs_though_clocks_differ(settings: Settings) -> None:
    now = utc_now()
    async with application(settings, lambda: now) as started, started.client() as owner:
        session = (await owner.post("/api/sessions", json={})).json()
        path = f"/api/sessions/{session['session_id']}"
        await owner.post(f"{path}/lines", json={"text": "first"})
        now -= timedelta(minutes=5)  # as another process's clock may have it
        told = (await owner.post(f"{path}/lines", json={"text": "second"})).json()
        kept = (await owner.get(f"{path}/timeline", params={"kinds": "said"})).json()
        assert [each["data"]["text"] for each in kept] == ["first", "second"]
        assert told == kept[1]
