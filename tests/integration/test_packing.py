"""Old edits lie packed: whatever reads the log reads the same, wherever they lie, and a changed byte is found."""

import base64
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Text
from sqlalchemy import Executable, Row, delete, func, select, text, update
from tests.harness.application import Application, application

from pizarra import migrate
from pizarra.collab.document import Document
from pizarra.collab.journal import Entry
from pizarra.config import Settings
from pizarra.database import connect
from pizarra.models import InterviewSession, TimelineChunk, TimelineEntry
from pizarra.timeline import packing, sealing, service
from pizarra.timeline.chain import first_link, next_link
from pizarra.timeline.chunks import BrokenChunk, PackedEdit, pack, unpack
from pizarra.timeline.log import append_entries
from pizarra.timeline.packing import Packer, pack_next
from pizarra.timeline.pages import SharedPage
from pizarra.timeline.sealing import Sealer, seal, verify
from pizarra.timeline.service import read_rows, shown

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
        packed[:place] + bytes([packed[place] ^ data.draw(st.integers(1, 255))]) + packed[place + 1 :],
        packed[:place],
    ):
        try:
            found = unpack(broken)
        except BrokenChunk:
            continue
        assert found == edits  # a bit of the header that means nothing


_INSTANTS = st.integers(0, 2**52) | st.integers(0, 2**32).map(lambda second: second * 1_000_000)


@given(st.lists(st.tuples(_INSTANTS, st.sampled_from([None, 1, 2]), st.binary(max_size=50)), max_size=20))
def test_the_short_way_to_the_hashes_of_edits_gives_the_same(edits: list[tuple[int, int | None, bytes]]) -> None:
    rows = [service.Row(seq, at, "edit", who, change, None) for seq, (at, who, change) in enumerate(edits, 1)]
    names: dict[int | None, str] = {1: "0123456789abcdef" * 2}  # storage id 2 is somebody who is nobody any more
    link = first_link("shared", "f" * 32)
    expected = []
    for row in rows:
        link = next_link(link, shown(row, names))
        expected.append((row.seq, link))
    assert list(SharedPage(rows, names).links(first_link("shared", "f" * 32))) == expected


class Story:
    """Several people who edit at the same time, with other things between, recorded through the journal."""

    def __init__(self, running: Application, session: InterviewSession, seed: int) -> None:
        self.running = running
        self.session = session
        self.chance = random.Random(seed)
        self.docs: list[Doc[Any]] = [Doc() for _ in range(3)]
        self.sent: list[list[bytes]] = [[] for _ in self.docs]
        self.seen = [0] * len(self.docs)
        self.log: list[bytes] = []

    async def step(self) -> None:
        """Let somebody do something."""
        who = self.chance.randrange(len(self.docs))
        doc = self.docs[who]
        for change in self.log[self.seen[who] :]:
            doc.apply_update(change)
        self.seen[who] = len(self.log)
        entries = []
        for _ in range(self.chance.randint(1, 6)):
            before = doc.get_state()
            content: Text = doc.get("file:main.py", type=Text)
            size = len(str(content).encode())
            if size and self.chance.random() < 0.3:
                start = self.chance.randrange(size)
                del content[start : min(size, start + 3)]
            else:
                content.insert(self.chance.randint(0, size), self.chance.choice(("x", "def f():\n", "return 1\n")))
            change = doc.get_update(before)
            self.log.append(change)
            entries.append(Entry("edit", None, update=change))
            if self.chance.random() < 0.3:
                entries.append(Entry("run.output", None, data={"run_id": "f" * 32, "stream": "stdout", "text": "x"}))
        await self.running.services.journal.append(self.session.id, self.session.epoch, entries)


async def _session(running: Application, public_id: str) -> InterviewSession:
    async with running.services.database.read() as db:
        found = await db.scalar(select(InterviewSession).where(InterviewSession.public_id == public_id))
    assert found is not None
    return found


async def _rows(running: Application, table: Any) -> int:
    async with running.services.database.read() as db:
        return int(await db.scalar(select(func.count()).select_from(table)) or 0)


