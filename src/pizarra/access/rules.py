"""The rules of who may be in a session and write there: asked at each request, and twice a second of every socket."""

from datetime import datetime
from typing import Any, Protocol

from pizarra.models import AccountRole, Role


class Invited(Protocol):
    """What is stored of somebody who was invited: a participant, or a row with its columns."""

    @property
    def removed_at(self) -> Any: ...

    @property
    def admitted_at(self) -> Any: ...

    @property
    def invitation(self) -> Any: ...

    @property
    def generation(self) -> Any: ...

    @property
    def expires_at(self) -> Any: ...


def is_in(person: Invited, invitation_generation: int, now: datetime) -> bool:
    """Tell whether somebody may be here now; the owner and people with accounts came by no invitation."""
    return (
        person.removed_at is None
        and person.admitted_at is not None
        and (person.invitation is None or person.generation == invitation_generation)
        and _has_time(person, now)
    )


def waits(person: Invited, invitation_generation: int, now: datetime) -> bool:
    """Tell whether the host may let somebody in: not by a link that was replaced, or is over."""
    return (
        person.removed_at is None
        and person.admitted_at is None
        and person.generation == invitation_generation
        and _has_time(person, now)
    )


def _has_time(person: Invited, now: datetime) -> bool:
    return person.expires_at is None or person.expires_at > now


def is_free(role: Role | None, *, locked: bool) -> bool:
    """Tell whether somebody with this role may do now what a lock keeps candidates from: write, or run programs."""
    return role is not None and role.takes_part and not (locked and role is Role.CANDIDATE)


def role_of_account(
    account_id: int,
    account_role: AccountRole,
    account_team: int,
    *,
    may_write: bool,
    session_team: int | None,
    created_by: int | None,
    tries_question: bool,
) -> Role | None:
    """Return what an account is in a session; None when it is another team's. A token that reads only watches."""
    if account_role is not AccountRole.ADMIN and session_team != account_team:
        return None
    if not may_write:
        return Role.OBSERVER
    if tries_question:
        return Role.CANDIDATE
    return Role.HOST if created_by == account_id else Role.INTERVIEWER
