"""Writing into the interviewers' log for a request."""

from fastapi import BackgroundTasks
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.parts import RoomParts
from pizarra.access.session_access import HostedAccess, own_participant
from pizarra.models import ParticipantView
from pizarra.timeline.entries.private import PrivateData
from pizarra.timeline.private.log import append_private
from pizarra.timeline.private.notices import limits_of, tell_of_private
from pizarra.timeline.private.schemas import PrivateEntryRead


class Writer:
    """Appends to the private log for one request, and tells the interviewers once it is committed."""

    def __init__(
        self, access: HostedAccess, db: AsyncSession, services: RoomParts, after: BackgroundTasks
    ) -> None:
        self._access, self._db, self._services, self._after = access, db, services, after

    async def author(self) -> ParticipantView:
        """Return who writes."""
        return await own_participant(self._db, self._access, self._services.clock())

    async def append(
        self, anchor: int | None, told: PrivateData, *, at_once: bool = True
    ) -> PrivateEntryRead:
        """Append an entry; those who are there get it, unless not `at_once`: then they ask for it when they may.

        Raises:
            InvalidInput, Conflict: as `append_private` says.
        """
        session, services = self._access.session, self._services
        author = await self.author()
        entry = await append_private(
            self._db,
            session,
            author,
            services.clock(),
            limits_of(services.settings),
            anchor=anchor,
            told=told,
        )
        # Fresh numbers were committed before: nobody is told of what may still be rolled back.
        if at_once:
            self._after.add_task(tell_of_private, services.hub, session.room_id)
        return entry
