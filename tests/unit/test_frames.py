"""What goes over a bus is of who has the key, new, and heard once."""

import pytest

from pizarra.cluster.frames import ForeignFrame, Frame, Frames, in_messages, pack, unpack
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


def told(number: int) -> Frame:
    """Return what is told of a room."""
    return Frame("tell", "room", b"%d of them, with spaces" % number)


def said(number: int) -> tuple[str, list[Frame]]:
    """Return a message, and of which process it is."""
    return "a", [told(number)]


def test_what_was_said_is_read(time: Time) -> None:
    here, there = Frames(KEY, time), Frames(KEY, time)
    for number in range(5):
        message = here.write(*said(number))
        assert there.read(message) == said(number)


def test_what_was_said_before_is_refused(time: Time) -> None:
    here, there = Frames(KEY, time), Frames(KEY, time)
    messages = [here.write(*said(number)) for number in range(100)]
    # out of order is fine, twice is not
    for message in reversed(messages):
        there.read(message)
    for message in messages:
        with pytest.raises(ForeignFrame):
            there.read(message)
    assert there.read(here.write(*said(7))) == said(7)


def test_what_is_old_is_refused(time: Time) -> None:
    here, there = Frames(KEY, time), Frames(KEY, time)
    late, never = here.write(*said(1)), here.write(*said(2))
    time.now += MINUTE
    assert there.read(late) == said(1)
    time.now += 1
    with pytest.raises(ForeignFrame):
        there.read(never)
    ahead = here.write(*said(3))
    time.now -= MINUTE + 1
    with pytest.raises(ForeignFrame):
        there.read(ahead)


def test_what_is_far_behind_is_refused_and_little_is_remembered(time: Time) -> None:
    here, there = Frames(KEY, time), Frames(KEY, time)
    first, second = here.write(*said(1)), here.write(*said(2))
    there.read(first)
    for number in range(5000):
        message = here.write(*said(number))
    there.read(message)
    with pytest.raises(ForeignFrame):
        there.read(second)
    with pytest.raises(ForeignFrame):
        there.read(message)


def test_each_process_has_numbers_of_its_own(time: Time) -> None:
    there = Frames(KEY, time)
    for number in range(1200):
        message = Frames(KEY, time).write(f"node{number}", [told(1)])
        assert there.read(message) == (f"node{number}", [told(1)])
    assert there.known == 1000


@pytest.mark.parametrize("place", [0, 1, 16, 17, 24, 25, 32, 33, 40])
def test_what_is_not_ours_is_refused(time: Time, place: int) -> None:
    here, there = Frames(KEY, time), Frames(KEY, time)
    message = bytearray(here.write(*said(1)))
    message[place] ^= 1
    with pytest.raises(ForeignFrame):
        there.read(bytes(message))
    with pytest.raises(ForeignFrame):
        Frames(TokenSigner(b"o" * 32), time).read(here.write(*said(1)))
    for start in range(40):
        with pytest.raises(ForeignFrame):
            there.read(here.write(*said(1))[:start])


def test_many_frames_are_one_message() -> None:
    frames = [
        Frame("presence", "room", bytes(range(256))),
        Frame("hello", "other", b""),
        Frame("tell", "room", b"tell room 12 looks like the next"),
        Frame("entries", "17", "ä 🙂".encode()),
    ]
    assert list(unpack(pack(frames))) == frames
    assert pack(frames[1:]).decode().count("🙂") == 1
    assert list(unpack(b"a head " + pack(frames), 7)) == frames


@pytest.mark.parametrize(
    "packed", [b"tell", b"tell room", b"tell room 3 ab", b"tell room x ab", b"tell room -1 ab"]
)
def test_what_is_no_frame_is_an_error(packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"no frame|not found|invalid literal"):
        list(unpack(pack([told(1)]) + packed))


def test_frames_are_parted_in_their_order() -> None:
    small = [told(number) for number in range(120)]
    assert [len(each) for each in in_messages(small, 1_000_000)] == [50, 50, 20]
    large = Frame("entries", "1", b"x" * 5000)
    parted = list(in_messages([told(1), large, told(2), told(3)], 1000))
    assert parted == [[told(1)], [large], [told(2), told(3)]]
    assert list(in_messages([], 1000)) == []
