"""The parent of several web processes: what it holds, what it takes back, and how it waits."""

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from pizarra.cluster.handover import Kind, receive, send
from pizarra.operations.prefork.acceptor import Acceptor
from pizarra.operations.prefork.backoff import Backoff
from pizarra.operations.prefork.loop import READ, Loop
from pizarra.operations.prefork.process import Process

HEAD = b"GET /ws/0123456789abcdef0123456789abcdef HTTP/1.1\r\n\r\n"


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A loop that ends by itself when a test forgot to."""
    before = {number: signal.getsignal(number) for number in (signal.SIGUSR1,)}
    made = Loop()
    made.later(10, made.end)
    yield made
    made.let_go()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.setblocking(False)
        yield made


class Given:
    """What an acceptor gave away."""

    def __init__(self, loop: Loop, enough: int) -> None:
        self.places: list[bytes | None] = []
        self.connections: list[socket.socket] = []
        self._loop, self._enough = loop, enough

    def __call__(self, connection: socket.socket, place: bytes | None) -> None:
        """Take one; end the loop once there are enough."""
        self.places.append(place)
        self.connections.append(connection)
        if len(self.places) == self._enough:
            self._loop.end()


@contextlib.contextmanager
def accepting(
    loop: Loop, listener: socket.socket, given: Given, **limits: Any
) -> Iterator[Acceptor]:
    """Inside, somebody takes connections."""
    acceptor = Acceptor(loop, listener, given, **{"wait_seconds": 60, "most": 10, **limits})
    acceptor.start()
    yield acceptor
    acceptor.close()
    for each in given.connections:
        each.close()


def connect(listener: socket.socket, begin: bytes) -> socket.socket:
    connection = socket.create_connection(listener.getsockname())
    connection.sendall(begin)
    return connection


def test_nothing_is_read_of_what_is_given_away(loop: Loop, listener: socket.socket) -> None:
    given = Given(loop, 1)
    with accepting(loop, listener, given), connect(listener, HEAD):
        loop.run()
        assert given.places == [b"0123456789abcdef"]
        assert given.connections[0].recv(4096) == HEAD


def test_who_sends_nothing_is_given_away_in_time(loop: Loop, listener: socket.socket) -> None:
    given = Given(loop, 1)
    with accepting(loop, listener, given, wait_seconds=0.01), connect(listener, b""):
        loop.run()
    assert given.places == [None]


def test_of_too_many_that_send_nothing_the_oldest_is_given_away(
    loop: Loop, listener: socket.socket
) -> None:
    given = Given(loop, 2)
    with contextlib.ExitStack() as stack:
        stack.enter_context(accepting(loop, listener, given, most=3))
        silent = [stack.enter_context(connect(listener, b"")) for _ in range(5)]
        loop.run()
        assert given.places == [None, None]
        told = [connection.getpeername() for connection in given.connections]
        assert told == [each.getsockname() for each in silent[:2]]


def test_who_hung_up_is_nobodys(loop: Loop, listener: socket.socket) -> None:
    given = Given(loop, 1)
    connect(listener, b"").close()
    with accepting(loop, listener, given), connect(listener, HEAD):
        loop.run()
    assert given.places == [b"0123456789abcdef"]


def test_a_paused_acceptor_takes_nobody(loop: Loop, listener: socket.socket) -> None:
    given = Given(loop, 1)
    with accepting(loop, listener, given) as acceptor, connect(listener, HEAD):
        acceptor.pause()
        loop.later(0, loop.end)  # by then a connection would have been found
        loop.run()
    assert given.places == []


@pytest.fixture
def process() -> Iterator[Process]:
    """One that does nothing."""
    made = Process(1)
    made.open()
    made.began(os.getpid())
    yield made
    made.ended()


def test_what_a_process_did_not_take_is_taken_back(process: Process) -> None:
    """More than there is room for: the rest waits, in the order it came."""
    pairs = [socket.socketpair() for _ in range(200)]
    for index, (near, far) in enumerate(pairs):
        near.sendall(index.to_bytes(2))
        process.offer(far, None)
    assert 0 < len(process.waiting) < 190
    taken = receive(process.far)
    assert taken is not None
    assert taken.kind is Kind.CONNECTION
    assert not process.hand_over()
    back = list(process.take_back())
    told = [int.from_bytes(each.recv(2)) for each in back]
    assert sorted(told) == list(range(1, 200))
    assert taken.descriptor is not None
    with socket.socket(fileno=taken.descriptor) as first:
        assert first.recv(2) == (0).to_bytes(2)
    for near, _ in pairs:
        near.close()
    for each in back:
        each.close()


def test_one_that_ended_is_told_nothing(process: Process) -> None:
    process.far.close()
    assert send(process.near, Kind.STATES, b"[]")
    process.far = socket.socket()


def test_who_ends_again_and_again_waits_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("pizarra.operations.prefork.backoff.time.monotonic", lambda: now)
    backoff = Backoff()
    backoff.began()
    waits = [backoff.next() for _ in range(8)]
    assert waits[:3] == [0.2, 0.4, 0.8]
    assert waits[-1] == 10.0
    now = 31.0
    assert backoff.next() == 0.2


def test_signals_and_timers_wake_the_loop(loop: Loop) -> None:
    heard: list[str] = []
    loop.on_signal(signal.SIGUSR1, lambda: heard.append("signal"))
    loop.later(0.02, lambda: heard.append("late"))
    loop.later(0.01, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    loop.later(0.005, lambda: heard.append("never")).cancel()
    loop.later(0.05, loop.end)
    loop.run()
    assert sorted(heard) == ["late", "signal"]


def test_a_file_closed_by_another_callback_is_not_called_back(loop: Loop) -> None:
    """Both can be read at once; the first to be called back forgets the other."""
    pairs = [socket.socketpair() for _ in range(2)]
    heard: list[int] = []

    def hear(index: int) -> None:
        heard.append(index)
        for near, _ in pairs:
            loop.forget(near)
        loop.end()

    for index, (near, far) in enumerate(pairs):
        loop.watch(near, READ, lambda index=index: hear(index))  # type: ignore[misc]
        far.sendall(b"x")
    loop.run()
    assert len(heard) == 1
    for pair in pairs:
        for end in pair:
            end.close()
