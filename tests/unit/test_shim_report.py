"""What a shim says of the end of a program, and what a program cannot make it say."""

import asyncio
import json
from typing import Any

import pytest

from pizarra.sandbox.isolation.payload import Payload, read_report

EXITED = {"exit_code": 0, "signal": None, "memory_kb": 9_000}
KILLED = {"exit_code": None, "signal": 9, "memory_kb": 9_000}


def line(**message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


def read(
    *said: bytes, collect: tuple[str, ...] = (), collect_bytes: int = 100
) -> tuple[dict[str, Any] | None, dict[str, bytes], list[str]]:
    """Return the report, the files and what was too much, of a shim that said all this and is gone."""
    beyond: list[str] = []
    payload = Payload(go="", files={}, collect=collect, collect_bytes=collect_bytes)

    async def story() -> tuple[dict[str, Any] | None, dict[str, bytes]]:
        reader = asyncio.StreamReader()
        reader.feed_data(b"".join(said))
        reader.feed_eof()
        return await read_report(reader, payload, on_beyond=beyond.append)

    return (*asyncio.run(story()), beyond)


def test_a_program_that_never_began_has_no_report() -> None:
    assert read()[0] is None


def test_a_shim_that_was_killed_while_the_program_ran_leaves_an_empty_one() -> None:
    assert read(line(started=True))[0] == {}


def test_the_end_is_what_it_says_last() -> None:
    assert read(line(started=True), line(left=EXITED), line(ended=EXITED))[0] == EXITED
    assert read(line(started=True), line(left=KILLED), line(ended=KILLED))[0] == KILLED


def test_what_a_program_left_behind_may_kill_the_shim_and_its_end_still_counts() -> None:
    assert read(line(started=True), line(left=EXITED))[0] == EXITED


def test_a_compiler_whose_output_did_not_arrive_has_not_ended_well() -> None:
    """Killed between its end and the file that is wanted: the report must not say that all is well."""
    report, files, _ = read(line(started=True), line(left=EXITED), collect=("a.out",))
    assert (report, files) == ({}, {})


def test_files_come_back_whole() -> None:
    said = (line(file="a.out", size=3), b"\n\0x", line(file="b.map", size=0), line(ended=EXITED))
    report, files, _ = read(line(started=True), *said, collect=("a.out", "b.map"))
    assert (report, files) == (EXITED, {"a.out": b"\n\0x", "b.map": b""})


@pytest.mark.parametrize(
    "said",
    [
        line(file="passwd", size=1) + b"x" + line(ended=EXITED),  # nobody asked for it
        line(file="a.out", size=101) + b"x" * 101 + line(ended=EXITED),  # beyond the bound
        line(file="a.out", size=90) + b"x",  # it ends in its midst
        line(file="a.out", size="many"),
    ],
)
def test_a_file_that_nobody_asked_for_or_that_is_too_large_ends_the_reading(said: bytes) -> None:
    report, files, _ = read(line(started=True), said, collect=("a.out",))
    assert (report, files) == ({}, {})


@pytest.mark.parametrize(
    "said",
    [
        b"{",
        b"[1]\n",
        b"\xff\n",
        b"x" * 100_000 + b"\n",
        b"null\n",
        line(file="a.out"),
        line(ended=3),
    ],
)
def test_nonsense_is_as_good_as_silence(said: bytes) -> None:
    assert read(line(started=True), said)[0] == {}


def test_too_much_memory_is_told_and_the_reading_goes_on() -> None:
    report, _, beyond = read(line(started=True), line(beyond="memory"), line(ended=KILLED))
    assert (report, beyond) == (KILLED, ["memory"])
