"""What sockets keep of messages that have not arrived as a whole: so much in a room, and who keeps most makes room.

A message may be large, and whoever sends it may stop in the middle of it for ever. What a socket read it into stays
with it, too: picows' buffer grows, and does not shrink.
"""

import asyncio
from collections import defaultdict

from pizarra.collab.connection import Connection
from pizarra.collab.wire.close_codes import CloseCode

_GOODBYE_SECONDS = 0.5


class Arriving:
    """The bytes that the sockets of each room keep, as they say; small ones say nothing."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: defaultdict[str, dict[Connection, int]] = defaultdict(dict)

    def __len__(self) -> int:
        """Return how many sockets keep something."""
        return sum(map(len, self._kept.values()))

    def keeps(self, room_id: str, connection: Connection, size: int) -> None:
        """Take note that a socket keeps so many bytes; where that is too much with the others, close the largest."""
        if connection.closing is not None:
            return
        here = self._kept[room_id]
        here[connection] = size
        while sum(here.values()) > self._most:
            largest = max(here, key=lambda each: here[each])
            del here[largest]
            reason = "too much of this session is on its way at once: try again"
            largest.close(CloseCode.TRY_AGAIN, reason, "max_arriving_bytes_per_room")
            # it keeps all of that until it is gone, and others come
            asyncio.get_running_loop().call_later(_GOODBYE_SECONDS, largest.channel.abort)

    def leave(self, room_id: str, connection: Connection) -> None:
        """A socket is gone, and what it kept."""
        here = self._kept.get(room_id)
        if here is not None:
            here.pop(connection, None)
            if not here:
                del self._kept[room_id]
