"""Whether an update may be recorded: who wrote it, under which client ids, whether it is whole and whether it fits."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from pizarra.collab.close_codes import CloseCode
from pizarra.collab.commits import CommitQueue, Edit
from pizarra.collab.connection import Connection
from pizarra.collab.coverage import Coverage
from pizarra.collab.ownership import Claim, Ownership
from pizarra.collab.quota import Quota
from pizarra.collab.updates import summarize_update


class Refusal(NamedTuple):
    """Why an update is not recorded: its author's connection is closed with this."""

    code: CloseCode
    reason: str
    too_large: bool = False


_READ_ONLY = Refusal(CloseCode.READ_ONLY, "you can watch this session but not write in it")
_SPLIT = Refusal(CloseCode.MALFORMED, "an edit that splits a character in two")
_BUSY = Refusal(CloseCode.TRY_AGAIN, "another connection of yours writes under this client id")
_FOREIGN = Refusal(CloseCode.MALFORMED, "this client id is somebody else's")
_TOO_MANY = Refusal(CloseCode.MALFORMED, "too many client ids")


class Admission:
    """Looks at the updates that come into one room."""

    def __init__(self, coverage: Coverage, ownership: Ownership, quota: Quota, queue: CommitQueue) -> None:
        self._coverage = coverage
        self._ownership = ownership
        self._quota = quota
        self._queue = queue
        self._loop = asyncio.get_running_loop()

    def admit(self, connection: Connection, payload: bytes) -> Edit | Refusal | None:
        """Return the edit to record, why there is none, or None: everything in it is known already.

        Raises:
            MalformedFrame: it is no update.
        """
        summary = summarize_update(payload)
        if summary.is_empty:
            return None
        new_clients = self._coverage.new_clients(summary)
        if not new_clients and self._coverage.covers_deletes(summary):
            # A stock client answers our state vector with what it has: nothing new, and no violation by an observer.
            return None if self._queue.is_empty else Edit(connection, payload, summary, [])
        if not connection.person.may_edit:
            return _READ_ONLY
        if (refusal := self._claim(connection, new_clients)) is not None:
            return refusal
        self._coverage.note_characters(summary)
        if self._coverage.splits_character(summary):
            return _SPLIT
        too_large = self._quota.admit(summary, len(payload), self._queue.waiting_text)
        if too_large is not None:
            return Refusal(CloseCode.MALFORMED, too_large, too_large=True)
        return Edit(connection, payload, summary, [])

    def _claim(self, connection: Connection, clients: Iterable[int]) -> Refusal | None:
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
            return _FOREIGN if claim is Claim.FOREIGN else _TOO_MANY
        return None
