"""The timeline and the text at an instant, over the API, on both databases."""

import base64
from functools import partial
from typing import Any

import httpx2
import pytest
from pycrdt import Doc, Text
from tests.harness.application import Application

from pizarra.collab.document import Document


@pytest.fixture
async def path(client: httpx2.AsyncClient) -> str:
    """The address of a session whose starter text is `a`."""
    session = (await client.post("/api/sessions", json={"initial_code": "a"})).json()
    return f"/api/sessions/{session['session_id']}"


def append(text: str, document: Document) -> None:
    document.put_file("main.py", "python", text)


async def type_text(running: Application, client: httpx2.AsyncClient, path: str, text: str) -> None:
    """Append to main.py, a character an edit, as the server."""
    room_id = (await client.get(path)).json()["room_id"]
    for character in text:
        await running.services.hub.change(room_id, partial(append, character))


async def test_the_starter_text_is_entry_one(client: httpx2.AsyncClient, path: str) -> None:
    entries = (await client.get(f"{path}/timeline")).json()
    assert [(entry["seq"], entry["kind"]) for entry in entries] == [(1, "edit")]
    assert set(entries[0]) == {"seq", "at", "kind", "participant_id", "data"}
    doc: Doc[Any] = Doc()
    doc.apply_update(base64.b64decode(entries[0]["data"]["update"]))
    assert str(doc.get("file:main.py", type=Text)) == "a"


async def test_seq_is_dense_and_pages_join_up(running: Application, client: httpx2.AsyncClient, path: str) -> None:
    await type_text(running, client, path, "bcdefgh")
    seen: list[int] = []
    while True:
        page = (await client.get(f"{path}/timeline", params={"after": seen[-1] if seen else 0, "limit": 3})).json()
        if not page:
            break
        seen += [entry["seq"] for entry in page]
    assert seen == list(range(1, 9))


async def test_kinds_filter(client: httpx2.AsyncClient, path: str) -> None:
    await client.post(f"{path}/end")
    only = (await client.get(f"{path}/timeline", params={"kinds": "session.ended,join"})).json()
    assert [(entry["seq"], entry["kind"]) for entry in only] == [(2, "session.ended")]
    refused = await client.get(f"{path}/timeline", params={"kinds": "gossip"})
    assert refused.status_code == 422
    assert "session.ended" in refused.json()["detail"]


async def test_text_at_every_instant(running: Application, client: httpx2.AsyncClient, path: str) -> None:
    await type_text(running, client, path, "bc")
    texts = [(await client.get(f"{path}/files/main.py", params={"at": seq})).text for seq in (1, 2, 3)]
    assert texts == ["a", "ab", "abc"]
    now = await client.get(f"{path}/files/main.py")
    assert now.text == "abc"
    assert now.headers["content-type"] == "text/plain; charset=utf-8"
    assert (await client.get(f"{path}/files")).json() == [{"path": "main.py", "language": "python", "size": 3}]


@pytest.mark.parametrize(
    ("query", "status"),
    [("at=0", 404), ("at=99", 404), ("at=-1", 422), ("at=x", 422), ("at=99999999999999999999", 422)],
)
async def test_instants_that_never_were(client: httpx2.AsyncClient, path: str, query: str, status: int) -> None:
    assert (await client.get(f"{path}/files/main.py?{query}")).status_code == status


@pytest.mark.parametrize("name", ["other.py", "../secret", "%2e%2e%2fetc%2fpasswd", "main.py/", "%00"])
async def test_unknown_files_are_404(client: httpx2.AsyncClient, path: str, name: str) -> None:
    assert (await client.get(f"{path}/files/{name}")).status_code == 404
