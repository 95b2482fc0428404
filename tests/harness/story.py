"""A session in which several people write, without sockets: as the journal records it, on either database."""

import base64
import random
from collections.abc import Sequence
from typing import Any

import httpx2
from pycrdt import Doc, Text
from sqlalchemy import func, select

from pizarra.collab.journal import EditEntry, Entry
from pizarra.collab.state.document import Document
from pizarra.models import InterviewSession
from tests.harness.application import Application
from tests.harness.entries import event


class Story:
    """Several people who edit at the same time, with other things between, recorded through the journal."""

    @classmethod
    async def begin(
        cls, running: Application, client: httpx2.AsyncClient, seed: int, steps: int = 0
    ) -> "Story":
        """Begin one in a new, empty session, with so many steps."""
        made = (await client.post("/api/sessions", json={"initial_code": ""})).json()
        story = cls(running, await session_of(running, made["session_id"]), seed)
        for _ in range(steps):
            await story.step()
        return story

    def __init__(self, running: Application, session: InterviewSession, seed: int) -> None:
        self.running = running
        self.session = session
        self.chance = random.Random(seed)
        self.docs: list[Doc[Any]] = [Doc() for _ in range(3)]
        self.sent: list[list[bytes]] = [[] for _ in self.docs]
        self.seen = [0] * len(self.docs)
        self.log: list[bytes] = []

    @property
    def path(self) -> str:
        """Where the API has the session."""
        return f"/api/sessions/{self.session.public_id}"

    async def step(self) -> None:
        """Let somebody do something."""
        who = self.chance.randrange(len(self.docs))
        doc = self.docs[who]
        for change in self.log[self.seen[who] :]:
            doc.apply_update(change)
        self.seen[who] = len(self.log)
        entries: list[Entry] = []
        for _ in range(self.chance.randint(1, 6)):
            before = doc.get_state()
            content: Text = doc.get("file:main.py", type=Text)
            size = len(str(content).encode())
            if size and self.chance.random() < 0.3:
                start = self.chance.randrange(size)
                del content[start : min(size, start + 3)]
            else:
                content.insert(
                    self.chance.randint(0, size),
                    self.chance.choice(("x", "def f():\n", "return 1\n")),
                )
            change = doc.get_update(before)
            self.log.append(change)
            entries.append(EditEntry(None, change))
            if self.chance.random() < 0.3:
                entries.append(
                    event(
                        "run.output",
                        None,
                        {"run_id": "f" * 32, "stream": "stdout", "text": "x"},
                    )
                )
        await self.running.services.journal.append(self.session.id, self.session.epoch, entries)


async def session_of(running: Application, public_id: str) -> InterviewSession:
    """Return a session as it is stored now."""
    async with running.services.database.read() as db:
        found = await db.scalar(
            select(InterviewSession).where(InterviewSession.public_id == public_id)
        )
    assert found is not None
    return found


async def count_rows(running: Application, table: Any) -> int:
    """Return how many rows a table has."""
    async with running.services.database.read() as db:
        return int(await db.scalar(select(func.count()).select_from(table)) or 0)


def fold(entries: Sequence[dict[str, Any]]) -> list[str]:
    """Return the text after each entry, from nothing but the log."""
    document, texts = Document(), []
    for entry in entries:
        if entry["kind"] == "edit":
            document.apply(base64.b64decode(entry["data"]["update"]))
        texts.append(document.text("main.py") or "")
    return texts
