"""Why a room ends, as its people are told: for good, or until they come again."""

from pizarra.collab.journal import (
    JournalError,
    JournalFull,
    JournalUnavailable,
    SessionClosed,
    StoredState,
    WentBack,
)
from pizarra.collab.wire.close_codes import CloseCode, Closing

_DELETED = Closing(CloseCode.UNKNOWN_ROOM, "the session was deleted")
_REPLACED = Closing(CloseCode.EPOCH_MISMATCH, "the document was replaced or erased")
_ENDED = Closing(CloseCode.SESSION_ENDED, "the session has ended")
_WENT_BACK = Closing(
    CloseCode.TRY_AGAIN,
    "the database went back to an older copy; your browser brings what it holds",
)
_FULL = Closing(
    CloseCode.TRY_AGAIN, "the server's disk is full; your edits are kept by your browser"
)
_SILENT = Closing(
    CloseCode.TRY_AGAIN, "the database does not answer; your edits are kept by your browser"
)


def ending_in(stored: StoredState | None, epoch: str) -> Closing | None:
    """Return why a room of an epoch is over, by what storage says of its session; None while it goes on."""
    if stored is None:
        return _DELETED
    if stored.epoch != epoch:
        return _REPLACED
    return None if stored.is_open else _ENDED


def ending_of(error: JournalError | JournalUnavailable) -> Closing:
    """Return why a room is over whose edits were not recorded."""
    match error:
        case SessionClosed():
            return _ENDED
        case JournalError():
            return _REPLACED
        case WentBack():
            return _WENT_BACK
        case JournalFull():
            return _FULL
        case _:
            return _SILENT
