"""From a cookie or an API token to an account. Nothing is trusted that is not in the database now."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from pizarra.database import Database
from pizarra.kit.tokens import hash_secret
from pizarra.models import Account, AccountRole, ApiToken, Scope, SignIn, WorkerToken
from pizarra.storage.failures import DATABASE_ERRORS
from pizarra.storage.prepared import Prepared

# What secrets start with; the page tells by it what a link is for.
SIGN_IN, API_TOKEN, ONE_TIME, FIRST = "pzs", "pzt", "pzl", "pzf"
_TOUCH_EVERY = timedelta(minutes=1)  # how exact "last used" is
_Credential = type[SignIn] | type[ApiToken] | type[WorkerToken]

_ACCOUNT = Account.__table__.c
_COLUMNS = (
    _ACCOUNT.id,
    _ACCOUNT.public_id,
    _ACCOUNT.name,
    _ACCOUNT.display_name,
    _ACCOUNT.role,
    _ACCOUNT.team_id,
)
_SIGN_IN = SignIn.__table__
_TOKEN = ApiToken.__table__
_BY_SIGN_IN = Prepared(
    select(*_COLUMNS, _SIGN_IN.c.id.label("key"), _SIGN_IN.c.used_at, _SIGN_IN.c.expires_at)
    .join(_SIGN_IN, _SIGN_IN.c.account_id == _ACCOUNT.id)
    .where(_SIGN_IN.c.secret_hash == bindparam("secret"), _ACCOUNT.disabled_at.is_(None))
)
_BY_TOKEN = Prepared(
    select(*_COLUMNS, _TOKEN.c.id.label("key"), _TOKEN.c.used_at, _TOKEN.c.scope)
    .join(_TOKEN, _TOKEN.c.account_id == _ACCOUNT.id)
    .where(
        _TOKEN.c.secret_hash == bindparam("secret"),
        _TOKEN.c.revoked_at.is_(None),
        _ACCOUNT.disabled_at.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class Actor:
    """An account that acts, by a browser that is signed in or by an API token of a scope."""

    id: int
    public_id: str
    name: str
    display_name: str
    role: AccountRole
    team_id: int
    scope: Scope
    sign_in_id: int | None
    token_id: int | None

    @property
    def may_write(self) -> bool:
        """Whether it may change anything."""
        return self.scope is not Scope.READ

    @property
    def may_administer(self) -> bool:
        """Whether it may look after accounts."""
        return self.role is AccountRole.ADMIN and self.scope is Scope.ADMIN


async def find_actor(
    database: Database, now: datetime, *, sign_in: str | None, bearer: str | None
) -> Actor | None:
    """Return who presents an API token, or else a sign-in, or None when neither opens anything."""
    if bearer is not None:
        if not bearer.startswith(f"{API_TOKEN}_"):
            return None
        for row in await database.fetch_prepared(_BY_TOKEN, {"secret": hash_secret(bearer)}):
            note_use(database, ApiToken, row.key, row.used_at, now)
            return _actor(row, Scope(row.scope), token_id=row.key)
        return None
    if sign_in is None or not sign_in.startswith(f"{SIGN_IN}_"):
        return None
    for row in await database.fetch_prepared(_BY_SIGN_IN, {"secret": hash_secret(sign_in)}):
        if row.expires_at <= now:
            return None
        note_use(database, SignIn, row.key, row.used_at, now)
        return _actor(row, Scope.ADMIN, sign_in_id=row.key)
    return None


def _actor(
    row: Row[Any], scope: Scope, *, sign_in_id: int | None = None, token_id: int | None = None
) -> Actor:
    return Actor(
        id=row.id,
        public_id=row.public_id,
        name=row.name,
        display_name=row.display_name,
        role=AccountRole(row.role),
        team_id=row.team_id,
        scope=scope,
        sign_in_id=sign_in_id,
        token_id=token_id,
    )


_touching: set[asyncio.Task[None]] = set()


def note_use(
    database: Database, table: _Credential, key: int, used_at: datetime | None, now: datetime
) -> None:
    """Note that a credential was used, last `used_at`, to the minute; whoever used it need not wait for that."""
    if used_at is not None and now - used_at <= _TOUCH_EVERY:
        return
    task = asyncio.get_running_loop().create_task(_touch(database, table, key, now))
    _touching.add(task)
    task.add_done_callback(_touching.discard)


async def _touch(database: Database, table: _Credential, key: int, now: datetime) -> None:
    try:
        async with database.write() as db:
            await db.execute(update(table).where(table.id == key).values(used_at=now))
    except DATABASE_ERRORS:
        return  # it is a courtesy
