"""Writing into the interviewers' log for a request."""

from fastapi import BackgroundTasks
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.models import Participant
from pizarra.notes.schemas import PrivateEntryRead, PrivateKind
from pizarra.notes.service import append_private
from pizarra.notes.telling import added, limits_of, tell_interviewers
from pizarra.participants.access import Access, own_participant
from pizarra.services import Services


class Writer:
    """Appends to the private log for one request, and tells the interviewers once it is committed."""

    def __init__(self, access: Access, db: AsyncSession, services: Services, after: BackgroundTasks) -> None:
        self._access, self._db, self._services, self._after = access, db, services, after

    async def author(self) -> Participant:
        """Return who writes."""
        return await own_participant(self._db, self._access, self._services.clock())

    async def append(self, kind: PrivateKind, anchor: int | None, data: dict[str, object]) -> PrivateEntryRead:
        """Append an entry.

        Raises:
            InvalidInput, Conflict: as `append_private` says.
        """
        session, services = self._access.session, self._services
        author = await self.author()
        entry = await append_private(
            *(self._db, session, author, services.clock(), limits_of(services.settings)),
            kind=kind,
            anchor=anchor,
            data=data,
        )
        # Fresh numbers were committed before: nobody is told of what may still be rolled back.
        self._after.add_task(tell_interviewers, services.hub, session.room_id, added(entry))
        return entry
