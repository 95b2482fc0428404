"""Updates that no client writes and that take a CRDT long, or for ever, or end it: refused before they are recorded."""

import time
from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text

from pizarra.collab.limits import RoomLimits
from pizarra.collab.state.document import Document, starting_update
from pizarra.collab.state.integrated_state import IntegratedState, Integration
from pizarra.collab.state.quota import Quota, Waiting
from pizarra.collab.state.siblings import Siblings
from pizarra.collab.wire.codec import MalformedFrame, var_uint
from pizarra.collab.wire.updates import summarize_update
from pizarra.composition import room_limits
from pizarra.config import Settings

MOST = 50_000
NOTHING_WAITS = Waiting(text=lambda: 0, files=lambda: (), nested=lambda: 0)


def name(text: str) -> bytes:
    raw = text.encode()
    return var_uint(len(raw)) + raw


def place(client: int, clock: int) -> bytes:
    return var_uint(client) + var_uint(clock)


def written(client: int, *structs: bytes) -> bytes:
    """Return an update of one client's structs, from clock 0."""
    return b"\1" + listed(client, *structs) + b"\0"


def listed(client: int, *structs: bytes) -> bytes:
    return var_uint(len(structs)) + place(client, 0) + b"".join(structs)


def nested(depth: int, client: int = 5) -> bytes:
    """Return maps, each the value of a key in the one before; the first lies in a root."""
    inner = [b"\x27\0" + place(client, clock) + name("k") + b"\1" for clock in range(depth - 1)]
    return written(client, b"\x27\1" + name("x") + name("k") + b"\1", *inner)


def limits(**changes: int) -> RoomLimits:
    return room_limits(Settings(**changes))  # type: ignore[arg-type]


async def admitted(document: Document, update: bytes, **changes: int) -> str | None:
    """Return the setting that refuses an update, or None."""
    quota = Quota(document, document.integrated(), limits(**changes), 0)
    excess = quota.admit(summarize_update(update, MOST), len(update), NOTHING_WAITS)
    return excess and excess.bound


async def test_types_inside_types_are_bounded() -> None:
    assert await admitted(Document(), nested(501)) is None
    assert await admitted(Document(), nested(502)) == "max_nested_types"
    half = Document()
    half.apply(nested(301))
    assert await admitted(half, nested(201, client=6)) is None
    assert await admitted(half, nested(202, client=6)) == "max_nested_types"


async def test_a_type_in_a_root_lies_inside_no_other() -> None:
    doc: Doc[Any] = Doc(client_id=7)
    files: Map[Any] = doc.get("files", type=Map)
    for number in range(600):
        files[f"{number}.py"] = Map({"language": "python"})
    assert summarize_update(doc.get_update()).nested == 0
    assert await admitted(Document(), doc.get_update()) is None
    items: Array[Any] = doc.get("items", type=Array)
    items.append(Map({"a": Map()}))
    items.append(Text("x"))
    # the inner one, and what follows in the list
    assert summarize_update(doc.get_update()).nested == 2


async def test_types_that_are_gone_count_no_more() -> None:
    document = Document()
    quota = Quota(document, document.integrated(), limits(), 0)
    for client in range(5, 9):
        for update in (nested(400, client), b"\0\1" + var_uint(client) + b"\1\0\1"):
            assert quota.admit(summarize_update(update, MOST), len(update), NOTHING_WAITS) is None
            document.apply(update)


async def test_types_that_wait_for_their_commit_count() -> None:
    document = Document()
    quota = Quota(document, document.integrated(), limits(), 0)
    waiting = Waiting(text=lambda: 0, files=lambda: (), nested=lambda: 300)
    assert quota.admit(summarize_update(nested(400), MOST), 4000, waiting) is not None


def deleting(*ranges: tuple[int, int, int]) -> bytes:
    """Return an update that deletes (client, clock, length), in this order, each listed by itself."""
    each = (var_uint(who) + b"\1" + var_uint(clock) + var_uint(many) for who, clock, many in ranges)
    return b"\0" + var_uint(len(ranges)) + b"".join(each)


