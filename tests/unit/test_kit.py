"""Tokens, keys, identifiers and text."""

import errno
import os
import stat
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizarra.kit.ids import is_public_id, new_public_id
from pizarra.kit.text import abridged, in_one_line, is_storable, storable, with_lf
from pizarra.kit.tokens import DamagedKey, TokenSigner, load_or_create_key, read_key

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


def test_a_key_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.key"

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", no_room)
        with pytest.raises(OSError, match="No space"):
            load_or_create_key(path)
    assert list(tmp_path.iterdir()) == []
    with ThreadPoolExecutor(16) as together:
        assert len(set(together.map(load_or_create_key, [path] * 64))) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]
    with monkeypatch.context() as linkless:
        linkless.setattr(os, "link", no_room)
        other = tmp_path / "other.key"
        assert load_or_create_key(other) == read_key(other)
        assert stat.S_IMODE(other.stat().st_mode) == 0o600


@pytest.mark.parametrize("holds", [b"", b"\n", b"00" * 31, b"zz" * 32, b"\xff\xfe" * 40])
def test_a_damaged_key_is_named_and_stays(tmp_path: Path, holds: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(holds)
    with pytest.raises(DamagedKey, match=str(path)):
        load_or_create_key(path)
    assert path.read_bytes() == holds


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


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_what_is_shown_in_one_line_is_printable(text: str) -> None:
    shown = in_one_line(text)
    assert shown.splitlines() in ([], [shown])
    assert all(unicodedata.category(each) not in ("Cc", "Cs", "Zl", "Zp") for each in shown)


def test_what_is_shown_keeps_what_people_wrote() -> None:
    assert (
        in_one_line("Zoë 👩‍👩‍👧 \x1b[2J\u202egpj.exe\n") == "Zoë 👩‍👩‍👧 \\x1b[2J\\u202egpj.exe\\n"
    )
    assert abridged("abc", 4) == "abc"
    assert abridged("a" * 1000 + "b" * 1500, 20) == f"{'a' * 10} … 2,480 more … {'b' * 10}"
