"""What a worker may dial, which file holds its token, and how much of what it says is believed."""

import json
import os
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pizarra.access.worker_tokens import ConnectedWorkers, KnownToken
from pizarra.database import Database
from pizarra.sandbox.outcome import DiagnosticFound
from pizarra.sandbox.remote.addresses import BadServer, Server, addresses_of, server_of
from pizarra.sandbox.remote.believed import believed
from pizarra.sandbox.remote.connection import said
from pizarra.sandbox.remote.greeting import Greeting, Hello, common_protocol
from pizarra.sandbox.remote.token_file import BadTokenFile, read_token
from pizarra.sandbox.runner.protocol import (
    Assisted,
    Capabilities,
    Event,
    Formatted,
    LanguageState,
    Library,
    Load,
    Offered,
    Prepared,
    ProgramEnded,
)
from pizarra.sandbox.runner.streams import RunnerFault


@pytest.mark.parametrize(
    ("text", "shown", "url"),
    [
        (
            "https://pizarra.example.org",
            "https://pizarra.example.org",
            "wss://pizarra.example.org:443/x",
        ),
        ("https://10.0.0.7:8443/", "https://10.0.0.7:8443", "wss://10.0.0.7:8443/x"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "ws://127.0.0.1:8000/x"),
        ("http://localhost", "http://localhost", "ws://localhost:80/x"),
        ("http://[::1]:8000", "http://[::1]:8000", "ws://[::1]:8000/x"),
    ],
)
def test_a_server_is_named_by_its_address(text: str, shown: str, url: str) -> None:
    server = server_of(text)
    assert (str(server), server.url("/x")) == (shown, url)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("http://pizarra.example.org", "is not encrypted"),
        ("http://10.0.0.7:8000", "is not encrypted"),
        ("http://127.0.0.1.example.org", "is not encrypted"),
        ("pizarra.example.org", "is no address of a server"),
        ("ws://127.0.0.1", "is no address of a server"),
        ("https://pizarra.example.org/team", "is no address of a server"),
        ("https://pizarra.example.org:port", "is no address of a server"),
        ("https://[::1", "is no address of a server"),
        ("https://pzw_secret@pizarra.example.org", "holds no name or secret"),
        ("https://pizarra.example.org?token=x", "holds no name or secret"),
    ],
)
def test_what_may_not_be_dialled_is_said(text: str, why: str) -> None:
    with pytest.raises(BadServer, match=why):
        server_of(text)


async def test_a_name_that_is_not_encrypted_stays_on_this_machine() -> None:
    """Whatever a resolver says of it."""
    assert {host for host, _ in await addresses_of(server_of("http://localhost:80"))} <= {
        "127.0.0.1",
        "::1",
    }
    assert await addresses_of(Server("10.0.0.7", 80, is_secure=False)) == []
    assert await addresses_of(Server("10.0.0.7", 443, is_secure=True)) == [("10.0.0.7", 443)]


def test_a_token_is_in_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.touch(mode=0o600)
    path.write_text("pzw_abc\n")
    assert read_token(path) == "pzw_abc"
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        with pytest.raises(BadTokenFile, match=f"chmod 600 {path}"):
            read_token(path)
    if os.geteuid() == 0:  # as a secret is mounted for a group
        os.chown(path, 12345, os.getegid())
        path.chmod(0o440)
        assert read_token(path) == "pzw_abc"
        path.chmod(0o460)
        with pytest.raises(BadTokenFile, match="can read the token file"):
            read_token(path)
        os.chown(path, 0, os.getegid())
    path.chmod(0o600)
    for content in ("", "pzt_abc", "pzw_a b", "pzw_a\nb"):
        path.write_text(content)
        with pytest.raises(BadTokenFile, match="pizarra worker-token create"):
            read_token(path)
    with pytest.raises(BadTokenFile, match="cannot be read"):
        read_token(tmp_path / "none")
    with pytest.raises(BadTokenFile, match="is no file"):
        read_token(tmp_path)