def test_what_a_split_costs_is_counted_by_the_order_it_comes_in() -> None:
    """yrs counts from the last split on: in order each character once, and backwards all of them each time."""
    document = Document()
    document.apply(written(5, b"\x04\1" + name("file:main.py") + name("a" * 8_000)))
    document.apply(written(6, b"\x04\1" + name("file:other.py") + name("b" * 8_000)))
    quota = Quota(document, document.integrated(), limits(), 0)
    most = len(document.encode())

    def splits(*ranges: tuple[int, int, int]) -> float:
        return quota.counted(summarize_update(deleting(*ranges), MOST), 0) / most

    rising = [(5, clock, 1) for clock in range(0, 400, 4)]
    assert splits(*rising) == pytest.approx(200 / 8, rel=0.01)
    assert splits(*reversed(rising)) == pytest.approx(2 / 8 + 198, rel=0.01)
    # another client's in between change nothing of it
    mixed = [each for one in reversed(rising) for each in (one, (6, 8_000 - one[1] - 2, 1))]
    assert splits(*mixed) == pytest.approx(4 / 8 + 198 + 198 / 8, rel=0.01)


def key_sets(times: int, client: int) -> bytes:
    return written(client, *[b"\x28\1" + name("x") + name("k") + b"\1\x78"] * times)


def hidden(times: int, client: int) -> bytes:
    """Return pieces at the beginning of a text, with a flag that means nothing beside their right origin."""
    first = b"\x04\1" + name("file:main.py") + name("a")
    return written(client, first, *[b"\x64" + place(client, 0) + name("a")] * times)


@pytest.mark.parametrize("made", [key_sets, hidden])
def test_what_is_compared_is_counted_however_it_is_written(made: Any) -> None:
    siblings, document = Siblings(), Document()
    started = time.process_time()
    for client in range(1, 200):
        update = made(1000, client)
        if siblings.would_exceed(summarize_update(update, MOST), 4000):
            break
        siblings.add(summarize_update(update, MOST))
        document.apply(update)
    assert 2 < client < 10
    assert time.process_time() - started < 2
    assert siblings.would_exceed(summarize_update(made(20_000, 300), MOST), 4000)
    assert document.integrated().siblings.would_exceed(summarize_update(made(4000, 300)), 4000)


def test_keys_of_a_map_do_not_meet() -> None:
    siblings = Siblings()
    structs = (b"\x28\1" + name("x") + name(f"k{each}") + b"\1\x78" for each in range(20_000))
    assert not siblings.would_exceed(summarize_update(written(5, *structs)), 4000)


@pytest.mark.parametrize("flags", [b"\xc4", b"\x84", b"\x44", b"\x64"])
def test_what_builds_on_itself_is_malformed(flags: bytes) -> None:
    first = b"\x04\1" + name("t") + name("a")
    origins = place(5, 1) * (2 if flags == b"\xc4" else 1)
    with pytest.raises(MalformedFrame, match="builds on itself"):
        summarize_update(written(5, first, flags + origins + name("b")))
    with pytest.raises(MalformedFrame, match="builds on itself"):  # a keystroke, by the fast road
        summarize_update(b"\1\1\5\1\x84\5\1\1b\0")


def test_what_builds_on_each_other_waits_like_any_gap() -> None:
    """yrs keeps it for ever: it counts among what is missing, and is bounded with it."""
    seven = listed(7, b"\x84" + place(5, 0) + name("b"))
    five = listed(5, b"\x84" + place(7, 0) + name("a"))
    assert (
        IntegratedState().take_in(summarize_update(b"\2" + seven + five + b"\0")) is Integration.GAP
    )
    # The same without the circle, in the order in which nobody can read it at once
    later = listed(5, b"\x04\1" + name("t") + name("a"), b"\x84" + place(7, 0) + name("c"))
    update = b"\2" + seven + later + b"\0"
    assert IntegratedState().take_in(summarize_update(update)) is Integration.COMPLETE
    document = Document()
    document.apply(update)
    assert document.clocks() == {5: 2, 7: 1}


def test_long_chains_between_two_are_followed_in_time() -> None:
    steps = 20_000
    five = listed(
        5,
        b"\x04\1" + name("t") + name("a"),
        *(b"\x84" + place(7, clock) + name("a") for clock in range(steps)),
    )
    seven = listed(7, *(b"\x84" + place(5, clock) + name("b") for clock in range(steps)))
    summary = summarize_update(b"\2" + seven + five + b"\0")
    started = time.process_time()
    assert IntegratedState().take_in(summary) is Integration.COMPLETE
    assert time.process_time() - started < 1


def following(times: int, info: int, content: bytes, last: bytes = b"") -> bytes:
    """Return what goes on, one piece after the other, where a client would have put them together."""
    first = bytes([info]) + b"\1" + name("t") + content
    rest = [bytes([info | 0x80]) + place(5, clock) + content for clock in range(times)]
    return written(
        5, first, *rest, *([bytes([info | 0x80]) + place(5, times) + last] if last else [])
    )


