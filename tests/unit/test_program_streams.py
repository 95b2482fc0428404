"""What goes into a program and comes out of it: whole, in order, as fast as it reads, and no more than it may print."""

import asyncio
import contextlib
import os
import struct
import termios
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from fcntl import ioctl

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pizarra.sandbox.isolation.streams import (
    ProgramInput,
    ProgramOutput,
    ProgramStreams,
    Typing,
    open_terminal,
    readable,
)

EDITOR_BYTES = 4095  # what the kernel's line editor holds of a line: N_TTY_BUF_SIZE - 1
PIPE_BYTES = 64 * 1024


async def until(done: Callable[[], bool]) -> None:
    """Let the event loop turn until something is so."""
    async with asyncio.timeout(10):
        while not done():
            await asyncio.sleep(0)


def is_open(descriptor: int) -> bool:
    """Tell whether nobody has closed a descriptor."""
    with contextlib.suppress(OSError):
        os.fstat(descriptor)
        return True
    return False


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe; whoever gets one closes it."""
    ends = os.pipe()
    yield ends
    for each in ends:
        with contextlib.suppress(OSError):
            os.close(each)


# What comes out


async def test_output_comes_whole_and_its_end_is_seen(pipe: tuple[int, int]) -> None:
    got = bytearray()
    output = ProgramOutput(pipe[0], got.extend)
    os.write(pipe[1], b"one")
    await until(lambda: got == b"one")
    os.write(pipe[1], b"\0\xff two")
    os.close(pipe[1])
    await until(lambda: got == b"one\0\xff two")
    await until(lambda: not is_open(pipe[0]))  # it has seen the end
    output.close()  # once more changes nothing
    output.hold(True)
    output.drain()


async def test_what_is_held_stays_in_the_pipe_and_comes_after(pipe: tuple[int, int]) -> None:
    """So a program waits whose output nobody takes, instead of filling this process's memory."""
    got = bytearray()
    output = ProgramOutput(pipe[0], got.extend)
    output.hold(True)
    output.hold(True)  # said twice is said once
    os.set_blocking(pipe[1], False)
    written = os.write(pipe[1], b"x" * PIPE_BYTES)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not got
    with pytest.raises(BlockingIOError):
        os.write(pipe[1], b"y")
    output.hold(False)
    await until(lambda: len(got) == written)
    output.close()


async def test_draining_takes_what_a_dead_program_left_though_it_was_held(
    pipe: tuple[int, int],
) -> None:
    pieces: list[bytes] = []
    output = ProgramOutput(pipe[0], pieces.append)
    output.hold(True)
    left = os.urandom(PIPE_BYTES)
    os.write(pipe[1], left)
    output.drain()  # somebody still has the other end open: it takes what is there and waits for no more
    assert b"".join(pieces) == left
    os.write(pipe[1], b"last")
    os.close(pipe[1])
    output.drain()
    assert pieces[-1] == b"last"
    assert not is_open(pipe[0]), "it saw the end, too"
    output.drain()


# What goes in


async def test_input_goes_on_as_fast_as_the_program_reads(pipe: tuple[int, int]) -> None:
    """More than a pipe holds: nothing of it is lost, nothing blocks, and the end comes after it."""
    into = ProgramInput(pipe[1])
    sent = os.urandom(5 * PIPE_BYTES + 1)
    into.write(sent[:100])
    into.write(sent[100:])
    into.end()
    into.write(b"after the end")
    assert into.descriptor is not None, "most of it still waits"
    os.set_blocking(pipe[0], False)
    got = bytearray()
    async with asyncio.timeout(10):
        while True:
            await readable(pipe[0])
            piece = os.read(pipe[0], 10_000)
            if not piece:
                break
            got += piece
    assert got == sent
    assert into.descriptor is None


async def test_who_reads_no_more_is_given_no_more(pipe: tuple[int, int]) -> None:
    into = ProgramInput(pipe[1])
    into.write(b"x" * (2 * PIPE_BYTES))
    os.close(pipe[0])
    await until(lambda: into.descriptor is None)  # EPIPE, and no SIGPIPE to us
    into.write(b"more")
    into.end()
    into.close()


async def test_the_end_of_nothing_is_an_end(pipe: tuple[int, int]) -> None:
    into = ProgramInput(pipe[1])
    into.write(b"")
    into.end()
    assert os.read(pipe[0], 1) == b""


