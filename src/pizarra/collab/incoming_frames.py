"""What a connection sends, in order, without holding the event loop: a frame that takes long comes in parts.

Each part is recorded by itself, and others have their turn in between. Meanwhile what the connection sends waits.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from pizarra.collab.connection import Connection
from pizarra.collab.journal import JournalUnavailable
from pizarra.collab.room import Room
from pizarra.collab.state.census import MustBeRead
from pizarra.collab.state.ownership import Unclaimed
from pizarra.collab.update_validator import TooMuchAtOnce
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import MalformedFrame
from pizarra.collab.wire.parts import frames_of
from pizarra.kit.pauses import Pauses

_LARGE_BYTES = 16 * 1024  # the pieces of less are read in a moment
_PIECES = 500  # of a part: 5 ms
_FEWER = 8  # times, where these take long too


_OnControl = Callable[[bytes], None]


class IncomingFrames:
    """The frames of one connection on their way into its room."""

    __slots__ = ("_connection", "_later", "_room", "_task")

    def __init__(self, room: Room, connection: Connection) -> None:
        self._room = room
        self._connection = connection
        self._later: deque[bytes] = deque()  # behind what is taken in right now
        self._task: asyncio.Task[None] | None = None

    def receive(self, frame: bytes, on_control: _OnControl) -> None:
        """Take in a frame, now or behind what came before it; `on_control` is told its control messages."""
        if self._task is not None:
            self._later.append(frame)
        elif len(frame) > _LARGE_BYTES:
            self._begin(frame, on_control)
        else:
            try:
                self._pass_on(frame, on_control)
            except (TooMuchAtOnce, MustBeRead, Unclaimed):
                self._begin(frame, on_control)

    def close(self) -> None:
        """Take in nothing more; what is not acknowledged its author still holds."""
        if self._task is not None:
            self._task.cancel()

    def _pass_on(self, frame: bytes, on_control: _OnControl, *, in_part: bool = False) -> None:
        try:
            for payload in self._room.receive(self._connection, frame, in_part=in_part):
                on_control(payload)
        except MalformedFrame as error:
            self._connection.close(CloseCode.MALFORMED, str(error), error.bound)

    def _begin(self, frame: bytes, on_control: _OnControl) -> None:
        self._connection.pause()
        turns = self._take_in_turns(frame, on_control)
        self._task = asyncio.get_running_loop().create_task(turns)

    async def _take_in_turns(self, frame: bytes, on_control: _OnControl) -> None:
        try:
            await self._take_parts(frame, on_control, _PIECES, Pauses())
        except MalformedFrame as error:
            self._connection.close(CloseCode.MALFORMED, str(error), error.bound)
        except JournalUnavailable:
            self._connection.close(CloseCode.TRY_AGAIN, "the database does not answer")
        finally:
            self._task = None
            self._connection.resume()
        while self._later and self._task is None:
            self.receive(self._later.popleft(), on_control)

    async def _take_parts(
        self, frame: bytes, on_control: _OnControl, size: int, pauses: Pauses
    ) -> None:
        for part in frames_of(frame, self._room.max_pieces, size, self._room.has_deleted):
            if part is None:
                await pauses.if_due()
            elif self._connection.closing is None:
                try:
                    await self._pass_on_when_ready(part, on_control, in_part=size == 1)
                except TooMuchAtOnce:
                    await self._take_parts(part, on_control, max(1, size // _FEWER), pauses)
                await self._room.settled()  # or many would be applied together

    async def _pass_on_when_ready(
        self, frame: bytes, on_control: _OnControl, *, in_part: bool
    ) -> None:
        """Pass a frame on, once the document is read that it is held against, and its client ids have owners."""
        while True:
            try:
                self._pass_on(frame, on_control, in_part=in_part)
            except MustBeRead:
                await self._room.read_document()
            except Unclaimed as first:
                await self._room.claim(self._connection, first.client)
            else:
                return
