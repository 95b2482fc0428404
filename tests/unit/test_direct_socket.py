"""One WebSocket, as picows tells of it: messages whole and in their order, and nothing after goodbye."""

import asyncio
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from picows import WSMsgType
from tests.harness.moved_time import in_moved_time

from pizarra.collab.wire.close_codes import CloseCode
from pizarra.realtime.direct_socket import CLOSE_SECONDS, KEPT_STEP, Socket

BINARY, TEXT, MORE = WSMsgType.BINARY, WSMsgType.TEXT, WSMsgType.CONTINUATION
MOST = 1000


class Frame:
    """A frame as picows reads it."""

    def __init__(
        self, kind: WSMsgType, payload: bytes = b"", *, fin: bool = True, code: int = 1005
    ) -> None:
        self.msg_type = kind
        self.fin = fin
        self._payload = payload
        self._code = code

    def get_payload_as_bytes(self) -> bytes:
        """Return what it holds."""
        return self._payload

    def get_payload_as_memoryview(self) -> memoryview:
        """Return what it holds, without a copy."""
        return memoryview(self._payload)

    def get_close_code(self) -> int:
        """Return why the peer says goodbye."""
        return self._code


class Wire:
    """The transport below, and picows' around it: what was done with them."""

    def __init__(self) -> None:
        self.underlying_transport = self
        self.is_close_frame_sent = False
        self.done: list[tuple[Any, ...]] = []
        self.unsent = 0
        self.closing = False
        self.reading = True
        self.high_water = 0

    def set_write_buffer_limits(self, high: int) -> None:
        self.high_water = high

    def write(self, data: bytes) -> None:
        self.done.append(("write", data))

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def abort(self) -> None:
        self.closing = True
        self.done.append(("abort",))

    def send_ping(self) -> None:
        self.done.append(("ping",))

    def send_pong(self, payload: bytes) -> None:
        self.done.append(("pong", payload))

    def send_close(self, code: int, reason: bytes = b"") -> None:
        self.is_close_frame_sent = True
        self.done.append(("close", int(code), reason))

    def disconnect(self) -> None:
        self.done.append(("disconnect",))


class Peer:
    """A socket, its wire, and what the application was passed."""

    def __init__(self, *, listens: bool = True) -> None:
        self.wire = Wire()
        self.socket = Socket(cast("Any", self.wire), MOST)
        self.got: list[bytes | None] = []
        self.ended = 0
        if listens:
            self.listen()

    def listen(self) -> None:
        """Have the application listen."""
        self.socket.listen(self.got.append, self._end)

    def _end(self) -> None:
        self.ended += 1

    def send(self, *frames: Frame) -> None:
        """The peer sends frames."""
        for each in frames:
            self.socket.on_ws_frame(cast("Any", self.wire), cast("Any", each))

    def hang_up(self) -> None:
        """The peer is gone."""
        self.socket.on_ws_disconnected(cast("Any", self.wire))


# Messages


def test_a_message_is_passed_on_as_bytes_and_a_text_as_nothing() -> None:
    peer = Peer()
    peer.send(Frame(BINARY, b"one"), Frame(TEXT, b"two"), Frame(BINARY, b""))
    assert peer.got == [b"one", None, b""]


@given(
    st.lists(
        st.tuples(st.booleans(), st.lists(st.binary(max_size=20), min_size=1, max_size=5)),
        max_size=6,
    )
)
def test_fragments_come_together_in_their_order(messages: list[tuple[bool, list[bytes]]]) -> None:
    peer = Peer()
    for is_text, parts in messages:
        for place, part in enumerate(parts):
            kind = MORE if place else TEXT if is_text else BINARY
            peer.send(Frame(kind, part, fin=place == len(parts) - 1), Frame(WSMsgType.PONG))
    assert peer.got == [None if is_text else b"".join(parts) for is_text, parts in messages]


@pytest.mark.parametrize(
    "frames",
    [
        [Frame(MORE, b"x")],
        [Frame(BINARY, b"x", fin=False), Frame(BINARY, b"y")],
        [Frame(BINARY, b"x", fin=False), Frame(TEXT, b"y")],
        [Frame(BINARY, b"x"), Frame(MORE, b"y")],
    ],
)
async def test_fragments_out_of_order_end_the_connection(frames: list[Frame]) -> None:
    peer = Peer()
    peer.send(*frames, Frame(BINARY, b"late"))
    assert peer.wire.done == [("close", 1002, b"fragments out of order")]
    assert b"late" not in peer.got


