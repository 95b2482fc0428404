"""What this process recorded a moment ago, kept in memory until it is packed: nothing of it need be read back.

It is the better witness, too. A seal made from it covers what was recorded, whatever the database holds by then.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from pizarra.database import Fetch
from pizarra.timeline.append.appender import Append
from pizarra.timeline.read.pages import LogOwner
from pizarra.timeline.read.rows import Stored, fitting, read_rows

_OVERHEAD = 250  # bytes of a row in memory beside what it holds
_seq = itemgetter(0)


@dataclass(slots=True)
class _Log:
    epoch: str
    # in order; what others wrote in between is missing
    rows: list[Stored] = field(default_factory=list)


class Recent:
    """The newest entries of the shared logs that are being written."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._logs: dict[int, _Log] = {}

    def note(self, append: Append, first: int, at: int) -> None:
        """Remember what was committed at `at` (µs since 1970), its first entry as number `first`."""
        key, epoch, _, written, _ = append
        log = self._logs.get(key)
        if log is None or log.epoch != epoch or (log.rows and log.rows[-1][0] >= first):
            # what went by this key or number before was erased, or lost by the database
            self.forget(key)
            log = self._logs[key] = _Log(epoch)
        rows = [
            (seq, at, row.kind, row.participant, row.update, row.data)
            for seq, row in enumerate(written, first)
            if not row.gap  # rare, and never packed
        ]
        log.rows += rows
        self._bytes += _size(rows)
        while self._bytes > self._max_bytes:
            self.forget(next(iter(self._logs)))

    def stretch(self, session: LogOwner, first: int, last: int) -> Sequence[Stored]:
        """Return what is known of the entries from `first` to `last`, up to the first hole; it may begin later."""
        log = self._logs.get(session.id)
        if log is None or log.epoch != session.epoch:
            return ()
        rows = log.rows
        start = bisect_left(rows, first, key=_seq)
        end = bisect_left(rows, last + 1, start, key=_seq)
        if start < end and rows[end - 1][0] - rows[start][0] != end - 1 - start:
            end = next(
                after for after in range(start + 1, end) if rows[after][0] != rows[after - 1][0] + 1
            )
        return rows[start:end]

    async def read(
        self, fetch: Fetch, session: LogOwner, after: int, limit: int
    ) -> Sequence[Stored]:
        """Return up to `limit` entries beyond number `after`, one at least if there is; what is unknown is fetched.

        As `read_rows`, it returns fewer where they are large.
        """
        known = self.stretch(session, after + 1, after + limit)
        unknown = known[0][0] - after - 1 if known else limit
        if unknown:
            return await read_rows(fetch, session.id, after, unknown)
        return known[: fitting(_weight(row) for row in known)]

    def forget(self, key: int, until: int | None = None) -> None:
        """Forget a log, or its entries up to number `until`."""
        log = self._logs.get(key)
        if log is None:
            return
        end = len(log.rows) if until is None else bisect_left(log.rows, until + 1, key=_seq)
        self._bytes -= _size(log.rows[:end])
        del log.rows[:end]
        if not log.rows:
            del self._logs[key]

    def logs(self) -> set[int]:
        """Return the sessions of which something is known."""
        return set(self._logs)


def _size(rows: Sequence[Stored]) -> int:
    return _OVERHEAD * len(rows) + sum(map(_weight, rows))


def _weight(row: Stored) -> int:
    update, data = row[4], row[5]
    return len(data or "" if update is None else update)
