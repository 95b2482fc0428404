"""Hostile frames: the offender is closed, and nobody else notices."""

import asyncio
import contextlib
import os
import random
from typing import Any

import pytest
import websockets
from pycrdt import Doc
from tests.harness.peer import connect_peer
from tests.harness.raw_sockets import answer, raw_socket
from tests.harness.rooms import appended, create, join, resident, text_of, url_of
from tests.harness.server import ServerProcess

from pizarra.collab.wire.codec import (
    SyncStep,
    awareness_frame,
    control_frame,
    sync_frame,
    var_bytes,
    var_uint,
)

MUTANTS = int(os.environ.get("PIZARRA_TEST_EXAMPLES", "400"))
# a client entry without structs: yrs 0.28 panics with a BaseException
PANIC = bytes((1, 0, 1, 0, 0))
HOSTILE = {
    "no message": b"",
    "unknown type": bytes((77, 0)),
    "unknown step": bytes((0, 3, 0)),
    "cut short": bytes((0, 2, 5, 1)),
    "empty update": sync_frame(SyncStep.UPDATE, b""),
    "trailing bytes": sync_frame(SyncStep.UPDATE, b"\0\0\0"),
    "panic": sync_frame(SyncStep.UPDATE, PANIC),
    "panic in step 2": sync_frame(SyncStep.STEP2, PANIC),
    "number without end": sync_frame(SyncStep.UPDATE, b"\xff" * 2000),
    "clock squatting": sync_frame(
        SyncStep.UPDATE, b"\x01\x01" + var_uint(7) + b"\0\0" + var_uint(2**31) + b"\0"
    ),
    "a billion clients": sync_frame(SyncStep.UPDATE, var_uint(10**9) + b"\0"),
    "state vector of garbage": sync_frame(SyncStep.STEP1, b"\x05\x01"),
    "many state vectors": sync_frame(SyncStep.STEP1, b"\0") * 64,
    "many questions for presence": bytes((3,)) * 64,
    "presence of a billion": awareness_frame(var_uint(10**9)),
    "presence too large": awareness_frame(b"\x01\x05\x01" + var_bytes(b'"' + b"x" * 5000 + b'"')),
    "presence clock": awareness_frame(b"\x01\x05" + var_uint(2**40) + var_bytes(b"{}")),
    "acknowledgement of garbage": bytes((102, 2, 255, 255)),
    "control without the subprotocol": bytes((110,)) + var_bytes(b'{"type":"ping","id":1}'),
}


SEEDS = [
    *(
        sync_frame(SyncStep.UPDATE, update)
        for update in appended(Doc(client_id=5), "hello", " wörld", "!")
    ),
    sync_frame(SyncStep.STEP1, b"\1\5\3"),
    awareness_frame(b"\x01\x05\x01" + var_bytes(b'{"cursor":1}')),
    bytes((102, 1, 7)),
    bytes((3,)),
]


