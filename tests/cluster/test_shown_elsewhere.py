"""Whatever happens in one process is shown to the people of another as if it had happened there: once, in order."""

import asyncio
import contextlib
from uuid import uuid4

import httpx2
from tests.harness.peer import connect_peer
from tests.harness.ports import wait_until
from tests.harness.rooms import create, join, metric, url_of
from tests.harness.two_rooms import TwoServers, cursors, names, printed, two_in

from pizarra.collab.wire.codec import awareness_frame, var_bytes, var_uint


async def test_a_run_is_shown_as_it_goes(shared_pair: TwoServers) -> None:
    async with two_in(shared_pair, "for i in range(30):\n    print(i, flush=True)\n") as room:
        await room.ann.control(type="run.start", terminal={"columns": 80, "rows": 24})
        await room.both_hear("run.ended")
        for kind in ("run.started", "run.ended"):
            assert [len(peer.controls_of(kind)) for peer in (room.ann, room.bob)] == [1, 1]
        hers, his = (
            [each["chunk"] for each in peer.controls_of("run.output")]
            for peer in (room.ann, room.bob)
        )
        assert his == hers
        assert [each["seq"] for each in his] == sorted(each["seq"] for each in his)
        assert "".join(each["text"] for each in his).split() == [str(i) for i in range(30)]
        started, ended = room.bob.controls_of("run.started"), room.bob.controls_of("run.ended")
        assert started[0]["run"] == {
            **room.ann.controls_of("run.started")[0]["run"],
            "started_at": started[0]["run"]["started_at"],
        }
        assert ended == room.ann.controls_of("run.ended")


async def test_lines_locks_language_titles_and_thinking_are_shown(shared_pair: TwoServers) -> None:
    async with two_in(shared_pair) as room, httpx2.AsyncClient() as client:
        await client.post(f"{room.here.url}{room.path}/lines", json={"text": "hola"})
        await client.post(f"{room.there.url}{room.path}/lines", json={"text": "adiós"})
        said = await room.both_hear("said", 2)
        assert [each["line"]["text"] for each in said] == ["hola", "adiós"]
        assert said == room.ann.controls_of("said")
        for change, told in (
            ({"title": "new"}, {"title": "new"}),
            ({"running_locked": True}, {"running_locked": True}),
            ({"language": "java"}, {"language": "java"}),
        ):
            await client.patch(f"{room.here.url}{room.path}", json=change)
            for peer in (room.ann, room.bob):
                await peer.wait_for(
                    lambda it=peer, what=told: any(  # type: ignore[misc]
                        what.items() <= each.items() for each in it.controls_of("session.changed")
                    )
                )
        await client.patch(f"{room.here.url}{room.path}", json={"thinking_seconds": 60})
        (thinking,) = await room.both_hear("thinking")
        assert 50 < thinking["seconds_left"] <= 60
        assert [len(peer.controls_of("said")) for peer in (room.ann, room.bob)] == [2, 2]


async def test_signals_suggestions_and_branches_are_shown(shared_pair: TwoServers) -> None:
    async with two_in(shared_pair) as room, httpx2.AsyncClient() as client:
        paste = {"path": "main.py", "characters": 300, "lines": 9, "source": "outside"}
        await room.bob.control(type="paste", **paste)
        (signal,) = await room.both_hear("signal")
        assert signal == room.ann.controls_of("signal")[0]
        assert signal["signal"]["data"] == paste
        place = {"path": "main.py", "start": "{}", "end": "{}", "before": "a", "text": "b"}
        await room.ann.control(type="suggest", **place)
        (suggested,) = await room.both_hear("suggestion")
        await room.bob.control(
            type="suggestion.answer", seq=suggested["suggestion"]["seq"], accepted=True
        )
        (answered,) = await room.both_hear("suggestion.answered")
        assert answered["seq"] == suggested["suggestion"]["seq"]
        opened = await client.post(f"{room.there.url}{room.path}/branches", json={"name": "more"})
        (changed,) = await room.both_hear("branch.changed")
        assert changed["branch"] == {"branch_id": opened.json()["branch_id"], "name": "more"}
        await client.post(f"{room.here.url}{room.path}/branches/0/resume")
        assert (await room.both_hear("branch.changed", 2))[-1]["branch"] is None


