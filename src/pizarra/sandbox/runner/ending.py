"""How a runner ends: in order where it can, and in any case soon after its web process."""

import asyncio
import signal
import socket

_SECONDS = 10


def end_orderly() -> None:
    """Have SIGTERM cancel this task: whoever is killed while a sandbox starts may leave half of it behind."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def end() -> None:
        loop.remove_signal_handler(signal.SIGTERM)
        end_in_any_case()
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, end)


def end_with_peer(connection: socket.socket) -> None:
    """Have the end of an inherited connection cancel this task, as long as nobody reads from it yet.

    Whoever begins to read takes the watch away with `loop.remove_reader`.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    connection.setblocking(False)

    def look() -> None:
        loop.remove_reader(connection.fileno())
        try:
            is_gone = not connection.recv(1, socket.MSG_PEEK)
        except OSError:
            is_gone = True
        if is_gone:
            end_in_any_case()
            task.cancel()

    loop.add_reader(connection.fileno(), look)


def end_in_any_case(seconds: int = _SECONDS) -> None:
    """Have the kernel end this process if it does not end itself: without a web process it is of no use to anybody.

    Its sandboxes end with it, whichever way it does.
    """
    signal.alarm(seconds)
