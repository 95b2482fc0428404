"""Whether an update may be recorded, and with what its author is told why not."""

import asyncio
from typing import Any

import pytest
from tests.harness.core import ANA, OTTO, ZOE, HeldLog, Typist, connect, limits, stored
from tests.harness.moved_time import in_moved_time

from pizarra.collab.commit_queue import CommitQueue, Edit
from pizarra.collab.connection import Connection
from pizarra.collab.journal import EditEntry
from pizarra.collab.state.document import Document
from pizarra.collab.state.ownership import Ownership
from pizarra.collab.state.quota import Quota
from pizarra.collab.update_validator import UpdateValidator
from pizarra.collab.wire.close_codes import CloseCode, Closing
from pizarra.collab.wire.codec import MalformedFrame


class Door:
    """A validator, and the document behind it."""

    def __init__(self, **changes: Any) -> None:
        self.log, bounds, document = HeldLog(), limits(**changes), Document()
        self.document = document
        self.queue = CommitQueue(
            stored(), self.log.journal, bounds, lambda *_: None, lambda _: None, lambda: None
        )
        self.owners = Ownership({}, bounds.connection.clients, bounds.clients_per_person)
        integrated = self.queue.integrated
        quota = Quota(document, integrated, bounds, 0)
        self.validator = UpdateValidator(integrated, self.owners, quota, self.queue, bounds)

    def admit(self, connection: Connection, update: bytes) -> Edit | Closing | None:
        """Show an update to the validator; what it admits is committed."""
        admitted = self.validator.admit(connection, update)
        if isinstance(admitted, Edit):
            self.queue.add(admitted)
            self.log.commit()
        return admitted


def test_an_observer_may_repeat_what_is_there_and_write_nothing() -> None:
    async def story() -> None:
        door, (ana, _), (otto, _) = Door(), connect(ANA), connect(OTTO)
        typed = Typist(5).type("x = 1")
        assert isinstance(door.admit(ana, typed), Edit)
        assert door.admit(otto, typed) is None, "a stock client answers with what it has"
        refused = door.admit(otto, Typist(6).type("y"))
        assert isinstance(refused, Closing)
        assert refused.code is CloseCode.READ_ONLY

    in_moved_time(story())


def test_what_is_known_waits_behind_what_is_not_safe_yet() -> None:
    """Whoever repeats it asks for an acknowledgement: it must not come before the disk has it."""

    async def story() -> None:
        door, (ana, _) = Door(), connect(ANA)
        typist = Typist(5)
        first = typist.type("x")
        door.admit(ana, first)
        waiting = door.validator.admit(ana, typist.type("y"))
        assert isinstance(waiting, Edit)
        door.queue.add(waiting)
        assert isinstance(door.validator.admit(ana, first), Edit)
        door.log.commit()
        assert door.validator.admit(ana, first) is None

    in_moved_time(story())


def test_who_repeats_what_is_known_is_soon_read_later() -> None:
    """Nothing of it is recorded, so that no quota of the log counts it."""

    async def story() -> None:
        door, (first, _), typed = Door(), connect(ANA), Typist(5).type("x")
        door.admit(first, typed)
        for repeated in (typed, b"\0\0"):
            ana, end = connect(ANA, max_presence_per_second=5)
            for _ in range(5):
                assert door.validator.admit(ana, repeated) is None
            assert end.reads()
            door.validator.admit(ana, repeated)
            assert not end.reads()

    in_moved_time(story())


def test_nobody_writes_under_another_ones_id() -> None:
    async def story() -> None:
        door, (ana, _), (zoe, _) = Door(), connect(ANA), connect(ZOE)
        typist = Typist(5)
        door.admit(ana, typist.type("x"))
        refused = door.admit(zoe, typist.type("y"))
        assert isinstance(refused, Closing)
        assert (refused.code, refused.reason) == (
            CloseCode.MALFORMED,
            "this client id is somebody else's",
        )

    in_moved_time(story())


def test_a_second_window_under_the_same_id_makes_the_first_say_whether_it_lives() -> None:
    async def story() -> None:
        door, (first, end), (second, _) = Door(), connect(ANA), connect(ANA)
        typist = Typist(5)
        door.admit(first, typist.type("x"))
        refused = door.admit(second, typist.type("y"))
        assert isinstance(refused, Closing)
        assert (refused.code, end.pings) == (CloseCode.TRY_AGAIN, 1)

    in_moved_time(story())


