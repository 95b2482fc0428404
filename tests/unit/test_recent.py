"""What was recorded a moment ago is known without asking, up to a limit; what is not known leaves a hole."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from tests.harness.entries import event

from pizarra.collab.journal import EditEntry, Entry
from pizarra.timeline.append.appender import Append, to_columns
from pizarra.timeline.append.recent import Recent


@dataclass
class Owner:
    id: int = 1
    public_id: str = "f" * 32
    epoch: str = "first"


def edits(count: int, size: int = 10) -> list[Entry]:
    return [EditEntry(7, b"u" * size) for _ in range(count)]


def noted(
    recent: Recent, first: int, entries: list[Entry], key: int = 1, epoch: str = "first"
) -> None:
    recent.note(Append(key, epoch, True, list(map(to_columns, entries))), first, 1_000)


def known(recent: Recent, first: int, last: int, owner: Owner | None = None) -> list[int]:
    return [row[0] for row in recent.stretch(owner or Owner(), first, last)]


@given(st.sets(st.integers(1, 60)), st.integers(1, 60), st.integers(0, 60))
def test_a_stretch_is_the_first_run_of_numbers_that_are_known(
    written: set[int], first: int, size: int
) -> None:
    recent = Recent(1_000_000)
    for seq in sorted(written):
        noted(recent, seq, edits(1))
    last = first + size
    expected: list[int] = []
    for seq in sorted(number for number in written if first <= number <= last):
        if expected and seq != expected[-1] + 1:
            break
        expected.append(seq)
    assert known(recent, first, last) == expected


def test_rows_are_as_storage_has_them() -> None:
    recent = Recent(1_000_000)
    gap = EditEntry(None, b"late", gap=True)
    noted(recent, 5, [event("run.output", None, {"text": "é"}), *edits(1), gap])
    assert recent.stretch(Owner(), 1, 9) == [
        (5, 1_000, "run.output", None, None, '{"text": "\\u00e9"}'),
        (6, 1_000, "edit", 7, b"u" * 10, None),
    ]


def test_another_generation_or_a_number_given_twice_begins_anew() -> None:
    recent = Recent(1_000_000)
    noted(recent, 1, edits(3))
    # erased; its id in the database went to another
    assert known(recent, 1, 9, Owner(epoch="second")) == []
    noted(recent, 4, edits(2), epoch="second")
    assert (known(recent, 1, 9), known(recent, 1, 9, Owner(epoch="second"))) == ([], [4, 5])
    noted(recent, 5, edits(1), epoch="second")  # the database lost what it had committed
    assert known(recent, 1, 9, Owner(epoch="second")) == [5]


def test_the_log_that_has_been_known_longest_makes_room() -> None:
    recent = Recent(40_000)
    noted(recent, 1, edits(10, size=1_000))
    noted(recent, 1, edits(10, size=1_000), key=2)
    noted(recent, 11, edits(10, size=1_000))
    assert known(recent, 1, 99) == list(range(1, 21))
    noted(recent, 11, edits(10, size=1_000), key=2)
    assert known(recent, 1, 99) == []
    assert known(recent, 1, 99, Owner(id=2)) == list(range(1, 21))
    noted(recent, 1, edits(1, size=50_000), key=3)
    assert known(recent, 1, 99, Owner(id=3)) == []


def test_what_is_forgotten_makes_room() -> None:
    recent = Recent(15_000)
    for turn in range(50):
        noted(recent, 10 * turn + 1, edits(10, size=1_000))
        assert known(recent, 1, 10 * turn + 10) == list(range(10 * turn + 1, 10 * turn + 11))
        recent.forget(1, 10 * turn + 10)
    noted(recent, 501, edits(1))
    noted(recent, 1, edits(1), key=2)
    assert recent.logs() == {1, 2}
    recent.forget(1)
    recent.forget(1)
    assert (recent.logs(), known(recent, 1, 999), known(recent, 1, 9, Owner(id=2))) == (
        {2},
        [],
        [1],
    )
