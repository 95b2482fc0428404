"""Whose a client id is, where several processes serve: who claims it first in the database has it."""

import asyncio

from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.dialects import postgresql

from pizarra.collab.journal import JournalUnavailable
from pizarra.database import Database
from pizarra.models import ClientOwner, InterviewSession
from pizarra.storage.failures import DATABASE_ERRORS

_owner = ClientOwner.__table__.c
_mine = and_(_owner.session_id == bindparam("key"), _owner.client == bindparam("client"))
_OWNER = select(_owner.participant_id).where(_mine)
_OWN = (
    postgresql.insert(ClientOwner)
    .values(
        session_id=bindparam("key"), client=bindparam("client"), participant_id=bindparam("person")
    )
    .on_conflict_do_nothing()
)
_HOLD_SESSION = (
    select(InterviewSession.id)
    .where(InterviewSession.id == bindparam("key"))
    .with_for_update(read=True, key_share=True)
)


class Claims:
    """The claims of this process that are on their way."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._claims: set[asyncio.Future[int]] = set()

    async def own(self, key: int, person: int, client: int) -> int:
        """Let a person own a client id if nobody does; return whose it is."""

        def claim(connection: Connection) -> int:
            # The session first, as whoever appends has it: else each could wait for the other.
            connection.execute(_HOLD_SESSION, {"key": key})
            connection.execute(_OWN, {"key": key, "client": client, "person": person})
            return int(connection.scalar(_OWNER, {"key": key, "client": client}) or person)

        work = asyncio.ensure_future(self._database.transact(claim))
        self._claims.add(work)
        work.add_done_callback(self._forget_claim)
        # Whoever types waits for it as for a commit; the statement itself is given up later, by the driver.
        await asyncio.wait({work}, timeout=self._database.commit_timeout_seconds)
        if not work.done():
            raise JournalUnavailable("it does not answer in time")
        try:
            return work.result()
        except DATABASE_ERRORS as error:
            raise JournalUnavailable(type(error).__name__) from error

    def _forget_claim(self, work: asyncio.Future[int]) -> None:
        self._claims.discard(work)
        if not work.cancelled():
            work.exception()  # perhaps nobody waits for it any more
