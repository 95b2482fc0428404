"""Whether an update may be recorded: who wrote it, under which client ids, whether it is whole and whether it fits."""

import asyncio
from collections.abc import Iterable

from pizarra.collab.commit_queue import CommitQueue, Edit
from pizarra.collab.connection import Connection
from pizarra.collab.limits import RoomLimits
from pizarra.collab.state.integrated_state import IntegratedState
from pizarra.collab.state.ownership import Claim, Ownership
from pizarra.collab.state.quota import Quota
from pizarra.collab.state.strays import Stray, find_stray
from pizarra.collab.token_bucket import TokenBuckets
from pizarra.collab.wire.close_codes import CloseCode, Closing
from pizarra.collab.wire.summary import UpdateSummary
from pizarra.collab.wire.updates import summarize_update

_READ_ONLY = Closing(CloseCode.READ_ONLY, "you can watch this session but not write in it")
_SPLIT = Closing(CloseCode.MALFORMED, "an edit that splits a character in two")
_STRAYS: dict[Stray, Closing] = {
    "among_letters": Closing(CloseCode.MALFORMED, "something in a text that is no text"),
    "beside_what_is_missing": Closing(
        CloseCode.TRY_AGAIN, "this builds on edits that have not arrived: reconnect"
    ),
}
_BUSY = Closing(CloseCode.TRY_AGAIN, "another connection of yours writes under this client id")
_TOO_FAST = Closing(
    CloseCode.TRY_AGAIN,
    "so much cannot be recorded at once; your browser keeps it and tries again",
    "person_log_burst_bytes",
)
# Of one edit, when it is applied; each takes some 40 ms.
_MOST_COMPARED = 1_000_000  # pieces
_FEW = 4  # pieces and cuts of what typing makes, which takes no time
_MOST_COUNTED = 60_000_000  # characters
_MAX_WAIT_SECONDS = 15.0  # for the next edit; a socket that is not read for longer counts as dead
_CROWDED = Closing(CloseCode.MALFORMED, "too many edits at one place", "max_pieces_per_place")
_NOT_YOURS = {
    Claim.FOREIGN: Closing(CloseCode.MALFORMED, "this client id is somebody else's"),
    Claim.TOO_MANY_HERE: Closing(
        CloseCode.MALFORMED, "too many client ids", "max_clients_per_connection"
    ),
    Claim.TOO_MANY: Closing(CloseCode.MALFORMED, "too many client ids", "max_clients_per_person"),
}


class TooMuchAtOnce(Exception):
    """An edit that would hold the event loop: it is to come in parts. Nothing of it was taken in."""


class UpdateValidator:
    """Looks at the updates that come into one room."""

    def __init__(
        self,
        integrated: IntegratedState,
        ownership: Ownership,
        quota: Quota,
        queue: CommitQueue,
        limits: RoomLimits,
    ) -> None:
        self._integrated = integrated
        self._ownership = ownership
        self._quota = quota
        self._queue = queue
        self._max_pieces = limits.update_pieces
        self._max_per_place = limits.pieces_per_place
        self._loop = asyncio.get_running_loop()
        # by person
        self._recorded = TokenBuckets(
            limits.person_log_bytes_per_second, limits.person_log_burst_bytes, self._loop.time
        )

    def admit(
        self, connection: Connection, payload: bytes, *, in_part: bool = False
    ) -> Edit | Closing | None:
        """Return the edit to record, why its author is sent away, or None: everything in it is known already.

        Raises:
            MalformedFrame: it is no update.
            TooMuchAtOnce: it should come in parts, and is none that cannot be parted.
            MustBeRead: only what the document holds can tell.
        """
        summary = summarize_update(payload, self._max_pieces)
        if summary.is_empty:
            connection.count_presence(len(payload))
            return None
        new_clients = self._integrated.new_clients(summary)
        if not new_clients and self._integrated.covers_deletes(summary):
            # A stock client answers our state vector with what it has: nothing new, and no violation by an observer.
            connection.count_presence(len(payload))  # no quota of the log counts it
            return None if self._queue.is_empty else Edit(connection, payload, summary, [])
        if not connection.person.may_edit:
            return _READ_ONLY
        if (refusal := self._claim(connection, new_clients)) is not None:
            return refusal
        self._integrated.note_characters(summary)
        if self._integrated.splits_character(summary):
            return _SPLIT
        if summary.foreign and (stray := self._stray(summary)) is not None:
            return _STRAYS[stray]
        siblings = self._integrated.siblings
        if not in_part and self._takes_long(summary, len(payload)):
            raise TooMuchAtOnce
        if siblings.would_exceed(summary, self._max_per_place):
            return _CROWDED
        person = connection.person.key
        if self._recorded.spend(person, 0) > _MAX_WAIT_SECONDS:
            return _TOO_FAST
        # The last question: what it lets in is counted as recorded.
        excess = self._quota.admit(summary, len(payload), self._queue.waiting)
        if excess is not None:
            return Closing(CloseCode.MALFORMED, excess.reason, excess.bound)
        if wait := self._recorded.spend(person, len(payload)):
            connection.wait(min(wait, _MAX_WAIT_SECONDS))
        siblings.add(summary)
        return Edit(connection, payload, summary, [])

    def _stray(self, summary: UpdateSummary) -> Stray | None:
        return find_stray(summary, self._integrated, list(self._queue.waiting.edits()))

    def _takes_long(self, summary: UpdateSummary, size: int) -> bool:
        if len(summary.pieces) + len(summary.cuts) <= _FEW:  # as nearly all
            return False
        return (
            self._quota.counted(summary, size) > _MOST_COUNTED
            or self._integrated.siblings.compared(summary) > _MOST_COMPARED
        )

    def _claim(self, connection: Connection, clients: Iterable[int]) -> Closing | None:
        for client in clients:
            if client in connection.clients:
                continue
            claim = self._ownership.claim(connection, client)
            if claim is Claim.GRANTED:
                continue
            if claim is Claim.BUSY:
                # Perhaps a socket that died unnoticed while its owner came back on this one: find out.
                speaker = self._ownership.speaker(client)
                if speaker is not None:
                    speaker.probe(self._loop.time())
                return _BUSY
            return _NOT_YOURS[claim]
        return None
