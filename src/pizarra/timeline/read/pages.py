"""Reading a whole log, page by page: as entries with their hashes, or only as the links of its chain."""

import asyncio
import json
from binascii import b2a_base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from pizarra.database import Database, Fetch
from pizarra.models.base import instant_text, microseconds
from pizarra.timeline.integrity.chain import EDIT, Log, first_link, next_link
from pizarra.timeline.private.log import list_private
from pizarra.timeline.private.schemas import PrivateEntryRead
from pizarra.timeline.read.rows import Stored, read_names, read_rows, to_row

_PAGE = 512
encode_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class LogOwner(Protocol):
    """A session, as far as its logs are concerned."""

    @property
    def id(self) -> int:
        """Storage's id."""
        ...

    @property
    def public_id(self) -> str:
        """The id that others see."""
        ...

    @property
    def epoch(self) -> str:
        """The document's generation: storage's ids are used again, this is not."""
        ...


ReadRows = Callable[[Fetch, LogOwner, int, int], Awaitable[Sequence[Stored]]]


@dataclass(frozen=True, slots=True)
class SharedPage:
    """Entries of the shared log, in order, as they are stored; `names` has who the storage ids are."""

    rows: Sequence[Stored]
    names: Mapping[int | None, str]

    @property
    def last(self) -> int:
        """The number of the last entry."""
        return self.rows[-1][0]

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield each entry as the API shows it."""
        return (to_row(row, self.names) for row in self.rows)

    def linked(self, link: str) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield each entry as the API shows it, and its hash in the chain, after the one with the hash `link`."""
        for entry, (_, following) in zip(self.entries(), self.links(link), strict=True):
            yield entry, following

    def links(self, link: str) -> Iterator[tuple[int, str]]:
        """Yield each entry's number and its hash in the chain, after the one with the hash `link`."""
        names = {key: f'"{name}"'.encode() for key, name in self.names.items()}
        instant, text = -1, b""
        for row in self.rows:
            seq, at, kind, who, update, _ = row
            # Nearly all are edits, and this is most of what sealing costs: no call that can be spared.
            if update is not None and kind == "edit":
                if at != instant:  # many share a commit
                    instant, text = at, instant_text(at).encode()
                encoded = b2a_base64(update, newline=False)
                content = EDIT % (link.encode(), seq, text, names.get(who, b"null"), encoded)
                link = sha256(content).hexdigest()
            else:
                link = next_link(link, to_row(row, self.names))
            yield seq, link


@dataclass(frozen=True, slots=True)
class PrivatePage:
    """Entries of the interviewers' log, in order."""

    rows: Sequence[PrivateEntryRead]

    @property
    def last(self) -> int:
        """The number of the last entry."""
        return self.rows[-1].seq

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield each entry as the API shows it."""
        return ({**row.model_dump(), "at": instant_text(microseconds(row.at))} for row in self.rows)

    def linked(self, link: str) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield each entry as the API shows it, and its hash in the chain, after the one with the hash `link`."""
        for entry in self.entries():
            link = next_link(link, entry)
            yield entry, link

    def links(self, link: str) -> Iterator[tuple[int, str]]:
        """Yield each entry's number and its hash in the chain, after the one with the hash `link`."""
        return ((entry["seq"], following) for entry, following in self.linked(link))


async def read_linked(
    database: Database, session: LogOwner, which: Log, until: int
) -> AsyncIterator[tuple[dict[str, Any], str]]:
    """Yield a log's entries up to `until`, page by page: each as the API shows it, and its hash in the chain."""
    link = first_link(which, session.public_id)
    async for page in pages(database, session, which, until=until):
        for entry, following in page.linked(link):
            link = following
            yield entry, link


async def _stored(fetch: Fetch, session: LogOwner, after: int, limit: int) -> Sequence[Stored]:
    return await read_rows(fetch, session.id, after, limit)


async def pages(
    database: Database,
    session: LogOwner,
    which: Log,
    after: int = 0,
    until: int | None = None,
    read: ReadRows = _stored,
) -> AsyncIterator[SharedPage | PrivatePage]:
    """Yield pages. Nothing of the database is held between them: whoever reads may be slow.

    `read` gives some of the shared log's entries beyond a number, and none when there are no more.
    """
    names: dict[int | None, str] = {}
    while until is None or after < until:
        size = _PAGE if until is None else min(_PAGE, until - after)
        page: SharedPage | PrivatePage
        if which == "shared":
            rows = await read(database.fetch, session, after, size)
            if not names.keys() >= {
                participant for _, _, _, participant, _, _ in rows if participant is not None
            }:
                names = await read_names(database.fetch, session.id)
            page = SharedPage(rows, names)
        else:
            async with database.read() as db:
                page = PrivatePage(await list_private(db, session.id, after, size))
        if not page.rows:
            return
        yield page
        await asyncio.sleep(0)  # people who type go first
        after = page.last
