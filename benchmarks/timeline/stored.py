"""What chores and lists cost where many sessions are stored, all of them ended and at rest.

    PYTHONPATH=. python benchmarks/timeline/stored.py [sessions]        (default 100000)

On SQLite, inside this process: milliseconds of its processor time, the least of three rounds. A statement holds the
event loop for as long as it takes, but for a search, which is a thread's; a chore, for a thousand sessions at a time.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
from sqlalchemy import text
from tests.harness.application import Application, application

from pizarra.config import Settings
from pizarra.http.logs import configure_logging
from pizarra.sessions.retention import Retention
from pizarra.timeline.integrity.sealing import Sealer
from pizarra.timeline.packing.packer import Packer

_FIRST = 1000  # the ids of those that are made here
_AT_REST = {"status": "'ended'", "head": "1", "packed_to": "1"}
_OWN = {
    "id": "i",
    "public_id": "lower(hex(randomblob(16)))",
    "room_id": "lower(hex(randomblob(16)))",
}
_ROUNDS = 3

Work = Callable[[], Awaitable[object]]


async def store(running: Application, client: httpx2.AsyncClient, count: int) -> None:
    """Make as many sessions like one that there is, each with one entry, sealed."""
    (await client.post("/api/sessions")).raise_for_status()
    async with running.services.database.write() as db:
        columns = [*(await db.execute(text("SELECT * FROM sessions LIMIT 0"))).keys()]
        values = ", ".join({**_AT_REST, **_OWN}.get(each, each) for each in columns)
        numbers = (
            f"(WITH RECURSIVE n(i) AS (SELECT {_FIRST} UNION ALL SELECT i + 1 FROM n "
            f"WHERE i < {_FIRST + count - 1}) SELECT i FROM n)"
        )
        await db.execute(
            text(f"INSERT INTO sessions SELECT {values} FROM (SELECT * FROM sessions), {numbers}")
        )
        await db.execute(
            text(
                "INSERT INTO seals (session_id, log, seq, link, mark, at) "
                f"SELECT id, 'shared', 1, '', '', created_at FROM sessions WHERE id >= {_FIRST}"
            )
        )


async def least(work: Work) -> float:
    """Return the processor time of some work, in milliseconds."""
    found = []
    for _ in range(_ROUNDS):
        before = time.process_time()
        await work()
        found.append(time.process_time() - before)
    return min(found) * 1000


async def main(count: int) -> None:
    """Measure and print."""
    never = 10**6
    configure_logging("error", "console")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder), seal_seconds=never, pack_seconds=never, log_level="error"
        )
        async with application(settings) as running, running.client() as client:
            await store(running, client, count)
            parts = running.services
            sealer = Sealer(parts.database, parts.signer, parts.clock, parts.recent)
            packer = Packer(parts.database, parts.recent)
            retention = Retention(settings, parts.database, parts.disk, parts.hub, parts.clock)

            async def list_anew() -> None:
                await client.post("/api/sessions")  # a list is counted again once somebody wrote
                await client.get("/api/sessions?limit=20")

            told: dict[str, Work] = {
                "sealing, a round": sealer.seal_due,
                "packing, a round": packer.pack_due,
                "erasing, all": retention.erase_due,
                "a session and a list": list_anew,
                "a search in titles": lambda: client.get("/api/sessions?q=nothing"),
            }
            print(f"{count:,} sessions")
            for name, work in told.items():
                print(f"{name:24}{await least(work):8.1f} ms", flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
