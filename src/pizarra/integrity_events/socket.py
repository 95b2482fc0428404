"""What people ask for on the socket beside runs: integrity events, suggestions, looking together."""

from typing import assert_never

from pizarra import control
from pizarra.access.control_context import ControlContext
from pizarra.access.requirements import (
    log_is_full,
    require_host,
    require_may_edit,
    require_part,
    require_room_in_log,
)
from pizarra.access.session_access import Access
from pizarra.answers.codes import Code
from pizarra.collab.broadcast import Audience
from pizarra.collab.journal import EventEntry
from pizarra.errors import Conflict, Forbidden, NotFound, TooManyRequests
from pizarra.integrity_events import service as integrity_events
from pizarra.integrity_events.parts import IntegrityParts
from pizarra.models import Signals
from pizarra.timeline.append.log import append_entries
from pizarra.timeline.append.record_and_tell import record_and_tell
from pizarra.timeline.entries.shared import (
    CursorMoved,
    Explained,
    Pasted,
    SharedData,
    Suggested,
    SuggestionAnswered,
)
from pizarra.timeline.thinking import thinking_entry

Request = (
    control.Report
    | control.Away
    | control.Paste
    | control.Explain
    | control.Gather
    | control.Suggest
    | control.AnswerSuggestion
    | control.EndThinking
    | control.Moved
)


async def carry_out(context: ControlContext[IntegrityParts], message: Request) -> None:
    """Do what a message asks for.

    Raises:
        AppError: it is refused. JournalError, JournalUnavailable: it could not be recorded.
    """
    room, person = context.room, context.person
    if isinstance(message, control.Report):
        told = control.Connected(
            participant_id=person.public_id, **message.model_dump(exclude={"type"})
        )
        context.services.hub.tell(room.room_id, told.encode(), Audience.HOSTS)
        return
    access = await context.access()
    if isinstance(message, control.Moved) and log_is_full(
        access.session, context.services.settings.max_log_bytes
    ):
        return  # carets move all the time, and nobody asked for them to be recorded: no word about each
    if not isinstance(
        message, control.Gather | control.Away | control.AnswerSuggestion | control.EndThinking
    ):
        require_room_in_log(access.session, context.services.settings.max_log_bytes)
    match message:
        case control.Gather():
            require_host(access.role, "bring everybody together")
            gathered = control.Gathered(participant_id=person.public_id)
            context.services.hub.tell(room.room_id, gathered.encode())
        case control.Away():
            await _note_absence(context, access, message)
        case control.Paste():
            if access.session.signals != Signals.NONE:
                await _note_event(context, access, Pasted(**message.model_dump(exclude={"type"})))
        case control.Explain():
            await _explain(context, access, message)
        case control.Suggest():
            await _suggest(context, access, message)
        case control.AnswerSuggestion():
            await _answer(context, access, message)
        case control.Moved():
            if access.session.signals != Signals.NONE:
                await _note_cursor(context, access, message)
        case control.EndThinking():
            await end_thinking(context, access)
        case _:
            assert_never(message)


async def _spend(context: ControlContext[IntegrityParts]) -> None:
    limit = context.services.settings.max_signals_per_minute
    await context.services.rates.spend(
        "max_signals_per_minute", context.person.public_id, limit=limit, seconds=60
    )


async def _record(context: ControlContext[IntegrityParts], told: SharedData) -> None:
    """Record what somebody did, and show it to everybody."""
    await _spend(context)
    services = context.services
    await record_and_tell(services.journal, context.room, context.person, told, services.clock())


async def _note_event(
    context: ControlContext[IntegrityParts], access: Access, told: Pasted | Explained
) -> None:
    require_part(access.role, "take part in this")
    await _record(context, told)


async def _note_absence(
    context: ControlContext[IntegrityParts], access: Access, message: control.Away
) -> None:
    require_part(access.role, "take part in this")
    if message.away and access.session.signals != Signals.ALL:
        return
    if message.away:
        await _spend(context)  # to be back is never refused
    await context.services.absences.note(context.room, context.connection, away=message.away)


async def _note_cursor(
    context: ControlContext[IntegrityParts], access: Access, message: control.Moved
) -> None:
    """Record where somebody looks. What is beyond the limit is left out: nobody waits for it."""
    require_part(access.role, "take part in this")
    services, limit = context.services, context.services.settings.max_cursors_per_minute
    try:
        await services.rates.spend(
            "max_cursors_per_minute", context.person.public_id, limit=limit, seconds=60
        )
    except TooManyRequests:
        return
    moved = CursorMoved(path=message.path, anchor=message.anchor, head=message.head)
    entry = EventEntry(context.person.key, moved)
    await services.journal.append(context.room.key, context.room.epoch, [entry])


async def _explain(
    context: ControlContext[IntegrityParts], access: Access, message: control.Explain
) -> None:
    async with context.services.database.read() as db:
        author = await integrity_events.author_of(
            db, context.room.key, message.seq, ("paste", "away")
        )
    if author is None:
        raise NotFound(f"Entry {message.seq} is nothing to explain.", code=Code.ENTRY_NOT_FOUND)
    if author != context.person.key:
        raise Forbidden("Only the person it is about can say why.", code=Code.NOT_ABOUT_YOU)
    await _note_event(context, access, Explained(of=message.seq, text=message.text))


async def _suggest(
    context: ControlContext[IntegrityParts], access: Access, message: control.Suggest
) -> None:
    require_host(access.role, "suggest edits")
    await _record(context, Suggested(**message.model_dump(exclude={"type"})))


async def _answer(
    context: ControlContext[IntegrityParts], access: Access, message: control.AnswerSuggestion
) -> None:
    person, key = context.person, context.room.key
    await _spend(context)
    async with context.services.database.write() as db:
        # The session's row is locked: of two answers, in whatever process, the first counts.
        await integrity_events.lock_session(db, key)
        author = await integrity_events.author_of(db, key, message.seq, ("suggestion",))
        if author is None:
            raise NotFound(f"Entry {message.seq} is no suggestion.", code=Code.ENTRY_NOT_FOUND)
        require_may_edit(access)
        if message.accepted and author == person.key:
            raise Forbidden("A suggestion is accepted by somebody else.", code=Code.OWN_SUGGESTION)
        if await integrity_events.is_answered(db, key, message.seq):
            raise Conflict("This suggestion was answered already.", code=Code.SUGGESTION_ANSWERED)
        answer = EventEntry(
            person.key, SuggestionAnswered(of=message.seq, accepted=message.accepted)
        )
        await append_entries(db, key, [answer], context.services.clock(), require_open=True)
    await context.services.hub.recorded(key)


async def end_thinking(context: ControlContext[IntegrityParts], access: Access) -> None:
    """Show the candidate's editor again: they say so, or an interviewer does."""
    require_part(access.role, "end the thinking time")
    services, now = context.services, context.services.clock()
    async with services.database.write() as db:
        session = await integrity_events.lock_session(db, context.room.key)
        if session is None or session.thinking_until is None or session.thinking_until <= now:
            return
        session.thinking_until = None
        await db.flush()
        await append_entries(db, session.id, [thinking_entry(context.person.key, None)], now)
    await services.hub.recorded(context.room.key)
