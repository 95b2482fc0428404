"""How a worker keeps one connection to every web process: to each address of each server that it was told of.

Behind one address there may be several processes. Each says how many there are in all; a worker dials on, each time by
another path, until it has met as many. An address that a name has no more is not dialled again once it is cut:
somebody else's machine may have it by then.
"""

import asyncio
import logging
import secrets
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from pizarra import __version__
from pizarra.kit.ids import new_public_id
from pizarra.sandbox.remote.addresses import Address, Server, addresses_of
from pizarra.sandbox.remote.connection import Connection, Refused, connect
from pizarra.sandbox.remote.greeting import PATH, Greeting, Hello, common_protocol
from pizarra.sandbox.runner.runner import Peer, Runner

log = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0  # how often names are looked up
_HELLO_SECONDS = 10.0
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 0.2, 10.0
_MOST_LINES = 64  # connections to one address
_ANOTHER_WAY = "another connection leads there already"


@dataclass(frozen=True, slots=True)
class Dialling:
    """Whom a worker dials, how it shows who it is, and how it looks at their certificates."""

    servers: Sequence[Server]
    token: str
    drain_seconds: float
    tls: ssl.SSLContext | None
    worker: str = field(default_factory=new_public_id)


class Dialer:
    """All connections of one worker. `failed` is done when no web process will ever want it."""

    def __init__(self, runner: Runner, dialling: Dialling) -> None:
        self.failed: asyncio.Future[Refused] = asyncio.get_running_loop().create_future()
        self._runner = runner
        self._dialling = dialling
        self._met: dict[str, Connection] = {}  # by web process
        self._nodes = 1
        self._addresses: dict[Server, set[Address]] = {}  # that its name has, as was heard last
        self._lines: dict[tuple[Server, Address], set[asyncio.Task[None]]] = {}
        self._said: dict[Server, str] = {}  # what is wrong, once

    async def work(self) -> None:
        """Look up the servers, and keep a line to each address they have, until cancelled."""
        try:
            while True:
                for server in self._dialling.servers:
                    await self._look_up(server)
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            for lines in self._lines.values():
                for line in lines:
                    line.cancel()

    async def close(self) -> None:
        """Say goodbye to all."""
        await asyncio.gather(*(connection.close() for connection in list(self._met.values())))

    async def _look_up(self, server: Server) -> None:
        try:
            addresses = await addresses_of(server)
        except OSError as error:
            self._complain(server, f"its name has no address ({error.strerror or error})")
            return
        self._addresses[server] = set(addresses)
        for address in addresses:
            self._add_line(server, address, at_least=1)
        if len(self._met) < self._nodes:
            for address in addresses:
                self._add_line(server, address, at_least=self._nodes)

    def _add_line(self, server: Server, address: Address, *, at_least: int) -> None:
        lines = self._lines.setdefault((server, address), set())
        if len(lines) < min(at_least, _MOST_LINES):
            line = asyncio.get_running_loop().create_task(self._keep(server, address))
            lines.add(line)
            line.add_done_callback(lambda line: self._drop_line(server, address, line))

    def _drop_line(self, server: Server, address: Address, line: asyncio.Task[None]) -> None:
        lines = self._lines[server, address]
        lines.discard(line)
        if not lines:
            del self._lines[server, address]

    async def _keep(self, server: Server, address: Address) -> None:
        """Keep one line to an address of a server: dial again when it is cut, later and later where nobody answers."""
        delay = _FIRST_RETRY_SECONDS
        while address in self._addresses[server]:
            try:
                await self._serve(server, address)
                delay = _FIRST_RETRY_SECONDS
            except Refused as refusal:
                if str(refusal) != _ANOTHER_WAY:
                    self._complain(server, str(refusal))
                if refusal.final and not self._met and not self.failed.done():
                    self.failed.set_result(refusal)
                delay = max(delay, 1.0)
            except (OSError, ssl.SSLError) as error:
                self._complain(server, error.strerror or str(error) or type(error).__name__)
            if self._is_spare(server, address):
                return
            await asyncio.sleep(delay * (0.5 + secrets.randbelow(1000) / 1000))
            delay = min(delay * 2, _LONGEST_RETRY_SECONDS)

    def _is_spare(self, server: Server, address: Address) -> bool:
        """Tell whether a line that leads nowhere is one more than is needed."""
        has_met_all = len(self._met) >= self._nodes
        return has_met_all and len(self._lines[server, address]) > 1

    async def _serve(self, server: Server, address: Address) -> None:
        """Serve one web process until the line is cut.

        Raises:
            OSError: nobody is there. Refused: it is not wanted, or not needed.
        """
        path = f"{PATH}{secrets.token_hex(16)}"
        connection = await connect(server, address, path, self._dialling.token, self._dialling.tls)
        hello = await self._greet(connection)
        self._nodes = hello.nodes
        if hello.node in self._met:
            await connection.close()
            raise Refused(_ANOTHER_WAY, final=False)
        self._met[hello.node] = connection
        self._said.pop(server, None)
        log.info("connected to %s (%s)", server, hello.node[:8])
        peer = Peer(connection.send)

        def on_message(message: bytes) -> None:
            if message.startswith(b'{"type":"hello"'):
                self._nodes = Hello.model_validate_json(message).nodes
            else:
                self._runner.receive(peer, message)

        connection.on_message = on_message
        self._runner.meet(peer)
        try:
            goodbye = await asyncio.shield(connection.closed)
        finally:
            self._runner.part(peer)
            del self._met[hello.node]
        if goodbye is not None and goodbye.final:
            raise goodbye
        log.warning("cut off from %s: %s", server, goodbye or "the connection broke")

    async def _greet(self, connection: Connection) -> Hello:
        told: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        connection.on_message = lambda message: None if told.done() else told.set_result(message)
        try:
            async with asyncio.timeout(_HELLO_SECONDS):
                either: set[asyncio.Future[Any]] = {told, asyncio.shield(connection.closed)}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            await connection.close()
            raise ConnectionError("it does not say who it is") from None
        if not told.done():
            raise connection.closed.result() or ConnectionError("it hung up")
        try:
            hello = Hello.model_validate_json(told.result())
        except ValidationError:
            await connection.close()
            raise ConnectionError("it does not say who it is") from None
        greeting = Greeting(worker=self._dialling.worker, version=__version__)
        connection.send(greeting)  # also to one of another version: it has the words for it
        if common_protocol(greeting, hello) is None:
            goodbye = await asyncio.shield(connection.closed)
            raise goodbye or Refused("it is of another version", final=True)
        return hello

    def _complain(self, server: Server, problem: str) -> None:
        if self._said.get(server) != problem:
            self._said[server] = problem
            log.warning("%s: %s", server, problem)
