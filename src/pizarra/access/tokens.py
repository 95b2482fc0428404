"""What is inside invitation and access tokens. Neither is stored: both are derived with the server's key."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pizarra.kit.ids import is_public_id
from pizarra.kit.tokens import TokenSigner
from pizarra.models import SHARE_LINK, Role, SessionView, StoredInvitation

_INVITATION = "invitation"
_LETTERS = {Role.INTERVIEWER: "i", Role.CANDIDATE: "c", Role.OBSERVER: "o"}
_ROLES = {letter: role for role, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link's meaning: who holds it comes into `session_id` as `role`."""

    session_id: str
    role: Role
    generation: int
    expires_at: datetime
    serial: str = SHARE_LINK


def sign_invitation(signer: TokenSigner, invitation: Invitation) -> str:
    """Return the token of an invitation.

    Raises:
        KeyError: nobody is invited as host.
    """
    expiry = int(invitation.expires_at.timestamp())
    letter = _LETTERS[invitation.role]
    payload = f"{invitation.session_id}.{letter}.{invitation.generation}.{expiry}"
    return signer.sign(
        _INVITATION, f"{payload}.{invitation.serial}" if invitation.serial else payload
    )


def read_invitation(signer: TokenSigner, token: str) -> Invitation | None:
    """Return what a genuine token says, expired or not, or None."""
    payload = signer.verify(_INVITATION, token)
    if payload is None:
        return None
    session_id, letter, generation, expiry, *rest = payload.split(".")
    serial = rest[0] if rest else SHARE_LINK
    expires_at = datetime.fromtimestamp(int(expiry), UTC)
    return Invitation(session_id, _ROLES[letter], int(generation), expires_at, serial)


def candidate_invitation(session: SessionView, days: int, now: datetime) -> Invitation:
    """Return the invitation of a session's share link: the same each time it is asked for, until its days are over.

    Then it is the next one: a host who looks is never shown a link that opens nothing.
    """
    periods = candidate_periods(session, timedelta(days=days), now)
    return invitation_from(session, Role.CANDIDATE, session.created_at, days * periods)


def candidate_periods(session: SessionView, lifetime: timedelta, now: datetime) -> int:
    """Return after how many lifetimes the present one of a session's share links ends."""
    return max(1, (now - session.created_at) // lifetime + 1)


def sign_candidate_invitation(
    signer: TokenSigner, session: SessionView, expires_at: datetime
) -> str:
    """Return the token of `candidate_invitation`, which ends then, at less cost: a list has a thousand of them."""
    expiry = int(expires_at.timestamp())
    payload = f"{session.public_id}.c.{session.invitation_generation}.{expiry}"
    return signer.sign(_INVITATION, payload)


def invitation_from(
    session: SessionView, role: Role, start: datetime, days: int, serial: str = SHARE_LINK
) -> Invitation:
    """Return an invitation that ends `days` after `start`, at a full second."""
    expires_at = (start + timedelta(days=days)).replace(microsecond=0)
    return Invitation(session.public_id, role, session.invitation_generation, expires_at, serial)


def stored_invitation(session: SessionView, stored: StoredInvitation) -> Invitation:
    """Return an invitation that was made earlier."""
    role = Role(stored.role)
    return Invitation(session.public_id, role, stored.generation, stored.expires_at, stored.serial)


def sign_access(signer: TokenSigner, participant_id: str, session_id: str) -> str:
    """Return a participant's credential."""
    return signer.sign("access", f"{participant_id}.{session_id}")


def read_access(signer: TokenSigner, token: str) -> tuple[str, str] | None:
    """Return (participant id, session id) of a genuine credential, or None."""
    payload = signer.verify("access", token)
    if payload is None:
        return None
    participant_id, _, session_id = payload.partition(".")
    return (
        (participant_id, session_id)
        if is_public_id(participant_id) and is_public_id(session_id)
        else None
    )
