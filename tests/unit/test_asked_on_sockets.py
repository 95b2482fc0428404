"""What people ask for on the socket beside runs: who may, what is recorded of it, and who is shown it."""

import json
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select
from tests.harness.core import FarEnd
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows

from pizarra import control
from pizarra.access.control_context import ControlContext
from pizarra.access.credentials import Caller
from pizarra.access.tokens import sign_access
from pizarra.answers.codes import Code
from pizarra.collab.connection import Connection, Person
from pizarra.collab.journal import SessionClosed
from pizarra.collab.wire.codec import MessageType
from pizarra.database import reading_in
from pizarra.errors import AppError
from pizarra.integrity_events import service
from pizarra.integrity_events.parts import IntegrityParts
from pizarra.integrity_events.socket import Request, carry_out
from pizarra.models import InterviewSession, Role, Signals, TimelineEntry
from pizarra.services import Services

PASTE = control.Paste(path="main.py", characters=400, lines=9, source="outside")
MOVED = control.Moved(path="main.py", anchor="{}", head="{}")
SUGGEST = control.Suggest(path="main.py", start="{}", end="{}", before="a", text="b")
REPORT = control.Report(unsaved=3, round_trip_ms=20)


class Place:
    """A session with people in its room, each at a socket."""

    def __init__(self, parts: Services, key: int) -> None:
        self.parts = parts
        self.rows = Rows(parts.database)
        self.key = key
        self.ends: dict[str, FarEnd] = {}
        self._contexts: dict[str, ControlContext[IntegrityParts]] = {}

    async def session(self) -> InterviewSession:
        """Return the session as it is stored."""
        async with self.parts.database.read() as db:
            return await db.get_one(InterviewSession, self.key)

    async def change(self, **changes: Any) -> None:
        """Change something about the session."""
        async with self.parts.database.write() as db:
            session = await db.get_one(InterviewSession, self.key)
            for name, value in changes.items():
                setattr(session, name, value)

    async def enter(self, name: str, role: Role) -> int:
        """Have somebody come into the room; return storage's id of them."""
        session = await self.session()
        invited = {"invitation": "s", "expires_at": NOON + timedelta(days=7)}
        person = await self.rows.person(session, name, role, **invited)
        room, end = await self.parts.hub.room(session.room_id), FarEnd()
        who = Person(person.id, person.public_id, name, role.value, may_edit=role.takes_part)
        limits = self.parts.hub.limits.connection
        connection = Connection(who, end, limits, wants_control=True)
        assert room.join(connection)
        token = sign_access(self.parts.signer, person.public_id, session.public_id)
        caller = Caller(is_owner=False, credentials=(token,))
        parts = cast("IntegrityParts", self.parts)
        self._contexts[name] = ControlContext(parts, room, connection, caller, "192.0.2.1")
        self.ends[name] = end
        end.got.clear()
        return person.id

    async def ask(self, name: str, message: Request) -> Code | None:
        """Have somebody ask for something; return why it is refused."""
        try:
            await carry_out(self._contexts[name], message)
        except AppError as error:
            return error.code
        return None

    def told(self, name: str) -> list[str]:
        """Return which messages somebody was told since the last call."""
        return [
            str(json.loads(each.payload)["type"])
            for each in self.ends[name].messages(MessageType.CONTROL)
        ]

    async def log(self) -> list[tuple[str, int | None]]:
        """Return what is on the timeline: the kind, and whose it is."""
        query = select(TimelineEntry.kind, TimelineEntry.participant_id)
        async with self.parts.database.read() as db:
            return [(k, p) for k, p in await db.execute(query.order_by(TimelineEntry.seq))]


@pytest.fixture
async def place(parts: Services) -> Place:
    session = await Rows(parts.database).session()
    return Place(parts, session.id)


async def everybody(place: Place) -> dict[str, int]:
    """Have one of each role in the room."""
    return {role.value: await place.enter(role.value, role) for role in Role}


# Who may


HOSTS = {"host", "interviewer"}
TAKES_PART = {*HOSTS, "candidate"}


@pytest.mark.parametrize(
    ("message", "may", "refusal", "recorded"),
    [
        (PASTE, TAKES_PART, Code.OBSERVERS_ONLY_WATCH, "paste"),
        (MOVED, TAKES_PART, Code.OBSERVERS_ONLY_WATCH, "cursor"),
        (control.Away(away=True), TAKES_PART, Code.OBSERVERS_ONLY_WATCH, None),
        (control.EndThinking(), TAKES_PART, Code.OBSERVERS_ONLY_WATCH, None),
        (SUGGEST, HOSTS, Code.INTERVIEWERS_ONLY, "suggestion"),
        (control.Gather(), HOSTS, Code.INTERVIEWERS_ONLY, None),
        (REPORT, {*TAKES_PART, "observer"}, None, None),
    ],
)
async def test_who_may_ask_for_what(
    place: Place, message: Request, may: set[str], refusal: Code | None, recorded: str | None
) -> None:
    people = await everybody(place)
    for name in people:
        assert await place.ask(name, message) == (None if name in may else refusal), name
    expected = [(recorded, people[name]) for name in people if name in may] if recorded else []
    assert await place.log() == expected