LONG = b"x" * 200_000


@pytest.mark.parametrize(
    ("info", "content", "last", "most"),
    [
        (8, b"\1\x78", b"", 1390),
        (4, b"\1x", b"", 6260),
        (4, b"\1x", var_uint(len(LONG)) + LONG, 96),
        (8, b"\1\x78", var_uint(45_000) + b"\x78" * 45_000, 20),
    ],
    ids=["values", "letters", "then a long text", "then many values"],
)
def test_pieces_that_should_have_been_put_together_are_bounded(
    info: int, content: bytes, last: bytes, most: int
) -> None:
    """Each is squashed into a copy of all that follows it: the product is bounded, not the number."""
    document, update = Document(), following(most, info, content, last)
    summarize_update(update, MOST)
    started = time.process_time()
    document.apply(update)
    assert time.process_time() - started < 0.5
    with pytest.raises(MalformedFrame, match="should have been put together"):
        summarize_update(following(most + most // 7, info, content, last), MOST)


def test_what_never_is_squashed_is_in_the_way_of_what_comes_before_it() -> None:
    """Fifty thousand empty binaries in a list, and a hundred at its beginning: four seconds."""
    document = Document()
    siblings = document.integrated().siblings
    for first in range(0, 50_000, 10_000):
        head = b"\x83" + place(5, first - 1) if first else b"\x03\1" + name("t")
        rest = (b"\x83" + place(5, first + each) + b"\0" for each in range(9_999))
        structs = head + b"\0" + b"".join(rest)
        update = b"\1" + var_uint(10_000) + place(5, first) + structs + b"\0"
        assert not siblings.would_exceed(summarize_update(update, MOST), 4000)
        siblings.add(summarize_update(update, MOST))
        document.apply(update)
    head = b"\x03\1" + name("t") + b"\0"
    assert siblings.would_exceed(summarize_update(written(9, *[head] * 100), MOST), 4000)
    assert not siblings.would_exceed(summarize_update(written(9, head), MOST), 4000)


def test_places_are_not_remembered_without_end() -> None:
    """What was deleted meanwhile is forgotten when the document is read again."""
    document = Document()
    siblings = document.integrated().siblings
    document.apply(written(5, b"\x04\1" + name("t") + name("x" * 20_000)))
    for client in range(10, 25):
        # as if each had been deleted at once: the document has none of them
        structs = (b"\x84" + place(5, each) + name("a") for each in range(20_000))
        siblings.add(summarize_update(written(client, *structs), MOST))
    assert len(siblings._since) <= 200_000  # noqa: SLF001 - nothing else shows it


async def test_one_long_text_is_not_taken_apart_in_thousands_of_places() -> None:
    """yrs counts from its beginning for each: 24,900 deletions in a megabyte, the last first, took 40 s."""
    document, long = Document(), 900_000
    document.apply(written(5, b"\x04\1" + name("t") + name("x" * long)))

    def apart(times: int, *, inserted: bool) -> bytes:
        places = [long - 2 * each - 2 for each in range(times)]
        if inserted:
            return written(9, *(b"\x84" + place(5, each) + name("a") for each in places))
        return b"\0\1" + place(5, times) + b"".join(var_uint(each) + b"\1" for each in places)

    for inserted in (True, False):
        assert await admitted(document, apart(2000, inserted=inserted)) == "max_update_pieces"
        few = apart(400, inserted=inserted)
        assert await admitted(document, few) is None
        copy, started = Document(), time.process_time()
        copy.apply(document.encode())
        copy.apply(few)
        assert time.process_time() - started < 1


def test_what_lies_behind_a_hole_is_shown_when_the_hole_is_closed() -> None:
    """yrs would show it, and Yjs does not: a program would run that nobody sees."""
    doc: Doc[Any] = Doc(client_id=7)
    text: Text = doc.get("file:main.py", type=Text)
    made: list[bytes] = []
    subscription = doc.observe(lambda event: made.append(event.update))
    for word in ("print(1)\n", "print(2)\n", "print(3)\n"):
        text += word
    doc.unobserve(subscription)
    document = Document()
    document.apply(starting_update("main.py", "python", ""))
    state = document.integrated()
    for update in (made[2], made[1]):
        summary = summarize_update(update)
        assert state.take_in(summary) is Integration.GAP
        document.integrate(update, gap=True)
        assert document.text("main.py") == ""
    document.integrate(made[0], gap=False)
    assert document.text("main.py") == "print(1)\nprint(2)\nprint(3)\n"
