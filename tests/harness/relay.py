"""A network between one person and the server: it can be cut, go silent, and be mended."""

import contextlib
import socket
import threading


class Relay:
    """A TCP relay on a port of its own. Cut, it resets what there is and refuses what comes; silent, it loses all."""

    def __init__(self, port: int) -> None:
        self._far = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._listener.getsockname()[1]
        self._sockets: set[socket.socket] = set()
        self._is_cut = False
        self._speaking = threading.Event()
        self._speaking.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def through(self, url: str) -> str:
        """Return a server's address as it is on this side."""
        return url.replace(f":{self._far[1]}", f":{self.port}", 1)

    def cut(self) -> None:
        """Close every connection and refuse new ones."""
        self._is_cut = True
        for each in list(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def silence(self) -> None:
        """Let nothing through any more, and say so to nobody."""
        self._speaking.clear()

    def mend(self) -> None:
        """Be a network again."""
        self._is_cut = False
        self._speaking.set()

    def close(self) -> None:
        """Be gone."""
        self.cut()
        self._speaking.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                near.close()
                continue
            try:
                far = socket.create_connection(self._far)
            except OSError:  # the server is gone
                near.close()
                continue
            for one, other in ((near, far), (far, near)):
                self._sockets.add(one)
                threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        kept = b""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._speaking.wait()
                kept = self._send(source, target, data, kept)
        self._sockets.discard(source)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        source.close()

    def _send(
        self, source: socket.socket, target: socket.socket, data: bytes, kept: bytes
    ) -> bytes:
        """Pass on what came after what was kept; return what is kept now."""
        target.sendall(data)
        return b""
