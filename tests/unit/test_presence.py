"""Who is here: whose word counts, what is merged, and what is asked to be said again."""

import json
from typing import Any

import pytest
from tests.harness.core import ANA, ZOE, connect
from tests.harness.moved_time import in_moved_time

from pizarra.collab.connection import Person
from pizarra.collab.presence import Presence
from pizarra.collab.state.ownership import Ownership
from pizarra.collab.wire.codec import MalformedFrame, Reader, var_bytes, var_uint

OWNER = Person(9, "d" * 32, "", "host", may_edit=True, named=False)


def presence(**more: int) -> Presence:
    limits = {"state_bytes": 500, "most": 10, **more}
    return Presence(Ownership({}, per_connection=3, per_person=9), **limits)


def said(client: int, clock: int, state: Any) -> bytes:
    """Return a presence message about one client."""
    text = json.dumps(state, ensure_ascii=False).encode() if not isinstance(state, bytes) else state
    return b"\x01" + var_uint(client) + var_uint(clock) + var_bytes(text)


def read(payload: bytes | None) -> dict[int, tuple[int, Any]]:
    """Return client → clock and state of a presence message."""
    reader = Reader(payload or b"\0")
    return {
        reader.var_uint(): (reader.var_uint(), json.loads(reader.var_bytes()))
        for _ in range(reader.var_uint())
    }


def test_the_server_says_who_speaks() -> None:
    async def story() -> None:
        here, (zoe, _) = presence(), connect(ZOE)
        lies = {"user": {"name": "Ana", "role": "host", "color": "red"}, "cursor": 3}
        here.receive(zoe, said(5, 1, lies))
        user = {"name": "Zoë", "role": "candidate", "id": ZOE.public_id, "color": "red"}
        assert read(here.changes()) == {5: (1, {"user": user, "cursor": 3})}
        assert here.changes() is None

    in_moved_time(story())


def test_the_owner_of_this_computer_has_any_name_but_no_other_id() -> None:
    async def story() -> None:
        here, (owner, _) = presence(), connect(OWNER)
        here.receive(owner, said(5, 1, {"user": {"name": "Me"}}))
        assert read(here.changes()) == {5: (1, {"user": {"name": "Me"}})}
        here.receive(owner, said(5, 2, {"user": {"name": "Me", "id": "f" * 32}}))
        (told,) = read(here.changes()).values()
        assert told[1]["user"] == {"name": "Me", "id": OWNER.public_id, "role": "host"}

    in_moved_time(story())


def test_nobody_moves_or_ends_another() -> None:
    async def story() -> None:
        here, (ana, _), (zoe, _) = presence(), connect(ANA), connect(ZOE)
        here.receive(ana, said(5, 1, {}))
        here.changes()
        here.receive(zoe, said(5, 9, {"cursor": 1}))  # as an impostor, or as an echo
        here.receive(zoe, said(5, 9, None))
        assert here.changes() is None
        here.receive(ana, said(5, 2, None))
        assert read(here.changes()) == {5: (2, None)}
        assert here.everybody() is None

    in_moved_time(story())


def test_what_is_older_than_what_is_known_is_nothing() -> None:
    async def story() -> None:
        here, (ana, _) = presence(), connect(ANA)
        here.receive(ana, said(5, 7, {"at": 7}))
        for clock in (6, 7):
            assert here.receive(ana, said(5, clock, {"at": clock})) is None
        here.receive(ana, said(5, 6, None))
        ((clock, state),) = read(here.changes()).values()
        assert (clock, state["at"]) == (7, 7)

    in_moved_time(story())


def test_who_comes_back_with_a_low_clock_is_told_to_raise_it() -> None:
    async def story() -> None:
        owners = Ownership({}, per_connection=3, per_person=9)
        here, (ana, _) = Presence(owners, 500, 10), connect(ANA)
        here.receive(ana, said(5, 7, {}))
        here.leave(ana)
        owners.release(ana)
        assert read(here.changes()) == {5: (8, None)}
        again, _ = connect(ANA)
        assert read(here.receive(again, said(5, 1, {}))) == {5: (8, None)}
        assert here.receive(again, said(5, 9, {})) is None
        assert list(read(here.everybody())) == [5]

    in_moved_time(story())


def test_changes_are_merged_until_they_are_taken() -> None:
    async def story() -> None:
        here, (ana, _), (zoe, _) = presence(), connect(ANA), connect(ZOE)
        for clock in (1, 2, 3):
            here.receive(ana, said(5, clock, {"at": clock}))
        assert here.concerns_only(ana)
        here.receive(zoe, said(6, 1, {}))
        assert not here.concerns_only(ana)
        changes = read(here.changes())
        assert {client: clock for client, (clock, _) in changes.items()} == {5: 3, 6: 1}

    in_moved_time(story())


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        (said(5, 1, [1]), "not an object"),
        (said(5, 1, b"{"), "not JSON"),
        (said(5, 1, b'{"x":1e999}'), "not JSON"),
        (said(5, 1, b'{"x":' + b"[" * 300 + b"]" * 100), "not JSON"),
        (said(5, 2**31, {}), "clock beyond"),
        (said(5, 1, {"x": "y" * 600}), "more than 500 bytes"),
        (said(5, 1, {}) + b"\0", "after the end"),
        (b"\x02" + said(5, 1, {})[1:] + said(5, 2, {})[1:], "a client twice"),
        (var_uint(11) + said(5, 1, {})[1:] * 11, "more than 10 clients"),
    ],
)
def test_what_no_client_writes_is_refused(payload: bytes, fault: str) -> None:
    async def story() -> None:
        here, (ana, _) = presence(), connect(ANA)
        with pytest.raises(MalformedFrame, match=fault):
            here.receive(ana, payload)

    in_moved_time(story())


def test_a_connection_has_so_many_cursors() -> None:
    async def story() -> None:
        here, (ana, _) = presence(), connect(ANA)
        for client in (1, 2, 3):
            here.receive(ana, said(client, 1, {}))
        with pytest.raises(MalformedFrame, match="too many client ids") as refused:
            here.receive(ana, said(4, 1, {}))
        assert refused.value.bound == "max_clients_per_connection"

    in_moved_time(story())


def test_those_who_left_are_forgotten_when_they_are_many() -> None:
    async def story() -> None:
        here = presence()
        for number in range(1100):
            person = Person(100 + number, f"{number:032}", "N", "candidate", may_edit=True)
            guest, _ = connect(person)
            here.receive(guest, said(number, 1, {}))
            here.leave(guest)
            here.changes()
        assert len(here) <= 1001

    in_moved_time(story())


def test_what_is_written_anew_as_more_than_fits_is_refused() -> None:
    """A browser writes `1e15` so; with its sixteen digits the state is longer than other processes read."""

    async def story() -> None:
        here, (zoe, _) = presence(), connect(ZOE)
        with pytest.raises(MalformedFrame, match="more than 500 bytes"):
            here.receive(zoe, said(5, 1, b'{"a":[' + b",".join([b"1e15"] * 95) + b"]}"))
        assert here.everybody() is None

    in_moved_time(story())


def test_other_processes_read_all_that_this_one_says() -> None:
    async def story() -> None:
        here, there, (zoe, _) = presence(), presence(), connect(ZOE)
        here.receive(zoe, said(5, 2**31 - 2, {"a": "x" * 490}))
        for told in here.own_news():
            there.hear("here", told)
        assert read(there.changes()).keys() == {5}
        here.leave(zoe)
        for told in here.own_news():
            there.hear("here", told)
        assert read(there.changes()) == {5: (2**31 - 1, None)}

    in_moved_time(story())