def test_a_person_has_so_many_client_ids() -> None:
    async def story() -> None:
        door = Door(max_clients_per_person=10)
        for client in range(10):
            window, _ = connect(ANA)
            assert isinstance(door.admit(window, Typist(client + 1).type("x")), Edit)
        window, _ = connect(ANA)
        refused = door.admit(window, Typist(99).type("x"))
        assert isinstance(refused, Closing)
        assert refused.bound == "max_clients_per_person"

    in_moved_time(story())


def test_a_text_that_is_too_large_is_refused_and_counted_for_nothing() -> None:
    async def story() -> None:
        door, (ana, _) = Door(max_text_bytes=10_000), connect(ANA)
        refused = door.admit(ana, Typist(5).type("x" * 10_001))
        assert isinstance(refused, Closing)
        assert refused.bound == "max_text_bytes"
        again, _ = connect(ANA)
        assert isinstance(door.admit(again, Typist(6).type("x" * 9_000)), Edit)

    in_moved_time(story())


def test_no_character_is_split_in_two() -> None:
    async def story() -> None:
        door, (ana, _), (zoe, _) = Door(), connect(ANA), connect(ZOE)
        whole = Typist(5).type("😀")
        door.admit(ana, whole)
        # delete the second half alone: client 5, clock 1, one long
        refused = door.admit(zoe, bytes((0, 1, 5, 1, 1, 1)))
        assert isinstance(refused, Closing)
        assert refused.reason == "an edit that splits a character in two"

    in_moved_time(story())


def test_whoever_writes_very_much_is_read_more_slowly_and_then_not_at_all() -> None:
    async def story() -> None:
        burst = 2**20
        door = Door(person_log_burst_bytes=burst, person_log_bytes_per_second=10_000)
        (ana, end), typist = connect(ANA), Typist(5)
        assert isinstance(door.admit(ana, typist.type("x" * 300_000)), Edit)
        assert end.reads()
        while end.reads():
            assert isinstance(door.admit(ana, typist.type("y" * 100_000)), Edit)
        typist.type("")
        refused: Any = None
        for _ in range(5):
            refused = door.admit(ana, typist.type("z" * 100_000))
            if isinstance(refused, Closing):
                break
        assert isinstance(refused, Closing)
        assert (refused.code, refused.bound) == (CloseCode.TRY_AGAIN, "person_log_burst_bytes")
        await asyncio.sleep(3600)
        assert end.reads()

    in_moved_time(story())


def test_what_is_refused_is_not_counted_as_recorded() -> None:
    """Else one person, refused again and again, would fill the log for everybody without a byte of it."""

    async def story() -> None:
        door = Door(
            person_log_burst_bytes=2**20, person_log_bytes_per_second=1024, max_log_bytes=2**22
        )
        (ana, _), (zoe, _) = connect(ANA), connect(ZOE)
        typist = Typist(5)
        for _ in range(100):
            door.admit(ana, typist.type("x" * 60_000))
        recorded = sum(len(row.update) for row in door.log.rows if isinstance(row, EditEntry))
        assert recorded < 2**21
        assert isinstance(door.admit(zoe, Typist(6).type("hers")), Edit)

    in_moved_time(story())


def test_each_bound_has_its_name() -> None:
    async def story() -> None:
        door = Door(max_clients_per_connection=2, max_clients_per_person=1000)
        ana, _ = connect(ANA, max_clients_per_connection=2)
        refused = [door.admit(ana, Typist(client).type("x")) for client in (1, 2, 3)][-1]
        assert isinstance(refused, Closing)
        assert refused.bound == "max_clients_per_connection"

    in_moved_time(story())


@pytest.mark.parametrize("update", [b"", b"\x01", b"\xff" * 9, b"\0\0\0"])
def test_what_is_no_update_is_malformed(update: bytes) -> None:
    async def story() -> None:
        (ana, _) = connect(ANA)
        with pytest.raises(MalformedFrame):
            Door().admit(ana, update)

    in_moved_time(story())


def test_an_update_of_nothing_is_nothing() -> None:
    async def story() -> None:
        (otto, _) = connect(OTTO)
        assert Door().admit(otto, b"\0\0") is None

    in_moved_time(story())
