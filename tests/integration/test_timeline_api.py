"""The timeline and the text at an instant, over the API, on both databases."""

import asyncio
import base64
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from pycrdt import Doc, Text
from sqlalchemy import select
from tests.harness.application import Application
from tests.integration.test_questions import begin, make

from pizarra.collab.state.document import Document
from pizarra.models import InterviewSession, share_of
from pizarra.timeline.read.pages import pages
from pizarra.timeline.read.rows import read_rows, windows


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


async def test_seq_is_dense_and_pages_join_up(
    running: Application, client: httpx2.AsyncClient, path: str
) -> None:
    await type_text(running, client, path, "bcdefgh")
    seen: list[int] = []
    while True:
        page = (
            await client.get(
                f"{path}/timeline", params={"after": seen[-1] if seen else 0, "limit": 3}
            )
        ).json()
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


async def test_text_at_every_instant(
    running: Application, client: httpx2.AsyncClient, path: str
) -> None:
    await type_text(running, client, path, "bc")
    texts = [
        (await client.get(f"{path}/files/main.py", params={"at": seq})).text for seq in (1, 2, 3)
    ]
    assert texts == ["a", "ab", "abc"]
    now = await client.get(f"{path}/files/main.py")
    assert now.text == "abc"
    assert now.headers["content-type"] == "text/plain; charset=utf-8"
    assert (await client.get(f"{path}/files")).json() == [
        {"path": "main.py", "language": "python", "size": 3}
    ]


async def test_what_is_read_from_the_log_is_read_one_after_another(
    running: Application, client: httpx2.AsyncClient
) -> None:
    """Who asks for a hundred instants at once takes the memory of one document."""
    made = [(await client.post("/api/sessions", json={})).json() for _ in range(2)]
    addresses = [f"/api/sessions/{each['session_id']}/files/main.py?at=1" for each in made]
    async with running.services.database.read() as db:
        named = InterviewSession.public_id == made[0]["session_id"]
        key = share_of((await db.scalars(select(InterviewSession).where(named))).one())
    async with running.services.hub.cold_reads.turn(key):
        waiting = asyncio.create_task(client.get(addresses[0]))
        for _ in range(5):  # others do not wait for it
            assert (await client.get(addresses[1])).status_code == 200
        assert not waiting.done()
        many = [asyncio.create_task(client.get(addresses[0])) for _ in range(50)]
        first, *_ = await asyncio.wait(many, return_when=asyncio.FIRST_COMPLETED)
        assert {each.result().status_code for each in first} == {503}
    assert {each.status_code for each in await asyncio.gather(*many)} == {200, 503}
    assert (await waiting).text == made[0]["initial_code"]


async def test_whoever_needs_a_document_that_is_not_in_memory_waits_for_their_turn(
    running: Application, client: httpx2.AsyncClient
) -> None:
    """Sixty questions to a language server read a long log sixty times at once, each with a connection."""
    path = await begin(client, await make(client))
    async with running.services.database.read() as db:
        named = InterviewSession.public_id == path.rpartition("/")[2]
        key = share_of((await db.scalars(select(InterviewSession).where(named))).one())
    about = {"path": "main.py", "text": "", "line": 0, "character": 0, "want": "hover"}
    async with running.services.hub.cold_reads.turn(key):
        asked = [
            asyncio.create_task(client.post(f"{path}/assist", json=about)),
            asyncio.create_task(client.post(f"{path}/samples", json={})),
            asyncio.create_task(client.post(f"{path}/runs", json={})),
        ]
        done, _ = await asyncio.wait(asked, timeout=1)
        assert not done
    for each in asked:
        assert (await each).status_code in (200, 202, 409, 503)  # as this machine can


def bytes_read() -> int:
    """Return how many bytes this process has read from files."""
    told = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(told["rchar"])


async def test_to_ask_how_large_entries_are_reads_none_of_them(
    running: Application, client: httpx2.AsyncClient, path: str
) -> None:
    """SQLite read each row to compare it with the end of a range: a candidate's 226 MB for each mebibyte shown."""
    room_id = (await client.get(path)).json()["room_id"]
    for number in range(20):
        await running.services.hub.change(room_id, partial(append, str(number % 10) * 300_000))
    room = running.services.hub.loaded(room_id)
    assert room is not None
    fetch, read = running.services.database.fetch, running.services.database.fetch_prepared
    before = bytes_read()
    parts = [part async for part in windows(read, room.key, 0)]
    assert bytes_read() - before < 2_000_000
    assert parts == [(0, 4), *((seq, seq + 3) for seq in range(4, 19, 3)), (19, 21)]
    assert [part async for part in windows(read, room.key, 20)] == [(20, 21)]
    assert [part async for part in windows(read, room.key, 21)] == []
    assert [row.seq for row in await read_rows(fetch, room.key, 0, 1000, ["join"])] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("at=0", 404),
        ("at=99", 404),
        ("at=-1", 422),
        ("at=x", 422),
        ("at=99999999999999999999", 422),
    ],
)
async def test_instants_that_never_were(
    client: httpx2.AsyncClient, path: str, query: str, status: int
) -> None:
    assert (await client.get(f"{path}/files/main.py?{query}")).status_code == status


@pytest.mark.parametrize(
    "name", ["other.py", "../secret", "%2e%2e%2fetc%2fpasswd", "main.py/", "%00"]
)
async def test_unknown_files_are_404(client: httpx2.AsyncClient, path: str, name: str) -> None:
    assert (await client.get(f"{path}/files/{name}")).status_code == 404


async def test_large_entries_are_read_a_few_at_a_time(
    running: Application, client: httpx2.AsyncClient, path: str
) -> None:
    """A thousand pastes of a mebibyte were one answer, one page of an export and one piece of a seal's work."""
    room_id = (await client.get(path)).json()["room_id"]
    for number in range(7):
        await running.services.hub.change(room_id, partial(append, str(number) * 300_000))
    room = running.services.hub.loaded(room_id)
    assert room is not None
    session = SimpleNamespace(id=room.key, public_id=room.session_id, epoch=room.epoch)
    fetch = running.services.database.fetch
    first = await read_rows(fetch, session.id, 0, 1000)
    assert [row.seq for row in first] == [1, 2, 3, 4]
    assert [row.seq for row in await read_rows(fetch, session.id, 4, 1000)] == [5, 6, 7]
    assert [row.seq for row in await read_rows(fetch, session.id, 0, 1000, ["edit"])] == [
        1,
        2,
        3,
        4,
    ]
    read = [page async for page in pages(running.services.database, session, "shared")]
    assert [page.last for page in read] == [4, 7, 8]
    single = [
        entry
        for after in range(8)
        for entry in (
            await client.get(f"{path}/timeline", params={"after": after, "limit": 1})
        ).json()
    ]
    answer = await client.get(f"{path}/timeline", params={"limit": 1000})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == single
    assert [entry["seq"] for entry in single] == list(range(1, 9))
    assert (await client.get(f"{path}/timeline", params={"limit": 6})).json() == single[:6]
    assert (
        await client.get(f"{path}/timeline", params={"limit": 6, "kinds": "edit"})
    ).json() == single[:6]
