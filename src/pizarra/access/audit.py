"""Writing and reading the audit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.database import Database
from pizarra.http.events import tell_once_committed, warn
from pizarra.models import AuditEntry
from pizarra.storage.failures import DATABASE_ERRORS, says_full

Action = Literal[
    "setup",
    "sign_in",
    "sign_in.failed",
    "sign_out",
    "account.created",
    "account.changed",
    "account.disabled",
    "account.enabled",
    "account.reset",
    "password.changed",
    "team.created",
    "team.changed",
    "token.created",
    "token.revoked",
    "worker_token.created",
    "worker_token.revoked",
    "session.ended",
    "session.reopened",
    "session.downloaded",
    "session.erased",
    "invitation.created",
    "invitation.rotated",
    "replay_link.created",
    "replay_link.revoked",
    "replay_link.opened",
    "person.joined",
    "person.admitted",
    "person.removed",
    "person.role",
]
_MAX_NAME = 254


def note(
    db: AsyncSession,
    at: datetime,
    action: Action,
    *,
    actor: str,
    address: str,
    target: str | None = None,
    **data: Any,
) -> None:
    """Add an entry to the transaction of the act itself: one does not happen without the other."""
    about = {
        "by": actor,
        "address": address,
        "target": target,
        "data": data,
    }  # apart: its names are the act's own
    tell_once_committed(db, action, {name: value for name, value in about.items() if value})
    db.add(
        AuditEntry(
            at=at,
            action=action,
            actor=actor[:_MAX_NAME],
            address=address[:64],
            target=target[:_MAX_NAME] if target is not None else None,
            data=data,
        )
    )


async def note_if_there_is_room(
    database: Database, at: datetime, action: Action, **about: str
) -> None:
    """Note that somebody has read something. On a full disk the log alone tells of it: else nothing could be rescued.

    `about` is what `note` takes.
    """
    try:
        async with database.write() as db:
            note(db, at, action, **about)
    except DATABASE_ERRORS as error:
        if not says_full(error):
            raise
        warn(action, **about, audited=False)


async def forget_addresses(db: AsyncSession, target: str) -> None:
    """Forget from where invited people came to something that is erased."""
    entries = update(AuditEntry).where(
        AuditEntry.target == target, AuditEntry.actor.startswith("person:")
    )
    await db.execute(entries.values(address=""))


async def list_entries(
    db: AsyncSession, *, before: int | None, limit: int, action: str | None, target: str | None
) -> Sequence[AuditEntry]:
    """Return entries, newest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if action is not None:
        query = query.where(AuditEntry.action == action)
    if target is not None:
        query = query.where(AuditEntry.target == target)
    return (await db.scalars(query)).all()
