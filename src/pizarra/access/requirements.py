"""What a session must be, and somebody in it, for something to be done: where roles and locks are enforced."""

from pizarra.access.session_access import Access
from pizarra.answers.codes import Code
from pizarra.errors import Conflict, Forbidden
from pizarra.models import Role, SessionStatus, SessionView


def require_part(role: Role, action: str) -> None:
    """Refuse `action` to somebody who only watches.

    Raises:
        Forbidden: they do.
    """
    if not role.takes_part:
        raise Forbidden(f"Observers can watch, not {action}.", code=Code.OBSERVERS_ONLY_WATCH)


def require_host(role: Role, action: str) -> None:
    """Refuse `action` to who is no interviewer.

    Raises:
        Forbidden: they are not.
    """
    if not role.may_host:
        raise Forbidden(f"Only interviewers can {action}.", code=Code.INTERVIEWERS_ONLY)


def require_may_edit(access: Access) -> None:
    """Refuse whoever may not change the text now.

    Raises:
        Forbidden: an observer, or a candidate while editing is locked.
    """
    if not access.may_edit:
        raise Forbidden("You cannot change the text now.", code=Code.EDITING_NOT_ALLOWED)


def require_may_run(access: Access) -> None:
    """Refuse whoever may not start programs now. What runs already is not locked: it may be typed into, and stopped.

    Raises:
        Forbidden: an observer, or a candidate while running is locked.
    """
    require_part(access.role, "run programs")
    if not access.may_run:
        raise Forbidden("The interviewer has locked running for now.", code=Code.RUNNING_LOCKED)


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
