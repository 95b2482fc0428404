"""What a long session costs: bytes per edit, opening it at any instant, sealing, exporting, and how that grows.

    .venv/bin/python benchmarks/timeline/bench.py [edits …]        (default 1000 50000 250000)

The edits are typed into a document one by one, as a person would, and recorded through the journal on SQLite.
"""

import asyncio
import contextlib
import os
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2
from pycrdt import Doc, Text
from sqlalchemy import func, select
from tests.harness.application import application
from tests.harness.peer import Peer, connect_peer
from tests.harness.server import ServerProcess, server_process

from pizarra.access.session_access import Access
from pizarra.collab.journal import EditEntry
from pizarra.collab.state.document import Document
from pizarra.config import Settings
from pizarra.exports.gathering import gather
from pizarra.exports.writer import stream_archive
from pizarra.http.logs import configure_logging
from pizarra.kit.garbage import collect_seldom
from pizarra.models import InterviewSession, Role, Snapshot
from pizarra.timeline.append.appender import Append, to_columns
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.integrity.sealing import seal, verify
from pizarra.timeline.packing.packer import CHUNK, Packer

DEFAULT = (1_000, 50_000, 250_000)
BATCH = 500
ASKED = 60
PEOPLE, WARM_UP, TYPED, ROUNDS, OFTEN = (2, 4, 6), 500, 16_000, 5, 2.0
SHARED = 4  # edits in one commit, while several people type
_LINE = 60
_UPKEEP = re.compile(
    r'^pizarra_chore_cpu_seconds_total\{chore="(?:seal|pack)ing"\} (.*)$', re.MULTILINE
)


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


async def stored(services: Any, folder: Path) -> int:
    """Return the bytes in use in the database: pages of what was forgotten are used again."""
    async with services.database.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        free = int((await connection.exec_driver_sql("PRAGMA freelist_count")).scalar_one())
    return (folder / "pizarra.db").stat().st_size - free * 4096