async def test_who_is_not_in_the_session_any_more_asks_in_vain(place: Place) -> None:
    await place.enter("Zoë", Role.CANDIDATE)
    await place.change(invitation_generation=1)
    for message in (PASTE, MOVED, control.Gather(), SUGGEST):
        assert await place.ask("Zoë", message) is Code.SESSION_NOT_FOUND
    assert await place.log() == []


async def test_how_a_connection_is_interviewers_are_told_and_nobody_else(place: Place) -> None:
    await everybody(place)
    assert await place.ask("candidate", REPORT) is None
    told = {name: place.told(name) for name in place.ends}
    assert told == {
        "host": ["connection"],
        "interviewer": ["connection"],
        "candidate": [],
        "observer": [],
    }


async def test_everybody_is_asked_to_look_and_shown_what_was_pasted(place: Place) -> None:
    await everybody(place)
    await place.ask("host", control.Gather())
    await place.ask("candidate", PASTE)
    for name in place.ends:
        assert place.told(name) == ["gathered", "signal"], name


# What is recorded


@pytest.mark.parametrize(
    ("signals", "kinds"),
    [
        (Signals.ALL, ["paste", "cursor", "away"]),
        (Signals.PASTES, ["paste", "cursor"]),
        (Signals.NONE, []),
    ],
)
async def test_the_policy_says_what_is_recorded_of_people(
    place: Place, signals: Signals, kinds: list[str]
) -> None:
    await place.change(signals=signals.value)
    await place.enter("Zoë", Role.CANDIDATE)
    room = await place.parts.hub.room((await place.session()).room_id)
    connection = place._contexts["Zoë"].connection  # noqa: SLF001
    place.parts.absences.arrive(room, connection, None)
    for message in (PASTE, MOVED, control.Away(away=True)):
        assert await place.ask("Zoë", message) is None, "nobody learns of the policy by a refusal"
    assert [kind for kind, _ in await place.log()] == kinds


@pytest.mark.parametrize(("so_far", "is_full"), [(999, False), (1000, True)])
async def test_a_full_log_takes_no_more_and_says_so_once_for_what_was_asked_for(
    place: Place, so_far: int, is_full: bool
) -> None:
    place.parts.settings.max_log_bytes = 1000
    await everybody(place)
    for message in (PASTE, SUGGEST):
        await place.change(log_bytes=so_far)
        expected = Code.LOG_FULL if is_full else None
        assert await place.ask("host", message) is expected
    await place.change(log_bytes=so_far)
    assert await place.ask("host", MOVED) is None, "carets move all the time"
    assert await place.ask("host", control.Gather()) is None
    assert len(await place.log()) == (0 if is_full else 3)


async def test_a_session_that_has_ended_records_nothing(place: Place) -> None:
    await place.enter("Zoë", Role.CANDIDATE)
    await place.change(status="ended", ended_at=NOON)
    for message in (PASTE, MOVED):
        with pytest.raises(SessionClosed):
            await place.ask("Zoë", message)
    assert await place.log() == []


async def test_so_many_signals_a_minute_and_carets_beyond_are_left_out(place: Place) -> None:
    place.parts.settings.max_signals_per_minute = 2
    place.parts.settings.max_cursors_per_minute = 3
    await place.enter("Zoë", Role.CANDIDATE)
    await place.enter("Ana", Role.HOST)
    said = [await place.ask("Zoë", PASTE) for _ in range(3)]
    assert said == [None, None, Code.TOO_MANY_ATTEMPTS]
    assert await place.ask("Ana", PASTE) is None, "each has their own"
    assert {await place.ask("Zoë", MOVED) for _ in range(5)} == {None}
    kinds = [kind for kind, _ in await place.log()]
    assert (kinds.count("paste"), kinds.count("cursor")) == (3, 3)


# Saying why


async def test_only_who_it_is_about_says_why(place: Place) -> None:
    zoe = await place.enter("Zoë", Role.CANDIDATE)
    await place.enter("Ana", Role.HOST)
    await place.ask("Zoë", PASTE)
    session = await place.session()
    await place.rows.entries(session, event("said", zoe, {"text": "x"}))
    assert await place.ask("Ana", control.Explain(seq=1, text="why")) is Code.NOT_ABOUT_YOU
    for seq in (2, 3, 99):
        why = control.Explain(seq=seq, text="why")
        assert await place.ask("Zoë", why) is Code.ENTRY_NOT_FOUND
    assert [kind for kind, _ in await place.log()] == ["paste", "said"]


