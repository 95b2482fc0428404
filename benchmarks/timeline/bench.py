"""What a long session costs: bytes per edit, opening it at any instant, sealing, exporting, and how that grows.

    .venv/bin/python benchmarks/timeline/bench.py [edits …]        (default 1000 50000 250000)

The edits are typed into a document one by one, as a person would, and recorded through the journal on SQLite.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pycrdt import Doc, Text
from sqlalchemy import select
from tests.harness.application import application

from pizarra.collab.document import Document
from pizarra.collab.journal import Entry
from pizarra.config import Settings
from pizarra.models import InterviewSession, Role
from pizarra.participants.access import Access
from pizarra.timeline.export import stream_archive
from pizarra.timeline.exporting import gather
from pizarra.timeline.sealing import seal, verify

DEFAULT = (1_000, 50_000, 250_000)
BATCH = 500
ASKED = 60
_LINE = 60


def typed(count: int, seed: int) -> list[bytes]:
    """Return updates of somebody who types lines, goes back now and then, and deletes."""
    chance = random.Random(seed)
    doc: Doc[Any] = Doc()
    text = doc.get("file:main.py", type=Text)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    length = cursor = 0
    while len(updates) < count:
        if chance.random() < 0.01:
            cursor = chance.randint(max(0, length - 2000), length)
        if cursor > 0 and chance.random() < 0.15:
            del text[cursor - 1 : cursor]
            cursor, length = cursor - 1, length - 1
        else:
            text.insert(cursor, "\n" if cursor % _LINE == 0 else chance.choice("abcdefghij (){}=+"))
            cursor, length = cursor + 1, length + 1
    doc.unobserve(subscription)
    return updates[:count]


async def leave_snapshots(services: Any, session: InterviewSession, updates: list[bytes]) -> None:
    """Keep what an open room keeps as it goes: entry 1 is the starter, the edits follow."""
    document = await Document.load(None, [])
    every = services.settings.snapshot_updates
    for number, update in enumerate(updates, 1):
        document.apply(update)
        if number % every == 0:
            await services.journal.save_snapshot(session.id, number + 1, document.encode(), {})


def percentiles(seconds: list[float]) -> str:
    """Return median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    return f"p50 {statistics.median(ordered) * 1000:6.1f} ms  p99 {ordered[int(len(ordered) * 0.99)] * 1000:6.1f} ms"


async def measure(edits: int, folder: Path) -> None:
    """Record one session and ask for it in every way."""
    updates = typed(edits, edits)
    async with (
        application(Settings(data_dir=folder, log_level="warning")) as running,
        running.client() as owner,
    ):
        services = running.app.state.services
        made = (await owner.post("/api/sessions", json={"initial_code": ""})).json()
        path = f"/api/sessions/{made['session_id']}"
        async with services.database.read() as db:
            session = await db.scalar(select(InterviewSession))
        size_before = (folder / "pizarra.db").stat().st_size
        begun = time.process_time()
        for start in range(0, edits, BATCH):
            batch = [Entry("edit", None, update=update) for update in updates[start : start + BATCH]]
            await services.journal.append(session.id, session.epoch, batch)
        append = time.process_time() - begun
        await leave_snapshots(services, session, updates)
        async with services.database.engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            free = (await connection.exec_driver_sql("PRAGMA freelist_count")).scalar_one() * 4096
        # Pages of snapshots that were forgotten are used again.
        size = (folder / "pizarra.db").stat().st_size - size_before - free
        async with services.database.read() as db:
            session = await db.scalar(select(InterviewSession))
        begun = time.process_time()
        await seal(services.database, services.signer, session, "shared", services.clock())
        sealing = time.process_time() - begun
        begun = time.perf_counter()
        finding = await verify(services.database, services.signer, session, "shared")
        checking = time.perf_counter() - begun
        assert finding.problem is None, finding
        opened = []
        chance = random.Random(1)
        for _ in range(ASKED if edits <= 50_000 else ASKED // 3):
            seq = chance.randint(1, edits)
            begun = time.perf_counter()
            answer = await owner.get(f"{path}/files/main.py?at={seq}")
            opened.append(time.perf_counter() - begun)
            assert answer.status_code in (200, 404), answer.text
        exported = await gather(services, Access(session, Role.HOST, None), with_private=True)
        begun = time.perf_counter()
        bytes_out = 0
        async for piece in stream_archive(services.database, exported):
            bytes_out += len(piece)
        exporting = time.perf_counter() - begun
    raw = sum(map(len, updates)) / edits
    print(f"{edits:>8,} edits: {size / edits:6.1f} bytes per edit in the database ({raw:.1f} of them what was sent)")
    print(f"{'':>16}open at a random instant: {percentiles(opened)}")
    print(f"{'':>16}append {append / edits * 1e6:.1f} µs of CPU an edit; sealing {sealing / edits * 1e6:.1f} µs, later")
    print(f"{'':>16}verify {edits / checking:,.0f} entries/s; export {bytes_out / 1e6:.1f} MB in {exporting:.1f} s")


def main() -> None:
    """Measure each size in a fresh database."""
    for edits in [int(each) for each in sys.argv[1:]] or DEFAULT:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(edits, Path(folder)))


if __name__ == "__main__":
    main()