async def test_people_and_cursors_of_both_processes_are_here(shared_pair: TwoServers) -> None:
    async with two_in(shared_pair) as room:
        state = b'{"cursor":{"line":7}}'
        cursor = var_uint(1) + var_uint(4242) + var_uint(1) + var_bytes(state)
        await room.ann.socket.send(awareness_frame(cursor))
        await room.bob.wait_for(lambda: 4242 in cursors(room.bob), 10)
        assert b'"name":"Ann"' in cursors(room.bob)[4242].replace(b" ", b"")
        await room.ann.socket.close()
        await room.bob.wait_for(lambda: names(room.bob) == {"Bob"}, 10)
        await room.bob.wait_for(lambda: cursors(room.bob)[4242] == b"null", 10)


async def test_people_of_a_process_that_died_are_gone(two_servers: TwoServers) -> None:
    async with two_in(two_servers) as room:
        cursor = var_uint(1) + var_uint(4242) + var_uint(1) + var_bytes(b"{}")
        await room.ann.socket.send(awareness_frame(cursor))
        await room.bob.wait_for(lambda: 4242 in cursors(room.bob), 10)
        room.here.kill()
        await room.bob.wait_for(lambda: names(room.bob) == {"Bob"}, 10)
        await room.bob.wait_for(lambda: cursors(room.bob)[4242] == b"null", 10)


async def test_private_things_reach_interviewers_alone(shared_pair: TwoServers) -> None:
    here, there = shared_pair
    session = create(here)
    roles = ("interviewer", "candidate", "observer")
    tokens = {role: join(here, session, role, role) for role in roles}
    async with contextlib.AsyncExitStack() as stack:
        peers = {
            role: await stack.enter_async_context(
                connect_peer(url_of(there, session), control=True, token=token)
            )
            for role, token in tokens.items()
        }
        wait_until(lambda: "is ready" in here.log(), "it")
        async with httpx2.AsyncClient() as client:
            notes = f"{here.url}/api/sessions/{session['session_id']}/notes"
            told = await client.post(notes, json={"kind": "note", "text": "between us"})
            assert told.status_code == 201
        await peers["interviewer"].wait_for(
            lambda: bool(peers["interviewer"].controls_of("note.added")), 10
        )
        await asyncio.sleep(0)
        for role in ("candidate", "observer"):
            await peers[role].wait_acknowledged(await peers[role].edit(lambda _: None))
            assert not any("between us" in str(each) for each in peers[role].controls)
            assert not any(b"between us" in each.payload for each in peers[role].messages)


async def test_a_program_is_typed_into_and_stopped_through_any_process(
    shared_pair: TwoServers,
) -> None:
    code = "while True:\n    print('got', input(), flush=True)\n"
    async with two_in(shared_pair, code) as room, httpx2.AsyncClient(timeout=60) as client:
        await room.ann.control(type="run.start", terminal={"columns": 80, "rows": 24})
        (started,) = await room.both_hear("run.started")
        run_id = started["run"]["run_id"]
        await room.bob.control(type="run.input", run_id=run_id, text="ñ 1\r")
        for peer in (room.ann, room.bob):
            await peer.wait_for(lambda it=peer: "got ñ 1" in printed(it), 20)  # type: ignore[misc]
        run = f"{room.there.url}{room.path}/runs/{run_id}"
        typed = await client.post(f"{run}/stdin", json={"text": "x" * 2500 + "\n"})
        assert typed.status_code == 204
        # what is typed is echoed by the terminal, and then printed by the program
        await room.bob.wait_for(lambda: printed(room.bob).count("x") >= 5000, 20)
        await room.bob.control(type="run.stop", run_id=run_id)
        (ended,) = await room.both_hear("run.ended")
        assert ended["status"] == "stopped"
        late = await client.post(f"{run}/stdin", json={"text": "more\n"})
        assert late.status_code == 409


async def test_what_is_typed_into_a_run_that_there_is_not_goes_to_no_process(
    two_servers: TwoServers,
) -> None:
    """Of each such message all processes heard hundreds, whoever sent it: half of what the bus could carry."""
    async with two_in(two_servers) as room, two_in(two_servers, "input()\n") as other:
        await other.ann.control(type="run.start", terminal={"columns": 80, "rows": 24})
        (started,) = await other.both_hear("run.started")
        size = {"columns": 80, "rows": 24}
        for number in (uuid4().hex, started["run"]["run_id"]):
            await room.bob.control(type="run.input", run_id=number, text="x" * 5000)
            await room.bob.control(type="run.resize", run_id=number, size=size)
        await room.bob.wait_for(lambda: len(room.bob.controls_of("refusal")) == 4, 10)
        assert {each["code"] for each in room.bob.controls_of("refusal")} == {"not_found"}


