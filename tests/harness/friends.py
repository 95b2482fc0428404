"""Two people who write at the same time, as a real trace has it: what each sends, and what they had seen before."""

import asyncio
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pycrdt import Doc, Text

from pizarra.collab.wire.codec import SyncStep, acknowledge_frame, sync_frame, var_uint
from tests.harness.peer import Peer

TRACE = Path(__file__).resolve().parent.parent / "data" / "friendsforever.json.gz"


class Sent(NamedTuple):
    """An update of one author, who had seen so many of the other's before."""

    agent: int
    update: bytes
    seen: int


class Author:
    """One of the two, with a document that holds what they wrote and what they had seen."""

    def __init__(self) -> None:
        self.doc: Doc[Any] = Doc()
        self.text: Text = self.doc.get("file:main.py", type=Text)
        self.sent: list[bytes] = []
        self.merged = 0

    def see(self, other: "Author", count: int) -> None:
        """Take in what the other wrote, up to their update number `count`."""
        for update in other.sent[self.merged : count]:
            self.doc.apply_update(update)
        self.merged = max(self.merged, count)

    def write(self, patches: Sequence[tuple[int, int, str]]) -> bytes:
        """Make the patches of one transaction and return the update."""
        made: list[bytes] = []
        subscription = self.doc.observe(lambda event: made.append(event.update))
        with self.doc.transaction():
            for position, deleted, inserted in patches:
                text = str(self.text)
                start = len(text[:position].encode())
                del self.text[start : start + len(text[position : position + deleted].encode())]
                self.text.insert(start, inserted)
        self.doc.unobserve(subscription)
        self.sent += made or [b"\0\0"]
        return self.sent[-1]


def two_friends(limit: int | None = None) -> tuple[list[Sent], str]:
    """Return what the two send, in an order that respects what each had seen, and the text all of it makes."""
    transactions = json.loads(gzip.decompress(TRACE.read_bytes()))["txns"][:limit]
    authors = [Author(), Author()]
    # of each transaction: its author, and how many of theirs it makes
    numbers: list[tuple[int, int]] = []
    found = []
    for transaction in transactions:
        agent = transaction["agent"]
        me, other = authors[agent], authors[1 - agent]
        needs = [
            count
            for who, count in (numbers[parent] for parent in transaction["parents"])
            if who != agent
        ]
        me.see(other, max(needs, default=0))
        found.append(Sent(agent, me.write(transaction["patches"]), me.merged))
        numbers.append((agent, len(me.sent)))
    authors[0].see(authors[1], len(authors[1].sent))
    return found, str(authors[0].text)


async def write_together(peers: tuple[Peer, Peer], sent: Sequence[Sent]) -> None:
    """Let two clients send what the two wrote, at once; nobody sends what builds on something not yet committed."""

    async def write(agent: int) -> None:
        peer, other = peers[agent], peers[1 - agent]
        for number, (_, update, seen) in enumerate(
            (each for each in sent if each.agent == agent), 1
        ):
            if other.acknowledged < seen:
                await other.wait_acknowledged(seen, 60)
            await peer.socket.send(sync_frame(SyncStep.UPDATE, update))
            await peer.socket.send(acknowledge_frame(var_uint(number)))
            if number % 100 == 0:
                await peer.wait_acknowledged(number - 50, 60)
        await peer.wait_acknowledged(sum(each.agent == agent for each in sent), 60)

    await asyncio.gather(write(0), write(1))
