"""A large update in parts does what it does in one, and takes the loop no longer than any other."""

import random
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from pizarra.collab.state.document import Document
from pizarra.collab.state.integrated_state import IntegratedState
from pizarra.collab.wire.codec import MalformedFrame, var_uint
from pizarra.collab.wire.parts import parts_of
from pizarra.collab.wire.updates import summarize_update

MOST = 50_000


def written_by(authors: int, edits: int, seed: int) -> bytes:
    """Return what several people wrote into one text, each after the others' last words."""
    choose = random.Random(seed)
    docs: list[Doc[Any]] = [Doc(client_id=10 + number) for number in range(authors)]
    for number in range(edits):
        doc = docs[number % authors]
        for other in docs:
            if choose.random() < 0.5:
                doc.apply_update(other.get_update(doc.get_state()))
        text: Text = doc.get("file:main.py", type=Text)
        size = len(str(text))
        text.insert(choose.randint(0, size), choose.choice(("a", "xyz", "\n  ")))
        if size > 3 and choose.random() < 0.3:
            at = choose.randrange(size - 2)
            del text[at : at + 2]
        doc.get("files", type=Map)[f"{number % 7}.py"] = {"language": "python"}
    whole: Doc[Any] = Doc()
    for doc in docs:
        whole.apply_update(doc.get_update())
    return whole.get_update()


def in_parts(update: bytes, size: int, state: IntegratedState | None = None) -> list[bytes]:
    """Return the parts for a document that holds what `state` counts; None: nothing."""
    known = (state or IntegratedState()).has_deleted
    return [part for part in parts_of(update, MOST, size, known) if part is not None]


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("authors", [1, 3])
def test_parts_do_together_what_the_whole_does(authors: int, size: int) -> None:
    update = written_by(authors, 60, seed=authors)
    whole, pieced = Document(), Document()
    whole.apply(update)
    state = pieced.integrated()
    for part in in_parts(update, size):
        summary = summarize_update(part, MOST)
        assert summary.items <= size
        assert len(summary.deletes) <= max(4 * (size - 1), size)
        assert not state.leaves_gap(summary), "it builds on a later one"
        state.add(summary)
        pieced.apply(part)
    assert pieced.texts() == whole.texts()
    assert sorted(pieced.paths()) == sorted(whole.paths())
    assert pieced.clocks() == whole.clocks()
    assert summarize_update(pieced.encode()).deletes == summarize_update(whole.encode()).deletes


@pytest.mark.parametrize("new", [3, 60])
def test_who_comes_back_to_a_long_document_brings_one_edit(new: int) -> None:
    """Killed in the middle of its parts, a server would show a text that nobody ever had."""
    doc: Doc[Any] = Doc(client_id=7)
    text = doc.get("file:main.py", type=Text)
    for _ in range(1_000):
        text.insert(0, "ab")
        del text[0:1]
    known, server = doc.get_update(), Document()
    server.apply(known)
    state = server.integrated()
    for _ in range(new):
        text.insert(0, "xy")
        del text[0:2]
    update = doc.get_update(server.state_vector())
    assert len(summarize_update(update).deletes) > 1_000, "it repeats what was ever deleted"
    first, *rest = in_parts(update, 500, state)
    assert all(state.brings_nothing(summarize_update(part)) for part in rest)
    assert len(rest) == 2, "which is read in parts as before"
    server.apply(first)
    assert server.encode() == doc.get_update()


def test_a_file_that_was_replaced_whole_is_one_edit() -> None:
    """Killed between what stands in its place and what it deletes, a server would show both."""
    doc: Doc[Any] = Doc(client_id=7)
    text, other = doc.get("file:main.py", type=Text), doc.get("file:other.py", type=Text)
    for _ in range(1_500):  # one range for each, with something in between that stays
        text.insert(0, "ab")
        other.insert(0, "c")
    server = Document()
    server.apply(doc.get_update())
    with doc.transaction():
        text.clear()
        text.insert(0, "def f():\n" * 2_000)
    update = doc.get_update(server.state_vector())
    assert len(summarize_update(update).deletes) == 1_500
    first, *rest = in_parts(update, 500, server.integrated())
    server.apply(first)
    assert server.encode() == doc.get_update()
    assert not rest


def test_more_news_than_a_part_holds_come_before_what_they_delete() -> None:
    doc: Doc[Any] = Doc(client_id=7)
    text = doc.get("file:main.py", type=Text)
    for _ in range(40):
        text.insert(0, "ab")
        del text[0:1]
    server, state = Document(), IntegratedState()
    for part in in_parts(doc.get_update(), 5, state):
        summary = summarize_update(part, MOST)
        assert not state.leaves_gap(summary)
        state.add(summary)
        server.apply(part)
    assert server.encode() == doc.get_update()


def test_two_who_build_on_each_other_line_by_line_come_in_few_parts() -> None:
    steps = 300
    first = b"\x04\1" + var_uint(1) + b"t" + b"\1a"
    five = [first, *(b"\x84" + var_uint(7) + var_uint(each) + b"\1a" for each in range(steps))]
    seven = [b"\x84" + var_uint(5) + var_uint(each) + b"\1b" for each in range(steps)]
    update = b"\2" + b"".join(
        var_uint(len(structs)) + var_uint(client) + b"\0" + b"".join(structs)
        for client, structs in ((7, seven), (5, five))
    )
    parts = in_parts(update + b"\0", 100)
    assert len(parts) == 7
    document = Document()
    for part in parts:
        document.apply(part)
        assert sum(document.clocks().values()) <= 100 * (parts.index(part) + 1)
    assert document.clocks() == {5: steps + 1, 7: steps}


def test_what_builds_on_itself_in_a_circle_ends() -> None:
    seven = var_uint(1) + var_uint(7) + b"\0\x84" + var_uint(5) + b"\0\1b"
    five = var_uint(1) + var_uint(5) + b"\0\x84" + var_uint(7) + b"\0\1a"
    assert len(in_parts(b"\2" + seven + five + b"\0", 1)) == 2


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_what_is_no_update_yields_no_part(cut: int) -> None:
    update = written_by(1, 10, seed=1)
    with pytest.raises(MalformedFrame):
        in_parts(update[:-cut], 1)
    with pytest.raises(MalformedFrame):
        in_parts(update + b"\0", 1)


def test_too_many_pieces_yield_no_part() -> None:
    with pytest.raises(MalformedFrame, match="more than 50,000 pieces"):
        in_parts(b"\1" + var_uint(60_000) + b"\x07\0" + b"\0\1" * 60_000 + b"\0", 500)
