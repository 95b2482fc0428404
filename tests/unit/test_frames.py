"""What goes over a bus is of who has the key, new, and heard once."""

import pytest

from pizarra.cluster.frames import ForeignFrame, Frame, Frames
from pizarra.kit.tokens import TokenSigner

KEY = TokenSigner(b"k" * 32)
MINUTE = 60_000_000


class Time:
    """The database's time, moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000_000

    def __call__(self) -> int:
        """Tell it."""
        return self.now


@pytest.fixture
def time() -> Time:
    """One time for all processes."""
    return Time()


def said(number: int, node: str = "a") -> Frame:
    """Return a message."""
    return Frame(node, "tell", "room", b"%d of them, with spaces" % number)


def test_what_was_said_is_read(time: Time) -> None:
    here, there = Frames(KEY, time), Frames(KEY, time)
    for number in range(5):
        message = here.write(said(number))
        assert there.says_to_be_of(b"a", message)
        assert not there.says_to_be_of(b"b", message)
        assert there.read(message) == said(number)


def test_what_was_said_before_is_refused(time: Time) -> None:
    here, there = Frames(KEY, time), Frames(KEY, time)
    messages = [here.write(said(number)) for number in range(100)]
    # out of order is fine, twice is not
    for message in reversed(messages):
        there.read(message)
    for message in messages:
        with pytest.raises(ForeignFrame):
            there.read(message)
    assert there.read(here.write(said(7))) == said(7)


def test_what_is_old_is_refused(time: Time) -> None:
    here, there = Frames(KEY, time), Frames(KEY, time)
    late, never = here.write(said(1)), here.write(said(2))
    time.now += MINUTE
    assert there.read(late) == said(1)
    time.now += 1
    with pytest.raises(ForeignFrame):
        there.read(never)
    ahead = here.write(said(3))
    time.now -= MINUTE + 1
    with pytest.raises(ForeignFrame):
        there.read(ahead)


def test_what_is_far_behind_is_refused_and_little_is_remembered(time: Time) -> None:
    here, there = Frames(KEY, time), Frames(KEY, time)
    first, second = here.write(said(1)), here.write(said(2))
    there.read(first)
    for number in range(5000):
        message = here.write(said(number))
    there.read(message)
    with pytest.raises(ForeignFrame):
        there.read(second)
    with pytest.raises(ForeignFrame):
        there.read(message)


def test_each_process_has_numbers_of_its_own(time: Time) -> None:
    there = Frames(KEY, time)
    for number in range(1200):
        assert there.read(Frames(KEY, time).write(said(1, f"node{number}"))).node == f"node{number}"
    assert there.known == 1000


@pytest.mark.parametrize("place", [0, 1, 16, 17, 24, 25, 32, 33, 40])
def test_what_is_not_ours_is_refused(time: Time, place: int) -> None:
    here, there = Frames(KEY, time), Frames(KEY, time)
    message = bytearray(here.write(said(1)))
    message[place] ^= 1
    with pytest.raises(ForeignFrame):
        there.read(bytes(message))
    with pytest.raises(ForeignFrame):
        Frames(TokenSigner(b"o" * 32), time).read(here.write(said(1)))
    for start in range(40):
        with pytest.raises(ForeignFrame):
            there.read(here.write(said(1))[:start])
