"""As much of a Redis as the bus asks for, within the test's event loop: it subscribes, publishes, and can be held."""

import asyncio
from collections.abc import Callable
from pathlib import Path


class SmallRedis:
    """Speaks RESP 2 on a socket of its own. While it is `held`, what is published is heard by nobody."""

    def __init__(self, path: Path) -> None:
        self.url = f"unix://{path}"
        self.held = False
        self.published: list[tuple[bytes, bytes]] = []  # channel and message, in order
        self._path = path
        self._server: asyncio.Server | None = None
        self._heard: dict[asyncio.StreamWriter, set[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: list[tuple[bytes, bytes]] = []
        self._news = asyncio.Event()

    @property
    def followed(self) -> set[bytes]:
        """Every channel that somebody subscribed to."""
        return set().union(*self._heard.values())

    async def start(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def stop(self) -> None:
        """Drop everybody, and take nobody."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def release(self) -> None:
        """Let be heard what was published, and what is from now on."""
        self.held = False
        waiting, self._waiting = self._waiting, []
        for channel, message in waiting:
            self.tell(channel, message)

    def tell(self, channel: bytes, message: bytes) -> None:
        """Say something on a channel, whoever published it."""
        for writer, channels in self._heard.items():
            if channel in channels:
                writer.write(_array(b"message", channel, message))

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(10):
            while not done():
                await asyncio.sleep(0.001)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._heard[writer] = set()
        try:
            while command := await _command(reader):
                self._obey(writer, command)
        finally:
            del self._heard[writer]
            self._tasks.discard(task)
            writer.close()

    def _obey(self, writer: asyncio.StreamWriter, command: list[bytes]) -> None:
        match command:
            case [b"SUBSCRIBE", *channels]:
                self._heard[writer].update(channels)
            case [b"UNSUBSCRIBE", *channels]:
                self._heard[writer].difference_update(channels)
            case [b"PUBLISH", channel, message]:
                self.published.append((channel, message))
                if self.held:
                    self._waiting.append((channel, message))
                else:
                    self.tell(channel, message)
            case [b"CLIENT", b"REPLY", b"OFF"]:
                pass
            case [b"PING"]:
                writer.write(b"+PONG\r\n")
            case _:
                writer.write(b"+OK\r\n")


def _array(*parts: bytes) -> bytes:
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(p), p) for p in parts)


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    head = await reader.readline()
    parts = []
    for _ in range(int(head[1:] or 0)):
        size = int((await reader.readline())[1:])
        parts.append((await reader.readexactly(size + 2))[:-2])
    return parts
