"""The parent of several web processes where the computer has no room: it goes on with what there is."""

import contextlib
import errno
import os
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pizarra.cluster.handover import Kind, send
from pizarra.config import Settings
from pizarra.operations.prefork.acceptor import Acceptor
from pizarra.operations.prefork.loop import Loop
from pizarra.operations.prefork.runner import SharedRunner
from pizarra.operations.prefork.supervisor import Serve, Supervisor
from pizarra.sandbox.runner.settings import RunnerSettings

_NO_ROOM = BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """What a parent does with signals is over with it."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A loop that ends by itself when a test forgot to."""
    made = Loop()
    made.later(10, made.end)
    yield made
    made.let_go()


def serve(_number: int, parent: socket.socket) -> int:
    """Be a web process that serves nobody."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))
    send(parent, Kind.READY)
    time.sleep(60)
    return 0


class Forks:
    """The system, which has no room for some of the processes that are asked for; after `enough` it says TERM."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refused: range) -> None:
        self.asked = 0
        self.pids: list[int] = []
        self.enough = 0
        self._refused, self._fork = refused, os.fork
        monkeypatch.setattr("pizarra.operations.prefork.supervisor.os.fork", self)

    def __call__(self) -> int:
        """Make a process, or not."""
        self.asked += 1
        if self.asked in self._refused:
            raise _NO_ROOM
        pid = self._fork()
        if pid:
            self.pids.append(pid)
            if len(self.pids) == self.enough:
                os.kill(os.getpid(), signal.SIGTERM)
        return pid


def supervised(forks: Forks, on_ready: Any, be: Serve = serve) -> bool:
    """Serve with two processes; return whether they could start."""
    settings = Settings(
        workers=2, shutdown_seconds=1, process_start_seconds=1.5, process_hung_seconds=60
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        return Supervisor(settings, listener, None, be, on_ready).run()


def test_a_process_that_cannot_be_started_again_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else all who are connected to the others would go with the parent."""
    forks = Forks(monkeypatch, range(3, 5))
    forks.enough = 3
    assert supervised(forks, lambda: os.kill(forks.pids[0], signal.SIGKILL))
    assert forks.asked == 5


@pytest.fixture
def patience() -> Iterator[threading.Timer]:
    """Whoever waits for something that never comes is told to end after a while."""
    timer = threading.Timer(15, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    yield timer
    timer.cancel()


@pytest.mark.parametrize("hangs", [2, 3])
def test_a_process_that_hangs_before_it_serves_is_killed(
    monkeypatch: pytest.MonkeyPatch, patience: threading.Timer, hangs: int
) -> None:
    """One of two was gone for good; at the first start nobody was told that nothing would come of it."""
    forks = Forks(monkeypatch, range(0))
    forks.enough = 4

    def hang(number: int, parent: socket.socket) -> int:
        if forks.asked == hangs:
            time.sleep(60)
        return serve(number, parent)

    started = supervised(forks, lambda: os.kill(forks.pids[0], signal.SIGKILL), hang)
    assert patience.is_alive(), "it ended by itself"
    assert (started, forks.asked) == ((False, 2) if hangs == 2 else (True, 4))


def test_without_room_for_the_first_ones_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    forks = Forks(monkeypatch, range(2, 3))
    assert not supervised(forks, lambda: None)
    assert (forks.asked, len(forks.pids)) == (2, 1)


def test_a_runner_that_cannot_be_started_is_tried_again(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    class Started:
        pid = 1

        def __init__(self, *words: Any, **_more: Any) -> None:
            asked.append(words)
            if len(asked) < 3:
                raise _NO_ROOM
            loop.end()

    monkeypatch.setattr(subprocess, "Popen", Started)
    runner = SharedRunner(RunnerSettings())
    runner.start(loop)
    loop.run()
    assert (len(asked), runner.is_there) == (3, True)
    runner.close()


@contextlib.contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Inside, this process can open nothing."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with open(os.devnull, "rb") as lowest:  # noqa: PTH123 - its number is wanted
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest.fileno() + 1, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("what", ["close", "pause", "go on"])
def test_an_acceptor_without_descriptors_takes_up_again_unless_it_was_told_to_stop(
    loop: Loop, what: str
) -> None:
    """To watch a listener that was closed would end the parent before those who are connected were told."""
    given: list[socket.socket] = []
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        listener.setblocking(False)
        connection = stack.enter_context(socket.create_connection(listener.getsockname()))
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")

        def give(taken: socket.socket, _place: bytes | None) -> None:
            given.append(stack.enter_context(taken))

        acceptor = Acceptor(loop, listener, give, wait_seconds=60, most=10)
        acceptor.start()
        full = stack.enter_context(contextlib.ExitStack())
        full.enter_context(no_descriptor_left())

        def change() -> None:
            full.close()
            assert given == []
            if what != "go on":
                getattr(acceptor, what)()

        loop.later(0.05, change)
        loop.later(0.7, loop.end)
        loop.run()
        assert len(given) == (what == "go on")
        acceptor.close()
