"""Old edits lie packed: whatever reads the log reads the same, wherever they lie, and a changed byte is found."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Executable, Row, delete, select, text, update
from tests.harness.application import application
from tests.harness.entries import event
from tests.harness.story import Story, count_rows, fold, session_of

from pizarra.config import Settings
from pizarra.database import connect
from pizarra.migrations import migrate
from pizarra.models import TimelineChunk, TimelineEntry
from pizarra.timeline.append.log import append_entries
from pizarra.timeline.chunks import BrokenChunk, PackedEdit, pack, unpack
from pizarra.timeline.integrity.sealing import Sealer, seal, verify
from pizarra.timeline.packing import packer as packing
from pizarra.timeline.packing.packer import Packer, pack_next
from pizarra.timeline.read.rows import read_rows

_EDITS = st.lists(
    st.builds(
        PackedEdit,
        st.integers(1, 2**40),
        st.integers(0, 2**51),
        st.none() | st.integers(0, 2**31),
        st.binary(max_size=300),
    ),
    max_size=40,
)


@given(_EDITS)
def test_what_was_packed_comes_out(edits: list[PackedEdit]) -> None:
    assert unpack(pack(edits)) == edits


@given(_EDITS.filter(len), st.data())
def test_a_changed_chunk_is_no_chunk(edits: list[PackedEdit], data: st.DataObject) -> None:
    packed = pack(edits)
    place = data.draw(st.integers(0, len(packed) - 1))
    for broken in (
        packed[:place]
        + bytes([packed[place] ^ data.draw(st.integers(1, 255))])
        + packed[place + 1 :],
        packed[:place],
    ):
        try:
            found = unpack(broken)
        except BrokenChunk:
            continue
        assert found == edits  # a bit of the header that means nothing


@pytest.mark.parametrize("seed", range(3))
async def test_every_instant_is_a_fresh_fold_of_the_log(
    settings: Settings, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random interleavings, sealed and packed at random moments, from memory or not, the process gone in between."""
    monkeypatch.setattr(packing, "CHUNK", 16)
    settings = settings.model_copy(update={"recent_bytes": (0, 20_000, 10**6)[seed]})
    async with application(settings) as running, running.client() as client:
        made = (await client.post("/api/sessions", json={"initial_code": ""})).json()
    path = f"/api/sessions/{made['session_id']}"
    told: list[dict[str, Any]] = []
    docs: Story | None = None
    for life in range(3):
        async with application(settings) as running, running.client() as client:
            session = await session_of(running, made["session_id"])
            story = Story(running, session, seed * 10 + life)
            if docs is not None:
                story.docs, story.seen, story.log = docs.docs, docs.seen, docs.log
            docs = story
            services = running.services
            sealer = Sealer(services.database, services.signer, services.clock, services.recent)
            for _ in range(25):
                await story.step()
                # recorded along with something else, behind the journal's back
                if story.chance.random() < 0.2:
                    lock = {"editing": story.chance.random() < 0.1, "running": False}
                    async with services.database.write() as db:
                        await append_entries(
                            db, session.id, [event("lock", None, lock)], services.clock()
                        )
                if story.chance.random() < 0.3:
                    await sealer.seal_due()
                if story.chance.random() < 0.3:
                    await pack_next(running.services.database, session.id, running.services.recent)
            entries = (await client.get(f"{path}/timeline", params={"limit": 1000})).json()
            assert entries[: len(told)] == told
            assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
            told = entries
            texts = fold(entries)
            for seq in [*story.chance.sample(range(1, len(entries)), 10), len(entries)]:
                shown = await client.get(f"{path}/files/main.py", params={"at": seq})
                assert (shown.text if shown.status_code == 200 else "") == texts[seq - 1], seq
            # In pages of any size, from anywhere, all kinds or one.
            for _ in range(8):
                after, limit = story.chance.randrange(len(entries)), story.chance.randint(1, 60)
                query = {"after": after, "limit": limit}
                assert (await client.get(f"{path}/timeline", params=query)).json() == entries[
                    after : after + limit
                ]
                edits = [
                    entry for entry in entries if entry["kind"] == "edit" and entry["seq"] > after
                ][:limit]
                assert (
                    await client.get(f"{path}/timeline", params={**query, "kinds": "edit"})
                ).json() == edits
            assert await count_rows(running, TimelineChunk) > 0
            assert await count_rows(running, TimelineEntry) < len(entries)
            await sealer.seal_due()
            session = await session_of(running, made["session_id"])
            finding = await verify(services.database, services.signer, session, "shared")
            assert (finding.problem, finding.sealed) == (None, len(entries))


