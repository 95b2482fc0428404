"""WebSocket close codes. 4400 to 4499 are final: a stock y-websocket provider stops reconnecting."""

from enum import IntEnum
from typing import NamedTuple


class CloseCode(IntEnum):
    """Why a socket was closed. The page has the same names (`make types`)."""

    GOING_AWAY = 1001  # the server is stopping: reconnect
    TOO_LARGE = 1009  # the message is larger than any may be
    TRY_AGAIN = 1013  # overloaded, too slow, or the database is away: reconnect, nothing acknowledged is lost
    MALFORMED = 4400  # a frame that no honest client sends
    NOT_ALLOWED = 4401  # no credential, or one that does not open this room
    READ_ONLY = 4403  # who may not write now: an observer, or a candidate while editing is locked
    UNKNOWN_ROOM = 4404  # no such room, for you
    EPOCH_MISMATCH = 4409  # the document was replaced: start again from an empty one
    SESSION_ENDED = 4410  # the interview is over


class Closing(NamedTuple):
    """Why a socket is closed, as its peer is told."""

    code: CloseCode
    reason: str
    bound: str | None = None  # the setting that wants it, by its name
