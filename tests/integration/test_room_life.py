"""The life of a room as a state machine: join, write, leave, evict, crash, end, reopen, delete, in any order.

The model is what people were told: a word whose writing was acknowledged is in the log, once, for ever; a word that
somebody else saw is in the log. Rooms, hub, journal and database are the real ones; only the sockets are not.

Longer: `PIZARRA_TEST_EXAMPLES=2000 .venv/bin/python -m pytest tests/integration/test_room_life.py`.
"""

import asyncio
import os
import sqlite3
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pycrdt import Doc, Text
from tests.harness.application import application
from tests.harness.fresh import embed
from tests.harness.wires import Wire

from pizarra.collab.connection import Connection, Person
from pizarra.collab.hub import Hub, UnknownRoom
from pizarra.collab.room import Room
from pizarra.collab.state.document import Document
from pizarra.collab.wire.codec import (
    MessageType,
    Reader,
    SyncStep,
    acknowledge_frame,
    decode_frame,
    sync_frame,
    var_uint,
)
from pizarra.config import Settings
from pizarra.realtime.from_elsewhere import Teller
from pizarra.realtime.room_events import RoomEvents
from pizarra.runs.preparing import Preparer
from pizarra.sessions.language import LanguageWatcher

EXAMPLES = int(os.environ.get("PIZARRA_TEST_EXAMPLES", "15"))
PEOPLE = 3


class Author:
    """A browser: its document outlives its connections. Every word it writes is written once."""

    def __init__(self, number: int) -> None:
        self.person = Person(
            1000 + number, f"{number:032}", f"Person {number}", "candidate", may_edit=True
        )
        self.number = number
        self.doc: Doc[Any] = Doc()
        self.text: Text = self.doc.get("file:main.py", type=Text)
        self.written = 0
        self.acknowledged = 0
        self.room: Room | None = None
        self.connection: Connection | None = None
        self.wire = Wire()

    def word(self, number: int) -> str:
        return f"[{self.number}.{number}]"

    def say(self, frame: bytes) -> None:
        if self.room is not None and self.connection is not None and self.wire.closed is None:
            self.room.receive(self.connection, frame)

    def write(self) -> None:
        updates: list[bytes] = []
        subscription = self.doc.observe(lambda event: updates.append(event.update))
        self.written += 1
        self.text.insert(0, self.word(self.written))
        self.doc.unobserve(subscription)
        self.say(sync_frame(SyncStep.UPDATE, updates[0]))
        self.say(acknowledge_frame(var_uint(self.written)))

    def read(self) -> None:
        messages, self.wire.messages = self.wire.messages, []
        for raw in messages:
            (message,) = decode_frame(raw)
            if message.type is MessageType.ACKNOWLEDGE:
                self.acknowledged = max(self.acknowledged, Reader(message.payload).var_uint())
            elif message.type is MessageType.SYNC and message.step is SyncStep.STEP1:
                self.say(sync_frame(SyncStep.STEP2, self.doc.get_update(message.payload)))
                self.say(acknowledge_frame(var_uint(self.written)))
            elif message.type is MessageType.SYNC:
                self.doc.apply_update(message.payload)


