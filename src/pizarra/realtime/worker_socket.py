"""A worker of another machine at the end of a socket: let in by its token, read no faster than it may speak.

It is not trusted: `sandbox/remote/believed.py` bounds what a message holds, `sandbox/runner/streams.py` what is taken
of a run. Whatever else it says ends the connection, and its own runs with it.
"""

import asyncio
import logging
from collections import deque
from math import ceil

from pydantic import BaseModel, ValidationError
from starlette.websockets import WebSocket

from pizarra import __version__
from pizarra.access.worker_tokens import KnownToken, use_worker_token
from pizarra.collab.token_bucket import TokenBucket
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import websocket_frame
from pizarra.http import events
from pizarra.realtime.participant_socket import AddressSlot, Refused, RoomSocket
from pizarra.realtime.parts import SocketParts
from pizarra.sandbox.remote.believed import believed
from pizarra.sandbox.remote.greeting import Greeting, Hello, common_protocol
from pizarra.sandbox.runner.link import RunnerLink
from pizarra.sandbox.runner.protocol import Capabilities, Warm
from pizarra.sandbox.runner.streams import RunnerFault

log = logging.getLogger(__name__)

_LOOK_SECONDS, _PING_SECONDS, _DEAD_SECONDS = 1.0, 2.0, 5.0
_OVERHEAD_BYTES = 1024  # what a message costs beside its bytes
_TURN_BYTES = 128 * 1024  # taken from one worker in one turn of the event loop
_MOST_GREETING_BYTES = 4096


