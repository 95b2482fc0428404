"""What can be done with accounts, and with those who are signed in to them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.identity import SIGN_IN, Actor
from pizarra.answers.codes import Code
from pizarra.cluster.advisory_locks import AdvisoryLock, hold
from pizarra.errors import Conflict, InvalidInput, NotFound, Unauthorized
from pizarra.kit.ids import new_public_id
from pizarra.kit.text import visible
from pizarra.kit.tokens import hash_secret, new_secret
from pizarra.models import Account, AccountRole, ApiToken, OneTimeLink, SignIn, Team
from pizarra.models.account import MAX_DISPLAY_NAME, MAX_LOGIN_NAME


def login_name(name: str) -> str:
    """Return a name as it is stored and compared."""
    return visible(name).casefold()


async def has_accounts(db: AsyncSession) -> bool:
    """Tell whether anybody may sign in."""
    return await db.scalar(select(Account.id).limit(1)) is not None


async def has_administrator(db: AsyncSession) -> bool:
    """Tell whether anybody may look after accounts; until then a start prints a set-up link."""
    admins = select(Account.id).where(
        Account.role == AccountRole.ADMIN.value, Account.disabled_at.is_(None)
    )
    return await db.scalar(admins.limit(1)) is not None


async def find_account(db: AsyncSession, name: str) -> Account | None:
    """Return the account that somebody signs in to with a name."""
    found: Account | None = await db.scalar(select(Account).where(Account.name == login_name(name)))
    return found


async def find_subject(db: AsyncSession, subject: str) -> Account | None:
    """Return the account that an identity provider knows by `subject`."""
    found: Account | None = await db.scalar(select(Account).where(Account.subject == subject))
    return found


async def get_account(db: AsyncSession, public_id: str) -> Account:
    """Return an account.

    Raises:
        NotFound: there is none.
    """
    found: Account | None = await db.scalar(
        select(Account).where(Account.public_id == public_id).with_for_update()
    )
    if found is None:
        raise NotFound(f"Account {public_id} not found", code=Code.ACCOUNT_NOT_FOUND)
    return found


async def account_of(db: AsyncSession, key: int) -> Account:
    """Return somebody who is known to have an account, by storage's id; nobody changes it meanwhile."""
    return await db.get_one(Account, key, with_for_update=True)


async def hold_still(db: AsyncSession, actor: Actor) -> None:
    """Refuse what would outlast a sign-in or an API token that has ended since it was looked at.

    A password is changed because somebody else may have it: what they have asked for by then must not come after.

    Raises:
        Unauthorized: it has.
    """
    await account_of(db, actor.id)  # whoever ends it waits, or is waited for
    query = (
        select(SignIn.id).where(SignIn.id == actor.sign_in_id)
        if actor.sign_in_id is not None
        else select(ApiToken.id).where(ApiToken.id == actor.token_id, ApiToken.revoked_at.is_(None))
    )
    if await db.scalar(query) is None:
        raise Unauthorized("Sign in first.", code=Code.SIGN_IN_FIRST)


async def list_accounts(db: AsyncSession) -> Sequence[tuple[Account, Team]]:
    """Return every account with its team, by name."""
    rows = await db.execute(
        select(Account, Team).join(Team, Team.id == Account.team_id).order_by(Account.name)
    )
    return [(account, team) for account, team in rows]


