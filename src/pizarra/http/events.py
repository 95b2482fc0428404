"""What happened, as whoever runs the server reads it in the log: an event's name, whom and what it is about."""

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.http.frequent_lines import FrequentLine

log = structlog.get_logger("pizarra.events")


_SESSION_CREATED = FrequentLine("session.created", {"session": str, "by": str, "address": str}, log)


def tell_created(*, session: str, by: str, address: str) -> None:
    """Log that somebody created a session."""
    _SESSION_CREATED.write(session, by, address)


def tell(what: str, **about: Any) -> None:
    """Log something that happened; `about` never holds a credential."""
    log.info(what, **about)


def warn(what: str, **about: Any) -> None:
    """Log that somebody was refused."""
    log.warning(what, **about)


def tell_once_committed(db: AsyncSession, what: str, about: Mapping[str, Any]) -> None:
    """Log it when the transaction is committed; nothing that was rolled back has happened."""
    if not structlog.is_configured():  # a command: its output is its answer
        return
    event.listen(
        db.sync_session, "after_commit", lambda _session: log.info(what, **about), once=True
    )
