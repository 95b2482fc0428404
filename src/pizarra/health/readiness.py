"""Whether the database takes what we write, and has this program's tables: found out by writing, now and then."""

import asyncio
import logging
from dataclasses import dataclass

from sqlalchemy import text

from pizarra.answers.codes import Code
from pizarra.database import Database
from pizarra.errors import Unavailable
from pizarra.kit.masking import mask
from pizarra.migrations.compatibility import READ, standing_of
from pizarra.migrations.migrate import (
    SchemaError,
    head_revision,
    is_served,
    refuse_other_tables,
)
from pizarra.storage.failures import DATABASE_ERRORS, reason_of

log = logging.getLogger(__name__)

# The one row that every database of ours has; it stays what it is. A read would succeed on a full or read-only one.
_WRITE = text("UPDATE alembic_version SET version_num = version_num")
# A migration keeps that row until it is done, and no process is less ready for it. Asked for a lock on what nobody
# keeps, a database that only reads refuses all the same.
_WRITE_BESIDE_OTHERS = text(
    "UPDATE alembic_version SET version_num = version_num WHERE version_num IN"
    " (SELECT version_num FROM alembic_version FOR NO KEY UPDATE SKIP LOCKED)"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a database: a sentence for anybody, and the driver's words, which may name hosts and users."""

    told: str
    reason: str = ""


class Readiness:
    """Looks at most every `period_seconds`, however many ask: whoever asks need not be signed in.

    A database that has not answered within `wait_seconds` is not ready; while that look goes on there is no other.
    """

    def __init__(
        self, database: Database, period_seconds: float, wait_seconds: float = 3.0
    ) -> None:
        self._database = database
        self._period = period_seconds
        self._wait = wait_seconds
        self._look: asyncio.Task[Fault | None] | None = None
        self._looked_at: float | None = None
        self._fault: Fault | None = None
        self._turn = asyncio.Lock()

    async def require(self) -> None:
        """Look, unless somebody did a moment ago.

        Raises:
            Unavailable: it cannot be written, or its tables are not ours.
        """
        loop = asyncio.get_running_loop()
        async with self._turn:
            if self._looked_at is None or loop.time() - self._looked_at >= self._period:
                self._tell(await self._found())
                self._looked_at = loop.time()
            fault = self._fault
        if fault is not None:
            raise Unavailable(fault.told, code=Code.DATABASE_UNAVAILABLE)

    def stop(self) -> None:
        """Let go of a look that goes on."""
        if self._look is not None:
            self._look.cancel()

    async def _found(self) -> Fault | None:
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(find_fault(self._database))
        # Not asyncio.timeout: to cancel a statement, the driver asks the server, and waits for its answer.
        done, _ = await asyncio.wait({self._look}, timeout=self._wait)
        if not done:
            return Fault(
                "The database does not answer in time. The log and `pizarra doctor` say more.",
                f"waited for {self._wait:g} s",
            )
        return self._look.result()

    def _tell(self, fault: Fault | None) -> None:
        """Keep the sentence for strangers, and log what the database says when that is new."""
        if fault is not None and fault != self._fault:
            log.error("not ready: %s %s", fault.told, fault.reason)
        elif fault is None and self._fault is not None:
            log.warning("the database takes what is written again")
        self._fault = fault


async def find_fault(database: Database) -> Fault | None:
    """Write to a database, and compare its tables with ours; return what is wrong."""
    try:
        async with database.write() as db:
            await db.execute(_WRITE if database.is_sqlite else _WRITE_BESIDE_OTHERS)
            row = (await db.execute(READ)).mappings().first()
        found = standing_of(row) if row is not None else None
        if found is None or not is_served(database, found):
            at = found.revision if found is not None else "none"
            return Fault(
                f"The database is at revision {at}, and this program needs {head_revision()}."
            )
        await refuse_other_tables(database, found.revision)
    except SchemaError as error:
        return Fault(str(error))
    except DATABASE_ERRORS as error:
        return Fault(
            "The database cannot be written. The log and `pizarra doctor` say why.",
            mask(reason_of(error)),
        )
    return None
