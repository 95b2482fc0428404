"""Snapshot equivalence: a snapshot and the tail after it are the whole log, at every instant."""

import asyncio
import sqlite3

import httpx2
from tests.harness.peer import connect_peer
from tests.harness.rooms import create, edits_of, text_of
from tests.harness.server import ServerProcess


async def test_snapshots_and_the_tail_give_what_the_whole_log_gives(
    sqlite_server: ServerProcess,
) -> None:
    session = create(sqlite_server)
    async with connect_peer(f"{sqlite_server.ws_url}/{session['room_id']}") as ann:
        for index in range(90):
            number = await ann.insert(index, "é" if index % 3 else "😀")
            if index % 30 == 29:
                await ann.wait_acknowledged(number)
        await ann.edit(lambda text: text.__delitem__(slice(0, 4)))
        await ann.wait_acknowledged(number + 1)
        expected = str(ann.text)
    database = sqlite3.connect(sqlite_server.data_dir / "pizarra.db", isolation_level=None)
    # they are taken beside the edits, not before their acknowledgement
    async with asyncio.timeout(5):
        while database.execute("SELECT count(*) FROM snapshots").fetchone()[0] < 2:
            await asyncio.sleep(0.01)
    sqlite_server.kill()
    sqlite_server.start()
    assert text_of(sqlite_server, session) == expected
    path = f"{sqlite_server.url}/api/sessions/{session['session_id']}/files/main.py"
    head = edits_of(sqlite_server, session)[-1]["seq"]
    with_snapshots = [httpx2.get(path, params={"at": seq}).text for seq in range(1, head + 1, 7)]
    database.execute("DELETE FROM snapshots")
    database.close()
    assert [
        httpx2.get(path, params={"at": seq}).text for seq in range(1, head + 1, 7)
    ] == with_snapshots
    assert text_of(sqlite_server, session) == expected
