"""Gathers what an export has beside the logs, and seals these, so that the export can be compared with the database."""

from dataclasses import replace

from pizarra.access.people import find_own, list_people
from pizarra.access.session_access import Access
from pizarra.answers.codes import Code
from pizarra.database import Database
from pizarra.errors import Conflict
from pizarra.exports.parts import ExportParts
from pizarra.exports.report.excerpts import excerpts
from pizarra.exports.writer import Exported
from pizarra.kit.clock import Clock
from pizarra.kit.tokens import TokenSigner
from pizarra.models import SessionView
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.integrity.chain import Log
from pizarra.timeline.integrity.sealing import LOGS, seal
from pizarra.timeline.private.decisions import is_open_to
from pizarra.timeline.private.log import list_scorecards, note_anchors
from pizarra.timeline.read.documents import load_files


async def gather(
    services: ExportParts,
    access: Access,
    *,
    with_private: bool,
    with_report: bool = True,
    report_only: bool = False,
) -> Exported:
    """Return what an export of this session holds for this person.

    Raises:
        Conflict: the log that would be taken away whole has decisions in it that they may not read yet.
    """
    reader = access.participant or await find_own(services.database, access.session, access.account)
    key = reader.id if reader is not None else None
    shows_decisions = True
    if with_private:
        async with services.database.read() as db:
            shows_decisions = await is_open_to(db, access.session, key)
        if not (shows_decisions or report_only):
            raise Conflict(
                "Decide first: the others' decisions are in this.", code=Code.DECIDE_FIRST
            )
    room = services.hub.loaded(access.session.room_id)
    if room is not None:
        await room.settled()
    gathered = await gather_from(
        services.database,
        services.signer,
        services.clock,
        access.session,
        recent=services.recent,
        reader=key,
        with_private=with_private,
        with_report=with_report,
    )
    return replace(gathered, shows_decisions=shows_decisions)


async def gather_from(
    database: Database,
    signer: TokenSigner,
    clock: Clock,
    session: SessionView,
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
            ends[log] = await seal(
                database, signer, session, log, clock(), recent, needs_room=False
            )
    async with database.read() as db:
        people = [
            {"participant_id": each.public_id, "name": each.name, "role": each.role}
            for each in await list_people(db, session)
            if each.admitted_at is not None
        ]
        cards = await list_scorecards(db, session, reader) if with_private else []
        files = await load_files(db, session, ends["shared"][0])
        found = (
            await excerpts(db, session, await note_anchors(db, session))
            if with_private and with_report
            else {}
        )
    scores = [card.model_dump(mode="json", exclude={"yours"}) for card in cards]
    return Exported(session, clock().isoformat(), people, files, ends, scores, found)