def percentiles(seconds: list[float]) -> str:
    """Return median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    return f"p50 {statistics.median(ordered) * 1000:6.1f} ms  p99 {ordered[int(len(ordered) * 0.99)] * 1000:6.1f} ms"


async def measure(edits: int, folder: Path) -> None:
    """Record one session and ask for it in every way."""
    updates = typed(edits, edits)
    async with (
        application(Settings(data_dir=folder, log_level="error")) as running,
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
            batch = [EditEntry(None, update) for update in updates[start : start + BATCH]]
            await services.journal.append(session.id, session.epoch, batch)
        append = time.process_time() - begun
        await leave_snapshots(services, session, updates)
        loose = await stored(services, folder) - size_before
        async with services.database.read() as db:
            session = await db.scalar(select(InterviewSession))
        begun = time.process_time()
        await seal(
            services.database, services.signer, session, "shared", services.clock(), services.recent
        )
        sealing = time.process_time() - begun
        packer = Packer(services.database, services.recent)
        begun = time.process_time()
        await packer.pack_due()
        packing = time.process_time() - begun
        live = await stored(services, folder) - size_before
        await owner.post(f"{path}/end")
        await packer.pack_due()
        ended = await stored(services, folder) - size_before
        async with services.database.read() as db:
            session = await db.scalar(select(InterviewSession))
            kept = await db.scalar(select(func.sum(func.length(Snapshot.state))))
        await seal(
            services.database, services.signer, session, "shared", services.clock(), services.recent
        )
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
    print(
        f"{edits:>8,} edits: {live / edits:6.1f} bytes per edit in the database while people write, "
        f"{ended / edits:.1f} once it has ended"
    )
    print(
        f"{'':>16}({loose / edits:.1f} before packing; {raw:.1f} were sent; {kept / edits:.1f} are checkpoints)"
    )
    print(f"{'':>16}open at a random instant: {percentiles(opened)}")
    print(
        f"{'':>16}append {append / edits * 1e6:.1f} µs of CPU an edit; sealing {sealing / edits * 1e6:.1f} and packing "
        f"{packing / edits * 1e6:.1f} µs, later"
    )
    print(
        f"{'':>16}verify {edits / checking:,.0f} entries/s; export {bytes_out / 1e6:.1f} MB in {exporting:.1f} s"
    )


async def type_through_sockets(
    server: ServerProcess, people: int, each: int
) -> tuple[float, float]:
    """Have some people type at once; return the server's CPU per edit without and for the log's upkeep, in µs."""
    made = httpx2.post(f"{server.url}/api/sessions", json={"initial_code": ""}).json()
    url = f"{server.ws_url}/{made['room_id']}"

    async def type_on(peer: Peer) -> None:
        for number in range(each):
            last = await peer.insert(len(str(peer.text)), "\n" if number % _LINE == 0 else "x")
            if number % 50 == 49:
                await peer.wait_acknowledged(last)

    async with contextlib.AsyncExitStack() as stack:
        peers = [await stack.enter_async_context(connect_peer(url)) for _ in range(people)]
        upkeep, whole = _upkeep(server), _cpu(server.pid)
        await asyncio.gather(*map(type_on, peers))
        httpx2.post(f"{server.url}/api/sessions/{made['session_id']}/end").raise_for_status()
        await asyncio.sleep(3 * OFTEN)  # what is due is sealed and packed meanwhile
        whole, upkeep = _cpu(server.pid) - whole, _upkeep(server) - upkeep
        return (whole - upkeep) / (each * people) * 1e6, upkeep / (each * people) * 1e6


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _upkeep(server: ServerProcess) -> float:
    """Return the processor seconds that sealing and packing took so far."""
    told = httpx2.get(f"{server.url}/metrics").text
    return sum(map(float, _UPKEEP.findall(told)))


def measure_remembering() -> None:
    """Measure what the next two keep in memory costs when an edit is recorded: it is counted in the core's share."""
    recent = Recent(2**30)
    # at hand, as in life
    batch = Append(1, "", True, [to_columns(EditEntry(1, bytes(27)))] * SHARED)
    begun = time.process_time()
    for number in range(TYPED // SHARED):
        recent.note(batch, 1 + number * SHARED, 0)
        if number % (CHUNK // SHARED) == 0:
            recent.forget(1, number * SHARED - 2 * CHUNK)
    print(
        f"remembering an edit for sealing and packing: {(time.process_time() - begun) / TYPED * 1e6:.1f} µs"
    )


async def measure_overhead() -> None:
    """Compare what sealing and packing cost with everything else that the server does for an edit.

    Both in the same process and at the same time, which holds still on a machine that is shared with others.
    """
    for people in PEOPLE:
        found = []
        for _ in range(ROUNDS):
            with (
                tempfile.TemporaryDirectory() as folder,
                server_process(
                    Path(folder), first_start=True, seal_seconds=OFTEN, pack_seconds=OFTEN
                ) as server,
            ):
                # What a process does once, as compiling statements, belongs to no edit of a long interview.
                await type_through_sockets(server, people, WARM_UP)
                found.append(await type_through_sockets(server, people, TYPED // people))
        bare, upkeep = (statistics.median(each) for each in zip(*found, strict=True))
        share = statistics.median(upkeep / bare for bare, upkeep in found)
        print(
            f"{people} people type: {bare:.0f} µs of the server's CPU an edit, sealing and packing {upkeep:.1f} more: "
            f"{share * 100:+.1f} % (medians of {ROUNDS})"
        )


def main() -> None:
    """Measure each size in a fresh database."""
    collect_seldom()  # as the server does
    configure_logging("error", "console")
    measure_remembering()
    asyncio.run(measure_overhead())
    for edits in [int(each) for each in sys.argv[1:]] or DEFAULT:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(edits, Path(folder)))


if __name__ == "__main__":
    main()
