"""The bytes that go into a program and come out of it, without a task per stream."""

import asyncio
import contextlib
import fcntl
import os
import re
import struct
import termios
from collections.abc import Callable

from pizarra.sandbox.outcome import Stream

OnOutput = Callable[[Stream, bytes], None]

_CHUNK = 64 * 1024
_IUTF8 = 0o40000  # the erase key takes a whole character
_INPUT_FLAGS, _LOCAL_FLAGS = 0, 3  # their places in what termios.tcgetattr returns
_END_OF_INPUT = b"\x04"  # ^D
_KEYS = re.compile(rb"(?P<text>[\t\x20-\x7e\x80-\xff]+)|[\x00-\x08\x0a-\x1f\x7f]")
_GIVES_ON = (b"\n", b"\r", b"\x03", b"\x04", b"\x15", b"\x1a", b"\x1c")  # or throws it away
_LINE_BYTES = 4000  # the kernel's line editor holds 4,095, and silently no more
_TAIL = 2000  # bytes


class ProgramOutput:
    """Reads a descriptor until its end and hands over what comes."""

    def __init__(self, descriptor: int, on_data: Callable[[bytes], None]) -> None:
        self._descriptor: int | None = descriptor
        self._on_data = on_data
        self._held = False
        os.set_blocking(descriptor, False)
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def hold(self, held: bool) -> None:
        """Read no more for now, or read on."""
        if self._descriptor is None or held == self._held:
            return
        self._held = held
        if held:
            asyncio.get_running_loop().remove_reader(self._descriptor)
        else:
            asyncio.get_running_loop().add_reader(self._descriptor, self._read)

    def drain(self) -> None:
        """Take what is there; whoever wrote it is gone."""
        while self._descriptor is not None and self._read():
            pass

    def close(self) -> None:
        """Stop reading."""
        if self._descriptor is not None:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    def _read(self) -> bool:
        """Read once; tell whether there may be more."""
        assert self._descriptor is not None
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return False
        except OSError:  # a terminal nobody has open any more
            data = b""
        if data:
            self._on_data(data)
        else:
            self.close()
        return bool(data)


class ProgramInput:
    """Writes to a descriptor as fast as the program reads."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor
        self._waiting = bytearray()
        self._ends = False
        self._watching = False
        os.set_blocking(descriptor, False)

    @property
    def descriptor(self) -> int | None:
        """What is written to; None once it is closed."""
        return self._descriptor

    def write(self, data: bytes) -> None:
        """Write soon; silently nothing once the program does not read any more."""
        if self._descriptor is not None and not self._ends:
            self._waiting += data
            self._flush()

    def end(self) -> None:
        """Close after what waits."""
        self._ends = True
        self._flush()

    def close(self) -> None:
        """Close now."""
        if self._descriptor is not None:
            self._watch(False)
            os.close(self._descriptor)
            self._descriptor = None

    def _flush(self) -> None:
        while self._waiting and self._descriptor is not None:
            try:
                count = os.write(self._descriptor, self._waiting[:_CHUNK])
            except BlockingIOError:
                self._watch(True)
                return
            except OSError:
                self._waiting.clear()
                self.close()
                return
            del self._waiting[:count]
        self._watch(False)
        if self._ends:
            self.close()

    def _watch(self, wanted: bool) -> None:
        if self._descriptor is None or wanted == self._watching:
            return
        self._watching = wanted
        loop = asyncio.get_running_loop()
        if wanted:
            loop.add_writer(self._descriptor, self._flush)
        else:
            loop.remove_writer(self._descriptor)


def open_terminal(owner: int | None) -> tuple[int, int]:
    """Return the two ends of a new terminal, ours and the program's, which belongs to `owner` if given."""
    ours, theirs = os.openpty()
    settings = termios.tcgetattr(theirs)
    settings[_INPUT_FLAGS] |= _IUTF8
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    if owner is not None:
        with contextlib.suppress(OSError):
            os.fchown(theirs, owner, -1)  # so that the JVM may open it once more
    return ours, theirs


def _owned_pipe(owner: int | None) -> tuple[int, int]:
    """Return a new pipe that its program may open once more, as /dev/stdin."""
    read, write = os.pipe()
    if owner is not None:
        os.fchown(read, owner, -1)
    return read, write