@pytest.mark.parametrize(
    ("sizes", "fits"),
    [((MOST,), True), ((MOST - 1, 1), True), ((MOST, 1), False), ((1, MOST), False)],
)
async def test_a_message_in_parts_has_so_many_bytes(sizes: tuple[int, ...], fits: bool) -> None:
    peer = Peer()
    for place, size in enumerate(sizes):
        kind, fin = (MORE if place else BINARY), place == len(sizes) - 1
        peer.send(Frame(kind, b"x" * size, fin=fin))
    if fits:
        assert peer.got == [b"x" * sum(sizes)]
        return
    assert peer.got == []
    assert peer.wire.done == [("close", CloseCode.TOO_LARGE, b"the message is too large")]


async def test_what_comes_before_somebody_listens_is_kept_in_its_order() -> None:
    peer = Peer(listens=False)
    peer.send(Frame(BINARY, b"1"), Frame(TEXT, b"2"), Frame(BINARY, b"3"))
    assert not peer.socket.is_taken
    peer.listen()
    peer.send(Frame(BINARY, b"4"))
    assert peer.got == [b"1", None, b"3", b"4"]
    assert peer.socket.is_taken


async def test_whoever_says_goodbye_hears_nothing_more_of_what_came_before() -> None:
    """The first of the early messages is refused: the others are not for a room that sent somebody away."""
    peer = Peer(listens=False)
    peer.send(*(Frame(BINARY, each) for each in (b"bad", b"more", b"still more")))

    def refuse(message: bytes | None) -> None:
        peer.got.append(message)
        peer.socket.close(4400, "malformed")

    peer.socket.listen(refuse, lambda: None)
    assert peer.got == [b"bad"]


async def test_after_goodbye_nothing_is_passed_on_or_sent() -> None:
    peer = Peer()
    peer.socket.write(b"before")
    peer.socket.close(4403, "read only")
    peer.socket.write(b"after")
    peer.send(Frame(BINARY, b"x"), Frame(TEXT, b"y"), Frame(BINARY, b"z", fin=False), Frame(MORE))
    peer.socket.close(1013, "again")
    assert peer.got == []
    assert peer.wire.done == [("write", b"before"), ("close", 4403, b"read only")]


# Goodbye


@pytest.mark.parametrize(
    ("said", "answered"),
    [(0, 1000), (1000, 1000), (1001, 1001), (4000, 4000)],  # 0: they say none
)
def test_a_goodbye_is_answered_with_its_code(said: int, answered: int) -> None:
    peer = Peer()
    peer.send(Frame(WSMsgType.CLOSE, code=said))
    assert peer.wire.done == [("close", answered, b""), ("disconnect",)]
    assert peer.socket.said_goodbye


async def test_the_answer_to_ours_is_not_answered() -> None:
    peer = Peer()
    peer.socket.close(4404, "unknown room")
    peer.send(Frame(WSMsgType.CLOSE, code=4404))
    assert peer.wire.done == [("close", 4404, b"unknown room"), ("disconnect",)]


def test_who_does_not_answer_a_goodbye_is_hung_up_on() -> None:
    async def story() -> None:
        peer = Peer()
        peer.socket.pause_reading()
        peer.socket.close(4410, "ended")
        assert peer.wire.reading, "or their answer would not be read"
        await asyncio.sleep(CLOSE_SECONDS - 0.1)
        assert ("abort",) not in peer.wire.done
        await asyncio.sleep(0.2)
        assert peer.wire.done[-1] == ("abort",)

    in_moved_time(story())


@pytest.mark.parametrize(
    ("reason", "sent"),
    [
        ("short", b"short"),
        ("x" * 123, b"x" * 123),
        ("x" * 124, b"x" * 123),
        ("x" * 122 + "é", b"x" * 122),
        ("é" * 100, "é".encode() * 61),
        ("", b""),
    ],
)
async def test_a_reason_fits_its_frame(reason: str, sent: bytes) -> None:
    peer = Peer()
    peer.socket.close(4400, reason)
    assert peer.wire.done == [("close", 4400, sent)]


def test_the_end_is_told_once_whenever_somebody_listens() -> None:
    peer = Peer()
    peer.hang_up()
    peer.hang_up()
    assert peer.ended == 1
    late = Peer(listens=False)
    late.send(Frame(BINARY, b"x"))
    late.hang_up()
    late.listen()
    assert (late.ended, late.got) == (1, [])


