"""Stock y-websocket 3 providers in Node against the running server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.server import ServerProcess, server_process
from tests.harness.stock import stock_client


def create(server: ServerProcess) -> dict[str, Any]:
    """Return a new session with `hello` in it."""
    return dict(httpx2.post(f"{server.url}/api/sessions", json={"initial_code": "hello"}).json())


@pytest.fixture
def session(shared_server: ServerProcess) -> dict[str, Any]:
    """A session on the shared server."""
    return create(shared_server)


async def test_two_clients_sync_and_converge(
    shared_server: ServerProcess, session: dict[str, Any]
) -> None:
    async with (
        stock_client(shared_server.ws_url, session["room_id"]) as ann,
        stock_client(shared_server.ws_url, session["room_id"]) as bob,
    ):
        state = await ann.wait(lambda state: state["synced"])
        assert state["text"] == "hello"
        assert state["language"] == "python"
        assert state["files"] == {"main.py": {"language": "python"}}
        await bob.wait_text("hello")
        # At the same instant, at both ends: nothing is overwritten, both end alike.
        await asyncio.gather(
            ann.call("insert", at=0, value="A" * 200),
            bob.call("type", value="é😀" * 100),
            ann.call("remove", at=0, length=3),
        )
        first = await ann.wait(
            lambda state: state["text"].count("A") == 197 and state["text"].count("😀") == 100
        )
        await bob.wait_text(first["text"])
        served = httpx2.get(
            f"{shared_server.url}/api/sessions/{session['session_id']}/files/main.py"
        )
        assert served.text == first["text"]


async def test_presence_reaches_everybody_and_ends(
    shared_server: ServerProcess, session: dict[str, Any]
) -> None:
    async with stock_client(shared_server.ws_url, session["room_id"]) as ann:
        await ann.wait(lambda state: state["synced"])
        await ann.call("name", value="Ann")
        async with stock_client(shared_server.ws_url, session["room_id"]) as bob:
            await bob.call("name", value="Bob")
            # a late joiner sees who is here
            await bob.wait(lambda state: state["present"] == ["Ann", "Bob"])
            await ann.wait(lambda state: state["present"] == ["Ann", "Bob"])
            # Dropped and back: the peers see it leave and return.
            await bob.call("disconnect")
            await ann.wait(lambda state: state["present"] == ["Ann"])
            await bob.call("connect")
            await ann.wait(lambda state: state["present"] == ["Ann", "Bob"])
        # its process was killed
        await ann.wait(lambda state: state["present"] == ["Ann"], seconds=3)


async def test_edits_made_offline_arrive_after_reconnecting(
    shared_server: ServerProcess, session: dict[str, Any]
) -> None:
    async with (
        stock_client(shared_server.ws_url, session["room_id"]) as ann,
        stock_client(shared_server.ws_url, session["room_id"]) as bob,
    ):
        await asyncio.gather(
            ann.wait(lambda state: state["synced"]), bob.wait(lambda state: state["synced"])
        )
        await ann.call("disconnect")
        await ann.call("insert", at=5, value=" from the train")
        await bob.call("insert", at=0, value="> ")
        await ann.call("connect")
        await ann.wait_text("> hello from the train")
        await bob.wait_text("> hello from the train")


async def test_choosing_a_language_in_the_document_seeds_its_file(
    shared_server: ServerProcess, session: dict[str, Any]
) -> None:
    path = f"{shared_server.url}/api/sessions/{session['session_id']}"
    async with stock_client(shared_server.ws_url, session["room_id"]) as ann:
        await ann.wait(lambda state: state["synced"])
        await ann.call("language", value="cpp")
        state = await ann.wait(lambda state: "main.cpp" in state["files"])
        assert state["text"] == "hello"
        async with asyncio.timeout(5):
            while httpx2.get(path).json()["language"] != "cpp":
                await asyncio.sleep(0.02)
    assert "#include" in httpx2.get(f"{path}/files/main.cpp").text
    languages = httpx2.get(f"{path}/timeline", params={"kinds": "language"}).json()
    assert [entry["data"] for entry in languages] == [{"language": "cpp"}]


async def test_final_refusals_stop_the_provider(
    shared_server: ServerProcess, session: dict[str, Any]
) -> None:
    async with (
        stock_client(shared_server.ws_url, "f" * 32) as lost,
        stock_client(shared_server.ws_url, session["room_id"], "forged") as forger,
        stock_client(shared_server.ws_url, session["room_id"]) as ann,
    ):
        await lost.wait(lambda state: "closed 4404" in state["events"])
        await forger.wait(
            lambda state: any(event.startswith("closed 44") for event in state["events"])
        )
        await ann.wait(lambda state: state["synced"])
        httpx2.post(f"{shared_server.url}/api/sessions/{session['session_id']}/end")
        await ann.wait(lambda state: "closed 4410" in state["events"], seconds=2)
        for client in (lost, forger):
            state = await client.call("state")
            assert state["events"].count("connecting") <= 1


async def test_a_restart_is_survived_without_doubling(server: ServerProcess) -> None:
    session = create(server)
    async with stock_client(server.ws_url, session["room_id"]) as ann:
        await ann.wait(lambda state: state["synced"])
        await ann.call("insert", at=5, value=" world")
        server.kill()
        await ann.call("insert", at=0, value="> ")
        server.start()
        await ann.wait(lambda state: state["synced"] and state["events"].count("connected") >= 2)
        path = f"{server.url}/api/sessions/{session['session_id']}/files/main.py"
        async with asyncio.timeout(5):
            while httpx2.get(path).text != "> hello world":
                await asyncio.sleep(0.02)
        await ann.wait_text("> hello world")


@pytest.fixture
def quick_server(tmp_path: Path, runner_socket: Path) -> Iterator[ServerProcess]:
    """A server that keeps idle sockets alive every half second instead of every fifteen."""
    with server_process(tmp_path, runner_socket=runner_socket, keepalive_seconds=0.5) as process:
        yield process


async def test_an_idle_socket_hears_from_the_server(quick_server: ServerProcess) -> None:
    """A stock provider reconnects after 30 s of silence; the server speaks well before."""
    from tests.harness.peer import connect_peer

    session = httpx2.post(f"{quick_server.url}/api/sessions").json()
    async with connect_peer(f"{quick_server.ws_url}/{session['room_id']}") as peer:
        heard = len(peer.messages)
        await peer.wait_for(lambda: len(peer.messages) >= heard + 3, seconds=3)
        assert all(message.payload == b"\0" for message in peer.messages[heard:])