def resize_terminal(descriptor: int, columns: int, rows: int) -> None:
    """Tell a terminal's program how large the window is."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Typing:
    """Makes keys of input for a terminal, so that the kernel's line editor loses none of it."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._line = 0  # bytes since the line editor last gave any on

    def keys_for(self, data: bytes, *, eof: bool) -> bytes:
        """Return what to write for input, and for its end."""
        keys = bytearray()
        for piece in _KEYS.finditer(data):
            if (text := piece["text"]) is not None:
                keys += self._in_parts(text)
                continue
            keys += piece[0]
            if piece[0] in _GIVES_ON:
                self._line = 0
        if eof:  # the first only gives on what was typed, if there is any
            keys += _END_OF_INPUT * (2 if self._line else 1)
            self._line = 0
        return bytes(keys)

    def _in_parts(self, text: bytes) -> bytes:
        """Return part of a line; what is too long for the editor is given on piece by piece."""
        keys, rest = bytearray(), memoryview(text)
        while self._line + len(rest) > _LINE_BYTES and self._edits_lines():
            room = max(_LINE_BYTES - self._line, 1)  # ^D after a letter ends nothing
            keys += rest[:room]
            keys += _END_OF_INPUT
            rest, self._line = rest[room:], 0
        self._line += len(rest)
        keys += rest
        return bytes(keys)

    def _edits_lines(self) -> bool:
        try:
            return bool(termios.tcgetattr(self._terminal)[_LOCAL_FLAGS] & termios.ICANON)
        except (OSError, termios.error):
            return False


class ProgramStreams:
    """Our ends of one program's streams: three pipes, or a terminal, which is all three at once."""

    def __init__(
        self,
        owner: int | None,
        limit: int | None,
        on_life: Callable[[], None],
        on_excess: Callable[[int], None],
        *,
        terminal: bool,
    ) -> None:
        self.on_output: OnOutput = _ignore
        self._on_life = on_life  # told whenever the program says something, or is told
        self._on_excess = on_excess  # told once that it printed more than `limit` bytes
        self._limit = limit
        self._typing: Typing | None = None
        self._printed = 0
        self._tail = b""
        if terminal:
            ours, slave = open_terminal(owner)
            self.theirs = (slave, slave, slave)
            self._input = ProgramInput(os.dup(ours))
            self._typing = Typing(ours)
            self._outputs = [ProgramOutput(ours, self._take_from_terminal)]
        else:
            (stdin, into), (out_read, out_write), (err_read, err_write) = (
                _owned_pipe(owner) for _ in range(3)
            )
            self.theirs = (stdin, out_write, err_write)
            self._input = ProgramInput(into)
            self._outputs = [
                ProgramOutput(out_read, self._take_stdout),
                ProgramOutput(err_read, self._take_stderr),
            ]

    def last_words(self) -> str:
        """Return the end of what was written to stderr, or to the terminal."""
        return self._tail.decode(errors="replace").strip()

    def write(self, data: bytes, *, eof: bool) -> None:
        """Give the program more input; silently nothing once it does not read any more."""
        self._on_life()
        if self._typing is not None:
            self._input.write(self._typing.keys_for(data, eof=eof))
            return
        self._input.write(data)
        if eof:
            self._input.end()

    def resize(self, columns: int, rows: int) -> None:
        """Tell the program how large its terminal is; nothing without one."""
        if self._typing is not None and (terminal := self._input.descriptor) is not None:
            resize_terminal(terminal, columns, rows)

    def hold(self, held: bool) -> None:
        """Take nothing more of what it prints, or take it again."""
        for output in self._outputs:
            output.hold(held)

    def drain(self) -> None:
        """Take what is there; whoever wrote it is gone."""
        for output in self._outputs:
            output.drain()

    def close(self) -> None:
        """Close our ends."""
        for output in self._outputs:
            output.close()
        self._input.close()

    def _take_from_terminal(self, data: bytes) -> None:
        self._keep(data)
        self._take("stdout", data)

    def _take_stdout(self, data: bytes) -> None:
        self._take("stdout", data)

    def _take_stderr(self, data: bytes) -> None:
        self._keep(data)
        self._take("stderr", data)

    def _keep(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-_TAIL:]

    def _take(self, stream: Stream, data: bytes) -> None:
        self._on_life()
        if self._limit is None:
            self.on_output(stream, data)
            return
        room = self._limit - self._printed
        self._printed += len(data)
        if room > 0:
            self.on_output(stream, data[:room])
        if room >= 0 and self._printed > self._limit:
            self._on_excess(self._limit)


def _ignore(_stream: Stream, _data: bytes) -> None:
    """What a stub says while it loads is for nobody."""


async def readable(descriptor: int) -> None:
    """Wait until there is something to read, or the end."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, _resolve, ready)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
