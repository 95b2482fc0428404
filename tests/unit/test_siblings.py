"""Pieces at one place are bounded: to order those of several authors takes the square of their number."""

import time
from typing import Any

import pytest
from pycrdt import Doc, Text

from pizarra.collab.state.document import Document
from pizarra.collab.state.siblings import Patience, Siblings
from pizarra.collab.wire.codec import var_uint
from pizarra.collab.wire.updates import summarize_update

MOST = 4000


def prepended(times: int, client: int) -> bytes:
    """Return what somebody makes who puts one letter after the other at the beginning."""
    doc: Doc[Any] = Doc(client_id=client)
    text: Text = doc.get("file:main.py", type=Text)
    for _ in range(times):
        with doc.transaction():
            text.insert(0, "x")
    return doc.get_update()


def test_what_takes_the_square_is_refused() -> None:
    siblings, document = Siblings(), Document()
    for client in (5, 7):
        update = prepended(MOST // 2, client)
        assert not siblings.would_exceed(summarize_update(update), MOST)
        siblings.add(summarize_update(update))
        started = time.process_time()
        document.apply(update)
        assert time.process_time() - started < 2  # 0.3 s, where 45,000 each take half an hour
    assert siblings.would_exceed(summarize_update(prepended(1, 9)), MOST)
    assert siblings.would_exceed(summarize_update(prepended(MOST + 1, 9)), 2 * MOST)


def test_what_the_document_held_before_counts() -> None:
    document = Document()
    document.apply(prepended(MOST, 5))
    siblings = document.integrated().siblings
    assert not siblings.would_exceed(summarize_update(prepended(200, 7)), MOST)
    assert siblings.would_exceed(summarize_update(prepended(2000, 7)), MOST)


def test_one_line_above_the_other_is_compared_with_nothing() -> None:
    """Twelve thousand of them are no more than twelve thousand, also where somebody comes back after a while."""
    document, siblings = Document(), Siblings()
    doc: Doc[Any] = Doc(client_id=5)
    text: Text = doc.get("file:main.py", type=Text)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    for _ in range(3 * MOST):
        text.insert(0, "x\n")
    doc.unobserve(subscription)
    for number, update in enumerate(updates):
        if number == 2 * MOST:
            siblings = document.integrated().siblings
        summary = summarize_update(update)
        assert not siblings.would_exceed(summary, MOST)
        siblings.add(summary)
        document.apply(update)
    # To whoever has seen none of them, and writes as many above the first, they all are in the way.
    assert siblings.would_exceed(summarize_update(prepended(MOST, 7)), MOST)


def chained(times: int) -> bytes:
    """Return what two authors make of one line who write one letter each in turn."""
    ours = [b"\x84\x02" + var_uint(number - 1) + b"\x01a" for number in range(1, times)]
    theirs = [b"\x84\x01" + var_uint(number) + b"\x01b" for number in range(times)]
    ours.insert(0, b"\x04\x01\x01t\x01a")
    return (
        b"\x02"
        + b"".join(
            var_uint(times) + client + b"\0" + b"".join(pieces)
            for client, pieces in ((b"\x02", theirs), (b"\x01", ours))
        )
        + b"\0"
    )


def strewn(times: int, client: int) -> bytes:
    """Return what says of each of many places that nothing follows there."""
    pieces = b"".join(b"\x84\x01" + var_uint(number) + b"\x01x" for number in range(times))
    return b"\x01" + var_uint(times) + bytes([client]) + b"\0" + pieces + b"\0"


def test_what_is_put_anywhere_as_if_nothing_followed_is_refused() -> None:
    """Two thousand such pieces in a line of twenty thousand took eight seconds."""
    siblings, document = Siblings(), Document()
    line = summarize_update(chained(10_000))
    assert len(line.pieces) == 20_000
    document.apply(chained(10_000))
    siblings.add(line)
    assert siblings.would_exceed(summarize_update(strewn(2000, 9)), MOST)
    assert document.integrated().siblings.would_exceed(summarize_update(strewn(2000, 9)), MOST)
    assert not siblings.would_exceed(summarize_update(strewn(200, 9)), MOST)


def test_a_document_has_so_much_patience_and_no_more() -> None:
    """Many small updates are as slow as a large one: what they took is measured."""
    document = Document()
    document.apply(chained(4000))
    document.patience.spend(4.0)  # before: what comes takes a second of a processor, not five
    siblings = document.integrated().siblings
    clients = iter(range(9, 120))
    while not siblings.would_exceed(summarize_update(update := strewn(500, next(clients))), MOST):
        siblings.add(summarize_update(update))
        document.apply(update)
    assert 4.1 < document.patience.spent() < 7
    # Whoever writes in the middle of a line goes on.
    assert not siblings.would_exceed(
        summarize_update(b"\x01\x01\x7d\0\xc4\x09\0\x09\x01\x01y\0"), MOST
    )


def test_patience_comes_back() -> None:
    now = 100.0
    patience = Patience(lambda: now)
    patience.spend(6.0)
    assert patience.spent() == 6.0
    now += 200
    assert patience.spent() == pytest.approx(4.0)
    patience.spend(1.0)
    assert patience.spent() == pytest.approx(5.0)
    now += 3600
    assert patience.spent() == 0.0


def test_typing_on_is_no_new_piece() -> None:
    doc: Doc[Any] = Doc(client_id=5)
    text: Text = doc.get("file:main.py", type=Text)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    for letter in "def f(x):\n" * 50:
        text += letter
    doc.unobserve(subscription)
    assert sum(len(summarize_update(update).pieces) for update in updates) == 1
    assert len(summarize_update(doc.get_update()).pieces) == 1
