"""What a stranger sends on a WebSocket without end: fragments, pings, messages that are never whole."""

import contextlib
import socket
import struct
import time

import httpx2
import pytest
from tests.harness.ports import wait_until
from tests.harness.raw_sockets import answer, frame, processor, raw_socket
from tests.harness.rooms import create, metric, resident
from tests.harness.server import ServerProcess


def test_fragments_cost_what_they_weigh(bounded: ServerProcess) -> None:
    with raw_socket(bounded) as opened:
        before = processor(bounded)
        with contextlib.suppress(TimeoutError):  # it is read more slowly
            opened.settimeout(1)
            opened.sendall(frame(opcode=2, fin=False) + frame(opcode=0, fin=False) * 60_000)
        assert httpx2.get(f"{bounded.url}/health").status_code == 200
        assert processor(bounded) - before < 1.5
    with raw_socket(bounded) as opened:
        opened.sendall(frame(b"a" * 60_000, fin=False) + frame(b"a" * 60_000, opcode=0, fin=False))
        assert b"the message is too large" in answer(opened)


@pytest.mark.parametrize("opcode", [0, 9], ids=["fragments", "pings"])
def test_frames_that_are_read_at_once_hold_nobody_up(generous: ServerProcess, opcode: int) -> None:
    """What was read for one large frame has room for a million small ones, all of them taken in at one go."""
    holds = 'pizarra_event_loop_holds_total{process="web"}'
    before = metric(generous, holds)
    with raw_socket(generous) as opened:
        opened.sendall(frame(b"a" * 5_000_000, fin=False))
        opened.settimeout(3)
        with contextlib.suppress(TimeoutError):  # it is read more slowly
            opened.sendall(frame(opcode=opcode, fin=opcode != 0) * 2_000_000)
        assert metric(generous, holds) == before


@pytest.mark.parametrize("is_fragment", [True, False], ids=["fragments", "frames"])
def test_messages_that_are_never_whole_take_little_memory(
    generous: ServerProcess, is_fragment: bool
) -> None:
    """Three hundred sockets of one link, with six megabytes of a message each, took three gigabytes for ever."""
    session, size = create(generous), 5_900_000
    begun = frame(b"a" * size, fin=False) if is_fragment else frame(b"a" * (size + 9))[:size]
    before = metric(generous, 'pizarra_refusals_total{bound="max_arriving_bytes_per_room"}')
    with contextlib.ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(raw_socket(generous, session)).sendall(begun)
        wait_until(
            lambda: metric(generous, "pizarra_websocket_connections ") <= 8, "those beyond", 20
        )
        refused = metric(generous, 'pizarra_refusals_total{bound="max_arriving_bytes_per_room"}')
        assert refused - before >= 4
        with raw_socket(generous) as elsewhere:  # another room does not notice
            elsewhere.sendall(frame(b"a" * 1_000_000, fin=False) + frame(b"", opcode=9))
            assert elsewhere.recv(65536)


def test_pings_that_nobody_reads_the_answers_of_take_no_memory(bounded: ServerProcess) -> None:
    with raw_socket(bounded) as opened:
        before = resident(bounded)
        opened.settimeout(1)
        with contextlib.suppress(TimeoutError):
            for _ in range(400):
                opened.sendall(frame(b"p" * 125, opcode=9) * 500)
        assert resident(bounded) - before < 20 * 2**20
        assert httpx2.get(f"{bounded.url}/health").status_code == 200
    with raw_socket(bounded) as opened:
        opened.sendall(frame(b"are you there", opcode=9))
        received = b""
        while b"\x8a\x0dare you there" not in received:
            piece = opened.recv(65536)
            assert piece
            received += piece


def test_who_is_gone_while_they_wait_is_told_nothing(bounded: ServerProcess) -> None:
    """Whoever sends too fast hears now and then that they wait: each who left meanwhile was an error in the log."""
    before = len(bounded.log())
    with raw_socket(bounded) as opened:
        opened.sendall(frame(opcode=9) * 4_000)
        time.sleep(0.3)  # it waits for some seconds
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    time.sleep(1.5)  # a word a second
    assert "Traceback" not in bounded.log()[before:]