# Keys of a terminal


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal without echo, as a kernel here has them."""
    ours, theirs = open_terminal(None)
    _mode(theirs, termios.ECHO, on=False)
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def _mode(descriptor: int, flag: int, *, on: bool) -> None:
    settings = termios.tcgetattr(descriptor)
    settings[3] = settings[3] | flag if on else settings[3] & ~flag
    termios.tcsetattr(descriptor, termios.TCSANOW, settings)


def read_through(ours: int, theirs: int, keys: bytes) -> bytes:
    """Type keys at one end while a program reads the other to its end; return what it read."""
    got = bytearray()

    def read() -> None:
        while piece := os.read(theirs, 100_000):
            got.extend(piece)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    # No more at once than the program can have taken: what a full editor gets is lost, which is not what is tried.
    for piece in keys.replace(b"\x04", b"\x04\0").replace(b"\n", b"\n\0").split(b"\0"):
        if piece:
            os.write(ours, piece)
            while _waits(theirs):
                pass
    reader.join(10)
    assert not reader.is_alive(), "it never came to the end of its input"
    return bytes(got)


def _waits(theirs: int) -> int:
    told = bytearray(4)
    ioctl(theirs, termios.FIONREAD, told)
    return int.from_bytes(told, "little")


LENGTHS = st.sampled_from([0, 1, 2, 3999, 4000, 4001, 4094, 4095, 4096, 7999, 8000, 8001, 12_345])


@given(
    st.lists(LENGTHS, min_size=1, max_size=4),
    st.lists(st.sampled_from([1, 17, 3999, 4000, 4001, 9000]), min_size=1, max_size=4),
    st.booleans(),
)
@examples(max_examples=60)
def test_a_program_reads_what_was_given_however_long_its_lines_are(
    lines: list[int], sizes: list[int], ends_in_a_line: bool
) -> None:
    """The kernel's line editor throws away what a line has beyond 4,095 bytes, and says nothing. Here it is asked
    itself what comes through.
    """
    ours, theirs = open_terminal(None)
    try:
        _mode(theirs, termios.ECHO, on=False)
        text = b"\n".join(("é" * (each // 2)).encode() + b"x" * (each % 2) for each in lines)
        text += b"\n" * ends_in_a_line
        typing, keys, start, turn = Typing(ours), bytearray(), 0, 0
        while start < len(text):
            size = sizes[turn % len(sizes)]
            keys += typing.keys_for(text[start : start + size], eof=False)
            start, turn = start + size, turn + 1
        keys += typing.keys_for(b"", eof=True)
        assert read_through(ours, theirs, bytes(keys)) == text
    finally:
        os.close(ours)
        os.close(theirs)


def test_without_the_defence_the_kernel_loses_a_long_line(terminal: tuple[int, int]) -> None:
    """What `Typing` is there for: this is red where a kernel holds more, and then it may go."""
    ours, theirs = terminal
    os.write(ours, b"x" * EDITOR_BYTES * 2 + b"\n")
    assert len(os.read(theirs, 100_000)) == EDITOR_BYTES + 1


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        (b"", b"\x04"),
        (b"a\n", b"a\n\x04"),
        (b"a", b"a\x04\x04"),  # the first gives the letter on
        (b"a\x15", b"a\x15\x04"),  # ^U: the line was thrown away
        (b"a\x03", b"a\x03\x04"),
        (b"a\r", b"a\r\x04"),
        (b"\x00\x1b[A\x7f", b"\x00\x1b[A\x7f\x04\x04"),
        ("ñ\n".encode(), b"\xc3\xb1\n\x04"),
    ],
)
def test_the_end_of_input_is_one_key_where_nothing_waits_and_else_two(
    terminal: tuple[int, int], typed: bytes, keys: bytes
) -> None:
    typing = Typing(terminal[0])
    assert typing.keys_for(typed, eof=True) == keys
    assert typing.keys_for(b"", eof=True) == b"\x04", "nothing waits any more"


def test_a_program_that_reads_keys_gets_them_as_they_are(terminal: tuple[int, int]) -> None:
    """An editor on the terminal has no line editor to fill: a ^D among its letters would be a key somebody typed."""
    ours, theirs = terminal
    _mode(theirs, termios.ICANON, on=False)
    typing = Typing(ours)
    assert typing.keys_for(b"x" * 10_000, eof=False) == b"x" * 10_000
    _mode(theirs, termios.ICANON, on=True)
    # It may hold as much already. The key comes after a letter: before one, it would end the input.
    assert typing.keys_for(b"xy", eof=False) == b"x\x04y"


def test_a_terminal_that_is_gone_takes_keys_without_a_word() -> None:
    ours, theirs = open_terminal(None)
    os.close(theirs)
    os.close(ours)
    assert Typing(ours).keys_for(b"x" * 5000, eof=False) == b"x" * 5000


# A program's three streams


class Watched:
    """Streams of a program, and what they tell."""

    def __init__(self, limit: int | None, *, terminal: bool) -> None:
        self.lives = 0
        self.excess: list[int] = []
        self.printed: list[tuple[str, bytes]] = []
        self.streams = ProgramStreams(
            None, limit, self._live, self.excess.append, terminal=terminal
        )
        self.streams.on_output = lambda stream, data: self.printed.append((stream, data))

    def _live(self) -> None:
        self.lives += 1

    def close(self) -> None:
        self.streams.close()
        for each in set(self.streams.theirs):
            os.close(each)


@pytest.fixture
async def piped() -> AsyncIterator[Watched]:
    """A program on pipes that may print ten bytes."""
    watched = Watched(10, terminal=False)
    yield watched
    watched.close()


async def test_both_streams_count_to_one_limit_and_nothing_beyond_it_is_shown(
    piped: Watched,
) -> None:
    _, out, err = piped.streams.theirs
    os.write(out, b"123456")
    piped.streams.drain()
    os.write(err, b"7890")  # as many as it may
    piped.streams.drain()
    assert piped.excess == []
    os.write(out, b"!")
    piped.streams.drain()
    assert piped.printed == [("stdout", b"123456"), ("stderr", b"7890")]
    assert piped.excess == [10]


async def test_what_reaches_the_limit_is_cut_there(piped: Watched) -> None:
    os.write(piped.streams.theirs[1], b"0123456789abc")
    piped.streams.drain()
    os.write(piped.streams.theirs[2], b"defg")
    piped.streams.drain()
    assert piped.printed == [("stdout", b"0123456789")]
    assert piped.excess == [10], "once, however much more there is"
    assert piped.streams.last_words() == "defg", (
        "what it complains of last is kept to explain its end"
    )


async def test_without_a_limit_everything_is_shown() -> None:
    watched = Watched(None, terminal=False)
    os.write(watched.streams.theirs[1], b"x" * 5000)
    watched.streams.drain()
    assert b"".join(data for _, data in watched.printed) == b"x" * 5000
    assert watched.excess == []
    watched.close()


async def test_last_words_are_the_end_of_what_it_complained(piped: Watched) -> None:
    os.write(piped.streams.theirs[1], b"not this")
    os.write(piped.streams.theirs[2], b"\xff" + b"a" * 2990 + b" tail\xe2\x82\xac\n")
    piped.streams.drain()
    words = piped.streams.last_words()
    assert words.endswith("a tail€")
    assert len(words.encode()) == 2000 - 1, "of the last 2,000 bytes all but the line's end"


async def test_whatever_is_said_or_told_is_a_sign_of_life(piped: Watched) -> None:
    """The limit on silence starts anew with each: also of input that nobody reads, and of output beyond the limit."""
    piped.streams.write(b"?", eof=False)
    assert piped.lives == 1
    for _ in range(3):
        os.write(piped.streams.theirs[1], b"x" * 10)
        piped.streams.drain()
    assert piped.lives == 4


async def test_the_end_of_input_closes_a_pipe_after_what_was_written(piped: Watched) -> None:
    piped.streams.write(b"a", eof=False)
    piped.streams.write(b"b", eof=True)
    piped.streams.write(b"c", eof=True)
    assert os.read(piped.streams.theirs[0], 10) == b"ab"
    assert os.read(piped.streams.theirs[0], 10) == b""
    piped.streams.resize(80, 24)  # there is no terminal: nothing


async def test_a_terminal_is_one_stream_and_has_a_size() -> None:
    watched = Watched(100, terminal=True)
    theirs = watched.streams.theirs[0]
    assert set(watched.streams.theirs) == {theirs}
    _mode(theirs, termios.ECHO, on=False)
    watched.streams.resize(132, 43)
    size = ioctl(theirs, termios.TIOCGWINSZ, b"\0" * 8)
    assert struct.unpack("HHHH", size)[:2] == (43, 132)
    os.write(theirs, b"out\n")
    watched.streams.drain()
    assert watched.printed == [("stdout", b"out\r\n")]
    assert watched.streams.last_words() == "out"
    watched.streams.write(b"in", eof=True)
    assert (os.read(theirs, 10), os.read(theirs, 10)) == (b"in", b"")
    watched.close()


async def test_the_erase_key_takes_a_whole_letter() -> None:
    """A terminal that does not know UTF-8 leaves half an `ñ` in the line, and the program cannot decode it."""
    watched = Watched(None, terminal=True)
    theirs = watched.streams.theirs[0]
    _mode(theirs, termios.ECHO, on=False)
    watched.streams.write("año\x7f\x7f\n".encode(), eof=False)
    assert os.read(theirs, 10) == b"a\n"
    watched.close()


async def test_a_program_that_left_its_terminal_has_ended_what_it_says() -> None:
    watched = Watched(None, terminal=True)
    theirs = watched.streams.theirs[0]
    os.write(theirs, b"bye")
    os.close(theirs)
    watched.streams.drain()  # EIO, which is how a terminal says it
    assert watched.printed == [("stdout", b"bye")]
    watched.streams.drain()
    watched.streams.close()


async def test_who_stops_waiting_for_something_to_read_leaves_no_watch(
    pipe: tuple[int, int],
) -> None:
    waiting = asyncio.create_task(readable(pipe[0]))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not asyncio.get_running_loop().remove_reader(pipe[0])