# Suggestions


async def suggested(place: Place) -> dict[str, int]:
    """Have an interviewer suggest an edit, as entry 1."""
    people = await everybody(place)
    assert await place.ask("interviewer", SUGGEST) is None
    return people


def answer(seq: int = 1, *, accepted: bool = True) -> control.AnswerSuggestion:
    return control.AnswerSuggestion(seq=seq, accepted=accepted)


async def waiting(place: Place) -> list[int]:
    """Return the suggestions that a page is told of when it opens."""
    async with place.parts.database.read() as db:
        _, found, _ = await service.recent(reading_in(db), place.key)
    return [each.seq for each in found]


@pytest.mark.parametrize("who", ["host", "candidate"])
@pytest.mark.parametrize("accepted", [True, False])
async def test_a_suggestion_is_answered_once(place: Place, who: str, accepted: bool) -> None:
    people = await suggested(place)
    assert await waiting(place) == [1]
    assert await place.ask(who, answer(accepted=accepted)) is None
    assert await waiting(place) == []
    for again in ("host", "candidate", "interviewer"):
        late = answer(accepted=False)
        assert await place.ask(again, late) is Code.SUGGESTION_ANSWERED
    assert await place.log() == [
        ("suggestion", people["interviewer"]),
        ("suggestion.answered", people[who]),
    ]


async def test_who_suggests_takes_back_and_does_not_accept(place: Place) -> None:
    await suggested(place)
    assert await place.ask("interviewer", answer()) is Code.OWN_SUGGESTION
    assert await waiting(place) == [1]
    assert await place.ask("interviewer", answer(accepted=False)) is None


async def test_observers_and_who_may_not_edit_answer_nothing(place: Place) -> None:
    await suggested(place)
    assert await place.ask("observer", answer()) is Code.EDITING_NOT_ALLOWED
    await place.change(editing_locked=True)
    assert await place.ask("candidate", answer()) is Code.EDITING_NOT_ALLOWED
    assert await place.ask("host", answer()) is None


async def test_what_is_no_suggestion_is_not_answered(place: Place) -> None:
    await suggested(place)
    await place.ask("candidate", PASTE)
    for seq in (2, 3, 2**53 - 1):
        assert await place.ask("host", answer(seq)) is Code.ENTRY_NOT_FOUND
    assert await waiting(place) == [1]


# Thinking


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        (None, False),
        (NOON, False),
        (NOON - timedelta(1), False),
        (NOON + timedelta(seconds=1), True),
    ],
)
async def test_thinking_time_ends_while_it_lasts(place: Place, until: Any, ends: bool) -> None:
    zoe = await place.enter("Zoë", Role.CANDIDATE)
    await place.change(thinking_until=until)
    assert await place.ask("Zoë", control.EndThinking()) is None
    assert (await place.session()).thinking_until == (None if ends else until)
    assert await place.log() == ([("thinking", zoe)] if ends else [])


# When a page opens


async def test_a_page_is_told_the_newest_of_each_sort(place: Place) -> None:
    zoe = await place.enter("Zoë", Role.CANDIDATE)
    session = await place.session()
    told = [event("said", zoe, {"text": str(n)}) for n in range(205)]
    session = await place.rows.entries(session, *told)
    data = {**SUGGEST.model_dump(exclude={"type"})}
    session = await place.rows.entries(session, event("suggestion", zoe, data))
    await place.rows.entries(session, event("paste", zoe, {"path": "x"}))
    async with place.parts.database.read() as db:
        events, suggestions, lines = await service.recent(reading_in(db), place.key)
    assert [each.text for each in lines] == [str(n) for n in range(5, 205)]
    assert [each.seq for each in suggestions] == [206]
    assert [(each.seq, each.kind) for each in events] == [(207, "paste")]
    assert {each.participant_id for each in lines} == {suggestions[0].participant_id}


@pytest.mark.parametrize(
    "data", [{}, {"path": 5}, {**SUGGEST.model_dump(exclude={"type"}), "seq": "x", "newer": 1}]
)
async def test_an_odd_suggestion_of_an_archive_waits_for_nobody(
    place: Place, data: dict[str, Any]
) -> None:
    zoe = await place.enter("Zoë", Role.CANDIDATE)
    odd = event("suggestion.answered", zoe, {"of": "all"})
    await place.rows.entries(await place.session(), event("suggestion", zoe, data), odd)
    assert await waiting(place) == []