def test_nothing_is_kept_of_who_listened() -> None:
    peer = Peer()
    for name in ("on_pong", "on_trifle"):
        setattr(peer.socket, name, lambda: None)
    peer.socket.on_writable = peer.got.append  # type: ignore[assignment]
    peer.hang_up()
    assert (peer.socket.on_pong, peer.socket.on_trifle) == (None, None)
    peer.socket.pause_writing()
    peer.socket.resume_writing()
    assert peer.got == []
    assert peer.socket.said_goodbye


# Signs of life


def test_a_ping_is_answered_and_counted() -> None:
    peer, trifles = Peer(), [0]

    def count() -> None:
        trifles[0] += 1

    peer.socket.on_trifle = count
    peer.send(Frame(WSMsgType.PING, b"7"), Frame(WSMsgType.PONG), Frame(BINARY, b"x"))
    peer.send(Frame(BINARY, b"a", fin=False), Frame(MORE, b"b"))
    assert peer.wire.done == [("pong", b"7")]
    assert trifles == [4], "a whole message is none"


@pytest.mark.parametrize(("unsent", "answers"), [(0, 1), (65_536, 1), (65_537, 0)])
def test_who_does_not_read_gets_no_answer_to_each_ping(unsent: int, answers: int) -> None:
    peer = Peer()
    peer.wire.unsent = unsent
    peer.send(Frame(WSMsgType.PING, b"x"))
    assert len(peer.wire.done) == answers
    assert peer.socket.buffered() == unsent


async def test_after_goodbye_no_ping_is_answered() -> None:
    peer = Peer()
    peer.socket.close(4401, "")
    peer.send(Frame(WSMsgType.PING, b"x"))
    assert len(peer.wire.done) == 1


def test_a_sign_of_life_is_asked_for_and_told() -> None:
    peer, told = Peer(), list[str]()
    peer.socket.on_pong = lambda: told.append("pong")
    peer.socket.ping()
    peer.send(Frame(WSMsgType.PONG))
    assert (peer.wire.done, told) == ([("ping",)], ["pong"])


def test_whether_the_peer_keeps_up_is_told() -> None:
    peer, told = Peer(), list[bool]()
    peer.socket.on_writable = told.append
    peer.socket.pause_writing()
    peer.socket.resume_writing()
    assert told == [False, True]


# Turns


async def test_who_sends_without_end_rests_for_a_round() -> None:
    peer = Peer()
    peer.socket.rest()
    assert not peer.wire.reading
    peer.socket.rest()
    await asyncio.sleep(0)
    assert peer.wire.reading


async def test_a_rest_that_is_over_wakes_nobody_who_was_paused() -> None:
    peer = Peer()
    peer.socket.rest()
    peer.socket.pause_reading()
    await asyncio.sleep(0)
    assert not peer.wire.reading
    peer.socket.resume_reading()
    assert peer.wire.reading


async def test_nobody_reads_on_within_a_rest() -> None:
    peer = Peer()
    peer.socket.rest()
    peer.socket.resume_reading()
    assert not peer.wire.reading
    await asyncio.sleep(0)
    assert peer.wire.reading


async def test_a_socket_that_closes_neither_rests_nor_pauses() -> None:
    peer = Peer()
    peer.wire.closing = True
    peer.socket.rest()
    peer.socket.pause_reading()
    await asyncio.sleep(0)
    assert peer.wire.reading
    peer.socket.close(4400, "x")
    assert peer.wire.done == []


# What it keeps


def test_what_is_kept_is_told_in_large_steps() -> None:
    socket, told = Socket(cast("Any", Wire()), 4 * KEPT_STEP), list[int]()
    peer = Peer()
    peer.socket = socket
    socket.on_kept = told.append
    socket.note_buffer(KEPT_STEP - 1)
    assert told == []
    socket.note_buffer(KEPT_STEP)
    socket.note_buffer(KEPT_STEP - 100)
    assert told == [KEPT_STEP], "a buffer that was large once stays"
    peer.send(Frame(BINARY, b"x" * KEPT_STEP, fin=False))
    peer.send(Frame(MORE, b"x" * (KEPT_STEP - 1), fin=False))
    assert told == [KEPT_STEP, 2 * KEPT_STEP]
    peer.send(Frame(MORE, b"", fin=True))
    assert told == [KEPT_STEP, 2 * KEPT_STEP, KEPT_STEP], "and the message is somebody else's now"
