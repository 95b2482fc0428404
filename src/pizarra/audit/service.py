"""Writing and reading the audit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.models import AuditEntry

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
    "session.ended",
    "session.reopened",
    "session.downloaded",
    "session.erased",
    "invitation.created",
    "invitation.rotated",
    "person.joined",
    "person.admitted",
    "person.removed",
    "person.role",
]
_MAX_NAME = 254


def note(
    db: AsyncSession, at: datetime, action: Action, *, actor: str, address: str, target: str | None = None, **data: Any
) -> None:
    """Add an entry to the transaction of the act itself: one does not happen without the other."""
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


async def forget_addresses(db: AsyncSession, target: str) -> None:
    """Forget from where invited people came to something that is erased."""
    entries = update(AuditEntry).where(AuditEntry.target == target, AuditEntry.actor.startswith("person:"))
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