async def test_an_ended_session_is_packed_whole_and_can_be_reopened(settings: Settings) -> None:
    async with application(settings) as running, running.client() as client:
        story = await Story.begin(running, client, 7, steps=20)
        path = story.path
        packer = Packer(running.services.database, running.services.recent)
        assert await packer.pack_due() == 0  # people write in it
        before = (await client.get(f"{path}/timeline", params={"limit": 1000})).json()
        await client.post(f"{path}/end")
        assert await packer.pack_due() == 1
        assert await packer.pack_due() == 0
        await client.post(f"{path}/reopen")
        for _ in range(5):
            await story.step()
        await client.post(f"{path}/end")
        assert await packer.pack_due() == 1
        after = (await client.get(f"{path}/timeline", params={"limit": 1000})).json()
        assert after[: len(before)] == before
        assert fold(after)[-1] == (await client.get(f"{path}/files/main.py")).text
        # Going back to the schema before it makes rows of all of it again.
    database = connect(settings)
    await migrate.downgrade(database, "0006")
    await migrate.upgrade(database)
    await database.dispose()
    async with application(settings) as running, running.client() as client:
        assert await count_rows(running, TimelineChunk) == 0
        assert (await client.get(f"{path}/timeline", params={"limit": 1000})).json() == after


async def test_what_is_recorded_and_packed_while_somebody_reads_leaves_no_hole(
    settings: Settings,
) -> None:
    async with application(settings) as running, running.client() as client:
        story = await Story.begin(running, client, 11, steps=10)
        looks = 0

        async def fetch(
            statement: Executable, parameters: Mapping[str, Any]
        ) -> Sequence[Row[*tuple[Any, ...]]]:
            nonlocal looks
            found = await running.services.database.fetch(statement, parameters)
            looks += 1
            if looks == 2:  # after their sizes and themselves; the look at the chunks is next
                for _ in range(10):
                    await story.step()
                await client.post(f"{story.path}/end")
                assert (
                    await Packer(running.services.database, running.services.recent).pack_due() == 1
                )
            return found

        found = [row.seq for row in await read_rows(fetch, story.session.id, 0, 1000)]
        whole = [
            row.seq
            for row in await read_rows(running.services.database.fetch, story.session.id, 0, 1000)
        ]
        assert whole == list(range(1, len(whole) + 1))
        assert 0 < len(found) < len(whole)
        assert found == whole[: len(found)]


async def test_no_row_is_dropped_that_is_not_in_the_chunk(settings: Settings) -> None:
    """The database has another log than was recorded: packing goes by what is there, and `verify` tells."""
    async with application(settings) as running, running.client() as client:
        story = await Story.begin(running, client, 1, steps=5)
        await client.post(f"{story.path}/end")
        services = running.services
        async with services.database.write() as db:
            await db.execute(delete(TimelineEntry).where(TimelineEntry.seq == 2))
        packer = Packer(services.database, services.recent)
        assert await packer.pack_due() == 0
        assert await count_rows(running, TimelineChunk) == 0
        assert await packer.pack_due() == 1
        session = await session_of(running, story.session.public_id)
        found = await verify(services.database, services.signer, session, "shared")
        assert (found.entries, found.problem) == (session.head, "entry 2 is missing")


async def test_a_byte_changed_in_a_chunk_is_found(settings: Settings) -> None:
    async with application(settings) as running, running.client() as client:
        story = await Story.begin(running, client, 3, steps=20)
        session, path = story.session, story.path
        await client.post(f"{path}/end")
        services = running.services
        await seal(
            services.database, services.signer, session, "shared", services.clock(), services.recent
        )
        await Packer(services.database, services.recent).pack_due()
        session = await session_of(running, session.public_id)
        assert (await verify(services.database, services.signer, session, "shared")).problem is None
        async with services.database.write() as db:
            packed = bytes((await db.execute(select(TimelineChunk.packed))).scalar_one())
            edits = unpack(packed)
            forged = [
                edit._replace(update=b"\0\0") if number == 5 else edit
                for number, edit in enumerate(edits)
            ]
            await db.execute(update(TimelineChunk).values(packed=pack(forged)))
        found = await verify(services.database, services.signer, session, "shared")
        assert found.problem is not None
        assert "was changed" in found.problem
        async with services.database.write() as db:
            flipped = packed[:50] + bytes([packed[50] ^ 1]) + packed[51:]
            await db.execute(update(TimelineChunk).values(packed=flipped))
        found = await verify(services.database, services.signer, session, "shared")
        assert found.problem == "what follows entry 0 was changed and cannot be read"
        answer = await client.get(f"{path}/timeline")
        assert (answer.status_code, answer.json()["code"]) == (503, "log_damaged")
        # Asked for an instant, the server says so too, and nobody is let into a room that cannot be read.
        async with services.database.write() as db:
            await db.execute(text("DELETE FROM snapshots"))
        past = await client.get(f"{path}/files", params={"at": 30})
        assert (past.status_code, past.json()["code"]) == (503, "log_damaged")
        async with services.database.write() as db:
            await db.execute(text("DELETE FROM timeline_chunks"))
        found = await verify(services.database, services.signer, session, "shared")
        assert found.problem is not None
        assert "missing" in found.problem
