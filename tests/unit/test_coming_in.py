"""Coming in by a link: the same name is the same person, unless that would give somebody what is not theirs."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.harness.rows import NOON, Rows

from pizarra.access.tokens import Invitation
from pizarra.answers.codes import Code
from pizarra.errors import AppError, Conflict, InvalidInput, NotFound
from pizarra.models import (
    CandidateKeeps,
    InterviewSession,
    Participant,
    Role,
    Signals,
    TimelineEntry,
)
from pizarra.participants import service as participants
from pizarra.participants.joining import came_by, join, must_wait, names_of

WEEK = timedelta(days=7)
LATER = NOON + timedelta(hours=1)


class Door:
    """A session, and a link to it."""

    def __init__(self, rows: Rows, session: InterviewSession, role: Role) -> None:
        self.rows = rows
        self.session = session
        self.link = Invitation(
            session.public_id, role, session.invitation_generation, NOON + WEEK, "s1"
        )

    async def come(
        self,
        name: str = "Zoë",
        *,
        presented: tuple[Participant, ...] = (),
        present: tuple[Participant, ...] = (),
        most: int = 50,
        waiting: int = 50,
        link: Invitation | None = None,
    ) -> Participant:
        """Have somebody come in."""
        return (await self._join(name, presented, present, most, waiting, link))[0]

    async def is_new(self, name: str, **changes: Any) -> bool:
        """Tell whether somebody who comes is somebody new."""
        people = len(await self.guests())
        await self.come(name, **changes)
        return len(await self.guests()) > people

    async def _join(
        self,
        name: str,
        presented: tuple[Participant, ...],
        present: tuple[Participant, ...],
        most: int,
        waiting: int,
        link: Invitation | None,
    ) -> tuple[Participant, bool]:
        async with self.rows.database.write() as db:
            return await join(
                db,
                self.session,
                name,
                link or self.link,
                LATER,
                {each.public_id for each in presented},
                {each.id for each in present},
                most,
                waiting,
            )

    async def refusal(self, name: str = "Zoë", **changes: Any) -> Code | None:
        """Return why somebody may not come in."""
        try:
            await self.come(name, **changes)
        except AppError as error:
            return error.code
        return None

    async def guests(self) -> list[Participant]:
        """Return who came by the link."""
        async with self.rows.database.read() as db:
            return list(await came_by(db, self.session, self.link))

    async def change(self, person: Participant, **changes: Any) -> None:
        """Have a host change something about somebody."""
        async with self.rows.database.write() as db:
            stored = await db.get_one(Participant, person.id)
            for name, value in changes.items():
                setattr(stored, name, value)


@pytest.fixture
async def door(rows: Rows) -> Door:
    return Door(rows, await rows.session(), Role.CANDIDATE)


@pytest.fixture
async def guarded(rows: Rows) -> Door:
    return Door(rows, await rows.session(waiting_room=True), Role.CANDIDATE)


# Who somebody is


async def test_somebody_new_is_who_the_link_says(door: Door) -> None:
    zoe = await door.come("  Zoë \u200b ")
    assert (zoe.name, zoe.role, zoe.is_owner, zoe.account_id) == ("Zoë", "candidate", False, None)
    assert (zoe.invitation, zoe.generation, zoe.expires_at) == ("s1", 0, NOON + WEEK)
    assert (zoe.admitted_at, zoe.created_at) == (LATER, LATER)


@pytest.mark.parametrize("again", ["Zoë", "zoË", " Zoë ", "Zo\u200bë"])
async def test_the_same_name_is_the_same_person(door: Door, again: str) -> None:
    zoe = await door.come("Zoë")
    assert (await door.come(again)).id == zoe.id
    assert not await door.is_new(again)


@pytest.mark.parametrize("other", ["Zoe", "Zoë K.", "Zo", "Z o ë"])
async def test_another_name_is_somebody_else(door: Door, other: str) -> None:
    await door.come("Zoë")
    assert await door.is_new(other)


@pytest.mark.parametrize("blank", ["", "  ", "\u200b", "\u3164"])
async def test_nobody_is_called_nothing(door: Door, blank: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await door.come(blank)
    assert refused.value.code is Code.NAME_MISSING


async def test_who_is_there_already_is_somebody_else_of_that_name(door: Door) -> None:
    first = await door.come()
    second = await door.come(present=(first,))
    third = await door.come(present=(first, second))
    assert [each.name for each in (first, second, third)] == ["Zoë", "Zoë (2)", "Zoë (3)"]
    assert (await door.come(present=(first,))).id == second.id, "whose connection was lost"
    assert (await door.come(present=(second, third))).id == first.id
    assert (await door.come("Zoë (3)", present=(first,))).id == third.id


async def test_a_browser_is_who_it_was_though_somebody_of_that_name_is_there(door: Door) -> None:
    first = await door.come()
    second = await door.come(present=(first,))
    both = (first, second)
    assert (await door.come(presented=(second,), present=both)).id == second.id
    assert (await door.come(presented=(first,), present=both)).id == first.id


async def test_a_long_name_makes_room_for_its_number(door: Door) -> None:
    long = "é" * 80
    first = await door.come(long)
    second = await door.come(long, present=(first,))
    assert (len(first.name), second.name) == (80, f"{'é' * 73} (2)")
    assert (await door.come(long, present=(first,))).id == second.id


async def test_two_who_come_at_once_are_one_person_by_one_name(door: Door) -> None:
    done = await asyncio.gather(*(door.come(name) for name in ("Zoë", "zoë", "Zoë", "Ana")))
    assert len({each.id for each in done}) == 2


async def test_each_link_has_guests_of_its_own(door: Door) -> None:
    zoe = await door.come()
    for other in ({"serial": "s2"}, {"generation": 1}):
        known: dict[str, Any] = {
            "session_id": door.link.session_id,
            "role": door.link.role,
            "generation": 0,
            "expires_at": NOON + WEEK,
            "serial": "s1",
        }
        assert (await door.come(link=Invitation(**{**known, **other}))).id != zoe.id
    assert [each.id for each in await door.guests()] == [zoe.id]


async def test_a_link_does_not_tell_who_else_has_it(door: Door) -> None:
    zoe, ana, otto = [await door.come(name) for name in ("Zoë", "Ana", "Otto")]
    await door.change(otto, removed_at=LATER)
    guests = await door.guests()
    assert names_of(guests, []) == []
    assert names_of(guests, [zoe.public_id, "0" * 32]) == ["Zoë"]
    assert names_of(guests, [each.public_id for each in (zoe, ana, otto)]) == ["Ana", "Zoë"]


# Who is not let in


async def test_who_was_taken_out_does_not_come_back(door: Door) -> None:
    zoe = await door.come()
    await door.change(zoe, removed_at=LATER)
    assert await door.refusal() is Code.TAKEN_OUT
    assert await door.refusal("zoë", presented=(zoe,)) is Code.TAKEN_OUT
    other = await door.come("Ana")
    assert other.admitted_at is None, "by another name they wait, as everybody by this link now"


async def test_a_role_that_somebody_was_given_is_not_for_who_types_their_name(door: Door) -> None:
    zoe = await door.come()
    await door.change(zoe, role=Role.INTERVIEWER.value)
    assert await door.refusal() is Code.ANOTHER_ROLE_NOW
    assert (await door.come(presented=(zoe,))).role == "interviewer", "their own browser is them"


async def test_a_smaller_role_is_kept_by_whoever_has_it(rows: Rows) -> None:
    """They would be an interviewer again by another name: who is new waits, who was there comes back as they are."""
    door = Door(rows, await rows.session(), Role.INTERVIEWER)
    zoe = await door.come()
    await door.change(zoe, role=Role.OBSERVER.value)
    assert (await door.come()).role == "observer"
    assert (await door.come("Somebody")).admitted_at is None


@pytest.mark.parametrize(("most", "fits"), [(1, False), (2, False), (3, True)])
async def test_a_link_lets_so_many_people_in(door: Door, most: int, fits: bool) -> None:
    for name in ("Ana", "Otto"):
        await door.come(name)
    if fits:
        await door.come(most=most)
        return
    with pytest.raises(Conflict) as refused:
        await door.come(most=most)
    assert (refused.value.bound, refused.value.code) == (
        "max_people_per_link",
        Code.TOO_MANY_PEOPLE,
    )
    assert str(most) in refused.value.detail
    assert not await door.is_new("Ana", most=most), "who was in comes back"


# The waiting room


async def test_where_people_wait_a_name_is_no_proof(guarded: Door) -> None:
    first, second = await guarded.come(), await guarded.come()
    assert first.id != second.id
    assert [each.name for each in (first, second)] == ["Zoë", "Zoë"], "nobody tells them apart"
    assert {each.admitted_at for each in (first, second)} == {None}
    assert (await guarded.come(presented=(second,))).id == second.id


async def test_who_was_let_in_comes_back_by_their_credential_alone(guarded: Door) -> None:
    zoe = await guarded.come()
    await guarded.change(zoe, admitted_at=LATER)
    assert (await guarded.come(presented=(zoe,))).admitted_at == LATER
    assert (await guarded.come()).admitted_at is None


@pytest.mark.parametrize(("most", "fits"), [(1, False), (2, False), (3, True)])
async def test_so_many_wait_by_one_link(guarded: Door, most: int, fits: bool) -> None:
    for name in ("Ana", "Otto"):
        await guarded.come(name)
    assert await guarded.refusal(waiting=most) is (None if fits else Code.TOO_MANY_WAITING)


async def test_who_was_let_in_or_taken_out_does_not_wait(guarded: Door) -> None:
    ana, otto = await guarded.come("Ana"), await guarded.come("Otto")
    await guarded.change(ana, admitted_at=LATER)
    assert await guarded.refusal(waiting=2) is None
    await guarded.change(otto, removed_at=LATER)
    assert await guarded.refusal("Eva", waiting=2) is None
    assert await guarded.refusal("Mia", waiting=2) is Code.TOO_MANY_WAITING


@pytest.mark.parametrize(
    ("role", "waits"),
    [(Role.INTERVIEWER, False), (Role.CANDIDATE, True), (Role.OBSERVER, True)],
)
async def test_interviewers_do_not_wait(rows: Rows, role: Role, waits: bool) -> None:
    door = Door(rows, await rows.session(waiting_room=True), role)
    assert must_wait(door.session, door.link, []) is waits
    assert ((await door.come()).admitted_at is None) is waits


# What hosts do


async def test_an_invitation_beside_the_share_link(rows: Rows, door: Door) -> None:
    async with rows.database.write() as db:
        made = [
            await participants.create_invitation(db, door.session, role, NOON, 3)
            for role in (Role.OBSERVER, Role.OBSERVER, Role.INTERVIEWER)
        ]
    assert len({each.serial for each in made}) == 3
    assert {each.expires_at for each in made} == {NOON + timedelta(days=3)}
    for each in (made[0], made[0], made[2]):
        await door.come(f"{each.serial} {each.role} {NOON}"[:80], link=each)
    await door.come("Zoë", link=made[0])
    async with rows.database.read() as db:
        listed = await participants.list_invitations(db, door.session)
        uses = await participants.count_uses(db, door.session)
    assert [each.serial for each in listed] == [each.serial for each in made]
    assert uses == {made[0].serial: 2, made[2].serial: 1}


async def test_links_that_were_replaced_are_not_listed_or_counted(rows: Rows, door: Door) -> None:
    async with rows.database.write() as db:
        old = await participants.create_invitation(db, door.session, Role.OBSERVER, NOON, 3)
    await door.come(link=old)
    async with rows.database.write() as db:
        session = await db.get_one(InterviewSession, door.session.id)
        session.invitation_generation += 1
    session = await rows.reread(door.session)
    async with rows.database.read() as db:
        assert await participants.list_invitations(db, session) == []
        assert await participants.count_uses(db, session) == {}


async def test_who_was_invited_can_be_changed_and_nobody_else(rows: Rows, door: Door) -> None:
    zoe, gone = await door.come(), await door.come("Otto")
    await door.change(gone, removed_at=LATER)
    account = await rows.account(await rows.team())
    owner = await rows.person(door.session, "Host", Role.HOST, is_owner=True)
    member = await rows.person(door.session, "Ana", Role.INTERVIEWER, account_id=account.id)
    elsewhere = await rows.person(await rows.session())

    async def code(person: str) -> Code | None:
        async with rows.database.write() as db:
            try:
                found = await participants.get_invited(db, door.session, person)
            except (NotFound, Conflict) as error:
                return error.code
            assert found.id == zoe.id
            return None

    assert await code(zoe.public_id) is None
    for each in (gone.public_id, elsewhere.public_id, "0" * 32, ""):
        assert await code(each) is Code.PERSON_NOT_FOUND
    for other in (owner, member):
        assert await code(other.public_id) is Code.PERSON_NOT_INVITED


async def test_a_change_of_roles_and_a_removal_are_on_the_timeline(
    rows: Rows, door: Door, guarded: Door
) -> None:
    zoe, host = await door.come(), await rows.person(door.session, "Ana", Role.HOST)
    waiting = await guarded.come("Nobody")
    async with rows.database.write() as db:
        person = await db.get_one(Participant, zoe.id)
        await participants.change_role(db, door.session, person, Role.OBSERVER, LATER, host.id)
        await participants.remove(db, door.session, person, LATER, host.id)
        unseen = await db.get_one(Participant, waiting.id)
        await participants.remove(db, guarded.session, unseen, LATER, None)
    async with rows.database.read() as db:
        entries = (await db.scalars(select(TimelineEntry).order_by(TimelineEntry.seq))).all()
    assert [(each.kind, each.participant_id) for each in entries] == [
        ("role", host.id),
        ("removed", host.id),
    ], "of who was never in, the others learn nothing"
    assert [(each.data or {})["name"] for each in entries] == ["Zoë", "Zoë"]
    assert (await rows.reread(zoe)).removed_at == LATER


async def test_somebody_who_waits_is_let_in_while_their_link_holds(
    rows: Rows, guarded: Door
) -> None:
    async def admit(person: Participant, at: Any = LATER, generation: int = 0) -> Code | None:
        session = await rows.reread(guarded.session)
        session.invitation_generation = generation
        async with rows.database.write() as db:
            try:
                stored = await db.get_one(Participant, person.id)
                await participants.admit(db, session, stored, at)
            except Conflict as error:
                return error.code
        return None

    zoe, ana, otto = [await guarded.come(name) for name in ("Zoë", "Ana", "Otto")]
    assert await admit(zoe) is None
    assert (await rows.reread(zoe)).admitted_at == LATER
    assert await admit(zoe) is Code.PERSON_OUT, "who is in does not wait"
    assert await admit(ana, NOON + WEEK) is Code.PERSON_OUT, "over at that instant"
    assert await admit(ana, generation=1) is Code.PERSON_OUT
    assert await admit(ana, NOON + WEEK - timedelta(microseconds=1)) is None
    await guarded.change(otto, removed_at=LATER)
    assert await admit(otto) is Code.PERSON_OUT


@pytest.mark.parametrize("signals", Signals)
@pytest.mark.parametrize("keeps", CandidateKeeps)
def test_people_are_told_before_they_join_what_is_kept(
    signals: Signals, keeps: CandidateKeeps
) -> None:
    session = InterviewSession(signals=signals.value, candidate_keeps=keeps.value)
    told = participants.recorded_in(session)
    assert told[: len(participants.RECORDED)] == participants.RECORDED
    assert any("leave this page" in each for each in told) == (signals is Signals.ALL)
    assert any("large pastes" in each for each in told) == (signals is not Signals.NONE)
    after = participants.kept_afterwards(session)
    assert ("everything recorded" in after) == (keeps is CandidateKeeps.TIMELINE)
    assert ("cannot read" in after) == (keeps is CandidateKeeps.NOTHING)
