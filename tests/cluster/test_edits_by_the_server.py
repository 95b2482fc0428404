"""An edit by the server is recorded at the head it was computed at, or not at all: two processes do nothing twice."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
from pycrdt import Map
from tests.harness.pair import pair
from tests.harness.peer import connect_peer
from tests.harness.ports import wait_until
from tests.harness.rooms import create, url_of
from tests.harness.server import ServerProcess

SESSIONS = 20


def file_of(server: ServerProcess, session: dict[str, Any], path: str) -> str:
    address = f"{server.url}/api/sessions/{session['session_id']}/files/{path}"
    return httpx2.get(address).raise_for_status().text


async def test_starter_text_is_seeded_once_by_whomever(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    """Both processes see that a language was chosen, and neither finds its file there."""
    with pair(tmp_path, postgres_url, runner_socket, follow_seconds=0.002) as (first, second):
        for _ in range(SESSIONS):
            session = create(first, "x")
            async with (
                connect_peer(url_of(first, session)) as ann,
                connect_peer(url_of(second, session)) as bob,
            ):
                settings = ann.doc.get("settings", type=Map)
                await ann.edit(lambda _, it=settings: it.update({"language": "javascript"}))  # type: ignore[misc]
                for peer in (ann, bob):
                    files = peer.doc.get("files", type=Map)
                    await peer.wait_for(lambda it=files: "main.js" in it)  # type: ignore[misc]
            text = file_of(first, session, "main.js")
            assert text
            assert text != 2 * text[: len(text) // 2]
            assert file_of(second, session, "main.js") == text


async def test_a_language_chosen_by_requests_to_both(
    shared_pair: tuple[ServerProcess, ServerProcess],
) -> None:
    for _ in range(SESSIONS):
        session = create(shared_pair[0], "x")
        path = f"/api/sessions/{session['session_id']}"
        async with httpx2.AsyncClient() as client:
            chosen = await asyncio.gather(
                *(
                    client.patch(f"{server.url}{path}", json={"language": "javascript"})
                    for server in shared_pair
                )
            )
        assert [each.status_code for each in chosen] == [200, 200]
        text = file_of(shared_pair[0], session, "main.js")
        assert text
        assert text != 2 * text[: len(text) // 2]


async def test_typing_in_one_process_does_not_keep_the_other_from_its_edits(
    shared_pair: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = shared_pair
    session = create(first, "")
    async with (
        connect_peer(url_of(first, session)) as ann,
        connect_peer(url_of(second, session)),
        httpx2.AsyncClient() as client,
    ):
        stop = asyncio.Event()

        async def type_on() -> int:
            typed = 0
            while not stop.is_set():
                typed += 1
                await ann.wait_acknowledged(await ann.insert(0, "a"))
            return typed

        typing = asyncio.create_task(type_on())
        path = f"{second.url}/api/sessions/{session['session_id']}"
        for language in ("javascript", "typescript", "java", "cpp"):
            assert (await client.patch(path, json={"language": language})).status_code == 200
        stop.set()
        typed = await typing
    paths = {each["path"] for each in httpx2.get(f"{path}/files").json()}
    assert paths == {"main.py", "main.js", "main.ts", "Main.java", "main.cpp"}
    wait_until(lambda: file_of(second, session, "main.py") == "a" * typed, "all of it")


async def test_of_two_who_go_back_to_one_branch_one_does(
    shared_pair: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = shared_pair
    session = create(first, "one")
    path = f"/api/sessions/{session['session_id']}/branches"
    opened = httpx2.post(f"{first.url}{path}", json={"name": "more"}).raise_for_status().json()
    async with httpx2.AsyncClient() as client:
        for branch in [0, opened["branch_id"]] * 5:
            asked = (
                client.post(f"{server.url}{path}/{branch}/resume") for server in (first, second)
            )
            statuses = sorted([each.status_code for each in await asyncio.gather(*asked)])
            assert statuses == [200, 409], branch
