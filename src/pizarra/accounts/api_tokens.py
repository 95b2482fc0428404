"""API tokens: made, listed and revoked."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.identity import API_TOKEN
from pizarra.accounts.service import account_of
from pizarra.answers.codes import Code
from pizarra.errors import NotFound
from pizarra.kit.ids import new_public_id
from pizarra.kit.text import visible
from pizarra.kit.tokens import hash_secret, new_secret
from pizarra.models import ApiToken, Scope


async def create_token(
    db: AsyncSession, account_id: int, now: datetime, *, name: str, scope: Scope
) -> tuple[ApiToken, str]:
    """Create an API token; return it with its secret, which cannot be shown again."""
    secret = new_secret(API_TOKEN)
    token = ApiToken(
        public_id=new_public_id(),
        account_id=account_id,
        name=visible(name) or "token",
        scope=scope.value,
        secret_hash=hash_secret(secret),
        created_at=now,
        used_at=None,
        revoked_at=None,
    )
    db.add(token)
    await db.flush()
    return token, secret


async def list_tokens(db: AsyncSession, account_id: int | None) -> Sequence[ApiToken]:
    """Return tokens that have not been revoked, of one account or of all."""
    query = select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.id)
    return (
        await db.scalars(
            query if account_id is None else query.where(ApiToken.account_id == account_id)
        )
    ).all()


async def revoke_token(
    db: AsyncSession, public_id: str, now: datetime, *, account_id: int | None
) -> ApiToken:
    """Make a token open nothing any more.

    Raises:
        NotFound: there is none, or it is not this account's.
    """
    token: ApiToken | None = await db.scalar(
        select(ApiToken).where(ApiToken.public_id == public_id)
    )
    if token is None or token.revoked_at is not None or account_id not in (None, token.account_id):
        raise NotFound(f"Token {public_id} not found", code=Code.TOKEN_NOT_FOUND)
    await account_of(db, token.account_id)  # first, as whoever revokes all of its tokens does
    token.revoked_at = now
    await db.flush()
    return token
