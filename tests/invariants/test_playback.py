"""Playback: replaying the log gives every intermediate text, attributed to who wrote it."""

import base64
from typing import Any

import httpx2
from pycrdt import Doc, Text
from tests.harness.peer import connect_peer
from tests.harness.rooms import create, edits_of, join, url_of
from tests.harness.server import ServerProcess


async def test_every_keystroke_can_be_seen_again_with_its_author(
    shared_server: ServerProcess,
) -> None:
    session = create(shared_server, "")
    url, token = url_of(shared_server, session), join(shared_server, session, name="Zoë")
    typed: list[tuple[str, str]] = []
    async with (
        connect_peer(url, control=True) as host,
        connect_peer(url, control=True, token=token) as zoe,
    ):
        for writer in (host, zoe):
            await writer.wait_for(lambda peer=writer: peer.controls_of("welcome") != [])  # type: ignore[misc]
        ids = {
            name: peer.controls_of("welcome")[0]["you"]["participant_id"]
            for name, peer in (("h", host), ("z", zoe))
        }
        text = ""
        for number, letter in enumerate("hzhhzzhz"):
            writer = host if letter == "h" else zoe
            await writer.wait_text(text)
            text = text[: number // 2] + letter + text[number // 2 :]
            await writer.wait_acknowledged(await writer.insert(number // 2, letter))
            typed.append((text, ids[letter]))
    entries = edits_of(shared_server, session)
    replayed: Doc[Any] = Doc()
    seen = []
    for entry in entries:
        replayed.apply_update(base64.b64decode(entry["data"]["update"]))
        seen.append((str(replayed.get("file:main.py", type=Text)), entry["participant_id"]))
    assert seen[0] == ("", None)  # the starter text is the server's
    assert seen[1:] == typed
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
    path = f"{shared_server.url}/api/sessions/{session['session_id']}/files/main.py"
    for entry, (text, _) in zip(entries, seen, strict=True):
        assert httpx2.get(path, params={"at": entry["seq"]}).text == text
