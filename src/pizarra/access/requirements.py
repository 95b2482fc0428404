"""What a session must be for something to be done in it."""

from pizarra.answers.codes import Code
from pizarra.errors import Conflict
from pizarra.models import (
    SessionStatus,
    SessionView,
)


def require_open(session: SessionView, action: str) -> None:
    """Refuse `action` on a session that has ended.

    Raises:
        Conflict: it has.
    """
    if session.status == SessionStatus.ENDED:
        raise Conflict(f"The session has ended. Reopen it to {action}.", code=Code.SESSION_ENDED)


def log_is_full(session: SessionView, max_log_bytes: int) -> bool:
    """Tell whether a session has recorded all that it may."""
    return session.log_bytes >= max_log_bytes


def require_room_in_log(session: SessionView, max_log_bytes: int) -> None:
    """Refuse to record more than a session may.

    Raises:
        Conflict: it has recorded all of it.
    """
    if log_is_full(session, max_log_bytes):
        raise Conflict(
            f"This session has recorded {max_log_bytes:,} bytes, which is all it may: start another one.",
            bound="max_log_bytes",
            code=Code.LOG_FULL,
        )
