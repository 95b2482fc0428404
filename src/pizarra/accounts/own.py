"""What somebody has of their own: their account and the browsers in which they are signed in."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.accounts.service import account_of
from pizarra.answers.codes import Code
from pizarra.errors import NotFound
from pizarra.models import Account, SignIn, Team


async def find_own(db: AsyncSession, account_id: int) -> tuple[Account, Team] | None:
    """Return an account and its team."""
    found = await db.execute(
        select(Account, Team).join(Team, Team.id == Account.team_id).where(Account.id == account_id)
    )
    row = found.one_or_none()
    return (row[0], row[1]) if row is not None else None


async def list_sign_ins(db: AsyncSession, account_id: int) -> Sequence[SignIn]:
    """Return the browsers in which somebody is signed in, the newest first."""
    query = select(SignIn).where(SignIn.account_id == account_id)
    return (await db.scalars(query.order_by(SignIn.id.desc()))).all()


async def forget_sign_in(db: AsyncSession, account_id: int, key: int) -> None:
    """Sign the browser out that asks."""
    await account_of(db, account_id)  # first, as whoever ends all of its sign-ins does
    await db.execute(delete(SignIn).where(SignIn.id == key))


async def end_sign_in(db: AsyncSession, account_id: int, sign_in_id: str) -> None:
    """Sign another browser of an account out.

    Raises:
        NotFound: it has none of this id.
    """
    await account_of(db, account_id)
    mine = SignIn.public_id == sign_in_id, SignIn.account_id == account_id
    gone = await db.execute(delete(SignIn).where(*mine).returning(SignIn.id))
    if gone.one_or_none() is None:
        raise NotFound(f"Sign-in {sign_in_id} not found", code=Code.SIGN_IN_NOT_FOUND)
