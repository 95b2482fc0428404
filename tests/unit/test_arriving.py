"""What the sockets of a room keep of what is on its way: so much, and who keeps most makes room."""

from tests.harness.core import ANA, ZOE, connect
from tests.harness.moved_time import in_moved_time

from pizarra.collab.wire.close_codes import CloseCode
from pizarra.realtime.arriving import Arriving


def test_who_keeps_most_makes_room() -> None:
    async def story() -> None:
        arriving = Arriving(100)
        (ana, _), (zoe, _), (other, _) = connect(ANA), connect(ZOE), connect(ZOE)
        arriving.keeps("one", ana, 60)
        arriving.keeps("one", ana, 70)
        arriving.keeps("one", zoe, 30)
        arriving.keeps("two", other, 100)
        assert (ana.closing, zoe.closing, other.closing) == (None, None, None)
        arriving.keeps("one", zoe, 40)
        assert ana.closing is not None
        assert ana.closing[0] is CloseCode.TRY_AGAIN
        assert ana.bound == "max_arriving_bytes_per_room"
        assert (zoe.closing, other.closing) == (None, None)
        arriving.keeps("one", ana, 1000)  # it goes on until it is gone
        assert zoe.closing is None

    in_moved_time(story())


def test_nothing_is_kept_of_who_left() -> None:
    async def story() -> None:
        arriving = Arriving(100)
        (ana, _), (zoe, _) = connect(ANA), connect(ZOE)
        arriving.keeps("one", ana, 90)
        arriving.leave("one", ana)
        arriving.leave("one", zoe)
        arriving.leave("two", zoe)
        assert len(arriving) == 0
        arriving.keeps("one", zoe, 90)
        assert zoe.closing is None

    in_moved_time(story())
