"""What the parent of several web processes and they say to each other: small messages, some with an open file.

The sockets keep messages apart (SEQPACKET), so each is read whole, and the files that come with it are its own.
"""

import socket
from enum import IntEnum
from typing import NamedTuple

_MOST_BYTES = 16 * 1024  # of a message
# What lies between parent and process at most: some forty connections, so that a process that stands still gets few.
_BUFFER_BYTES = 16 * 1024


class Kind(IntEnum):
    """What a message is about."""

    CONNECTION = 1  # to a process: serve it; with a payload: or tell it that nobody can
    METRICS = 2  # write your figures to this file; by way of the parent, which gets the number of whom to ask
    STATES = 3  # to a process: all of them, as JSON
    READY = 4  # to the parent: I serve
    BEAT = 5  # to the parent: I live
    NO_ROOM = 6  # to the parent: I have no room for this connection, let somebody else serve it


class Message(NamedTuple):
    """What was said; `descriptor` is the receiver's to close."""

    kind: Kind
    payload: bytes
    descriptor: int | None


def channel() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a way between the parent and a process."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in ends:
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
    return ends


def send(
    to: socket.socket, kind: Kind, payload: bytes = b"", descriptor: int | None = None
) -> bool:
    """Say something; return whether there was room for it. What is sent to a process that ended is lost."""
    try:
        message = bytes((kind,)) + payload
        if descriptor is None:
            to.send(message)
        else:
            socket.send_fds(to, [message], [descriptor])
    except BlockingIOError:
        return False
    except (BrokenPipeError, ConnectionError):
        pass  # whoever looks after the other side learns of it there
    return True


def receive(channel: socket.socket) -> Message | None:
    """Return what was said next; None when nobody will say anything more.

    Raises:
        BlockingIOError: nothing was said.
    """
    try:
        message, descriptors, _, _ = socket.recv_fds(channel, _MOST_BYTES, 1)
    except ConnectionError:
        return None
    if not message:
        return None
    return Message(Kind(message[0]), message[1:], descriptors[0] if descriptors else None)