def _fold(entries: Sequence[dict[str, Any]]) -> list[str]:
    """Return the text after each entry, from nothing but the log."""
    document, texts = Document(), []
    for entry in entries:
        if entry["kind"] == "edit":
            document.apply(base64.b64decode(entry["data"]["update"]))
        texts.append(document.text("main.py") or "")
    return texts


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
            session = await _session(running, made["session_id"])
            story = Story(running, session, seed * 10 + life)
            if docs is not None:
                story.docs, story.seen, story.log = docs.docs, docs.seen, docs.log
            docs = story
            services = running.services
            sealer = Sealer(services.database, services.signer, services.clock, services.recent)
            for _ in range(25):
                await story.step()
                if story.chance.random() < 0.2:  # recorded along with something else, behind the journal's back
                    lock = {"editing": story.chance.random() < 0.1, "running": False}
                    async with services.database.write() as db:
                        await append_entries(db, session.id, [Entry("lock", None, data=lock)], services.clock())
                if story.chance.random() < 0.3:
                    await sealer.seal_due()
                if story.chance.random() < 0.3:
                    await pack_next(running.services.database, session.id, running.services.recent)
            entries = (await client.get(f"{path}/timeline", params={"limit": 1000})).json()
            assert entries[: len(told)] == told
            assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
            told = entries
            texts = _fold(entries)
            for seq in [*story.chance.sample(range(1, len(entries)), 25), len(entries)]:
                shown = await client.get(f"{path}/files/main.py", params={"at": seq})
                assert (shown.text if shown.status_code == 200 else "") == texts[seq - 1], seq
            # In pages of any size, from anywhere, all kinds or one.
            for _ in range(20):
                after, limit = story.chance.randrange(len(entries)), story.chance.randint(1, 60)
                query = {"after": after, "limit": limit}
                assert (await client.get(f"{path}/timeline", params=query)).json() == entries[after : after + limit]
                edits = [entry for entry in entries if entry["kind"] == "edit" and entry["seq"] > after][:limit]
                assert (await client.get(f"{path}/timeline", params={**query, "kinds": "edit"})).json() == edits
            assert await _rows(running, TimelineChunk) > 0
            assert await _rows(running, TimelineEntry) < len(entries)
            await sealer.seal_due()
            session = await _session(running, made["session_id"])
            finding = await verify(services.database, services.signer, session, "shared")
            assert (finding.problem, finding.sealed) == (None, len(entries))


async def test_what_was_changed_before_the_seal_is_found_too(settings: Settings) -> None:
    """The seal is made from what was recorded, not from what the database says by then."""
    async with application(settings) as running, running.client() as client:
        made = (await client.post("/api/sessions", json={"initial_code": ""})).json()
        session = await _session(running, made["session_id"])
        story = Story(running, session, 5)
        for _ in range(5):
            await story.step()
        services = running.services
        forged = update(TimelineEntry).where(TimelineEntry.seq == 3).values(update=b"\0\0")
        async with services.database.write() as db:
            await db.execute(forged)
        await Sealer(services.database, services.signer, services.clock, services.recent).seal_due()
        session = await _session(running, made["session_id"])
        found = await verify(services.database, services.signer, session, "shared")
        assert found.problem == f"something up to entry {session.head} was changed"


async def test_an_ended_session_is_packed_whole_and_can_be_reopened(settings: Settings) -> None:
    async with application(settings) as running, running.client() as client:
        made = (await client.post("/api/sessions", json={"initial_code": ""})).json()
        path = f"/api/sessions/{made['session_id']}"
        story = Story(running, await _session(running, made["session_id"]), 7)
        for _ in range(20):
            await story.step()
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
        assert _fold(after)[-1] == (await client.get(f"{path}/files/main.py")).text
        # Going back to the schema before it makes rows of all of it again.
    database = connect(settings)
    await migrate.downgrade(database, "0006")
    await migrate.upgrade(database)
    await database.dispose()
    async with application(settings) as running, running.client() as client:
        assert await _rows(running, TimelineChunk) == 0
        assert (await client.get(f"{path}/timeline", params={"limit": 1000})).json() == after


