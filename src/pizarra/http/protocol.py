"""uvicorn's HTTP protocol within bounds: how large a request's head is, how long head, body and answer may take.

A connection whose request has not arrived as a whole counts towards its address's share. Beyond it, the one that has
been arriving longest makes room: whoever sends slowly on purpose only pushes out connections of their own.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from pizarra.config import Settings
from pizarra.kit.network import neighbourhood


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Named in `Settings`; bytes, seconds and counts."""

    head_bytes: int
    head_seconds: float
    body_seconds: float
    answer_seconds: float
    arriving_per_address: int
    pipelined: int
    query_fields: int
    refused_bytes: int
    refused_seconds: float


class Arrivals:
    """The connections whose request is not whole yet, by address, oldest first."""

    def __init__(self, per_address: int, refuse: Callable[[str], None]) -> None:
        self._per_address = per_address
        self._refuse = refuse
        self._by_address: dict[str, dict[asyncio.Transport, None]] = {}
        self._looked_at: set[str] = set()  # addresses that have too many, for now

    def begin(self, address: str, transport: asyncio.Transport) -> None:
        """Count one; the oldest of an address that has too many are dropped once what they sent was read."""
        mine = self._by_address.setdefault(address, {})
        mine[transport] = None
        if len(mine) > self._per_address and address not in self._looked_at:
            # A crowd behind one address arrives in one turn of the event loop, whole, and nothing of it is read before
            # the next: between a timer and one that it starts, all that is there is read.
            self._looked_at.add(address)
            loop = asyncio.get_running_loop()
            loop.call_later(_READ_SECONDS, loop.call_later, _READ_SECONDS, self._trim, address)

    def _trim(self, address: str) -> None:
        self._looked_at.discard(address)
        mine = self._by_address.get(address, {})
        for oldest in list(mine)[: max(0, len(mine) - self._per_address)]:
            self.end(address, oldest)
            oldest.abort()
            self._refuse("max_arriving_per_address")

    def end(self, address: str, transport: asyncio.Transport) -> None:
        """Count one no more: its request is whole, or it is gone."""
        mine = self._by_address.get(address)
        if mine is not None:
            mine.pop(transport, None)
            if not mine:
                del self._by_address[address]


_READ_SECONDS = 0.02  # zero would be no timer, but this turn

# Of a head, what may stand in names and values.
_PRINTABLE = bytes(each for each in range(256) if each >= 0x20 and each != 0x7F) + b"\t"


