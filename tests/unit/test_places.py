"""A session and its room have one place, and places move only with those who go."""

import secrets
from collections import Counter

import pytest

from pizarra.cluster.places import HEAD_BYTES, PLACE_DIGITS, nearest, new_room_id, place_of
from pizarra.kit.ids import is_public_id, new_public_id

PLACES = [secrets.token_hex(8).encode() for _ in range(2000)]


def test_a_room_is_at_the_place_of_its_session() -> None:
    session = new_public_id()
    rooms = {new_room_id(session) for _ in range(10)}
    assert len(rooms) == 10
    for room in rooms:
        assert is_public_id(room)
        heads = (f"GET /ws/{room}?token=x HTTP/1.1", f"DELETE /api/sessions/{session} HTTP/1.1")
        assert {place_of(head.encode()[:HEAD_BYTES]) for head in heads} == {
            session[:PLACE_DIGITS].encode()
        }


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"G",
        b"GET /ws/0123456789abcde",
        b"GET /ws/0123456789ABCDEF HTTP/1.1",
        b"GET /api/sessions HTTP/1.1",
        b"GET /api/sessions?x=/ws/0123456789abcdef",
        b"GET  /ws/0123456789abcdef",
        b"get /ws/0123456789abcdef",
        bytes.fromhex("16030100ff01"),
        b"\x00" * HEAD_BYTES,
    ],
)
def test_what_names_no_session_has_no_place(head: bytes) -> None:
    assert place_of(head) is None


def test_places_are_shared_out_evenly() -> None:
    shares = Counter(nearest(place, range(1, 5)) for place in PLACES)
    assert set(shares) == {1, 2, 3, 4}
    assert min(shares.values()) > 400  # of 500; less has a chance of one in a million


def test_only_what_one_had_goes_elsewhere() -> None:
    before = {place: nearest(place, (1, 2, 3, 4)) for place in PLACES}
    after = {place: nearest(place, (1, 2, 4)) for place in PLACES}
    assert {before[place] for place in PLACES if after[place] != before[place]} == {3}
    assert {after[place] for place in PLACES if before[place] == 3} == {1, 2, 4}
