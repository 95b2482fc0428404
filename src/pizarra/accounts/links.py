"""One-time links: to set a password, and to begin."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.identity import FIRST, ONE_TIME
from pizarra.accounts.service import has_administrator
from pizarra.answers.codes import Code
from pizarra.errors import NotFound
from pizarra.kit.tokens import hash_secret, new_secret
from pizarra.models import Account, OneTimeLink

_GONE = "This link was used, or its time is over. Ask for a new one."


async def make_link(db: AsyncSession, now: datetime, account: Account | None, minutes: int) -> str:
    """Return the secret of a new link that sets a password once. Earlier ones for the same do not work any more."""
    same = (
        OneTimeLink.account_id == account.id
        if account is not None
        else OneTimeLink.account_id.is_(None)
    )
    await db.execute(delete(OneTimeLink).where(same))
    secret = new_secret(ONE_TIME if account is not None else FIRST)
    key = account.id if account is not None else None
    expires_at = now + timedelta(minutes=minutes)
    db.add(
        OneTimeLink(
            account_id=key, secret_hash=hash_secret(secret), expires_at=expires_at, used_at=None
        )
    )
    await db.flush()
    return secret


async def require_link(db: AsyncSession, secret: str, now: datetime) -> Account | None:
    """Return whose password a link sets, before anything is asked of who holds it; None for the first account's.

    Raises:
        NotFound: it was used, or its time is over, or it never was; they look alike.
    """
    works = select(OneTimeLink.account_id).where(
        OneTimeLink.secret_hash == hash_secret(secret),
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now,
    )
    row = (await db.execute(works)).one_or_none()
    if row is None:
        raise NotFound(_GONE, code=Code.LINK_USED)
    return await _whose(db, row[0])


async def _whose(db: AsyncSession, account_id: int | None) -> Account | None:
    if account_id is None:
        if await has_administrator(db):
            raise NotFound(_GONE, code=Code.LINK_USED)
        return None
    account = await db.get(Account, account_id)
    if account is None or account.disabled_at is not None:
        raise NotFound(_GONE, code=Code.LINK_USED)
    return account


async def use_link(db: AsyncSession, secret: str, now: datetime) -> Account | None:
    """Use a link up and return whose password it sets; None for the first account's.

    Raises:
        NotFound: it was used, or its time is over, or it never was; they look alike.
    """
    # The update decides: of two who come at the same time one finds it unused.
    used = await db.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.secret_hash == hash_secret(secret),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeLink.account_id)
    )
    row = used.one_or_none()
    if row is None:
        raise NotFound(_GONE, code=Code.LINK_USED)
    return await _whose(db, row[0])
