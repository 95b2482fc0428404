"""A network between a process and Redis that loses, doubles and reorders what is published."""

import random
import socket

from tests.harness.relay import Relay

_END = b"\r\n"


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the whole answers of Redis that bytes begin with, and the rest."""
    found: list[bytes] = []
    while (length := _length(data, 0)) is not None:
        found.append(data[:length])
        data = data[length:]
    return found, data


def _length(data: bytes, start: int) -> int | None:
    """Return where the answer ends that begins at `start`; None while it is not whole."""
    line = data.find(_END, start)
    if line < 0:
        return None
    kind, end = data[start : start + 1], line + 2
    if kind == b"$":
        size = int(data[start + 1 : line])
        end += size + 2 if size >= 0 else 0
        return end if end <= len(data) else None
    if kind == b"*":
        for _ in range(int(data[start + 1 : line])):
            after = _length(data, end)
            if after is None:
                return None
            end = after
    return end


class BadBus(Relay):
    """A relay to Redis: a part of what it publishes is lost, a part comes twice, and a part after what is next."""

    def __init__(self, port: int, seed: int) -> None:
        self.harmed = 0
        self.share = 0.0  # of what is published
        self._dice = random.Random(seed)
        self._redis = port
        super().__init__(port)

    def _send(
        self, source: socket.socket, target: socket.socket, data: bytes, kept: bytes
    ) -> bytes:
        if source.getpeername()[1] != self._redis:
            return super()._send(source, target, data, kept)
        answers, rest = split(kept + data)
        late = b""
        for answer in answers:
            if b"$7\r\nmessage\r\n" not in answer[:20] or self._dice.random() >= self.share:
                target.sendall(answer + late)
                late = b""
                continue
            self.harmed += 1
            match self._dice.randrange(3):
                case 0:  # lost
                    pass
                case 1:
                    target.sendall(answer * 2)
                case 2:
                    late = answer
        # what is late is a whole answer: it comes before what comes next, after this burst
        return late + rest
