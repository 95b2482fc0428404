"""What happened, as whoever runs the server reads it in the log: an event's name, whom and what it is about."""

import re
from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.http.frequent_lines import FrequentLine

log = structlog.get_logger("pizarra.events")


_WHO = {"session": str, "by": str, "address": str}
# Ids, people by theirs, one word, addresses of computers. The name of an account may be anything.
_PLAIN = re.compile(r"(?:person:)?[0-9a-f]{0,64}|[a-z]{0,20}|[\d.]{7,15}|[\da-f:]{2,39}", re.ASCII)

_SESSION_CREATED = FrequentLine("session.created", _WHO, log)
_SOCKET_OPENED = FrequentLine("socket.opened", _WHO, log, _PLAIN)
_SOCKET_CLOSED = FrequentLine("socket.closed", {**_WHO, "code": int, "reason": str}, log, _PLAIN)


def tell_created(*, session: str, by: str, address: str) -> None:
    """Log that somebody created a session."""
    _SESSION_CREATED.write(session, by, address)


def tell_opened(*, session: str, by: str, address: str) -> None:
    """Log that somebody is connected."""
    _SOCKET_OPENED.write(session, by, address)


def tell_closed(*, session: str, by: str, address: str, code: int, reason: str) -> None:
    """Log that a connection ended, with the code of its close, and why."""
    _SOCKET_CLOSED.write(session, by, address, code, reason)


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
