"""Looks at open sockets: may they still be here, and do what they may do?

A look asks the database, whoever changed it: a request here, another process, the command line, or time. So a role, a
removal, a rotation, an expiry, a sign-out or a lock holds within a second on sockets that are open. PostgreSQL counts
these changes (migration 0023), so it is asked for one number for each room and each account, and about people where
a number moved; SQLite, which serves few, about everybody.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import BigInteger, Row, Select, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from pizarra.access.identity import Actor
from pizarra.access.rules import is_free, is_in, role_of_account
from pizarra.database import Database
from pizarra.kit.clock import Clock
from pizarra.models import (
    Account,
    AccountRole,
    ApiToken,
    InterviewSession,
    Participant,
    Role,
    SignIn,
)
from pizarra.storage.failures import DATABASE_ERRORS

log = logging.getLogger(__name__)

_SOON_SECONDS = 0.05  # after the transaction that changed something
_AT_ONCE = 400  # ids in one question
_VERSIONS_AT_ONCE = 5000

_P, _S, _A = Participant.__table__.c, InterviewSession.__table__.c, Account.__table__.c
_PEOPLE = (
    select(
        _P.id,
        _P.role,
        _P.removed_at,
        _P.admitted_at,
        _P.invitation,
        _P.generation,
        _P.expires_at,
        _S.invitation_generation,
        _S.editing_locked,
        _S.team_id,
        _S.created_by,
        (_S.rehearsal_of == _S.id).label("tries_question"),
    )
    .join(InterviewSession.__table__, _S.id == _P.session_id)
    .where(_P.id.in_(bindparam("ids", expanding=True)), _S.erasing_since.is_(None))
)
_ACCOUNTS = select(_A.id, _A.role, _A.team_id, _A.disabled_at).where(
    _A.id.in_(bindparam("ids", expanding=True))
)
_I, _T = SignIn.__table__.c, ApiToken.__table__.c
_SIGN_INS = select(_I.id, _I.expires_at).where(_I.id.in_(bindparam("ids", expanding=True)))
_TOKENS = select(_T.id, _T.revoked_at).where(_T.id.in_(bindparam("ids", expanding=True)))

_SOME = bindparam("ids", type_=ARRAY(BigInteger))  # one statement, however many they are
_ROOM_VERSIONS = select(_S.id, _S.access_version).where(_S.id == any_(_SOME))
_ACCOUNT_VERSIONS = select(_A.id, _A.access_version).where(_A.id == any_(_SOME))


@dataclass(frozen=True, slots=True)
class CurrentRights:
    """What somebody may do now; a `role` of None is nothing."""

    role: Role | None
    may_edit: bool


class OpenSocket(Protocol):
    """An open socket."""

    participant: int
    session: int
    actor: Actor | None
    is_owner: bool

    def take_rights(self, rights: CurrentRights | None) -> None:
        """Go on with this rights, or end; None means that the session is gone."""
        ...


# The versions of a socket's room and of its account.
_Versions = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class _Found:
    """What holds while the versions stay what they were, and `until` then."""

    versions: _Versions
    until: datetime | None


class Revalidation:
    """All open sockets of this process but the owner's, whom nobody can take anything from."""

    def __init__(self, database: Database, clock: Clock, period_seconds: float) -> None:
        self._database = database
        self._clock = clock
        self._period = period_seconds
        self._sockets: dict[OpenSocket, _Found | None] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def add(self, socket: OpenSocket) -> None:
        """Look after a socket too."""
        if not socket.is_owner:
            if not self._sockets:
                self._wake.set()  # it sleeps while there is nobody to look after
            self._sockets[socket] = None

    def discard(self, socket: OpenSocket) -> None:
        """It was closed."""
        self._sockets.pop(socket, None)

    def look(self) -> None:
        """Look soon: something has changed, or will once a transaction is committed."""
        asyncio.get_running_loop().call_later(_SOON_SECONDS, self._wake.set)

    async def _keep(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._period if self._sockets else None):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            await self.refresh()

    async def refresh(self) -> None:
        """Look now; when this returns, what was committed before holds on every socket here."""
        try:
            if self._sockets:
                await self._look()
        except DATABASE_ERRORS as error:
            log.warning("open sockets could not be looked at: %s", type(error).__name__)

    async def _look(self) -> None:
        sockets = list(self._sockets)
        if self._database.is_sqlite:
            await self._look_closely(sockets)
            return
        rooms = await self._versions(_ROOM_VERSIONS, {socket.session for socket in sockets})
        actors = {socket.actor.id for socket in sockets if socket.actor is not None}
        accounts = await self._versions(_ACCOUNT_VERSIONS, actors)
        now = self._clock()
        moved: dict[OpenSocket, _Versions] = {}
        for socket in sockets:
            account = accounts.get(socket.actor.id) if socket.actor is not None else None
            versions = (rooms.get(socket.session), account)
            found = self._sockets.get(socket)
            over = found is not None and found.until is not None and found.until <= now
            if found is None or found.versions != versions or over:
                moved[socket] = versions
        if moved:
            await self._look_closely(list(moved), moved)

    async def _look_closely(
        self, sockets: Sequence[OpenSocket], versions: Mapping[OpenSocket, _Versions] | None = None
    ) -> None:
        """Ask about people. `versions` were read before, so that what changes meanwhile moves them again."""
        actors = [socket.actor for socket in sockets if socket.actor is not None]
        people = await self._ask(_PEOPLE, (socket.participant for socket in sockets))
        accounts = await self._ask(_ACCOUNTS, (actor.id for actor in actors))
        sign_ins = await self._ask(_SIGN_INS, (actor.sign_in_id for actor in actors))
        tokens = await self._ask(_TOKENS, (actor.token_id for actor in actors))
        now = self._clock()
        for socket in sockets:
            if socket not in self._sockets:
                continue
            person = people.get(socket.participant)
            if person is None:  # people are erased with their session only
                socket.take_rights(None)
                continue
            until = person.expires_at
            if socket.actor is None:
                role = (
                    Role(person.role) if is_in(person, person.invitation_generation, now) else None
                )
            else:
                role = _signed_in(socket.actor, person, accounts, sign_ins, tokens, now)
                sign_in = sign_ins.get(socket.actor.sign_in_id or 0)
                until = sign_in.expires_at if sign_in is not None else None
            if versions is not None and role is not None:
                self._sockets[socket] = _Found(versions[socket], until)
            socket.take_rights(CurrentRights(role, is_free(role, locked=person.editing_locked)))

    async def _versions(self, question: Select[Any], ids: AbstractSet[int]) -> dict[int, int]:
        wanted = sorted(ids)
        found: dict[int, int] = {}
        for start in range(0, len(wanted), _VERSIONS_AT_ONCE):
            some = wanted[start : start + _VERSIONS_AT_ONCE]
            found |= {row[0]: row[1] for row in await self._database.fetch(question, {"ids": some})}
        return found

    async def _ask(self, question: Select[Any], ids: Iterable[int | None]) -> dict[int, Row[Any]]:
        wanted = sorted({key for key in ids if key is not None})
        rows: dict[int, Row[Any]] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            answer: Sequence[Row[Any]] = await self._database.fetch(
                question, {"ids": wanted[start : start + _AT_ONCE]}
            )
            rows |= {row[0]: row for row in answer}
        return rows


def _signed_in(
    actor: Actor,
    person: Row[Any],
    accounts: dict[int, Row[Any]],
    sign_ins: dict[int, Row[Any]],
    tokens: dict[int, Row[Any]],
    now: datetime,
) -> Role | None:
    account = accounts.get(actor.id)
    if account is None or account.disabled_at is not None:
        return None
    if actor.sign_in_id is not None:
        sign_in = sign_ins.get(actor.sign_in_id)
        if sign_in is None or sign_in.expires_at <= now:
            return None
    if actor.token_id is not None:
        token = tokens.get(actor.token_id)
        if token is None or token.revoked_at is not None:
            return None
    return role_of_account(
        actor.id,
        AccountRole(account.role),
        account.team_id,
        may_write=actor.may_write,
        session_team=person.team_id,
        created_by=person.created_by,
        tries_question=bool(person.tries_question),
    )
