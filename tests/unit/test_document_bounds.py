"""What one edit, one presence and one document may hold: each piece costs the same, however few bytes it takes."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from pizarra.collab.limits import RoomLimits
from pizarra.collab.state.document import Document, starting_update
from pizarra.collab.state.gaps import Gaps
from pizarra.collab.state.quota import Excess, Quota, Waiting
from pizarra.collab.token_bucket import TokenBuckets
from pizarra.collab.wire.codec import MalformedFrame, var_bytes, var_uint
from pizarra.collab.wire.summary import UpdateSummary
from pizarra.collab.wire.updates import summarize_update
from pizarra.composition import room_limits
from pizarra.config import Settings

MOST = 50_000
MANY = 200_000
NOTHING_WAITS = Waiting(text=lambda: 0, files=lambda: (), nested=lambda: 0)


def limits(**changes: int) -> RoomLimits:
    return room_limits(Settings(**changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "update",
    [
        b"\x01" + var_uint(MANY) + var_uint(77) + b"\0" + b"\0\x01" * MANY + b"\0",  # structs
        b"\0\x01\x09" + var_uint(MANY) + b"\x01\x01" * MANY,  # deleted ranges
        b"\0" + var_uint(MANY) + b"\x01\0" * MANY,  # clients that delete nothing
        b"\x01\x01\x4d\0\x08\x01\x01a" + var_uint(MANY) + b"\x7e" * MANY + b"\0",  # values
        b"\x01\x01\x4d\0\x08\x01\x01a\x01\x75"
        + var_uint(MANY)
        + b"\x7e" * MANY
        + b"\0",  # values in a list
        b"\x01\x01\x4d\0\x04\x01\x01a"
        + var_bytes("😀".encode() * MANY)
        + b"\0",  # characters of two clocks
    ],
    ids=["structs", "deletions", "clients", "values", "list", "emoji"],
)
def test_an_edit_of_too_many_pieces_is_refused_without_reading_them(update: bytes) -> None:
    summarize_update(update[:1] + update[1:])  # well-formed: it is the number that is refused
    started = time.process_time()
    with pytest.raises(MalformedFrame, match="an edit in more than 50,000 pieces"):
        summarize_update(update, MOST)
    assert time.process_time() - started < 0.3


def test_long_characters_are_found_where_they_are() -> None:
    doc: Doc[Any] = Doc(client_id=5)
    doc.get("t", type=Text).insert(0, "aé😀字😀😀")
    summary = summarize_update(doc.get_update())
    assert summary.inner == [(5, 3), (5, 6), (5, 8)]
    assert summary.structs == [(5, 0, 9)]


async def quota_of(document: Document, of: RoomLimits, recorded: int = 0) -> Quota:
    return Quota(document, document.integrated(), of, recorded)


async def test_a_document_has_so_many_files_and_no_more() -> None:
    document = await Document.load(starting_update("main.py", "python", ""), [])
    quota = await quota_of(document, limits(max_files=3))
    doc: Doc[Any] = Doc()
    doc.apply_update(document.encode())
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    files = doc.get("files", type=Map)
    for path in ("a", "b", "c"):
        files[path] = {"language": "python"}
    del files["a"]
    files["d"] = {"language": "python"}
    doc.unobserve(subscription)
    summaries = [summarize_update(update) for update in updates]
    assert [each.files for each in summaries] == [["a"], ["b"], ["c"], [], ["d"]]
    answers = []
    for update, summary in zip(updates, summaries, strict=True):
        answers.append(quota.admit(summary, len(update), NOTHING_WAITS))
        if answers[-1] is None:
            document.apply(update)
    refusal = Excess("max_files", "a session may have 3 files; the change was not saved")
    assert answers == [None, None, refusal, None, None]  # one was deleted: there is room again
    assert sorted(document.paths()) == ["b", "d", "main.py"]


async def test_where_no_file_fits_one_is_renamed_and_none_added() -> None:
    """Whoever renamed one in a session with as many files as it may have was thrown out."""
    document = await Document.load(starting_update("main.py", "python", ""), [])
    quota = await quota_of(document, limits(max_files=2))
    doc: Doc[Any] = Doc()
    doc.apply_update(document.encode())
    files, text = doc.get("files", type=Map), doc.get("file:main.py", type=Text)

    def is_let_in(change: Callable[[], object]) -> bool:
        before = doc.get_state()
        with doc.transaction():
            change()
        update = doc.get_update(before)
        refused = quota.admit(summarize_update(update), len(update), NOTHING_WAITS)
        if refused is None:
            document.apply(update)
        return refused is None

    def rename(old: str, new: str) -> None:
        del files[old]
        files[new] = {"language": "python", "text": "file:a.py"}

    def delete_else(path: str) -> None:
        text.insert(0, "x")
        del text[0:1]
        files[path] = {"language": "python"}

    assert is_let_in(lambda: files.update({"a.py": {"language": "python"}}))
    for old, new in (("a.py", "b.py"), ("b.py", "c.py"), ("c.py", "d.py")):
        assert is_let_in(partial(rename, old, new))
    assert sorted(document.paths()) == ["d.py", "main.py"]
    # By deleting what is no file one gets one more, and not another.
    assert is_let_in(lambda: delete_else("e.py"))
    assert not is_let_in(lambda: delete_else("f.py"))
    assert not is_let_in(lambda: files.update({"g.py": {"language": "python"}}))
    assert not is_let_in(lambda: rename("d.py", "h.py"))


async def test_a_log_has_so_many_bytes_and_no_more() -> None:
    quota = await quota_of(Document(), limits(max_log_bytes=2**20), recorded=2**20 - 10)
    assert quota.admit(UpdateSummary(), 10, NOTHING_WAITS) is None
    refusal = quota.admit(UpdateSummary(), 1, NOTHING_WAITS)
    told = (
        "this session has recorded 1,048,576 bytes, which is all it may; the change was not saved"
    )
    assert refusal == Excess("max_log_bytes", told)


async def test_near_its_limit_a_document_is_not_measured_for_each_edit() -> None:
    class Measured(Document):
        measured = 0

        def encode(self) -> bytes:
            self.measured += 1
            return super().encode()

    document = Measured()
    document.apply(starting_update("main.py", "python", "x" * 900_000))
    quota = await quota_of(document, limits(max_document_bytes=910_000))
    before = document.measured
    refused = sum(quota.admit(UpdateSummary(), 100, NOTHING_WAITS) is not None for _ in range(500))
    assert refused > 0
    assert document.measured - before <= refused + 1


def test_gaps_have_a_number_and_a_weight() -> None:
    gaps = Gaps(limits(max_gap_updates=3, max_gap_bytes=1000 * 1024))
    one = UpdateSummary(structs=[(1, 5, 6)])
    for _ in range(3):
        assert gaps.has_room(one, 100)
        gaps.add(one, 100)
    assert not gaps.has_room(one, 100)
    gaps.keep(lambda _: False)
    assert not gaps
    assert not gaps.has_room(one, 1000 * 1024 + 1)
    assert not gaps.has_room(
        UpdateSummary(deletes=[(1, 2 * n, 2 * n + 1) for n in range(20_001)]), 100
    )


async def test_a_person_has_a_share_of_the_log() -> None:
    now = asyncio.get_running_loop().time()
    clock = [now]
    rates = TokenBuckets(100, 1000, lambda: clock[0])
    assert rates.spend("ann", 1000) == 0
    assert rates.spend("ann", 500) == pytest.approx(5)
    assert rates.spend("bob", 1000) == 0
    clock[0] += 5
    assert rates.spend("ann", 0) == 0
    assert rates.spend("ann", -300) == 0  # given back
    assert rates.spend("ann", 300) == 0
