"""Many edits as one value: what goes in comes out, and what was changed is found."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizarra.timeline.chunks import BrokenChunk, PackedEdit, pack, unpack

numbers = st.integers(0, 2**52 - 1)
edits = st.lists(
    st.builds(
        PackedEdit,
        seq=numbers,
        at=st.integers(0, 2**52 - 1),
        participant=st.none() | st.integers(1, 2**40),
        update=st.binary(max_size=80),
    ),
    max_size=40,
)


@given(edits)
def test_what_is_packed_comes_out_as_it_was(given_edits: list[PackedEdit]) -> None:
    """Instants go back where a clock did, and every edit keeps its author, number and bytes."""
    assert unpack(pack(given_edits)) == given_edits


@given(edits, st.data())
def test_a_changed_byte_is_found(given_edits: list[PackedEdit], data: st.DataObject) -> None:
    chunk = bytearray(pack(given_edits))
    place = data.draw(st.integers(0, len(chunk) - 1))
    chunk[place] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(BrokenChunk):  # but for a bit of zstd's head that says nothing
        assert unpack(bytes(chunk)) == given_edits


@given(edits, st.data())
def test_a_chunk_that_is_cut_off_is_found(
    given_edits: list[PackedEdit], data: st.DataObject
) -> None:
    chunk = pack(given_edits)
    with pytest.raises(BrokenChunk):
        unpack(chunk[: data.draw(st.integers(0, len(chunk) - 1))])


def test_a_chunk_of_a_newer_version_says_so() -> None:
    with pytest.raises(BrokenChunk, match="a version that this program does not know"):
        unpack(b"\x02" + pack([])[1:])


def test_what_is_typed_takes_few_bytes() -> None:
    """One edit a letter, a moment apart, by one person: most of a row is what it has in common with the one before."""
    typed = [
        PackedEdit(
            seq, 1_700_000_000_000_000 + seq * 137_000, 7, bytes((1, 1, 5, seq % 250, 4, 97))
        )
        for seq in range(1, 5001)
    ]
    assert len(pack(typed)) < 5 * len(typed)


def test_a_chunk_of_the_first_version_is_read_for_ever() -> None:
    """Written in November 2026. A new version may write others; databases and archives hold these."""
    chunk = bytes.fromhex(
        "0128b52ffd242b5901000306020a8080f2818389850680890fff880f0010da041e"
        "06000101050004010466696c65036f6e6574776f494a65e9"
    )
    assert unpack(chunk) == [
        PackedEdit(3, 1_700_000_000_000_000, None, b"\1\1\5\0\4\1\4file\3one"),
        PackedEdit(4, 1_700_000_000_123_456, 7, b"two"),
        PackedEdit(9, 1_700_000_000_000_001, 300, b""),
    ]
