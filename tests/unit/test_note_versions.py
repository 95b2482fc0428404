"""What of a private log is read to change a note: nothing of what is said in it."""

import tracemalloc

from sqlalchemy import insert
from tests.harness.rows import NOON, Rows

from pizarra.models import PrivateEntry
from pizarra.notes.service import get_own_note, version_of_note

CHANGES, CHARACTERS = 200, 10_000


async def test_whoever_changes_a_note_does_not_load_all_others(rows: Rows) -> None:
    session = await rows.session()
    ana = await rows.person(session, "Ana")
    about = {"session_id": session.id, "at": NOON, "participant_id": ana.id, "anchor": 1}
    entries = [
        {**about, "seq": 1, "kind": "note", "data": {"text": "first"}},
        {**about, "seq": 2, "kind": "note", "data": {"text": "second"}},
        *(
            {
                **about,
                "seq": seq,
                "kind": "note.changed",
                "data": {"of": 1 + seq % 2, "text": "x" * CHARACTERS},
            }
            for seq in range(3, CHANGES + 3)
        ),
        {**about, "seq": CHANGES + 3, "kind": "note.removed", "data": {"of": 2}},
    ]
    async with rows.database.write() as db:
        await db.execute(insert(PrivateEntry), entries)
    async with rows.database.read() as db:
        tracemalloc.start()
        note = await get_own_note(db, session, 1, ana)
        versions = [await version_of_note(db, session, seq) for seq in (1, 2, CHANGES + 2)]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert note.data == {"text": "first"}
    assert versions == [f'"{CHANGES + 2}"', f'"{CHANGES + 1}"', f'"{CHANGES + 2}"']
    assert peak < CHANGES * CHARACTERS / 4