@pytest.mark.parametrize(
    ("ours", "theirs", "common"),
    [
        ((8, 8), (8, 8), 8),
        ((8, 10), (9, 12), 10),
        ((8, 9), (8, 8), 8),
        ((8, 9), (10, 11), None),
        ((8, 9), (5, 7), None),
    ],
)
def test_the_highest_protocol_that_both_speak_counts(
    ours: tuple[int, int], theirs: tuple[int, int], common: int | None
) -> None:
    hello = Hello(node="n", nodes=1, oldest=ours[0], newest=ours[1])
    greeting = Greeting(worker="0" * 32, version="1", oldest=theirs[0], newest=theirs[1])
    assert common_protocol(hello, greeting) == common_protocol(greeting, hello) == common


def told(**message: Any) -> bytes:
    return json.dumps(message).encode()


PLACE = {"path": "p" * 2000, "column": 1, "end_line": 1, "end_column": 1, "severity": "error"}
DIAGNOSTIC = {**PLACE, "line": 1, "message": "m" * 20_000, "source": "s", "text": "t" * 20_000}


def test_no_more_is_kept_than_a_message_may_hold() -> None:
    end = {"exit_code": 1, "signal": None, "duration_ms": 1, "memory_kb": 1, "compile_ms": None}
    ended = believed(
        told(
            type="ended",
            run_id="r",
            status="exited",
            detail="d" * 10_000,
            diagnostics=[*[DIAGNOSTIC] * 20, {**DIAGNOSTIC, "line": 10**40}],
            **end,
        )
    )
    assert isinstance(ended, ProgramEnded)
    assert len(ended.detail or "") == 1000
    assert len(ended.diagnostics) == 20
    assert len(ended.model_dump_json()) < 20 * 12_000
    prepared = believed(
        told(
            type="prepared",
            prepare_id="x",
            diagnostics=[{**DIAGNOSTIC, "path": "p", "message": "", "text": None}] * 900,
        )
    )
    assert isinstance(prepared, Prepared)
    assert len(prepared.diagnostics) == 500
    state = {"available": True, "version": "v" * 900, "reason": None}
    able = believed(
        told(
            type="capabilities",
            tier="A",
            reason=None,
            checks=[{"name": "n", "ok": True, "detail": "d" * 5000}] * 100,
            languages={f"language {number}": state for number in range(500)},
            slots=10**9,
            queue=-5,
        )
    )
    assert isinstance(able, Capabilities)
    assert (len(able.languages), len(able.checks), able.slots, able.queue) == (100, 50, 256, 0)
    assert len(able.model_dump_json()) < 200_000
    load = believed(told(type="load", computing=-(10**30), waiting=10**30))
    assert isinstance(load, Load)
    assert (load.computing, load.waiting) == (0, 10_000)


def test_what_no_database_holds_is_shown_otherwise() -> None:
    text = believed(told(type="formatted", format_id="f", text="a\0b", new_field=1))
    assert isinstance(text, Formatted)
    assert text.text == "a␀b"


@given(
    text=st.text(st.sampled_from(["\\", "u", "0", "a", "\n", "\0", '"', "é", "😀"]), max_size=60)
)
@example("'\\u0000'")
@example("\\\\u0000\\u0000")
def test_what_somebody_wrote_comes_back_as_it_was(text: str) -> None:
    told_of = Formatted(format_id="f", text=text)
    back = believed(told_of.model_dump_json().encode())
    assert isinstance(back, Formatted)
    assert back.text == text.replace("\0", "␀")


