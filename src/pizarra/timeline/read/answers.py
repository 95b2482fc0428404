"""Entries of the shared log as an answer over HTTP: at once when they are light, in pieces when they are heavy."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from starlette.responses import Response, StreamingResponse

from pizarra.database import Database, Fetch
from pizarra.kit.pauses import Pauses
from pizarra.timeline.read.pages import encode_line
from pizarra.timeline.read.rows import read_names, read_rows, to_row

_JSON = "application/json"


class Answer(NamedTuple):
    """An answer, how many entries are in it, and the number of the last."""

    response: Response
    shown: int
    last: int


async def answer_entries(
    database: Database, session_key: int, after: int, limit: int, kinds: Sequence[str] | None
) -> Answer:
    """Answer with a JSON array of `limit` entries at most with a seq beyond `after`, in order, as the API shows them.

    They are as they were stored: to check a thousand entries of our own would hold up whoever types.

    Raises:
        BrokenChunk: entries were changed in the database.
    """
    fetch = _reading(database, kinds)
    rows = await read_rows(fetch, session_key, after, limit, kinds)
    last = rows[-1][0] if rows else after
    if len(rows) == limit or not await read_rows(fetch, session_key, last, 1, kinds):
        names = await read_names(database.fetch, session_key)
        body = ",".join(encode_line(to_row(row, names)) for row in rows)
        return Answer(Response(f"[{body}]".encode(), media_type=_JSON), len(rows), last)
    count, last = await _extent(database, session_key, after, limit, kinds)
    pieces = _array(_pieces(database, session_key, after, limit, kinds))
    return Answer(StreamingResponse(pieces, media_type=_JSON), count, last)


def _reading(database: Database, kinds: Sequence[str] | None) -> Fetch:
    """Return what reads entries: of kinds that are rare a long log has to be looked through."""
    return database.fetch if kinds is None else database.fetch_aside


async def _extent(
    database: Database, session_key: int, after: int, limit: int, kinds: Sequence[str] | None
) -> tuple[int, int]:
    """Return how many entries there will be, and the number of the last: the head of an answer says so."""
    count, pauses, fetch = 0, Pauses(), _reading(database, kinds)
    while count < limit and (
        rows := await read_rows(fetch, session_key, after, limit - count, kinds)
    ):
        await pauses.if_due()
        count, after = count + len(rows), rows[-1][0]
    return count, after


async def _array(pieces: AsyncIterator[list[str]]) -> AsyncIterator[bytes]:
    before = b"["
    async for piece in pieces:
        yield before + ",".join(piece).encode()
        before = b","
    yield b"]"


async def _pieces(
    database: Database, session_key: int, after: int, limit: int, kinds: Sequence[str] | None
) -> AsyncIterator[list[str]]:
    """Yield entries as JSON, as many at a time as are read at once. Nothing of the database is held between them."""
    names, pauses = await read_names(database.fetch, session_key), Pauses()
    fetch = _reading(database, kinds)
    while limit > 0 and (rows := await read_rows(fetch, session_key, after, limit, kinds)):
        await pauses.if_due()
        yield [encode_line(to_row(row, names)) for row in rows]
        after, limit = rows[-1][0], limit - len(rows)
