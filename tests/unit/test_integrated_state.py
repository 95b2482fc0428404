"""Knowing what a document holds: nothing is recorded twice, no gap goes unnoticed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Text

from pizarra.collab.journal import StoredUpdate
from pizarra.collab.state.document import Document
from pizarra.collab.state.integrated_state import IntegratedState, Ranges
from pizarra.collab.wire.updates import summarize_update


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12))),
    st.integers(0, 60),
    st.integers(1, 12),
)
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
    integrated = IntegratedState()
    for update in map(summarize_update, typed()):
        assert not integrated.brings_nothing(update)
        assert not integrated.leaves_gap(update)
        integrated.add(update)
        assert integrated.brings_nothing(update)


def test_a_missing_update_leaves_a_gap() -> None:
    a, b, c, delete_b = map(summarize_update, typed())
    integrated = IntegratedState()
    integrated.add(a)
    assert integrated.leaves_gap(c)
    assert integrated.leaves_gap(delete_b)
    integrated.add(b)
    assert not integrated.leaves_gap(c)
    assert not integrated.leaves_gap(delete_b)


def test_an_update_that_carries_what_it_needs_leaves_no_gap() -> None:
    doc: Doc[Any] = Doc()
    text = doc.get("t", type=Text)
    for letter in "ABC":
        text += letter
    assert not IntegratedState().leaves_gap(summarize_update(doc.get_update()))


async def test_a_loaded_document_knows_what_it_holds() -> None:
    updates = typed()
    integrated = (
        await Document.load(None, [StoredUpdate(None, update) for update in updates])
    ).integrated()
    assert all(integrated.brings_nothing(summarize_update(update)) for update in updates)