async def test_a_run_that_has_ended_is_stopped_by_telling_nobody(two_servers: TwoServers) -> None:
    async with two_in(two_servers, "print('done')\n") as room:
        await room.ann.control(type="run.start")
        (ended,) = await room.both_hear("run.ended")
        told = 'pizarra_bus_messages_total{outcome="published"}'
        before = metric(two_servers[1], told)
        for number in (*[ended["run_id"]] * 20, uuid4().hex):
            await room.bob.control(type="run.stop", run_id=number)
        await room.bob.wait_for(lambda: bool(room.bob.controls_of("refusal")), 10)
        await room.bob.insert(0, "#")
        await room.ann.wait_text("#print('done')\n", 10)  # what was published before was, too
        assert metric(two_servers[1], told) - before < 5


async def test_a_run_takes_so_much_input_through_another_process_too(
    two_servers: TwoServers,
) -> None:
    async with two_in(two_servers, "import time\ntime.sleep(60)\n") as room:
        await room.ann.control(type="run.start", terminal={"columns": 80, "rows": 24})
        (started,) = await room.both_hear("run.started")
        typed = {"type": "run.input", "run_id": started["run"]["run_id"]}
        for _ in range(5):
            await room.bob.control(**typed, text="x" * 262_144)
        await room.bob.wait_for(lambda: bool(room.bob.controls_of("refusal")), 20)
        (refusal,) = room.bob.controls_of("refusal")
        assert refusal["detail"].startswith("A run takes 1,048,576 bytes of input")


async def test_what_is_typed_at_once_arrives_in_order(two_servers: TwoServers) -> None:
    """The first of it has the run looked up; what comes meanwhile is behind it."""
    async with two_in(two_servers, "print('got', input(), flush=True)\n") as room:
        await room.ann.control(type="run.start", terminal={"columns": 80, "rows": 24})
        (started,) = await room.both_hear("run.started")
        letters = "".join(chr(ord("a") + number % 26) for number in range(60))
        for letter in (*letters, "\r"):
            await room.bob.control(type="run.input", run_id=started["run"]["run_id"], text=letter)
        await room.bob.wait_for(lambda: f"got {letters}" in printed(room.bob), 20)


async def test_ending_a_session_through_one_process_stops_what_runs_in_the_other(
    shared_pair: TwoServers,
) -> None:
    async with two_in(shared_pair, "while True: pass\n") as room, httpx2.AsyncClient() as client:
        await room.ann.control(type="run.start", terminal={"columns": 80, "rows": 24})
        (started,) = await room.both_hear("run.started")
        await client.post(f"{room.there.url}{room.path}/end")
        run = f"{room.there.url}{room.path}/runs/{started['run']['run_id']}"
        async with asyncio.timeout(10):
            while (await client.get(run)).json()["status"] != "stopped":
                await asyncio.sleep(0.05)


async def test_who_is_in_a_session_is_counted_by_a_process_that_has_not_its_room(
    two_servers: TwoServers,
) -> None:
    first, second = two_servers
    session = create(first)

    def told() -> list[object]:
        path = f"{second.url}/api/sessions"
        (listed,) = httpx2.get(path).json()
        whole = httpx2.get(f"{path}/{session['session_id']}").json()
        return [whole["active_users"], listed["active_users"], sorted(listed["people_here"])]

    def counts(*here: str) -> None:
        wait_until(lambda: told() == [len(here), len(here), sorted(here)], f"{here}")

    assert told() == [0, 0, []]
    tokens = [join(first, session, name=name) for name in ("Zoë", "Ann")]
    async with connect_peer(url_of(first, session), token=tokens[0]):
        await asyncio.to_thread(counts, "Zoë")
        async with (
            connect_peer(url_of(first, session), token=tokens[1]),
            connect_peer(url_of(first, session), token=tokens[1]),
        ):
            await asyncio.to_thread(counts, "Ann", "Zoë")
            # where both processes have somebody, each person counts once
            async with connect_peer(url_of(second, session), token=tokens[1]):
                await asyncio.to_thread(counts, "Ann", "Zoë")
        await asyncio.to_thread(counts, "Zoë")
        first.kill()
        await asyncio.to_thread(counts)