async def create_account(
    db: AsyncSession, now: datetime, *, name: str, display_name: str, role: AccountRole, team: Team
) -> Account:
    """Create an account that has no password yet.

    Raises:
        Conflict: the name is taken. InvalidInput: it is blank, or too long.
    """
    if not login_name(name):
        raise InvalidInput(
            "name: type what they will sign in with, such as an e-mail address",
            code=Code.NAME_MISSING,
        )
    if len(login_name(name)) > MAX_LOGIN_NAME:  # small letters may be more than capitals
        raise InvalidInput(
            f"name: must have at most {MAX_LOGIN_NAME} characters", code=Code.TEXT_TOO_LONG
        )
    shown = visible(display_name) or name.strip().partition("@")[0]
    await hold(db, AdvisoryLock.ACCOUNTS)  # or two of one name would both find it free
    if await find_account(db, name) is not None:
        detail = f"There is an account {login_name(name)} already."
        raise Conflict(detail, code=Code.NAME_TAKEN, field="name")
    account = Account(
        public_id=new_public_id(),
        team_id=team.id,
        name=login_name(name),
        display_name=shown[:MAX_DISPLAY_NAME],
        role=role.value,
        password_hash=None,
        subject=None,
        created_at=now,
        disabled_at=None,
    )
    db.add(account)
    await db.flush()
    return account


async def set_disabled(db: AsyncSession, account: Account, now: datetime | None) -> None:
    """Lock an account out from now on, or (None) let it in again.

    Raises:
        Conflict: nobody could look after accounts any more.
    """
    if now is not None:
        await account_of(db, account.id)
        await require_another_admin(db, account, "disabled")
        await sign_out_everywhere(db, account.id)
        await revoke_tokens(db, account.id, now)
        await db.execute(delete(OneTimeLink).where(OneTimeLink.account_id == account.id))
    account.disabled_at = now
    await db.flush()


async def require_another_admin(db: AsyncSession, account: Account, field: str) -> None:
    """Refuse to take the last administrator away, by a `field` of the request.

    Raises:
        Conflict: it is the last.
    """
    await hold(db, AdvisoryLock.ACCOUNTS)  # or the last two could take each other away
    others = select(func.count()).where(
        Account.role == AccountRole.ADMIN.value,
        Account.disabled_at.is_(None),
        Account.id != account.id,
    )
    if account.role == AccountRole.ADMIN.value and not await db.scalar(others):
        raise Conflict(
            "This is the last administrator: make another one first.",
            code=Code.LAST_ADMINISTRATOR,
            field=field,
        )


async def sign_out_everywhere(db: AsyncSession, account_id: int, *, but: int | None = None) -> None:
    """Sign an account out of every browser, or of all `but` one."""
    await db.execute(delete(SignIn).where(SignIn.account_id == account_id, SignIn.id != (but or 0)))


async def revoke_tokens(db: AsyncSession, account_id: int, now: datetime) -> None:
    """Revoke all API tokens of an account."""
    mine = update(ApiToken).where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
    await db.execute(mine.values(revoked_at=now))


async def set_password(
    db: AsyncSession,
    account: Account,
    password_hash: str | None,
    now: datetime,
    *,
    but: int | None = None,
) -> None:
    """Give an account another password, or none for now; what opened it so far does not any more, but one sign-in.

    Whoever has one of its browsers, API tokens or links may have got it by mischief.
    """
    await db.flush()
    await db.refresh(account, with_for_update=True)
    await db.execute(delete(OneTimeLink).where(OneTimeLink.account_id == account.id))
    await sign_out_everywhere(db, account.id, but=but)
    await revoke_tokens(db, account.id, now)
    account.password_hash = password_hash
    await db.flush()


# Teams


# Signing in


async def sign_in(
    db: AsyncSession, account: Account, now: datetime, *, days: int, browser: str
) -> str:
    """Note that a browser is signed in; return its secret, which is new each time.

    Raises:
        Unauthorized: the account was locked out meanwhile.
    """
    await db.refresh(account, with_for_update=True)
    if account.disabled_at is not None:
        raise Unauthorized("The name or the password is wrong.", code=Code.WRONG_PASSWORD)
    secret = new_secret(SIGN_IN)
    db.add(
        SignIn(
            public_id=new_public_id(),
            account_id=account.id,
            secret_hash=hash_secret(secret),
            browser="".join(filter(str.isprintable, browser))[:200],
            created_at=now,
            used_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    await db.execute(delete(SignIn).where(SignIn.expires_at <= now))
    await db.flush()
    return secret


# API tokens
