"""The bytes that go into a program and come out of it, without a task per stream."""

import asyncio
import contextlib
import fcntl
import os
import struct
import termios
from collections.abc import Callable

_CHUNK = 64 * 1024
_IUTF8 = 0o40000  # the erase key takes a whole character
_INPUT_FLAGS = 0  # its place in what termios.tcgetattr returns


class Outlet:
    """Reads a descriptor until its end and hands over what comes."""

    def __init__(self, descriptor: int, on_data: Callable[[bytes], None]) -> None:
        self._descriptor: int | None = descriptor
        self._on_data = on_data
        os.set_blocking(descriptor, False)
        asyncio.get_running_loop().add_reader(descriptor, self._read)

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


class Inlet:
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


def resize_terminal(descriptor: int, columns: int, rows: int) -> None:
    """Tell a terminal's program how large the window is."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