@pytest.mark.parametrize(
    "message",
    [
        Formatted(format_id="1", text="\1" * 4 * 2**20),
        Assisted(
            assist_id="1",
            items=[Offered(label="l", insert="i" * 4000, kind="k", detail="d" * 4000)] * 500,
        ),
        Prepared(
            prepare_id="1",
            diagnostics=[DiagnosticFound(**DIAGNOSTIC | {"severity": "error"})] * 500,
        ),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_worker_says_no_more_than_is_believed(message: Event) -> None:
    """What a candidate has it say ends no connection, on which the programs of others run."""
    event = believed(said(message))
    assert type(event) is type(message)
    if not isinstance(event, Prepared):
        assert isinstance(event, Formatted | Assisted)
        assert event.problem
    else:
        assert 0 < len(event.diagnostics) < 500


@pytest.mark.parametrize("milliseconds", [-5, 2**31, 10**12, 10**400])
def test_a_run_takes_no_time_that_cannot_be_kept(milliseconds: int) -> None:
    ended = ProgramEnded.without_program("r", "exited").model_dump()
    with pytest.raises(RunnerFault):
        believed(told(**ended | {"duration_ms": milliseconds}))


def test_who_breaks_off_comes_again_later_each_time() -> None:
    keeper = ConnectedWorkers(cast("Database", None))
    liar, other = KnownToken(1, "l", "liar"), KnownToken(2, "o", "other")
    waits = []
    here, there = "192.0.2.1", "192.0.2.2"
    for now in (0.0, 10.0, 20.0, 50.0):
        keeper.set_aside(liar, here, now)
        waits.append(keeper.aside_for(liar, here, now))
    assert waits == [2, 4, 8, 16]
    assert keeper.aside_for(liar, here, 66.0) == keeper.aside_for(other, here, 50.0) == 0
    assert keeper.aside_for(liar, there, 50.0) == 0, "another machine that has the token"
    keeper.set_aside(liar, here, 10_000.0)
    assert keeper.aside_for(liar, here, 10_000.0) == 2
    for number in range(3):
        keeper.add(other if number == 2 else liar, partial(print, number))
    assert (keeper.of(liar), keeper.of(other)) == (2, 1)


def test_a_token_answers_for_many_addresses_that_lie() -> None:
    keeper = ConnectedWorkers(cast("Database", None))
    liar, other = KnownToken(1, "l", "liar"), KnownToken(2, "o", "other")
    for number in range(8):
        keeper.set_aside(liar, f"2001:db8:0:{number}::1", 0.0)
    assert keeper.aside_for(liar, "2001:db8:0:1::2", 0.0) == 2, "the same machine's other address"
    assert keeper.aside_for(liar, "192.0.2.1", 0.0) == 0
    keeper.set_aside(liar, "192.0.2.1", 0.0)
    for address in ("192.0.2.1", "192.0.2.2"):
        assert keeper.aside_for(liar, address, 0.0) == 2
        assert keeper.aside_for(other, address, 0.0) == 0
    keeper.set_aside(liar, "192.0.2.3", 1.0)
    assert keeper.aside_for(liar, "192.0.2.2", 1.0) == 4


def test_more_than_is_kept_is_left_out_before_it_is_sent() -> None:
    """A machine with many libraries is welcome: only some are shown."""
    libraries = [Library(name=f"library-{number}", version="1.0") for number in range(12_000)]
    python = LanguageState(available=True, version="3", reason=None, libraries=libraries)
    told = Capabilities(
        tier="A", reason=None, checks=[], languages={"python": python}, slots=4, queue=4, resting=2
    )
    event = believed(said(told))
    assert isinstance(event, Capabilities)
    assert event.languages["python"].libraries == libraries[:300]
    with pytest.raises(RunnerFault):
        believed(told.model_dump_json().encode())
    finding = DiagnosticFound(**{**DIAGNOSTIC, "path": "p", "message": "m", "text": None})
    ended = ProgramEnded.without_program("r", "compile_error", diagnostics=[finding] * 9000)
    event = believed(said(ended))
    assert isinstance(event, ProgramEnded)
    assert len(event.diagnostics) == 500


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"type":"unheard of"}',
        b'{"type":"start","run_id":"r"}',
        b'{"type":"output","run_id":"r","stream":"stdout","data":5}',
        b'{"type":"ended","run_id":"r","status":"excellent"}',
        b'{"type":"formatted","format_id":"f","text":"\\ud800"}',
        b"[" * 200_000,
        b'{"type":"formatted","x":[' + b"{}," * 500_000 + b"{}]}",
        told(type="formatted", format_id="f", text="x" * 3_000_000),
    ],
    ids=range(12),
)
def test_what_is_no_message_is_told_apart(frame: bytes) -> None:
    with pytest.raises(RunnerFault):
        believed(frame)
