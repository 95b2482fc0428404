"""What stands in the tokens of invitations and of people: genuine, of one kind, and the same each time."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pizarra.access.tokens import (
    Invitation,
    candidate_invitation,
    invitation_from,
    read_access,
    read_invitation,
    sign_access,
    sign_candidate_invitation,
    sign_invitation,
)
from pizarra.kit.tokens import TokenSigner
from pizarra.models import SHARE_LINK, Role, SessionView

SIGNER, OTHER = TokenSigner(b"k" * 32), TokenSigner(b"o" * 32)
NOW = datetime(2026, 11, 22, 9, 30, 15, 250_000, tzinfo=UTC)
SESSION, PERSON = "5" * 32, "a" * 32


def session(**changes: Any) -> SessionView:
    stored = {"public_id": SESSION, "invitation_generation": 3, "created_at": NOW}
    return cast("SessionView", SimpleNamespace(**{**stored, **changes}))


@pytest.mark.parametrize("role", [Role.INTERVIEWER, Role.CANDIDATE, Role.OBSERVER])
@pytest.mark.parametrize("serial", [SHARE_LINK, "0badcafe"])
def test_an_invitation_says_what_was_signed(role: Role, serial: str) -> None:
    made = invitation_from(session(), role, NOW, 7, serial)
    assert made.expires_at == datetime(2026, 11, 29, 9, 30, 15, tzinfo=UTC), "at a full second"
    assert read_invitation(SIGNER, sign_invitation(SIGNER, made)) == made
    assert read_invitation(OTHER, sign_invitation(SIGNER, made)) is None


def test_nobody_is_invited_as_host() -> None:
    with pytest.raises(KeyError):
        sign_invitation(SIGNER, invitation_from(session(), Role.HOST, NOW, 7))


def test_altered_tokens_are_nothing() -> None:
    token = sign_invitation(SIGNER, invitation_from(session(), Role.CANDIDATE, NOW, 7))
    session_id, role, generation, expiry, mac = token.split(".")
    for forged in (
        f"{session_id}.i.{generation}.{expiry}.{mac}",
        f"{session_id}.{role}.{int(generation) + 1}.{expiry}.{mac}",
        f"{session_id}.{role}.{generation}.{int(expiry) + 1}.{mac}",
        f"{'0' * 32}.{role}.{generation}.{expiry}.{mac}",
        f"{session_id}.{role}.{generation}.{expiry}.serial.{mac}",
        token[:-1],
        f"{token}x",
        *("", "x", ".", "....", "é" * 10, "\0", "\ud800.x"),
    ):
        assert read_invitation(SIGNER, forged) is None, forged
        assert read_access(SIGNER, forged) is None, forged


def test_one_kind_of_token_is_not_another() -> None:
    invitation = sign_invitation(SIGNER, invitation_from(session(), Role.CANDIDATE, NOW, 7))
    access = sign_access(SIGNER, PERSON, SESSION)
    assert read_access(SIGNER, access) == (PERSON, SESSION)
    assert read_access(SIGNER, invitation) is None
    assert read_invitation(SIGNER, access) is None


@pytest.mark.parametrize("payload", ["", ".", f"{PERSON}.", f".{SESSION}", f"{PERSON}.x", PERSON])
def test_a_credential_names_a_person_and_a_session(payload: str) -> None:
    assert read_access(SIGNER, SIGNER.sign("access", payload)) is None


def test_a_share_link_is_the_same_each_time_until_its_days_are_over() -> None:
    at = [NOW, NOW + timedelta(days=6, hours=23), NOW + timedelta(days=7, seconds=-1)]
    first = {candidate_invitation(session(), 7, now) for now in at}
    assert first == {
        Invitation(SESSION, Role.CANDIDATE, 3, (NOW + timedelta(days=7)).replace(microsecond=0))
    }
    # Whoever looks when it has ended is shown the next, which opens.
    late = NOW + timedelta(days=7)
    following = candidate_invitation(session(), 7, late)
    assert following.expires_at == (NOW + timedelta(days=14)).replace(microsecond=0)
    assert candidate_invitation(session(), 7, NOW + timedelta(days=70)).expires_at > late
    # One whose clock is behind the database's is shown the first.
    assert candidate_invitation(session(), 7, NOW - timedelta(hours=1)) in first


def test_what_a_list_signs_is_what_one_session_shows() -> None:
    shown = candidate_invitation(session(), 7, NOW)
    listed = sign_candidate_invitation(SIGNER, session(), shown.expires_at)
    assert listed == sign_invitation(SIGNER, shown)
