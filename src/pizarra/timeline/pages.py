"""Reading a whole log, page by page: as entries, or only as the links of its chain."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pizarra.database import Database
from pizarra.models import InterviewSession
from pizarra.models.base import instant_text
from pizarra.notes.service import list_private
from pizarra.timeline.chain import Log, next_edit_link, next_link
from pizarra.timeline.service import Recorded, Row, base64_of, read_names, read_rows, recorded

_PAGE = 512


@dataclass(frozen=True, slots=True)
class SharedPage:
    """Entries of the shared log, in order, as they are stored; `names` has who the storage ids are."""

    rows: Sequence[Row]
    names: Mapping[int | None, str]

    def entries(self) -> Iterator[Recorded]:
        """Yield what was recorded."""
        return (recorded(row, self.names) for row in self.rows)

    def links(self, link: str) -> Iterator[tuple[int, str]]:
        """Yield each entry's number and its hash in the chain, after the one with the hash `link`."""
        names = self.names
        instant, text = -1, ""
        for row in self.rows:
            seq, at, kind, who, update, _ = row
            if update is not None and kind == "edit":  # nearly all of them
                if at != instant:  # what was committed together has one
                    instant, text = at, instant_text(at)
                link = next_edit_link(link, seq, text, names.get(who), base64_of(update))
            else:
                link = next_link(link, recorded(row, names).as_json())
            yield seq, link


@dataclass(frozen=True, slots=True)
class PrivatePage:
    """Entries of the interviewers' log, in order."""

    rows: Sequence[Recorded]

    def entries(self) -> Iterator[Recorded]:
        """Yield what was recorded."""
        return iter(self.rows)

    def links(self, link: str) -> Iterator[tuple[int, str]]:
        """Yield each entry's number and its hash in the chain, after the one with the hash `link`."""
        for entry in self.rows:
            link = next_link(link, entry.as_json())
            yield entry.seq, link


async def read_log(
    database: Database, session: InterviewSession, which: Log, after: int = 0, until: int | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Yield a log's entries beyond `after` (up to `until`) as the API shows them, page by page."""
    async for page in pages(database, session, which, after, until):
        for entry in page.entries():
            yield entry.as_json()


async def pages(
    database: Database, session: InterviewSession, which: Log, after: int = 0, until: int | None = None
) -> AsyncIterator[SharedPage | PrivatePage]:
    """Yield pages. No database session is held between them: whoever reads may be slow."""
    names: dict[int | None, str] = {}
    while until is None or after < until:
        size = _PAGE if until is None else min(_PAGE, until - after)
        page: SharedPage | PrivatePage
        async with database.read() as db:
            if which == "shared":
                rows = await read_rows(db, session.id, after, size)
                if not names.keys() >= {row.participant for row in rows if row.participant is not None}:
                    names = await read_names(db, session.id)
                page = SharedPage(rows, names)
            else:
                private = await list_private(db, session, after, size)
                page = PrivatePage(
                    [Recorded(each.seq, each.at, each.kind, each.participant_id, each.data) for each in private]
                )
        yield page
        if len(page.rows) < size:
            return
        after = page.rows[-1].seq
