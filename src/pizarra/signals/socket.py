"""What people ask for on the socket beside runs: signals, suggestions, looking together."""

import asyncio
from typing import Any, assert_never

from pizarra import control
from pizarra.asking import Asking
from pizarra.collab.connection import Person
from pizarra.collab.journal import Entry
from pizarra.errors import Conflict, Forbidden, NotFound, TooManyRequests
from pizarra.models import InterviewSession, Role, Signals
from pizarra.participants.access import Access
from pizarra.sessions.service import thinking_entry
from pizarra.signals import service as signals
from pizarra.timeline.log import append_entries

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

_answering = asyncio.Lock()  # one answer at a time: the first counts


def hosts(person: Person) -> bool:
    """Whether somebody looks after the session."""
    return Role(person.role).may_host


async def carry_out(asking: Asking, message: Request) -> None:
    """Do what a message asks for.

    Raises:
        AppError: it is refused. JournalError, JournalUnavailable: it could not be recorded.
    """
    room, person = asking.room, asking.person
    if isinstance(message, control.Report):
        told = control.Connected(participant_id=person.public_id, **message.model_dump(exclude={"type"}))
        room.audience.tell(told.encode(), hosts)
        return
    access = await asking.access()
    match message:
        case control.Gather():
            _require_host(access, "bring everybody together")
            room.audience.tell(control.Gathered(participant_id=person.public_id).encode())
        case control.Away():
            if access.session.signals == Signals.ALL:
                await _signal(asking, access, "away", message.model_dump(exclude={"type"}))
        case control.Paste():
            if access.session.signals != Signals.NONE:
                await _signal(asking, access, "paste", message.model_dump(exclude={"type"}))
        case control.Explain():
            await _explain(asking, access, message)
        case control.Suggest():
            await _suggest(asking, access, message)
        case control.AnswerSuggestion():
            await _answer(asking, access, message)
        case control.Moved():
            if access.session.signals != Signals.NONE:
                await _note_cursor(asking, access, message)
        case control.EndThinking():
            await end_thinking(asking, access)
        case _:
            assert_never(message)


def _require_host(access: Access, action: str) -> None:
    if not access.role.may_host:
        raise Forbidden(f"Only interviewers can {action}.")


async def _spend(asking: Asking) -> None:
    limit = asking.services.settings.max_signals_per_minute
    await asking.services.rates.spend("signals", asking.person.public_id, limit=limit, seconds=60)


async def _record(asking: Asking, kind: str, data: dict[str, Any]) -> int:
    await _spend(asking)
    entry = Entry(kind, asking.person.key, data=data)
    return await asking.services.journal.append(asking.room.key, asking.room.epoch, [entry])


async def _signal(asking: Asking, access: Access, kind: Any, data: dict[str, Any]) -> None:
    if not access.role.may_edit:
        raise Forbidden("Observers are not part of this.")
    at = asking.services.clock()
    seq = await _record(asking, kind, data)
    signal = control.Signal(seq=seq, at=at, kind=kind, participant_id=asking.person.public_id, data=data)
    asking.room.audience.tell(control.Signalled(signal=signal).encode())


async def _note_cursor(asking: Asking, access: Access, message: control.Moved) -> None:
    """Record where somebody looks. What is beyond the limit is left out: nobody waits for it."""
    if not access.role.may_edit:
        raise Forbidden("Observers are not part of this.")
    services, limit = asking.services, asking.services.settings.max_cursors_per_minute
    try:
        await services.rates.spend("cursor", asking.person.public_id, limit=limit, seconds=60)
    except TooManyRequests:
        return
    entry = Entry("cursor", asking.person.key, data=message.model_dump(exclude={"type"}))
    await services.journal.append(asking.room.key, asking.room.epoch, [entry])


async def _explain(asking: Asking, access: Access, message: control.Explain) -> None:
    async with asking.services.database.read() as db:
        author = await signals.author_of(db, asking.room.key, message.seq, ("paste", "away"))
    if author is None:
        raise NotFound(f"Entry {message.seq} is nothing to explain.")
    if author != asking.person.key:
        raise Forbidden("Only the person it is about can say why.")
    await _signal(asking, access, "explained", {"of": message.seq, "text": message.text})


async def _suggest(asking: Asking, access: Access, message: control.Suggest) -> None:
    _require_host(access, "suggest edits")
    data = message.model_dump(exclude={"type"})
    seq = await _record(asking, "suggestion", data)
    suggestion = control.Suggestion(seq=seq, participant_id=asking.person.public_id, **data)
    asking.room.audience.tell(control.Suggested(suggestion=suggestion).encode())


async def _answer(asking: Asking, access: Access, message: control.AnswerSuggestion) -> None:
    async with _answering:
        async with asking.services.database.read() as db:
            author = await signals.author_of(db, asking.room.key, message.seq, ("suggestion",))
            answered = author is not None and await signals.is_answered(db, asking.room.key, message.seq)
        if author is None:
            raise NotFound(f"Entry {message.seq} is no suggestion.")
        if not access.may_edit:
            raise Forbidden("You cannot change the text now.")
        if message.accepted and author == asking.person.key:
            raise Forbidden("A suggestion is accepted by somebody else.")
        if answered:
            raise Conflict("This suggestion was answered already.")
        await _record(asking, "suggestion.answered", {"of": message.seq, "accepted": message.accepted})
    told = control.SuggestionAnswered(
        seq=message.seq, accepted=message.accepted, participant_id=asking.person.public_id
    )
    asking.room.audience.tell(told.encode())


async def end_thinking(asking: Asking, access: Access) -> None:
    """Show the candidate's editor again: they say so, or an interviewer does."""
    if not access.role.may_edit:
        raise Forbidden("Observers cannot end the thinking time.")
    services, now = asking.services, asking.services.clock()
    async with services.database.write() as db:
        session = await db.get(InterviewSession, asking.room.key, with_for_update=True)
        if session is None or session.thinking_until is None or session.thinking_until <= now:
            return
        session.thinking_until = None
        await db.flush()
        await append_entries(db, session.id, [thinking_entry(asking.person.key, None)], now)
    asking.room.audience.tell(control.Thinking(until=None).encode())
