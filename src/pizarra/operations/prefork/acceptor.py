"""Takes connections, looks how each begins without reading it, and says what it is about.

Nothing is read here, so whoever gets a connection finds all of it and applies its own bounds; what sends nothing, or
nonsense, is somebody's all the same. Nobody can make the parent wait, or hold more than `most` connections.
"""

import logging
import socket
from collections.abc import Callable

from pizarra.cluster.places import HEAD_BYTES, place_of
from pizarra.operations.prefork.loop import READ, Loop, Timer

log = logging.getLogger(__name__)

_AT_ONCE = 64  # connections taken before something else has its turn
_REST_SECONDS = 0.5  # without descriptors, until the next is taken


class Acceptor:
    """`give` gets each connection with its place, or None for one that names no session."""

    def __init__(
        self,
        loop: Loop,
        listener: socket.socket,
        give: Callable[[socket.socket, bytes | None], None],
        *,
        wait_seconds: float,
        most: int,
    ) -> None:
        self._loop = loop
        self._listener = listener
        self._give = give
        self._wait_seconds = wait_seconds
        self._most = most
        self._silent: dict[socket.socket, Timer] = {}  # those that have sent nothing, oldest first
        self._takes = False
        self._rest: Timer | None = None

    def start(self) -> None:
        """Take connections; those that came before waited in the kernel."""
        self._end_rest()
        if not self._takes:
            self._takes = True
            self._loop.watch(self._listener, READ, self._accept)

    def pause(self) -> None:
        """Let them wait in the kernel, up to its backlog."""
        self._end_rest()
        if self._takes:
            self._takes = False
            self._loop.forget(self._listener)

    def close(self) -> None:
        """Take no more, and drop those that have sent nothing."""
        self.pause()
        self._listener.close()
        for connection in list(self._silent):
            self._end_wait(connection)
            connection.close()

    def let_go(self) -> None:
        """Close this process's copies of all of them: they are the parent's."""
        self._listener.close()
        for connection in self._silent:
            connection.close()

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            if not self._takes:
                return
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError as error:  # no descriptors, or what the network says of one connection
                log.warning("no more connections are taken for now: %s", error.strerror)
                self.pause()
                self._rest = self._loop.later(_REST_SECONDS, self.start)
                return
            connection.setblocking(False)
            self.look(connection)

    def look(self, connection: socket.socket) -> None:
        """Give a connection away by how it begins, or wait for that."""
        try:
            head = connection.recv(HEAD_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            self._wait(connection)
            return
        except OSError:
            head = b""
        self._end_wait(connection)
        if head:
            self._give(connection, place_of(head))
        else:  # it was closed
            connection.close()

    def _wait(self, connection: socket.socket) -> None:
        if connection in self._silent:
            return
        if len(self._silent) >= self._most:
            self._pass_on(next(iter(self._silent)))
        timer = self._loop.later(self._wait_seconds, lambda: self._pass_on(connection))
        self._silent[connection] = timer
        self._loop.watch(connection, READ, lambda: self.look(connection))

    def _pass_on(self, connection: socket.socket) -> None:
        """Give one away that has sent nothing: whoever gets it waits for its head, within bounds."""
        self._end_wait(connection)
        self._give(connection, None)

    def _end_rest(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _end_wait(self, connection: socket.socket) -> None:
        timer = self._silent.pop(connection, None)
        if timer is not None:
            timer.cancel()
            self._loop.forget(connection)