class RoomLife(RuleBasedStateMachine):
    """Rules are what people, time and the machine do; between them the event loop runs until nothing is left to do."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        embed(Path(self.folder.name))
        self.authors = [Author(number) for number in range(PEOPLE)]
        self.locker: sqlite3.Connection | None = None
        self.deleted = False
        self.runner.run(self.start())

    async def start(self) -> None:
        self.settings = Settings(
            data_dir=Path(self.folder.name),
            runner_socket=Path(self.folder.name) / "none",
            log_level="error",
            sqlite_synchronous="normal",
            room_idle_seconds=0,
            snapshot_updates=3,
            commit_window_ms=0,
            commit_retries=1,
        )
        self.stack = AsyncExitStack()
        self.running = await self.stack.enter_async_context(application(self.settings))
        self.owner = await self.stack.enter_async_context(self.running.client())
        self.session = (await self.owner.post("/api/sessions", json={"initial_code": ""})).json()
        self.path = f"/api/sessions/{self.session['session_id']}"
        self.hub = self.running.services.hub

    async def settle(self) -> None:
        """Let everything happen that can happen."""
        for _ in range(12):
            await asyncio.sleep(0)
            for author in self.authors:
                author.read()
                if author.wire.closed is not None:
                    self.hang_up(author)
        if self.locker is None:
            for room in self.hub.rooms():
                await room.settled()
        for author in self.authors:
            author.read()

    def hang_up(self, author: Author) -> None:
        if author.room is not None and author.connection is not None:
            self.hub.leave(author.room, author.connection)
        author.room = author.connection = None

    @rule(who=st.integers(0, PEOPLE - 1))
    def join(self, who: int) -> None:
        self.runner.run(self.join_now(self.authors[who]))

    async def join_now(self, author: Author) -> None:
        if author.room is None:
            try:
                room = await self.hub.room(self.session["room_id"])
            except UnknownRoom:
                assert self.deleted
                return
            if not room.is_open:
                self.hub.forget(room)
                return
            author.room, author.wire = room, Wire()
            author.connection = Connection(
                author.person, author.wire, self.hub.limits.connection, wants_control=False
            )
            room.join(author.connection)
            author.say(sync_frame(SyncStep.STEP1, author.doc.get_state()))
        await self.settle()

    @rule(who=st.integers(0, PEOPLE - 1), words=st.integers(1, 4), settle=st.booleans())
    def write(self, who: int, words: int, settle: bool) -> None:
        async def now() -> None:
            for _ in range(words):
                self.authors[who].write()
            if settle:
                await self.settle()

        self.runner.run(now())

    @rule(who=st.integers(0, PEOPLE - 1))
    def leave(self, who: int) -> None:
        async def now() -> None:
            self.hang_up(self.authors[who])
            await self.settle()

        self.runner.run(now())

    @rule()
    def crash(self) -> None:
        """Every room is forgotten, every socket dies; what was under way may or may not have been committed."""

        async def now() -> None:
            services = self.running.services
            watcher = LanguageWatcher(services.database, services.clock)
            self.hub = Hub(
                services.journal,
                self.hub.limits,
                RoomEvents(
                    services.metrics,
                    watcher,
                    Preparer(60, 1000),
                    Teller(services.database, services.clock),
                ),
            )
            watcher.hub = self.hub
            for author in self.authors:
                author.wire.closed, author.room, author.connection = 1006, None, None
            await self.settle()

        self.runner.run(now())

    @precondition(lambda self: not self.deleted and self.locker is None)
    @rule(action=st.sampled_from(("end", "reopen")))
    def end_or_reopen(self, action: str) -> None:
        async def now() -> None:
            await self.owner.post(f"{self.path}/{action}")
            # After a crash the route knows another hub: the newer one learns it from storage, as another process does.
            stored_states = await self.running.services.journal.stored_states(
                [room.key for room in self.hub.rooms()]
            )
            for room in self.hub.rooms():
                room.follow(stored_states.get(room.key))
                if room.closed:
                    self.hub.forget(room)
            await self.settle()

        self.runner.run(now())

    @precondition(lambda self: self.locker is None)
    @rule()
    def stall(self) -> None:
        """Another program takes the file's lock."""
        self.locker = sqlite3.connect(self.settings.sqlite_path, isolation_level=None)
        self.locker.execute("BEGIN IMMEDIATE")

    @precondition(lambda self: self.locker is not None)
    @rule()
    def go_on(self) -> None:
        assert self.locker is not None
        self.locker.execute("ROLLBACK")
        self.locker.close()
        self.locker = None
        self.runner.run(self.settle())

    @precondition(lambda self: self.locker is None)
    @rule(refuse=st.booleans())
    def refuse_or_accept(self, refuse: bool) -> None:
        """The database refuses every entry, or takes them again."""
        with sqlite3.connect(self.settings.sqlite_path) as database:
            database.execute("DROP TRIGGER IF EXISTS refuse")
            if refuse:
                database.execute(
                    "CREATE TRIGGER refuse BEFORE INSERT ON timeline_entries BEGIN SELECT RAISE(ABORT, 'no'); END"
                )
        database.close()
        self.runner.run(asyncio.sleep(0))

    @precondition(lambda self: self.locker is None)
    @rule(who=st.integers(0, PEOPLE - 1))
    def hiccup(self, who: int) -> None:
        """One commit is refused; the next attempt succeeds."""
        self.join(who)
        self.refuse_or_accept(True)
        self.write(who, 2, False)
        self.refuse_or_accept(False)
        self.runner.run(self.settle())

    @invariant()
    def what_people_were_told_is_true(self) -> None:
        kept = self.runner.run(self.kept())
        for author in self.authors:
            for number in range(1, author.acknowledged + 1):
                assert kept.count(author.word(number)) == 1, (
                    f"{author.word(number)} was acknowledged"
                )
            for other in self.authors:
                seen = str(author.text)
                if other is not author:
                    words = [other.word(number) for number in range(1, other.written + 1)]
                    assert all(kept.count(word) == 1 for word in words if word in seen), (
                        "seen, not recorded"
                    )

    async def kept(self) -> str:
        stored = await self.running.services.journal.load(self.session["room_id"])
        assert stored is not None
        document = await Document.load(stored.snapshot, stored.updates)
        return document.text("main.py") or ""

    def teardown(self) -> None:
        if self.locker is not None:
            self.locker.close()
            self.locker = None
        self.runner.run(self.finish())
        self.runner.close()
        self.folder.cleanup()

    async def finish(self) -> None:
        """At last everybody is back: all see one text, with every word once."""
        with sqlite3.connect(self.settings.sqlite_path) as database:
            database.execute("DROP TRIGGER IF EXISTS refuse")
        database.close()
        await self.owner.post(f"{self.path}/reopen")
        for author in self.authors:
            self.hang_up(author)
        await self.settle()
        for _ in range(3):
            for author in self.authors:
                await self.join_now(author)
            await self.settle()
        texts = {str(author.text) for author in self.authors}
        assert len(texts) == 1
        assert texts == {await self.kept()}
        for author in self.authors:
            assert author.acknowledged == author.written
            assert all(
                texts.copy().pop().count(author.word(number)) == 1
                for number in range(1, author.written + 1)
            )
        await self.stack.aclose()


RoomLife.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=20)
test_the_life_of_a_room = RoomLife.TestCase