@pytest.mark.parametrize("frame", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_frame_closes_its_sender_only(
    sqlite_server: ServerProcess, frame: bytes
) -> None:
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    async with connect_peer(url) as honest, connect_peer(url) as offender:
        await offender.socket.send(frame)
        assert await offender.wait_closed() == 4400
        number = await honest.insert(5, "!")
        await honest.wait_acknowledged(number)
    assert text_of(sqlite_server, session) == "hello!"


async def test_a_control_message_is_bounded_before_it_is_decoded(
    sqlite_server: ServerProcess,
) -> None:
    session = create(sqlite_server)
    url = url_of(sqlite_server, session)
    for payload, says in (
        (b'{"type":"ping","id":1,"x":"' + b"x" * 6_000_000 + b'"}', "1,048,576 bytes at most"),
        (b'{"type":"ping","id":1,"x":[' + b"1," * 100_000 + b"1]}", "too many parts"),
    ):
        async with connect_peer(url, control=True) as offender:
            await offender.socket.send(control_frame(payload))
            assert await offender.wait_closed() == 4400
            assert says in str(offender.socket.close_reason)
    async with connect_peer(url, control=True) as honest:
        await honest.control(type="ping", id=7)
        await honest.wait_for(lambda: bool(honest.controls_of("pong")))


async def test_a_text_frame_is_malformed(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    async with connect_peer(f"{sqlite_server.ws_url}/{session['room_id']}") as peer:
        await peer.socket.send("hello")
        assert await peer.wait_closed() == 4400


async def test_a_frame_beyond_the_limit_is_1009(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    async with connect_peer(url_of(sqlite_server, session)) as peer:
        # refused by its length, before it has all arrived
        with contextlib.suppress(websockets.ConnectionClosed):
            await peer.socket.send(sync_frame(SyncStep.UPDATE, b"\0" * 6_300_000))
        assert await peer.wait_closed() == 1009


@pytest.mark.parametrize("broken", [b"\x83\x80\0\0\0\0", b"\x89\xfe\1\0\0\0\0\0" + bytes(256)])
def test_what_breaks_the_protocol_is_no_error_of_ours(
    sqlite_server: ServerProcess, broken: bytes
) -> None:
    """An unknown kind, a ping of 256 bytes: whoever sent them filled the operator's alerts."""
    before = len(sqlite_server.log())
    with raw_socket(sqlite_server) as opened:
        opened.sendall(broken)
        assert b"\x03\xea" in answer(opened), "closed with 1002"
    assert "error" not in sqlite_server.log()[before:]


async def test_a_message_in_fragments_is_one_message(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    async with (
        connect_peer(url_of(sqlite_server, session)) as peer,
        connect_peer(url_of(sqlite_server, session)) as it,
    ):
        (update,) = appended(it.doc, "!")
        frame = sync_frame(SyncStep.UPDATE, update)
        await it.socket.send([frame[:3], frame[3:9], frame[9:]])
        await peer.wait_text("hello!")


async def test_five_megabytes_pasted_are_refused_in_words(sqlite_server: ServerProcess) -> None:
    """Finally, or a stock client would send them again for ever."""
    session = create(sqlite_server)
    async with connect_peer(url_of(sqlite_server, session)) as peer:
        await peer.insert(5, "x" * 5_000_000)
        assert await peer.wait_closed() == 4400
        assert "10,000 bytes" in str(peer.socket.close_reason)
    assert text_of(sqlite_server, session) == "hello"


async def test_a_document_beyond_the_limit_is_refused_and_the_rest_goes_on(
    sqlite_server: ServerProcess,
) -> None:
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    async with connect_peer(url) as honest, connect_peer(url) as greedy:
        await greedy.insert(5, "x" * 10_000)
        assert await greedy.wait_closed() == 4400
        assert "10,000 bytes" in str(greedy.socket.close_reason)
        number = await honest.insert(5, "y" * 9_000)
        await honest.wait_acknowledged(number)
    assert text_of(sqlite_server, session) == "hello" + "y" * 9_000


async def test_mutated_frames_leave_the_room_and_the_memory_alone(
    sqlite_server: ServerProcess,
) -> None:
    """Real frames with bytes changed, one after another from sockets of one attacker, while somebody works."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    choose = random.Random(seed)
    session = create(sqlite_server, "")
    url, token = url_of(sqlite_server, session), join(sqlite_server, session, name="Mallory")
    async with connect_peer(url) as honest:
        await honest.wait_acknowledged(await honest.insert(0, "start"))
        before = resident(sqlite_server)
        sent = 0
        while sent < MUTANTS:
            async with connect_peer(url, token=token) as attacker:
                for _ in range(20):
                    frame = bytearray(choose.choice(SEEDS))
                    for _ in range(choose.randint(1, 3)):
                        frame[choose.randrange(len(frame))] = choose.randrange(256)
                    sent += 1
                    with contextlib.suppress(websockets.ConnectionClosed):
                        await attacker.socket.send(bytes(frame))
                        await asyncio.sleep(0)
                    if attacker.socket.close_code is not None:
                        assert attacker.socket.close_code in (4400, 1013)
                        break
        await honest.wait_acknowledged(await honest.insert(0, "end "), seconds=2)
        assert honest.socket.close_code is None
        assert resident(sqlite_server) - before < 30e6
        # An attacker who may write may also delete; but everybody sees the same.
        async with connect_peer(url) as fresh, asyncio.timeout(10):
            while str(honest.text) != str(
                fresh.text
            ):  # what was sent last may be on its way to both
                await asyncio.sleep(0.01)


HALVES = {
    "deleting half": lambda client: b"\x00\x01" + var_uint(client) + b"\x01\x02\x01",
    "writing between": lambda client: b"\x01\x01\x09\x00\x84" + var_uint(client) + b"\x01\x01x\x00",
    "writing before the second half": lambda client: (
        b"\x01\x01\x09\x00\x44" + var_uint(client) + b"\x02\x01x\x00"
    ),
}


@pytest.mark.parametrize("name", HALVES)
async def test_half_a_character_cannot_be_touched(sqlite_server: ServerProcess, name: str) -> None:
    """yrs would go on with a wrong length, and nobody who comes later could read the document."""
    session = create(sqlite_server, "hello")
    url = url_of(sqlite_server, session)
    writer: Doc[Any] = Doc(client_id=77)
    async with connect_peer(url) as ann:
        for update in appended(writer, "a😀b"):
            await ann.socket.send(sync_frame(SyncStep.UPDATE, update))
        await ann.wait_acknowledged(await ann.insert(0, "!"))
    async with connect_peer(url) as offender:
        await offender.socket.send(sync_frame(SyncStep.UPDATE, HALVES[name](77)))
        assert await offender.wait_closed() == 4400
    async with connect_peer(url) as late:
        assert "a😀b" in str(late.text)
        await late.wait_acknowledged(await late.insert(0, "?"))
    assert "a😀b" in text_of(sqlite_server, session)
