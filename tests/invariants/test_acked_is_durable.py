"""Acked ⇒ durable: what was acknowledged is there after `kill -9`, in the log and in a fresh load."""

import asyncio
import os
import threading
from pathlib import Path

import pytest
from tests.harness.application import application
from tests.harness.peer import connect_peer
from tests.harness.server import ServerProcess

from pizarra.collab.journal import Entry, JournalUnavailable
from pizarra.config import Settings


async def test_an_acknowledgement_covers_everything_sent_before(server: ServerProcess, url: str) -> None:
    async with connect_peer(url) as ann:
        last = 0
        for index in range(200):
            last = await ann.insert(5 + index, "x")
        await ann.wait_acknowledged(last)
        server.kill()
        server.start()
    async with connect_peer(url) as bob:
        assert str(bob.text) == "hello" + "x" * 200


async def test_nothing_is_acknowledged_before_it_is_on_the_disk(
    tmp_path: Path, runner_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit survives `kill -9`; a power cut it survives once the write-ahead log was synced."""
    disk_answers = threading.Event()
    synced = []

    def slow_disk(descriptor: int) -> None:
        assert disk_answers.wait(5)
        synced.append(descriptor)

    monkeypatch.setattr(os, "fdatasync", slow_disk)
    settings = Settings(data_dir=tmp_path, runner_socket=runner_socket)
    async with application(settings) as running, running.client() as owner:
        session = (await owner.post("/api/sessions")).json()
        journal = running.services.journal
        document = await journal.load(session["room_id"])
        assert document is not None
        appending = asyncio.ensure_future(journal.append(document.key, document.epoch, [Entry("note", None)]))
        timeline = f"/api/sessions/{session['session_id']}/timeline"
        async with asyncio.timeout(5):
            while "note" not in [entry["kind"] for entry in (await owner.get(timeline)).json()]:
                await asyncio.sleep(0)
        assert not appending.done()
        disk_answers.set()
        await appending
        assert synced


async def test_a_disk_that_refuses_acknowledges_nothing(
    tmp_path: Path, runner_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_disk(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken_disk)
    async with application(Settings(data_dir=tmp_path, runner_socket=runner_socket)) as running:
        async with running.client() as owner:
            session = (await owner.post("/api/sessions")).json()
        journal = running.services.journal
        document = await journal.load(session["room_id"])
        assert document is not None
        with pytest.raises(JournalUnavailable):
            await journal.append(document.key, document.epoch, [Entry("note", None)])
