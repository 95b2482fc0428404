"""Seals are made from what was recorded, of every log, whatever happens to the database meanwhile."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update
from tests.harness.application import application
from tests.harness.story import Story, session_of

from pizarra.config import Settings
from pizarra.models import InterviewSession, TimelineEntry
from pizarra.timeline.integrity import sealing
from pizarra.timeline.integrity.chain import Log, first_link, next_link
from pizarra.timeline.integrity.sealing import Sealer, seal, verify
from pizarra.timeline.read import rows as service
from pizarra.timeline.read.pages import SharedPage
from pizarra.timeline.read.rows import to_row

_INSTANTS = st.integers(0, 2**52) | st.integers(0, 2**32).map(lambda second: second * 1_000_000)


@given(
    st.lists(
        st.tuples(_INSTANTS, st.sampled_from([None, 1, 2]), st.binary(max_size=50)), max_size=20
    )
)
def test_the_short_way_to_the_hashes_of_edits_gives_the_same(
    edits: list[tuple[int, int | None, bytes]],
) -> None:
    rows = [
        service.Row(seq, at, "edit", who, change, None)
        for seq, (at, who, change) in enumerate(edits, 1)
    ]
    # storage id 2 is somebody who is nobody any more
    names: dict[int | None, str] = {1: "0123456789abcdef" * 2}
    link = first_link("shared", "f" * 32)
    expected = []
    for row in rows:
        link = next_link(link, to_row(row, names))
        expected.append((row.seq, link))
    assert list(SharedPage(rows, names).links(first_link("shared", "f" * 32))) == expected


async def test_what_was_changed_before_the_seal_is_found_too(settings: Settings) -> None:
    """The seal is made from what was recorded, not from what the database says by then."""
    async with application(settings) as running, running.client() as client:
        story = await Story.begin(running, client, 5, steps=5)
        services = running.services
        forged = update(TimelineEntry).where(TimelineEntry.seq == 3).values(update=b"\0\0")
        async with services.database.write() as db:
            await db.execute(forged)
        await Sealer(services.database, services.signer, services.clock, services.recent).seal_due()
        session = await session_of(running, story.session.public_id)
        found = await verify(services.database, services.signer, session, "shared")
        assert found.problem == f"something up to entry {session.head} was changed"


async def test_every_log_is_sealed_however_many_are_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one round; and what nobody writes in any more is not remembered."""
    monkeypatch.setattr(sealing, "_SESSIONS", 2)
    async with application(settings) as running, running.client() as client:
        services = running.services
        sealer = Sealer(services.database, services.signer, services.clock, services.recent)
        stories = [await Story.begin(running, client, seed, steps=1) for seed in range(5)]
        assert services.recent.logs() == {story.session.id for story in stories}
        assert await sealer.seal_due() == 5
        assert services.recent.logs() == {story.session.id for story in stories}
        await stories[0].step()
        await client.delete(stories[1].path)
        assert await sealer.seal_due() == 1
        assert services.recent.logs() == {stories[0].session.id}


async def test_what_happens_in_an_old_session_is_sealed_too(settings: Settings) -> None:
    """Where more are stored than one round looks at, a private log waits for its turn, and what others see does not."""
    async with application(settings) as running, running.client() as client:
        services = running.services
        sealer = Sealer(services.database, services.signer, services.clock, services.recent)
        story = await Story.begin(running, client, 5, steps=1)
        newer = (await client.post("/api/sessions")).json()["session_id"]
        async with services.database.write() as db:
            much_newer = story.session.id + 25_000
            of_newer = InterviewSession.public_id == newer
            await db.execute(
                delete(TimelineEntry).where(TimelineEntry.session_id != story.session.id)
            )
            await db.execute(update(InterviewSession).where(of_newer).values(id=much_newer, head=0))
        assert await sealer.seal_due() >= 1
        await story.step()
        noted = await client.post(f"{story.path}/notes", json={"text": "hm"})
        assert noted.status_code == 201

        async def unsealed(which: Log) -> int:
            session = await session_of(running, story.session.public_id)
            finding = await verify(services.database, services.signer, session, which)
            assert finding.problem is None
            return finding.entries - finding.sealed

        assert (await unsealed("shared"), await unsealed("private")) == (1, 1)
        turns = 0
        while await unsealed("private"):
            await sealer.seal_due()
            assert await unsealed("shared") == 0
            turns += 1
        assert turns == 2, "its turn comes after that of the others"


async def test_two_who_seal_at_once_come_to_the_same(settings: Settings) -> None:
    """What one of them is too late for takes none of the others along that are sealed in the same commit."""
    async with application(settings) as running, running.client() as client:
        services = running.services
        stories = [await Story.begin(running, client, seed, steps=1) for seed in range(5)]
        await asyncio.gather(
            *(
                seal(
                    services.database,
                    services.signer,
                    story.session,
                    "shared",
                    services.clock(),
                    services.recent,
                )
                for story in [*stories, *stories]
            )
        )
        for story in stories:
            session = await session_of(running, story.session.public_id)
            found = await verify(services.database, services.signer, session, "shared")
            assert (found.problem, found.sealed) == (None, found.entries)
