"""What workers on other machines show to be let in: made and revoked by an operator, looked at while they are open."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.identity import note_use
from pizarra.answers.codes import Code
from pizarra.database import Database
from pizarra.errors import InvalidInput, NotFound
from pizarra.kit.ids import new_public_id
from pizarra.kit.network import neighbourhood
from pizarra.kit.text import visible
from pizarra.kit.tokens import hash_secret, new_secret
from pizarra.models import WorkerToken
from pizarra.sandbox.remote.greeting import TOKEN_KIND

log = logging.getLogger(__name__)

_MOST_NAME = 80
_ASIDE_SECONDS, _LONGEST_ASIDE_SECONDS, _ASIDE_FORGOTTEN_SECONDS = 2.0, 600.0, 3600.0
_MOST_ASIDE = 8  # addresses of one token
_TOKENS = WorkerToken.__table__.c
_BY_SECRET = select(_TOKENS.id, _TOKENS.public_id, _TOKENS.name, _TOKENS.used_at).where(
    _TOKENS.secret_hash == bindparam("secret"), _TOKENS.revoked_at.is_(None)
)
_WORKING = select(_TOKENS.id).where(
    _TOKENS.id.in_(bindparam("ids", expanding=True)), _TOKENS.revoked_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token that works."""

    id: int
    public_id: str
    name: str


async def create_worker_token(
    db: AsyncSession, now: datetime, *, name: str
) -> tuple[WorkerToken, str]:
    """Return a new token and its secret, which is not kept.

    Raises:
        InvalidInput: the name is blank, or too long.
    """
    shown = visible(name)
    if not shown or len(shown) > _MOST_NAME:
        raise InvalidInput(
            f"Give the worker a name of 1 to {_MOST_NAME} characters, such as its machine's.",
            code=Code.NAME_MISSING,
        )
    secret = new_secret(TOKEN_KIND)
    token = WorkerToken(
        public_id=new_public_id(),
        name=shown,
        secret_hash=hash_secret(secret),
        created_at=now,
        used_at=None,
        revoked_at=None,
    )
    db.add(token)
    await db.flush()
    return token, secret


async def list_worker_tokens(db: AsyncSession) -> Sequence[WorkerToken]:
    """Return the tokens that work, oldest first."""
    query = select(WorkerToken).where(WorkerToken.revoked_at.is_(None)).order_by(WorkerToken.id)
    return (await db.scalars(query)).all()


async def revoke_worker_tokens(db: AsyncSession, name: str, now: datetime) -> list[str]:
    """Have the tokens of a name or an id open nothing any more; return their ids.

    Raises:
        NotFound: there is none.
    """
    of_it = (WorkerToken.name == visible(name)) | (WorkerToken.public_id == name)
    revoked = await db.scalars(
        update(WorkerToken)
        .where(of_it, WorkerToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(WorkerToken.public_id)
    )
    found = list(revoked)
    if not found:
        raise NotFound(
            f"There is no worker token {name}. See: pizarra worker-token list",
            code=Code.TOKEN_NOT_FOUND,
        )
    return found


async def use_worker_token(database: Database, secret: str, now: datetime) -> KnownToken | None:
    """Return the token that a worker shows, and note that it was shown; None when it opens nothing.

    It comes with a socket, which has no transaction of its own.
    """
    if not secret.startswith(f"{TOKEN_KIND}_"):
        return None
    rows = await database.fetch(_BY_SECRET, {"secret": hash_secret(secret)})
    for number, public_id, name, used_at in rows:
        note_use(database, WorkerToken, number, used_at, now)
        return KnownToken(number, public_id, name)
    return None


class ConnectedWorkers:
    """The tokens of workers that are connected here: one that is revoked ends its connections."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: dict[Callable[[], None], int] = {}  # what ends a connection → its token
        # token and address → until when, and for how long; without an address whoever has the token
        self._aside: dict[tuple[int, str], tuple[float, float]] = {}

    def __len__(self) -> int:
        """Return how many connections there are."""
        return len(self._open)

    def add(self, token: KnownToken, end: Callable[[], None]) -> None:
        """A worker connected with a token; `end` is called when it opens nothing any more."""
        self._open[end] = token.id

    def of(self, token: KnownToken) -> int:
        """Return how many connections a token has."""
        return list(self._open.values()).count(token.id)

    def set_aside(self, token: KnownToken, address: str, now: float) -> None:
        """Let nobody in from an address with a token for a while: twice as long as the last time, if that was lately.

        Other machines that have the token work on, unless so many addresses lied that the token has to answer for it.
        """
        for known, (until, _) in list(self._aside.items()):
            if now - until >= _ASIDE_FORGOTTEN_SECONDS:
                del self._aside[known]
        where = neighbourhood(address)
        places = [place for key, place in self._aside if key == token.id and place]
        if where not in places and len(places) >= _MOST_ASIDE:
            where = ""
        seconds = _ASIDE_SECONDS
        if (last := self._aside.get((token.id, where))) is not None:
            seconds = min(last[1] * 2, _LONGEST_ASIDE_SECONDS)
        self._aside[token.id, where] = (now + seconds, seconds)

    def aside_for(self, token: KnownToken, address: str, now: float) -> float:
        """Return the seconds until a token lets somebody in again from an address."""
        places = ((token.id, ""), (token.id, neighbourhood(address)))
        return max(0.0, *(self._aside.get(place, (0.0, 0.0))[0] - now for place in places))

    def discard(self, end: Callable[[], None]) -> None:
        """It is gone."""
        self._open.pop(end, None)

    async def look(self) -> None:
        """Look now; nothing is asked while no worker is connected.

        Raises:
            DATABASE_ERRORS: the database does not answer; they stay.
        """
        if not self._open:
            return
        ids = sorted(set(self._open.values()))
        working = {row[0] for row in await self._database.fetch(_WORKING, {"ids": ids})}
        for end, token in list(self._open.items()):
            if token not in working:
                end()
