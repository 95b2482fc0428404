"""Gathers what an export has beside the logs, and seals these, so that the export can be compared with the database."""

from pizarra.database import Database
from pizarra.kit.clock import Clock
from pizarra.kit.tokens import TokenSigner
from pizarra.models import InterviewSession
from pizarra.notes.service import list_scorecards, note_anchors
from pizarra.participants.access import Access
from pizarra.participants.service import find_own, list_people
from pizarra.services import Services
from pizarra.sessions.documents import load_files
from pizarra.timeline.chain import Log
from pizarra.timeline.excerpts import excerpts
from pizarra.timeline.export import Exported
from pizarra.timeline.recent import Recent
from pizarra.timeline.sealing import LOGS, seal


async def gather(services: Services, access: Access, *, with_private: bool, with_report: bool = True) -> Exported:
    """Return what an export of this session holds for this person."""
    reader = access.participant or await find_own(services.database, access.session, access.account)
    room = services.hub.loaded(access.session.room_id)
    if room is not None:
        await room.settled()
    return await gather_from(
        *(services.database, services.signer, services.clock, access.session),
        recent=services.recent,
        reader=reader.id if reader is not None else None,
        with_private=with_private,
        with_report=with_report,
    )


async def gather_from(
    database: Database,
    signer: TokenSigner,
    clock: Clock,
    session: InterviewSession,
    *,
    recent: Recent,
    reader: int | None,
    with_private: bool,
    with_report: bool = True,
) -> Exported:
    """Return what an export holds; scores that are not submitted are only in their author's."""
    ends: dict[Log, tuple[int, str]] = {}
    for log in LOGS:
        if log == "shared" or with_private:
            ends[log] = await seal(database, signer, session, log, clock(), recent)
    async with database.read() as db:
        people = [
            {"participant_id": each.public_id, "name": each.name, "role": each.role}
            for each in await list_people(db, session)
            if each.admitted_at is not None
        ]
        cards = await list_scorecards(db, session, reader) if with_private else []
        files = await load_files(db, session, ends["shared"][0])
        found = await excerpts(db, session, await note_anchors(db, session)) if with_private and with_report else {}
    scores = [card.model_dump(mode="json", exclude={"yours"}) for card in cards]
    return Exported(session, clock().isoformat(), people, files, ends, scores, found)