async def test_what_is_recorded_and_packed_while_somebody_reads_leaves_no_hole(settings: Settings) -> None:
    async with application(settings) as running, running.client() as client:
        made = (await client.post("/api/sessions", json={"initial_code": ""})).json()
        session = await _session(running, made["session_id"])
        story = Story(running, session, 11)
        for _ in range(10):
            await story.step()
        looks = 0

        async def fetch(statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Row[*tuple[Any, ...]]]:
            nonlocal looks
            found = await running.services.database.fetch(statement, parameters)
            looks += 1
            if looks == 1:  # between the look at the rows and the look at the chunks
                for _ in range(10):
                    await story.step()
                await client.post(f"/api/sessions/{made['session_id']}/end")
                assert await Packer(running.services.database, running.services.recent).pack_due() == 1
            return found

        found = [row.seq for row in await read_rows(fetch, session.id, 0, 1000)]
        whole = [row.seq for row in await read_rows(running.services.database.fetch, session.id, 0, 1000)]
        assert whole == list(range(1, len(whole) + 1))
        assert 0 < len(found) < len(whole)
        assert found == whole[: len(found)]


async def test_no_row_is_dropped_that_is_not_in_the_chunk(settings: Settings) -> None:
    """The database has another log than was recorded: packing goes by what is there, and `verify` tells."""
    async with application(settings) as running, running.client() as client:
        made = (await client.post("/api/sessions", json={"initial_code": ""})).json()
        session = await _session(running, made["session_id"])
        await running.services.journal.append(session.id, session.epoch, [Entry("edit", None, update=b"a")] * 5)
        await client.post(f"/api/sessions/{made['session_id']}/end")
        services = running.services
        async with services.database.write() as db:
            await db.execute(delete(TimelineEntry).where(TimelineEntry.seq == 3))
        packer = Packer(services.database, services.recent)
        assert await packer.pack_due() == 0
        assert await _rows(running, TimelineChunk) == 0
        assert await packer.pack_due() == 1
        session = await _session(running, made["session_id"])
        found = await verify(services.database, services.signer, session, "shared")
        assert (found.entries, found.problem) == (session.head, "entry 3 is missing")


async def test_every_log_is_sealed_however_many_are_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one round; and what nobody writes in any more is not remembered."""
    monkeypatch.setattr(sealing, "_SESSIONS", 2)
    async with application(settings) as running, running.client() as client:
        services = running.services
        sealer = Sealer(services.database, services.signer, services.clock, services.recent)
        made = [(await client.post("/api/sessions", json={"initial_code": ""})).json() for _ in range(5)]
        sessions = [await _session(running, each["session_id"]) for each in made]
        for session in sessions:
            await Story(running, session, 1).step()
        assert services.recent.logs() == {session.id for session in sessions}
        assert await sealer.seal_due() == 5
        assert services.recent.logs() == {session.id for session in sessions}
        await Story(running, sessions[0], 2).step()
        await client.delete(f"/api/sessions/{made[1]['session_id']}")
        assert await sealer.seal_due() == 1
        assert services.recent.logs() == {sessions[0].id}


async def test_a_byte_changed_in_a_chunk_is_found(settings: Settings) -> None:
    async with application(settings) as running, running.client() as client:
        made = (await client.post("/api/sessions", json={"initial_code": ""})).json()
        path = f"/api/sessions/{made['session_id']}"
        session = await _session(running, made["session_id"])
        story = Story(running, session, 3)
        for _ in range(20):
            await story.step()
        await client.post(f"{path}/end")
        services = running.services
        await seal(services.database, services.signer, session, "shared", services.clock(), services.recent)
        await Packer(services.database, services.recent).pack_due()
        session = await _session(running, made["session_id"])
        assert (await verify(services.database, services.signer, session, "shared")).problem is None
        async with services.database.write() as db:
            packed = bytes((await db.execute(select(TimelineChunk.packed))).scalar_one())
            edits = unpack(packed)
            forged = [edit._replace(update=b"\0\0") if number == 5 else edit for number, edit in enumerate(edits)]
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
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        # Asked for an instant, the server says so too, and nobody is let into a room that cannot be read.
        async with services.database.write() as db:
            await db.execute(text("DELETE FROM snapshots"))
        past = await client.get(f"{path}/files", params={"at": 30})
        assert (past.status_code, past.json()["code"]) == (503, "unavailable")
        async with services.database.write() as db:
            await db.execute(text("DELETE FROM timeline_chunks"))
        found = await verify(services.database, services.signer, session, "shared")
        assert found.problem is not None
        assert "missing" in found.problem
