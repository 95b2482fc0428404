"""Who serves this database: each process has a row, says now and then that it lives, and buries those that died.

On PostgreSQL processes of several computers may serve, so each is seen by the database's clock; nobody's own clock
counts. On SQLite all are processes of one computer, which knows itself whether they live: nothing is written.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import (
    BigInteger,
    Executable,
    cast,
    delete,
    extract,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from pizarra import __version__
from pizarra.database import Database
from pizarra.kit.ids import new_public_id
from pizarra.kit.processes import Process, is_gone, this_process
from pizarra.kit.tokens import TokenSigner
from pizarra.models import Node
from pizarra.models.base import microseconds

log = logging.getLogger(__name__)

_NODES = Node.__table__
_node = _NODES.c


class OtherKeyError(RuntimeError):
    """Another process that serves this database signs with another key; the message says what to do."""


class Nodes:
    """This process among those that serve the database.

    `on_dead` ends what processes that died left behind, by their ids, before their rows go; it may be called for one
    again, and by several processes at once. `on_gone` is told of each that serves no more. `on_lost` is told that the
    others took this process for dead: what they ended is not this process's any more.
    """

    def __init__(self, database: Database, key_hash: str, dead_seconds: float) -> None:
        self.id = new_public_id()
        self.others: frozenset[str] = frozenset()  # of the living ones
        self._listed: frozenset[str] = frozenset()  # those of them that the last look found
        self.on_dead: Callable[[Sequence[str]], Awaitable[None]] = _nothing
        self.on_gone: Callable[[str], None] = lambda node: None
        self.on_lost: Callable[[], Awaitable[None]] = _nothing_lost
        self._database = database
        self._key_hash = key_hash
        self._dead_seconds = dead_seconds
        self._process = this_process()
        self._clock = _wall_clock()  # what the database's has more than this process's own

    def now(self) -> int:
        """Return the database's time, as far as it is known here, in µs since 1970: the same in all processes."""
        return self._clock + _own_clock()

    @property
    def is_alone(self) -> bool:
        """Whether no other process serves this database."""
        return not self.others

    async def join(self) -> None:
        """Be one of them, and end what those that died left behind.

        Raises:
            OtherKeyError: a living one has another signing key.
        """
        await self.require_one_key()
        await self._enter()
        self.others, dead = await self._look()
        self._listed = self.others
        await self._bury(dead)

    async def require_one_key(self) -> None:
        """Have all who serve this database sign with one key: else each refuses what the other promised.

        Raises:
            OtherKeyError: a living one has another.
        """
        living = await self._database.fetch(
            select(_node.place, _node.process, _node.process_started, self._is_silent()).where(
                _node.key_hash != self._key_hash
            ),
            {},
        )
        if any(not self._is_dead(Process(*row[:3]), silent=row[3]) for row in living):
            raise OtherKeyError(
                "Another Pizarra serves this database, and signs with another key: invitations and credentials of the "
                "one would be refused by the other. Start all of them with the same PIZARRA_SECRET_KEY (openssl rand "
                f"-hex 32). If it was stopped by force just now, wait {self._dead_seconds:.0f} seconds."
            )

    async def beat(self) -> None:
        """Say that this process lives, and look after the others."""
        if not self._database.is_sqlite and not await self._say_alive():
            log.warning("the other processes took this one for dead, and ended its runs")
            await self._enter()
            await self.on_lost()
        before = self.others
        self.others, dead = await self._look()
        self._listed = self.others
        for node in before - self.others:
            self.on_gone(node)
        if dead:
            log.warning("%d processes that served this database died", len(dead))
            await self._bury(dead)

    def hear(self, node: str) -> None:
        """Another process said something: it lives, though the last look did not find it."""
        self.others |= {node}

    def is_listed(self, node: str) -> bool:
        """Tell whether a process is known to serve this database: not all that say so need to."""
        return node in self._listed

    async def leave(self) -> None:
        """Serve no more: nothing is left for the others to end."""
        await self.on_dead([self.id])
        await self._execute(delete(_NODES).where(_node.id == self.id))  # type: ignore[arg-type]

    async def _enter(self) -> None:
        row = insert(Node).values(
            id=self.id,
            place=self._process.place,
            process=self._process.number,
            process_started=self._process.started,
            started_at=self._now(),
            seen_at=self._now(),
            version=__version__,
            key_hash=self._key_hash,
        )
        await self._seen(row.returning(_node.seen_at))

    async def _say_alive(self) -> bool:
        seen = update(Node).where(_node.id == self.id).values(seen_at=self._now())
        return await self._seen(seen.returning(_node.seen_at))

    async def _seen(self, written: Executable) -> bool:
        """Write this process's row; return whether there is one. It tells what time it is."""
        told = await self._database.transact(
            lambda connection: connection.execute(written).scalar_one_or_none()
        )
        if told is not None:
            self._clock = microseconds(told) - _own_clock()
        return told is not None

    async def _look(self) -> tuple[frozenset[str], list[str]]:
        """Return who else lives, and who died."""
        others = await self._database.fetch(
            select(
                _node.id, _node.place, _node.process, _node.process_started, self._is_silent()
            ).where(_node.id != self.id),
            {},
        )
        dead = [row[0] for row in others if self._is_dead(Process(*row[1:4]), silent=row[4])]
        return frozenset(row[0] for row in others) - set(dead), dead

    async def _bury(self, dead: Sequence[str]) -> None:
        """End what they left behind, and forget them. With none it ends what nobody follows any more."""
        await self.on_dead(dead)
        if dead:
            # One that came back meanwhile misses its row, and learns from it that its runs are ended.
            await self._execute(delete(_NODES).where(_node.id.in_(dead)))  # type: ignore[arg-type]

    def _is_dead(self, process: Process, *, silent: bool) -> bool:
        gone = is_gone(process)
        if self._database.is_sqlite:
            return gone is not False  # of another computer, or of this one before it started anew
        return silent or gone is True

    def _is_silent(self) -> ColumnElement[bool]:
        longest = literal(int(self._dead_seconds * 1_000_000), BigInteger)
        return _node.seen_at < self._now() - longest

    def _now(self) -> ColumnElement[int]:
        """Return the database's clock, in µs since 1970."""
        if self._database.is_sqlite:
            return cast((func.julianday("now") - 2440587.5) * 86_400_000_000, BigInteger)
        return cast(extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)

    async def _execute(self, statement: Executable) -> int:
        return await self._database.transact(
            lambda connection: int(connection.execute(statement).rowcount)
        )


def key_hash(signer: TokenSigner) -> str:
    """Return what tells one signing key from another, and nothing else of it."""
    return signer.sign("nodes", "").removeprefix(".")


def _own_clock() -> int:
    return time.monotonic_ns() // 1000


def _wall_clock() -> int:
    return time.time_ns() // 1000 - _own_clock()


async def _nothing(dead: Sequence[str]) -> None:
    """Nobody has anything to end."""


async def _nothing_lost() -> None:
    """Nobody follows anything."""
