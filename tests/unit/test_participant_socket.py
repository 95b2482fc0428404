"""What becomes of an open socket when what its person may do has changed. Time is moved, not waited for."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from tests.harness.core import ANA, ZOE, Typist
from tests.harness.moved_time import in_moved_time
from tests.unit.test_room import Stage, updates

from pizarra.access.credentials import Caller
from pizarra.access.revalidation import CurrentRights
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.config import Settings
from pizarra.models import Role
from pizarra.realtime.participant_socket import ParticipantSocket, RoomSocket
from pizarra.realtime.parts import SocketParts

FREE = CurrentRights(Role.CANDIDATE, may_edit=True)
LOCKED = CurrentRights(Role.CANDIDATE, may_edit=False)
GRACE = 0.9


class Place:
    """Zoë, a candidate, in a room with Ana; nothing of the application but its settings is asked for."""

    def __init__(self) -> None:
        self.stage, self._typist = Stage(), Typist(5)
        self.zoe, self.end = self.stage.enter(ZOE)
        _, self._ana_end = self.stage.enter(ANA)
        parts = SimpleNamespace(settings=Settings(lock_grace_seconds=GRACE))
        self.socket = ParticipantSocket(
            cast("SocketParts", parts),
            self.stage.room,
            self.zoe,
            Caller(is_owner=False),
            None,
            cast("RoomSocket", self.end),
            "",
        )

    def writes(self) -> bool:
        """Have Zoë type; tell whether Ana sees it."""
        self.stage.type(self.zoe, self._typist.type("x"))
        if self.stage.log.is_asked:
            self.stage.log.commit()
        return bool(updates(self._ana_end))


def test_what_was_typed_before_the_news_of_a_lock_arrived_counts() -> None:
    async def story() -> None:
        place = Place()
        place.socket.take_rights(LOCKED)
        await asyncio.sleep(GRACE - 0.1)
        assert place.writes()
        await asyncio.sleep(0.2)
        assert not place.writes()
        assert place.end.closed is not None
        assert place.end.closed[0] is CloseCode.READ_ONLY

    in_moved_time(story())


def test_the_grace_is_not_begun_anew_at_each_look() -> None:
    async def story() -> None:
        place = Place()
        for _ in range(4):
            place.socket.take_rights(LOCKED)
            await asyncio.sleep(GRACE / 3)
        assert not place.writes()

    in_moved_time(story())


def test_a_lock_that_is_taken_back_in_time_never_holds() -> None:
    async def story() -> None:
        place = Place()
        place.socket.take_rights(LOCKED)
        await asyncio.sleep(GRACE / 2)
        place.socket.take_rights(FREE)
        await asyncio.sleep(GRACE * 3)
        assert place.writes()

    in_moved_time(story())


def test_a_lock_taken_back_later_is_as_if_there_had_been_none() -> None:
    async def story() -> None:
        place = Place()
        place.socket.take_rights(LOCKED)
        await asyncio.sleep(GRACE * 2)
        assert not place.zoe.person.may_edit
        place.socket.take_rights(FREE)
        assert place.writes()

    in_moved_time(story())


@pytest.mark.parametrize(
    ("rights", "code"),
    [
        (None, CloseCode.UNKNOWN_ROOM),
        (CurrentRights(None, may_edit=False), CloseCode.NOT_ALLOWED),
    ],
    ids=["the session is gone", "they were taken out"],
)
def test_who_may_not_be_here_any_more_goes_at_once(
    rights: CurrentRights | None, code: CloseCode
) -> None:
    async def story() -> None:
        place = Place()
        place.socket.take_rights(rights)
        assert place.end.closed is not None
        assert place.end.closed[0] is code
        assert not place.writes()

    in_moved_time(story())


def test_rights_that_are_what_they_were_tell_nobody_anything() -> None:
    async def story() -> None:
        place = Place()
        place.end.messages()
        place.socket.take_rights(FREE)
        await asyncio.sleep(GRACE * 2)
        assert place.end.messages() == []

    in_moved_time(story())
