"""Knowing what a document holds: nothing is recorded twice, no gap goes unnoticed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Text

from pizarra.collab.coverage import Coverage, Ranges
from pizarra.collab.document import Document
from pizarra.collab.journal import StoredUpdate
from pizarra.collab.updates import summarize_update


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12))), st.integers(0, 60), st.integers(1, 12))
def test_ranges_agree_with_a_set(added: list[tuple[int, int]], start: int, length: int) -> None:
    ranges, numbers = Ranges(), set[int]()
    for first, count in added:
        ranges.add(first, first + count)
        numbers |= set(range(first, first + count))
    assert ranges.covers(start, start + length) == (set(range(start, start + length)) <= numbers)


def typed() -> list[bytes]:
    """Return updates of one author: A, B, C appended, then B deleted."""
    doc: Doc[Any] = Doc()
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    text = doc.get("t", type=Text)
    for letter in "ABC":
        text += letter
    del text[1:2]
    doc.unobserve(subscription)
    return updates


def test_an_update_brings_something_once() -> None:
    coverage = Coverage()
    for update in map(summarize_update, typed()):
        assert not coverage.brings_nothing(update)
        assert not coverage.leaves_gap(update)
        coverage.add(update)
        assert coverage.brings_nothing(update)


def test_a_missing_update_leaves_a_gap() -> None:
    a, b, c, delete_b = map(summarize_update, typed())
    coverage = Coverage()
    coverage.add(a)
    assert coverage.leaves_gap(c)
    assert coverage.leaves_gap(delete_b)
    coverage.add(b)
    assert not coverage.leaves_gap(c)
    assert not coverage.leaves_gap(delete_b)


def test_an_update_that_carries_what_it_needs_leaves_no_gap() -> None:
    doc: Doc[Any] = Doc()
    text = doc.get("t", type=Text)
    for letter in "ABC":
        text += letter
    assert not Coverage().leaves_gap(summarize_update(doc.get_update()))


async def test_a_loaded_document_knows_what_it_holds() -> None:
    updates = typed()
    coverage = (await Document.load(None, [StoredUpdate(None, update) for update in updates])).coverage()
    assert all(coverage.brings_nothing(summarize_update(update)) for update in updates)
