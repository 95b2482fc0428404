"""Integrity events, suggestions, thinking time, looking together: on sockets the same for everybody, and recorded."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from tests.harness.application import Application
from tests.harness.entries import event
from tests.harness.peer import Peer, connect_peer
from tests.harness.rooms import join, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.access.people import find_or_add_own
from pizarra.integrity_events.service import recent
from pizarra.models import InterviewSession, Participant, Role


async def recorded_by_now(peer: Peer) -> None:
    """Wait until what a socket told before is recorded: it is done in order, and this is refused last."""
    await peer.control(type="signal.explain", seq=2**50, text="x")
    await peer.wait_for(lambda: bool(peer.controls_of("refusal")))


PASTE = {"type": "paste", "path": "main.py", "characters": 120, "lines": 4, "source": "outside"}


def create(server: ServerProcess, **body: Any) -> dict[str, Any]:
    return dict(httpx2.post(f"{server.url}/api/sessions", json=body).json())


def timeline(server: ServerProcess, session: dict[str, Any], kinds: str) -> list[dict[str, Any]]:
    address = f"{server.url}/api/sessions/{session['session_id']}/timeline"
    return list(httpx2.get(address, params={"kinds": kinds, "limit": 1000}).json())


async def got(peer: Peer, kind: str, count: int = 1) -> dict[str, Any]:
    """Wait for control messages of a kind; return the newest."""
    await peer.wait_for(lambda: len(peer.controls_of(kind)) >= count)
    return peer.controls_of(kind)[-1]


async def welcome(peer: Peer) -> dict[str, Any]:
    await peer.wait_for(lambda: bool(peer.controls_of("welcome")))
    return peer.controls_of("welcome")[0]


async def test_a_paste_is_shown_to_everybody_and_its_author_says_why(
    shared_server: ServerProcess,
) -> None:
    session = create(shared_server)
    url, token = url_of(shared_server, session), join(shared_server, session)
    async with (
        connect_peer(url, control=True) as host,
        connect_peer(url, control=True, token=token) as zoe,
    ):
        you = (await welcome(zoe))["you"]["participant_id"]
        await zoe.control(**PASTE)
        for peer in (host, zoe):
            signal = (await got(peer, "signal"))["signal"]
            assert (signal["kind"], signal["participant_id"]) == ("paste", you)
            assert signal["data"] == {
                "path": "main.py",
                "characters": 120,
                "lines": 4,
                "source": "outside",
            }
        # Nobody else gives the reason.
        await host.control(type="signal.explain", seq=signal["seq"], text="cheating")
        await host.wait_for(lambda: bool(host.controls_of("refusal")))
        await zoe.control(type="signal.explain", seq=signal["seq"], text="my own template")
        await host.wait_for(lambda: len(host.controls_of("signal")) == 2)
    kept = timeline(shared_server, session, "paste,explained")
    assert [(entry["kind"], entry["participant_id"]) for entry in kept] == [
        ("paste", you),
        ("explained", you),
    ]
    assert kept[1]["data"] == {"of": kept[0]["seq"], "text": "my own template"}
    async with connect_peer(url, control=True, token=token) as back:
        told = (await welcome(back))["signals"]
        assert [each["kind"] for each in told] == ["paste", "explained"]


@pytest.mark.parametrize(
    ("policy", "kinds"), [("all", ["paste", "away"]), ("pastes", ["paste"]), ("none", [])]
)
async def test_the_policy_decides_what_is_recorded(
    shared_server: ServerProcess, policy: str, kinds: list[str]
) -> None:
    session = create(shared_server, signals=policy, rules="No assistants.")
    token = session["share_url"].rpartition("/")[2]
    told = httpx2.get(f"{shared_server.url}/api/invitations/{token}").json()
    assert (told["signals"], told["rules"]) == (policy, "No assistants.")
    assert any("leave this page" in each for each in told["recorded"]) == ("away" in kinds)
    assert any("pastes" in each for each in told["recorded"]) == ("paste" in kinds)
    assert any("cursor" in each for each in told["recorded"]) == ("paste" in kinds)
    async with connect_peer(url_of(shared_server, session), control=True) as host:
        await host.control(**PASTE)
        await host.control(type="away", away=True)
        await host.control(type="cursor", path="main.py", anchor="{}", head="{}")
        await host.wait_for(lambda: len(host.controls_of("signal")) == len(kinds))
        await host.control(type="ping", id=1)
        await host.wait_for(lambda: bool(host.controls_of("pong")))
        await recorded_by_now(host)
        assert [entry["kind"] for entry in timeline(shared_server, session, "paste,away")] == kinds
    assert len(timeline(shared_server, session, "cursor")) == (policy != "none")


async def test_interviewers_know_how_each_connection_is_and_nobody_else_does(
    shared_server: ServerProcess,
) -> None:
    session = create(shared_server)
    url = url_of(shared_server, session)
    zoe_token, olga_token = (
        join(shared_server, session),
        join(shared_server, session, "observer", "Olga"),
    )
    async with (
        connect_peer(url, control=True) as host,
        connect_peer(url, control=True, token=zoe_token) as zoe,
        connect_peer(url, control=True, token=olga_token) as olga,
    ):
        you = (await welcome(zoe))["you"]["participant_id"]
        await zoe.control(type="report", unsaved=14, round_trip_ms=830)
        await host.wait_for(lambda: bool(host.controls_of("connection")))
        assert host.controls_of("connection")[0] == {
            "type": "connection",
            "participant_id": you,
            "unsaved": 14,
            "round_trip_ms": 830,
        }
        for peer in (zoe, olga):
            await peer.control(type="ping", id=1)
            await got(peer, "pong")
            assert peer.controls_of("connection") == []


async def test_a_suggestion_is_answered_once_and_waits_for_who_comes_later(
    shared_server: ServerProcess,
) -> None:
    session = create(shared_server)
    url, token = url_of(shared_server, session), join(shared_server, session)
    suggest = {
        "type": "suggest",
        "path": "main.py",
        "start": "{}",
        "end": "{}",
        "before": "a",
        "text": "b",
    }
    async with connect_peer(url, control=True) as host:
        await host.control(**suggest)
        await host.wait_for(lambda: bool(host.controls_of("suggestion")))
        seq = host.controls_of("suggestion")[0]["suggestion"]["seq"]
        async with connect_peer(url, control=True, token=token) as zoe:
            assert [each["seq"] for each in (await welcome(zoe))["suggestions"]] == [seq]
            await host.control(type="suggestion.answer", seq=seq, accepted=True)  # one's own
            await host.wait_for(lambda: bool(host.controls_of("refusal")))
            await zoe.control(type="suggestion.answer", seq=seq, accepted=True)
            await host.wait_for(lambda: bool(host.controls_of("suggestion.answered")))
            assert host.controls_of("suggestion.answered")[0]["accepted"] is True
            await zoe.control(type="suggestion.answer", seq=seq, accepted=False)
            await zoe.wait_for(lambda: bool(zoe.controls_of("refusal")))
            assert zoe.controls_of("refusal")[0]["code"] == "conflict"
    kept = timeline(shared_server, session, "suggestion,suggestion.answered")
    assert [entry["kind"] for entry in kept] == ["suggestion", "suggestion.answered"]


async def test_thinking_time_ends_when_the_candidate_says_so(shared_server: ServerProcess) -> None:
    session = create(shared_server)
    url, token = url_of(shared_server, session), join(shared_server, session)
    address = f"{shared_server.url}/api/sessions/{session['session_id']}"
    async with (
        connect_peer(url, control=True) as host,
        connect_peer(url, control=True, token=token) as zoe,
    ):
        answer = httpx2.patch(address, json={"thinking_seconds": 300}).json()
        assert answer["thinking_until"] is not None
        for peer in (host, zoe):
            assert (await got(peer, "thinking"))["until"] is not None
        await zoe.control(type="thinking.end")
        await host.wait_for(lambda: len(host.controls_of("thinking")) == 2)
        assert host.controls_of("thinking")[1]["until"] is None
        assert httpx2.get(address).json()["thinking_until"] is None
    assert [
        entry["data"]["until"] is None for entry in timeline(shared_server, session, "thinking")
    ] == [False, True]


async def test_notes_reach_interviewers_at_once_and_nobody_else(
    shared_server: ServerProcess,
) -> None:
    session = create(shared_server)
    url, token = url_of(shared_server, session), join(shared_server, session)
    address = f"{shared_server.url}/api/sessions/{session['session_id']}/notes"
    async with (
        connect_peer(url, control=True) as host,
        connect_peer(url, control=True, token=token) as zoe,
    ):
        httpx2.post(address, json={"text": "hm"})
        await host.wait_for(lambda: bool(host.controls_of("note.added")))
        assert host.controls_of("note.added")[0]["entry"]["data"]["text"] == "hm"
        await zoe.control(type="ping", id=1)
        await zoe.wait_for(lambda: bool(zoe.controls_of("pong")))
        assert zoe.controls_of("note.added") == []


async def test_too_many_signals_are_refused(shared_server: ServerProcess) -> None:
    session = create(shared_server)
    async with connect_peer(url_of(shared_server, session), control=True) as host:
        await welcome(host)
        for number in range(1, 121):
            await host.control(**PASTE)
            await got(host, "signal", number)  # more at once are refused for another reason
        await host.control(**PASTE)
        await got(host, "refusal")
        assert host.controls_of("refusal")[0]["code"] == "too_many_requests"
    assert len(timeline(shared_server, session, "paste")) == 120


async def test_cursors_beyond_the_limit_are_left_out(tmp_path: Path, runner_socket: Path) -> None:
    few: dict[str, Any] = {"runner_socket": runner_socket, "max_cursors_per_minute": 3}
    with server_process(tmp_path, **few) as server:
        session = create(server)
        async with connect_peer(url_of(server, session), control=True) as host:
            await welcome(host)
            for number in range(6):
                await host.control(
                    type="cursor", path="main.py", anchor=f"{number}", head=f"{number}"
                )
            await recorded_by_now(host)
            (refusal,) = host.controls_of("refusal")  # of the last question, not of a cursor
            assert refusal["code"] == "not_found"
        assert len(timeline(server, session, "cursor")) == 3


async def begun_by_its_owner(
    running: Application, client: httpx2.AsyncClient
) -> tuple[InterviewSession, Participant]:
    await client.post("/api/sessions")
    async with running.services.database.write() as db:
        session = await db.scalar(select(InterviewSession))
        assert session is not None
        owner = await find_or_add_own(db, session, None, Role.HOST, running.services.clock())
    return session, owner


@pytest.mark.odd_entries
async def test_odd_suggestions_of_an_archive_keep_nobody_out(
    running: Application, client: httpx2.AsyncClient
) -> None:
    services = running.services
    session, owner = await begun_by_its_owner(running, client)
    odd: list[dict[str, Any]] = [{}, {"path": 3}, {"seq": 1, "participant_id": "x"}]
    entries = [
        event(kind, owner.id, data)
        for kind in ("suggestion", "suggestion.answered")
        for data in odd
    ]
    await services.journal.append(session.id, session.epoch, entries)
    assert await recent(services.database.fetch_prepared, session.id) == ([], [], [])


async def test_who_talks_much_hides_nobodys_suggestion(
    running: Application, client: httpx2.AsyncClient
) -> None:
    services = running.services
    session, owner = await begun_by_its_owner(running, client)
    suggestion = {"path": "main.py", "start": "{}", "end": "{}", "before": "a", "text": "b"}
    first = [event("suggestion", owner.id, suggestion) for _ in range(2)]
    first.append(event("away", owner.id, {"away": True, "seconds": None}))
    seq = await services.journal.append(session.id, session.epoch, first)
    said = [event("said", owner.id, {"text": str(number)}) for number in range(210)]
    answers = [event("suggestion.answered", owner.id, {"of": seq, "accepted": True})]
    await services.journal.append(session.id, session.epoch, [*answers, *said])
    signals, waiting, lines = await recent(services.database.fetch_prepared, session.id)
    assert [each.kind for each in signals] == ["away"]
    assert [each.seq for each in waiting] == [seq + 1]
    assert [each.text for each in lines] == [str(number) for number in range(10, 210)]


async def test_what_one_person_did_is_recorded_in_its_order(shared_server: ServerProcess) -> None:
    session = create(shared_server)
    async with connect_peer(url_of(shared_server, session), control=True) as host:
        await welcome(host)
        for number in range(1, 13):
            await host.control(
                **{**PASTE, "characters": number, "path": "x" * (200 if number % 2 else 1)}
            )
        await host.wait_for(lambda: len(host.controls_of("signal")) == 12)
    told = [each["signal"]["data"]["characters"] for each in host.controls_of("signal")]
    assert told == list(range(1, 13))
    assert [
        entry["data"]["characters"] for entry in timeline(shared_server, session, "paste")
    ] == told


async def test_somebody_is_away_when_all_their_windows_are_and_every_absence_ends(
    shared_server: ServerProcess,
) -> None:
    session = create(shared_server, signals="all")
    url, token = url_of(shared_server, session), join(shared_server, session)

    def told() -> list[bool]:
        return [entry["data"]["away"] for entry in timeline(shared_server, session, "away")]

    async with connect_peer(url, control=True) as host:
        async with connect_peer(url, control=True, token=token) as one:
            async with connect_peer(url, control=True, token=token) as other:
                await welcome(other)
                await one.control(type="away", away=True)
                await one.control(type="away", away=True)
                await recorded_by_now(one)
                assert told() == []  # they write in the other window
                await other.control(type="away", away=True)
                assert (await got(host, "signal"))["signal"]["data"] == {
                    "away": True,
                    "seconds": None,
                }
                await one.control(type="away", away=False, seconds=3600)
                assert (await got(host, "signal", 2))["signal"]["data"] == {
                    "away": False,
                    "seconds": 0,
                }
            # The window they were not at is closed, and of the one that is left they are away: they are.
            await one.control(type="away", away=True)
            assert (await got(host, "signal", 3))["signal"]["data"]["away"] is True
            async with connect_peer(url, control=True, token=token) as third:
                await welcome(third)
                assert (await got(host, "signal", 4))["signal"]["data"]["away"] is False
            assert (await got(host, "signal", 5))["signal"]["data"]["away"] is True
        # They are gone: that is told as such, and the absence has an end.
        assert (await got(host, "signal", 6))["signal"]["data"]["away"] is False
    assert told() == [True, False, True, False, True, False]


async def test_an_absence_whose_end_was_lost_ends_when_they_come_back(
    server: ServerProcess,
) -> None:
    session = create(server, signals="all")
    url, token = url_of(server, session), join(server, session)
    async with connect_peer(url, control=True, token=token) as zoe:
        await welcome(zoe)
        await zoe.control(type="away", away=True)
        await got(zoe, "signal")
        server.kill()
    server.start()
    async with connect_peer(url_of(server, session), control=True, token=token) as zoe:
        assert (await got(zoe, "signal"))["signal"]["data"]["away"] is False
    assert [entry["data"]["away"] for entry in timeline(server, session, "away")] == [True, False]


async def test_time_that_is_left_is_told_by_the_servers_clock(shared_server: ServerProcess) -> None:
    session = create(shared_server)
    address = f"{shared_server.url}/api/sessions/{session['session_id']}"
    async with connect_peer(url_of(shared_server, session), control=True) as host:
        assert (await welcome(host))["thinking_seconds_left"] is None
        httpx2.patch(address, json={"thinking_seconds": 300}).raise_for_status()
        assert 290 < (await got(host, "thinking"))["seconds_left"] <= 300
        async with connect_peer(url_of(shared_server, session), control=True) as late:
            assert 280 < (await welcome(late))["thinking_seconds_left"] <= 300
        await host.control(type="ping", id=1)
        now = datetime.fromisoformat((await got(host, "pong"))["now"])
        assert abs((datetime.now(UTC) - now).total_seconds()) < 60
        await host.control(type="thinking.end")
        assert (await got(host, "thinking", 2))["seconds_left"] is None
