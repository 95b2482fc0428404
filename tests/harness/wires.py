"""Sockets of rooms in the test's own process: no network between."""


class Wire:
    """A socket that a test reads: unframes what is written, and notes how it was closed."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.closed: int | None = None

    def write(self, frames: bytes) -> None:
        while frames:
            size, head = frames[1], 2
            if size == 126:
                size, head = int.from_bytes(frames[2:4], "big"), 4
            elif size == 127:
                size, head = int.from_bytes(frames[2:10], "big"), 10
            self.messages.append(frames[head : head + size])
            frames = frames[head + size :]

    def buffered(self) -> int:
        return 0

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def ping(self) -> None: ...

    def close(self, code: int, reason: str) -> None:
        self.closed = code

    def abort(self) -> None:
        self.closed = 1006
