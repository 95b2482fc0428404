"""Two people write at the same time, for real, and take it away: played by the server, and from one file."""

import asyncio
import base64
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_replay import go_to, shows
from tests.harness.friends import two_friends, write_together
from tests.harness.peer import connect_peer
from tests.harness.rooms import join
from tests.harness.server import ServerProcess

from pizarra.collab.state.document import Document

# Of the trace's 26,078 transactions; PIZARRA_TEST_FRIENDS=26078 types them all.
HOW_MANY = int(os.environ.get("PIZARRA_TEST_FRIENDS", "4000"))


def test_two_friends_played_offline(
    server: ServerProcess, person: Callable[..., Page], tmp_path: Path
) -> None:
    sent, whole = two_friends(HOW_MANY)
    session = httpx2.post(f"{server.url}/api/sessions", json={"initial_code": ""}).json()
    path = f"{server.url}/api/sessions/{session['session_id']}"
    url, token = f"{server.ws_url}/{session['room_id']}", join(server, session)

    async def type_it() -> None:
        async with connect_peer(url) as one, connect_peer(url, token=token) as two:
            await write_together((one, two), sent)

    with ThreadPoolExecutor(1) as thread:  # Playwright's loop is this thread's
        thread.submit(asyncio.run, type_it()).result()
    assert httpx2.get(f"{path}/files/main.py").text == whole
    # The text after each entry, from nothing but the log.
    document, texts = Document(), []
    entries: list[dict[str, Any]] = []
    while page := httpx2.get(
        f"{path}/timeline", params={"after": len(entries), "limit": 1000}
    ).json():
        entries += page
    for entry in entries:
        if entry["kind"] == "edit":
            document.apply(base64.b64decode(entry["data"]["update"]))
        texts.append(document.text("main.py") or "")
    assert {entry["participant_id"] for entry in entries if entry["kind"] == "edit"} > {None}
    online = person()  # many pages of the log, some of them asked for at once
    online.goto(f"{server.url}/s/{session['session_id']}/replay")
    expect(online.get_by_role("slider")).to_be_visible(timeout=60_000)
    for seq in (len(entries), len(entries) // 3):
        go_to(online, seq)
        shows(online, texts[seq - 1])
    file = tmp_path / "friends.html"
    with (
        httpx2.stream("GET", f"{path}/export", params={"format": "html"}) as answer,
        file.open("wb") as target,
    ):
        for piece in answer.iter_bytes():
            target.write(piece)
    player = person()
    player.context.set_offline(True)
    player.goto(file.as_uri(), timeout=120_000)
    expect(player.get_by_role("slider")).to_be_visible(timeout=120_000)
    for turn in range(20):
        # From anywhere to anywhere, forward and back.
        seq = 1 + (turn * 7919) % len(entries)
        go_to(player, seq)
        shows(player, texts[seq - 1])
    expect(player.locator(".lane:not(.sizes)")).to_have_count(2)
    picture(player, "friends-offline-1280")
