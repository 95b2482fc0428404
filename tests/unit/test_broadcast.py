"""What everybody in a room is told, and who is spared. Time is moved, not waited for."""

import asyncio
from collections.abc import Callable

from tests.harness.core import ANA, OTTO, ZOE, FarEnd, connect, limits
from tests.harness.moved_time import in_moved_time

from pizarra.collab.broadcast import Audience, Broadcast
from pizarra.collab.connection import Connection
from pizarra.collab.presence import Presence
from pizarra.collab.state.ownership import Ownership
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import MessageType, var_bytes, var_uint, websocket_frame

EDIT = websocket_frame(b"\0\2\1x")


def room(on_missed: Callable[[], None] = lambda: None, **changes: int) -> Broadcast:
    bounds = limits(**changes)
    presence = Presence(Ownership({}, 9, 9), bounds.presence_bytes, bounds.connections)
    return Broadcast(presence, bounds, on_missed)


def moves(client: int, clock: int) -> bytes:
    """Return a presence message: a cursor moved."""
    return b"\x01" + var_uint(client) + var_uint(clock) + var_bytes(b"{}")


def kinds(end: FarEnd) -> list[MessageType]:
    return [message.type for message in end.messages()]


def test_a_person_is_here_once_however_many_windows() -> None:
    async def story() -> None:
        here = room()
        (first, _), (second, _), (zoe, _) = connect(ANA), connect(ANA), connect(ZOE)
        assert all(map(here.join, (first, second, zoe)))
        assert (here.people(), here.count(ANA)) == ([ANA, ZOE], 2)
        assert here.leave(first)
        assert not here.leave(first)
        assert (here.people(), here.has(ANA)) == ([ANA, ZOE], True)
        here.leave(second)
        assert (here.people(), here.has(ANA), here.count(ANA)) == ([ZOE], False, 0)

    in_moved_time(story())


def test_a_full_room_asks_to_come_later() -> None:
    async def story() -> None:
        here = room(max_connections_per_room=1)
        (ana, _), (zoe, end) = connect(ANA), connect(ZOE)
        assert here.join(ana)
        assert not here.join(zoe)
        assert end.closed is not None
        assert (end.closed[0], zoe.bound) == (CloseCode.TRY_AGAIN, "max_connections_per_room")

    in_moved_time(story())


def test_moves_are_gathered_and_their_author_spared_nothing_else() -> None:
    async def story() -> None:
        here = room(presence_tick_ms=60)
        (ana, hers), (zoe, theirs) = connect(ANA), connect(ZOE)
        here.join(ana)
        here.join(zoe)
        for clock in (1, 2, 3):
            here.receive_presence(ana, moves(5, clock))
        assert theirs.got == []
        await asyncio.sleep(0.05)
        assert theirs.got == []
        await asyncio.sleep(0.02)
        assert kinds(theirs) == [MessageType.AWARENESS]
        await asyncio.sleep(1)
        assert theirs.got == []
        assert kinds(hers) == [MessageType.AWARENESS], "a stock client expects its own"

    in_moved_time(story())


def test_a_move_rides_with_the_next_edit() -> None:
    async def story() -> None:
        here = room()
        (ana, hers), (zoe, theirs) = connect(ANA), connect(ZOE)
        here.join(ana)
        here.join(zoe)
        here.receive_presence(ana, moves(5, 1))
        here.relay(EDIT, ana)
        assert len(theirs.got) == 1, "in one write"
        assert kinds(theirs) == [MessageType.SYNC, MessageType.AWARENESS]
        assert hers.got == [], "both were hers"
        await asyncio.sleep(1)
        assert theirs.got == [], "nothing is told twice"
        here.receive_presence(zoe, moves(6, 1))
        here.relay(EDIT, ana)
        assert kinds(hers) == [MessageType.AWARENESS], "another's move"

    in_moved_time(story())


def test_a_move_goes_to_other_processes_with_an_edit_of_this_one() -> None:
    async def story() -> None:
        here = room()
        told: list[int] = []  # of how many messages each word to the others was
        here.on_presence = lambda: told.append(len(here.own_news()))
        (ana, _), (zoe, theirs) = connect(ANA), connect(ZOE)
        here.join(ana)
        here.join(zoe)
        here.people_elsewhere("other", [OTTO])
        here.receive_presence(ana, moves(5, 1))
        here.relay(EDIT, None, is_ours=False)
        assert kinds(theirs) == [MessageType.SYNC, MessageType.AWARENESS], "the move is shown here"
        assert told == [], "her own edit is on its way, and will take it along"
        here.relay(EDIT, ana)
        assert told == [1]
        await asyncio.sleep(1)
        assert told == [1], "nothing is told twice"
        here.receive_presence(ana, moves(5, 2))
        here.relay(EDIT, None, is_ours=False)
        await asyncio.sleep(1)
        assert told == [1, 1], "no edit took it along"

    in_moved_time(story())


def test_a_slow_connection_goes_without_moves_until_it_has_caught_up() -> None:
    async def story() -> None:
        missed: list[Connection] = []
        here = room(on_missed=lambda: missed.append(zoe))
        (ana, _), (zoe, theirs) = connect(ANA), connect(ZOE)
        here.join(ana)
        here.join(zoe)
        zoe.set_writable(False)
        here.receive_presence(ana, moves(5, 1))
        here.relay(EDIT, ana)
        here.receive_presence(ana, moves(5, 2))
        await asyncio.sleep(1)
        assert kinds(theirs) == [MessageType.SYNC]
        assert len(missed) == 2
        zoe.set_writable(True)
        (told,) = theirs.messages()
        assert told.type is MessageType.AWARENESS
        assert told.payload[:3] == b"\x01\x05\x02", "the newest, once"

    in_moved_time(story())


def test_those_who_leave_are_gone_for_the_others() -> None:
    async def story() -> None:
        here = room()
        (ana, _), (zoe, theirs) = connect(ANA), connect(ZOE)
        here.join(ana)
        here.join(zoe)
        here.receive_presence(ana, moves(5, 1))
        await asyncio.sleep(1)
        theirs.got.clear()
        here.leave(ana)
        await asyncio.sleep(1)
        (told,) = theirs.messages()
        assert told.payload == b"\x01\x05\x02" + var_bytes(b"null")

    in_moved_time(story())


def test_words_go_to_those_who_understand_and_may_hear_them() -> None:
    async def story() -> None:
        here = room()
        (ana, hers), (otto, his) = connect(ANA), connect(OTTO)
        stock = FarEnd()
        plain = Connection(ZOE, stock, limits().connection, wants_control=False)
        for each in (ana, otto, plain):
            here.join(each)
        here.tell(b"{}")
        here.tell(b"[]", Audience.HOSTS)
        here.tell(b"0", Audience.OTHERS)
        assert [message.payload for message in hers.messages()] == [b"{}", b"[]"]
        assert [message.payload for message in his.messages()] == [b"{}", b"0"]
        assert stock.got == []

    in_moved_time(story())


def test_a_closed_room_tells_nobody_anything() -> None:
    async def story() -> None:
        here = room()
        (ana, _), (zoe, theirs) = connect(ANA), connect(ZOE)
        here.join(ana)
        here.join(zoe)
        here.receive_presence(ana, moves(5, 1))
        here.close(CloseCode.GOING_AWAY, "stopping")
        await asyncio.sleep(1)
        assert (theirs.got, theirs.closed) == ([], (CloseCode.GOING_AWAY, "stopping"))

    in_moved_time(story())