class _AnswerTransport(asyncio.Transport):
    """What the answers of a connection are written to; closing it is the protocol's."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        super().__init__()
        self.write = transport.write  # type: ignore[method-assign]
        self.is_closing = transport.is_closing  # type: ignore[method-assign]
        self.close = close  # type: ignore[method-assign]

    def end(self) -> None:
        """Say nothing more: of requests sent at once, one may be refused while another is answered still."""
        self.write = _to_nobody  # type: ignore[method-assign]


def _to_nobody(data: object) -> None:
    """After the end there is no way to write."""


class _Cycle(RequestResponseCycle):
    """A request and its answer. One that comes in one piece leaves in one, and its head is looked at in one.

    Other answers, and heads that are not as they should be, are uvicorn's to send, or to refuse.
    """

    _held: Any = None  # the start of an answer that says how long it is: its body follows at once

    async def send(self, message: Any) -> None:
        """Send a part of the answer; see ASGI."""
        if self.response_started or self.flow.write_paused:
            await super().send(message)
        elif message["type"] == "http.response.start" and _has_length(message["headers"]):
            self._held = message
        elif self._held is None:
            await super().send(message)
        else:
            start, self._held = self._held, None
            if not self._send_whole(start, message):
                await super().send(start)
                await super().send(message)

    def _send_whole(self, start: Any, message: Any) -> bool:
        """Send an answer if that is all of it; return whether it was."""
        body, headers = message.get("body", b""), [*self.default_headers, *start["headers"]]
        told = dict(headers)
        if (
            message.get("more_body", False)
            or told[b"content-length"] != b"%d" % len(body)
            or self.scope["method"] == "HEAD"
            or self.disconnected
            or b"connection" in told
        ):
            return False
        if not self.keep_alive:
            headers.append((b"connection", b"close"))
        head = b"\r\n".join([b"%b: %b" % each for each in headers])
        if head.translate(None, _PRINTABLE) != b"\r\n" * (len(headers) - 1):
            return False  # somebody's line end, or worse
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.write(b"%b%b\r\n\r\n%b" % (STATUS_LINE[start["status"]], head, body))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True


def _has_length(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-length" for name, _ in headers)


# seconds from now, and what happens then
_Due = tuple[float, Callable[[], None]]


class BoundedProtocol(HttpToolsProtocol):
    """One connection. `_deadline` runs while a request arrives, and bytes trickling in do not move it.

    What is due is settled when all that came was read: a request that comes in one piece, as nearly all do, needs no
    timer, and is counted nowhere.
    """

    limits: HttpLimits
    arrivals: Arrivals
    refuse: Callable[[str], None]  # counts what a setting refused
    _deadline: asyncio.TimerHandle | None = None
    _due: _Due | None = None  # once `_is_changed`, instead of the deadline
    _is_changed = False
    _is_reading = False
    _is_arriving = False  # a request that is not whole
    _is_counted = False  # among `arrivals`
    _stalled: asyncio.TimerHandle | None = None
    _in_head = False
    _too_many_fields = False  # in the query
    _head_bytes = 0  # of what the parser has told of
    _refused_bytes = 0  # of a body that goes on after its answer
    _lingers = False  # everything was said: what still comes is thrown away until the other side has read it
    # of what came while the head was not whole: a header without end is not told of
    _unread_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request's head."""
        super().connection_made(transport)
        self._answers = _AnswerTransport(transport, self._close)
        self._address = neighbourhood(self.client[0]) if self.client else ""
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Take what came, unless a head grows without end."""
        if self._lingers or self._is_refused():
            self._refused_bytes += len(data)
            if self._refused_bytes > self.limits.refused_bytes:
                self.transport.abort()
                return
        if self._lingers:
            return
        self._is_reading = True
        if self._deadline is None and not self._is_answering():
            self._expect_head()  # perhaps line ends alone, which begin no request
        was_in_head = self._in_head
        try:
            super().data_received(data)
            if was_in_head and self._in_head:
                self._unread_bytes += len(data)
                if self._unread_bytes > self.limits.head_bytes and not self.transport.is_closing():
                    self.send_400_response("")
        finally:
            self._is_reading = False
            self._settle()

    def on_message_begin(self) -> None:
        """A request begins."""
        if len(self.pipeline) >= self.limits.pipelined:
            self.refuse("max_pipelined_requests")
            raise ValueError("too many requests before their answers")
        self._expect_head()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or what follows a body in pieces."""
        self._count_head(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole: the body has its own time."""
        if self.url.count(b"&") >= self.limits.query_fields:
            self._too_many_fields = True
            raise ValueError("the query has too many fields")
        self._in_head = False
        self._set_deadline(self.limits.body_seconds, self._body_is_late)
        super().on_headers_complete()
        if self.cycle is not None:
            self.cycle.transport = self._answers

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.__class__ = _Cycle  # uvicorn makes one of its own
        super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._arrived()
        super().on_message_complete()
        if self._is_refused():
            self.cycle.more_body, self._refused_bytes = False, 0

    def on_response_complete(self) -> None:
        """The answer is given; what follows of a body that it did not wait for is read within bounds."""
        super().on_response_complete()
        if self._is_refused() and not self.transport.is_closing():
            self._set_deadline(self.limits.refused_seconds, self.transport.abort)

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over."""
        self._arrived()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, and say so when its head is too large."""
        self._arrived()
        too_large = self._is_head_too_large()
        if too_large:
            self.refuse("max_request_head_bytes")
        if self._too_many_fields:
            self.refuse("max_query_fields")
        if self._is_answering() and not self.cycle.more_body:
            self._end_after_answer()
        elif too_large:
            most = f"{self.limits.head_bytes:,}"
            self._refuse(
                431, "head_too_large", f"The head of a request may have {most} bytes at most."
            )
        elif self._too_many_fields:
            most = f"{self.limits.query_fields:,}"
            self._refuse(
                431, "head_too_large", f"The query of an address may have {most} fields at most."
            )
        else:
            self._refuse(400, "malformed", "This is no HTTP request.")

    def pause_writing(self) -> None:
        """The other side takes less than it is sent: for a while only."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.limits.answer_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The other side has caught up."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the connection go."""
        self._arrived()
        super().connection_lost(exc)
        if self._stalled is not None:
            self._stalled.cancel()

    def _expect_head(self) -> None:
        self._in_head, self._head_bytes, self._unread_bytes = True, 0, 0
        self._is_arriving = True
        self._set_deadline(self.limits.head_seconds, self.transport.abort)

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        return cycle is not None and not cycle.response_complete

    def _is_refused(self) -> bool:
        """Tell whether a request was answered before it was whole."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and cycle.response_complete and cycle.more_body

    def _close(self) -> None:
        """Close after an answer."""
        if self.cycle.more_body or self._lingers:
            self._linger()
        else:
            self.transport.close()

    def _linger(self) -> None:
        """Say that no more is coming, and let the other side finish.

        To close while bytes are unread would reset the connection, and what was answered would be lost.
        """
        if self.transport.is_closing():
            return
        self._lingers = True
        self._answers.end()
        self.pipeline.clear()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._set_deadline(self.limits.refused_seconds, self.transport.abort)

    def _arrived(self) -> None:
        self._in_head = self._is_arriving = False
        self._due, self._is_changed = None, True
        if not self._is_reading:
            self._settle()

    def _end_after_answer(self) -> None:
        """Have the requests before answered, the last of them with the end: what follows it is no request."""
        self._lingers, self.cycle.keep_alive = True, False
        self._set_deadline(self.limits.body_seconds, self.transport.abort)

    def _set_deadline(self, seconds: float, late: Callable[[], None]) -> None:
        self._due, self._is_changed = (seconds, late), True
        if not self._is_reading:
            self._settle()

    def _settle(self) -> None:
        if self._is_changed:
            self._is_changed = False
            if self._deadline is not None:
                self._deadline.cancel()
            self._deadline = self.loop.call_later(*self._due) if self._due is not None else None
        if self._is_arriving is not self._is_counted:
            self._is_counted = self._is_arriving
            count = self.arrivals.begin if self._is_arriving else self.arrivals.end
            count(self._address, self.transport)

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._is_head_too_large():
            raise ValueError("the head is too large")

    def _is_head_too_large(self) -> bool:
        return max(self._head_bytes, self._unread_bytes) > self.limits.head_bytes

    def _body_is_late(self) -> None:
        seconds = self.limits.body_seconds
        if self.flow.read_paused:  # it is we who let it wait
            self._set_deadline(seconds, self._body_is_late)
        elif self.cycle.response_started:
            self.transport.abort()
        else:
            self.refuse("request_body_seconds")
            self._refuse(
                408,
                "body_too_slow",
                f"The rest of the request did not arrive within {seconds:g} s.",
            )

    def _refuse(self, status: int, code: str, detail: str) -> None:
        body = json.dumps(
            {"type": "about:blank", "status": status, "code": code, "detail": detail}
        ).encode()
        head = (
            b"content-type: application/problem+json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
            % len(body)
        )
        self.transport.write(STATUS_LINE[status] + head + body)
        if self.cycle is not None:  # whoever would answer is too late
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._linger()


def http_protocol(settings: Settings, counted: Callable[[str], None]) -> type[HttpToolsProtocol]:
    """Return the protocol class of a server with these settings; `counted` is told which of them refused something."""
    of_settings = HttpLimits(
        head_bytes=settings.max_request_head_bytes,
        head_seconds=settings.request_head_seconds,
        body_seconds=settings.request_body_seconds,
        answer_seconds=settings.response_stall_seconds,
        arriving_per_address=settings.max_arriving_per_address,
        pipelined=settings.max_pipelined_requests,
        query_fields=settings.max_query_fields,
        refused_bytes=settings.max_refused_bytes,
        refused_seconds=settings.refused_seconds,
    )

    class OfServer(BoundedProtocol):
        limits = of_settings
        arrivals = Arrivals(of_settings.arriving_per_address, counted)
        refuse = staticmethod(counted)

    return OfServer
