"""Tokens, keys, identifiers and text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizarra.kit.ids import is_public_id, new_public_id
from pizarra.kit.text import is_storable, storable, with_lf
from pizarra.kit.tokens import TokenSigner, load_or_create_key

SIGNER = TokenSigner(b"k" * 32)


@given(st.text(), st.text())
def test_a_token_opens_its_own_purpose_only(payload: str, other: str) -> None:
    token = SIGNER.sign("invitation", payload)
    assert SIGNER.verify("invitation", token) == payload
    assert SIGNER.verify("access", token) is None
    assert TokenSigner(b"x" * 32).verify("invitation", token) is None
    if other != token:
        assert SIGNER.verify("invitation", other) is None


def test_a_tokens_secret_has_128_bits() -> None:
    mac = SIGNER.sign("invitation", "x").rpartition(".")[2]
    assert len(mac) * 6 >= 128


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        TokenSigner(b"short")


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    key = load_or_create_key(path)
    assert load_or_create_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("abcd")
    with pytest.raises(ValueError, match="does not hold a key"):
        load_or_create_key(path)


def test_public_ids() -> None:
    assert is_public_id(new_public_id())
    for other in ("", "x" * 32, "0" * 31, "0" * 33, "0" * 31 + "\n", "A" * 32):
        assert not is_public_id(other)


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_storable_text_survives_utf8_and_postgresql(text: str) -> None:
    kept = storable(text)
    assert is_storable(kept)
    kept.encode()
    if is_storable(text):
        assert kept == text


def test_line_ends_become_lf() -> None:
    assert with_lf("a\r\nb\rc\n") == "a\nb\nc\n"