class WorkerSocket:
    """One connection of a worker, from when its token was good until it is over."""

    def __init__(
        self, services: SocketParts, channel: RoomSocket, token: KnownToken, address: str
    ) -> None:
        self._services = services
        self._channel = channel
        self._token = token
        self._address = address
        self._loop = asyncio.get_running_loop()
        self._hello = Hello(node=services.nodes.id, nodes=self._nodes())
        self._link: RunnerLink | None = None
        self._is_in = False
        self._is_over = False
        self._inbox: deque[bytes] = deque()
        self._left = _TURN_BYTES
        self._turn: asyncio.Handle | None = None
        self._rate = TokenBucket(services.settings.remote_worker_bytes_per_second, self._loop.time)
        self._waits = False
        self._began = self._heard = self._pinged = self._loop.time()
        self._looking = self._loop.call_later(_LOOK_SECONDS, self._look)
        channel.on_pong = self._note_life
        channel.on_trifle = lambda: self._spend(_OVERHEAD_BYTES)
        services.workers.add(token, self.revoke)
        self._send(self._hello)
        channel.listen(self._on_frame, self._on_close)

    def revoke(self) -> None:
        """Its token opens nothing any more."""
        self._end(CloseCode.NOT_ALLOWED, "the worker's token was revoked")

    def _nodes(self) -> int:
        return len(self._services.nodes.others) + 1

    def _send(self, message: BaseModel) -> None:
        if not self._is_over:
            self._channel.write(websocket_frame(message.model_dump_json().encode()))

    # What comes

    def _on_frame(self, frame: bytes | None) -> None:
        self._note_life()
        if frame is None:
            self._end(CloseCode.MALFORMED, "a text message")
            return
        self._inbox.append(frame)
        if self._left > 0 and not self._waits:
            self._work()
        else:
            self._channel.pause_reading()

    def _work(self) -> None:
        """Take what came, as much as one turn may have of it, and as fast as a worker may speak."""
        if self._turn is None:
            self._turn = self._loop.call_soon(self._next_turn)
        while self._inbox and self._left > 0 and not self._waits and not self._is_over:
            frame = self._inbox.popleft()
            cost = len(frame) + _OVERHEAD_BYTES
            self._left -= cost
            self._spend(cost)
            self._take(frame)
        if self._inbox:
            self._channel.pause_reading()

    def _next_turn(self) -> None:
        self._turn, self._left = None, _TURN_BYTES
        if self._inbox and not self._waits and not self._is_over:
            self._work()
        if not self._inbox and not self._waits:
            self._channel.resume_reading()

    def _spend(self, cost: int) -> None:
        wait = self._rate.spend(cost)
        if wait > 0 and not self._waits:
            self._waits = True
            self._channel.pause_reading()
            self._loop.call_later(wait, self._go_on)

    def _go_on(self) -> None:
        self._waits = False
        self._note_life()
        if not self._is_over:
            self._next_turn()

    def _take(self, frame: bytes) -> None:
        try:
            if self._link is None:
                self._greet(frame)
                return
            event = believed(frame)
            self._link.receive(event)
        except RunnerFault as fault:
            self._fault(str(fault))
            return
        if isinstance(event, Capabilities) and not self._is_in:
            self._is_in = True
            self._services.runner.join(self._link)
            self._send(Warm(terminal_limits=self._services.runner.terminal_limits))
            log.info("worker %s connected", self._token.name)

    def _greet(self, frame: bytes) -> None:
        try:
            if len(frame) > _MOST_GREETING_BYTES:
                raise RunnerFault("a greeting longer than any")
            greeting = Greeting.model_validate_json(frame)
        except ValidationError:
            raise RunnerFault("a greeting that is none") from None
        if common_protocol(greeting, self._hello) is None:
            raise RunnerFault(
                f"version {greeting.version[:20]} of the worker does not fit {__version__}: install the same"
            )
        self._link = RunnerLink(
            self._services.runner,
            self._send,
            # which sessions are its own, it cannot choose
            key=self._services.signer.sign("worker", f"{self._token.public_id}:{greeting.worker}"),
            on_silence=lambda: self._fault("it does not say what became of a run"),
            name=self._token.name,
            outbox=self._channel.buffered,
            queue_seconds=self._services.settings.remote_queue_seconds,
            compile_seconds=self._services.settings.compile_seconds,
        )

    def _fault(self, reason: str) -> None:
        """Part from a worker that said what none says, or nothing where it must.

        One that is of another version is told so for good. Any other may come again, later each time.
        """
        if self._is_in:
            self._services.workers.set_aside(self._token, self._address, self._loop.time())
        self._end(CloseCode.TRY_AGAIN if self._is_in else CloseCode.MALFORMED, reason)

    # Whether it lives

    def _note_life(self) -> None:
        self._heard = self._loop.time()

    def _look(self) -> None:
        now = self._loop.time()
        self._looking = self._loop.call_later(_LOOK_SECONDS, self._look)
        if now - self._heard > _DEAD_SECONDS and not self._waits:
            log.warning("worker %s is silent: given up", self._token.name)
            self._channel.abort()
            self._on_close()
        elif not self._is_in and now - self._began > self._services.settings.admission_seconds:
            self._end(CloseCode.TRY_AGAIN, "it does not say what it can do")
        elif now - self._pinged >= _PING_SECONDS:
            self._pinged = now
            self._channel.ping()
            if (nodes := self._nodes()) != self._hello.nodes:
                self._hello = self._hello.model_copy(update={"nodes": nodes})
                self._send(self._hello)

    # The end

    def _end(self, code: CloseCode, reason: str) -> None:
        if not self._is_over:
            events.warn("worker.refused", worker=self._token.name, code=int(code), reason=reason)
            self._services.metrics.closes.labels(str(int(code))).inc()
            self._channel.close(code, reason)
            self._on_close()

    def _on_close(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._looking.cancel()
        self._inbox.clear()
        self._services.workers.discard(self.revoke)
        self._services.address_limit.leave(self._address)
        if self._link is not None:
            self._services.runner.leave(self._link)
        if self._is_in:
            log.info("worker %s is gone", self._token.name)


async def admit_worker(
    services: SocketParts, socket: WebSocket, channel: RoomSocket, slot: AddressSlot
) -> None:
    """Let a worker in.

    Raises:
        Refused: it shows no token that works, or there are enough. DATABASE_ERRORS: nobody can tell.
    """
    kind, _, secret = socket.headers.get("authorization", "").partition(" ")
    token = (
        await use_worker_token(services.database, secret.strip(), services.clock())
        if kind.lower() == "bearer"
        else None
    )
    if token is None:
        raise Refused(CloseCode.NOT_ALLOWED, "the worker's token opens nothing here")
    if services.settings.runner == "embedded":
        raise Refused(
            CloseCode.NOT_ALLOWED, "this server runs programs itself: PIZARRA_RUNNER=embedded"
        )
    if len(services.workers) >= services.settings.max_remote_workers:
        most = "max_remote_workers"
        raise Refused(CloseCode.TRY_AGAIN, "enough workers are connected", bound=most)
    settings, now = services.settings, asyncio.get_running_loop().time()
    if services.workers.of(token) >= settings.max_connections_per_worker_token:
        most = "max_connections_per_worker_token"
        raise Refused(CloseCode.TRY_AGAIN, "enough workers have this token", bound=most)
    if (wait := services.workers.aside_for(token, slot.address, now)) > 0:
        raise Refused(CloseCode.TRY_AGAIN, f"it broke off lately: wait {ceil(wait)} s")
    slot.taken = True
    WorkerSocket(services, channel, token, slot.address)
