"""Acked ⇒ durable: what was acknowledged is there after `kill -9`, in the log and in a fresh load."""

import asyncio
import os
import threading
from pathlib import Path

import pytest
from tests.harness.application import application
from tests.harness.entries import event
from tests.harness.peer import connect_peer
from tests.harness.server import ServerProcess

from pizarra.collab.journal import JournalUnavailable
from pizarra.config import Settings


async def test_an_acknowledgement_covers_everything_sent_before(
    server: ServerProcess, url: str
) -> None:
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

    settings = Settings(data_dir=tmp_path, runner_socket=runner_socket)
    async with application(settings) as running, running.client() as owner:
        session = (await owner.post("/api/sessions")).json()
        monkeypatch.setattr(os, "fdatasync", slow_disk)
        journal = running.services.journal
        document = await journal.load(session["room_id"])
        assert document is not None
        appending = asyncio.ensure_future(
            journal.append(document.key, document.epoch, [event("note", None)])
        )
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

    async with application(Settings(data_dir=tmp_path, runner_socket=runner_socket)) as running:
        async with running.client() as owner:
            session = (await owner.post("/api/sessions")).json()
        monkeypatch.setattr(os, "fdatasync", broken_disk)
        journal = running.services.journal
        document = await journal.load(session["room_id"])
        assert document is not None
        with pytest.raises(JournalUnavailable):
            await journal.append(document.key, document.epoch, [event("note", None)])


async def test_a_new_session_is_told_of_once_it_is_on_the_disk(
    tmp_path: Path, runner_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk_answers = threading.Event()

    def slow_disk(_descriptor: int) -> None:
        assert disk_answers.wait(5)

    settings = Settings(data_dir=tmp_path, runner_socket=runner_socket)
    async with application(settings) as running, running.client() as owner:
        monkeypatch.setattr(os, "fdatasync", slow_disk)
        creating = [asyncio.ensure_future(owner.post("/api/sessions")) for _ in range(5)]
        async with asyncio.timeout(5):
            while len((await owner.get("/api/sessions")).json()) < len(creating):
                await asyncio.sleep(0)
        assert not any(each.done() for each in creating)
        disk_answers.set()
        assert {(await each).status_code for each in creating} == {201}


async def test_a_session_that_the_disk_refuses_is_not_told_of(
    tmp_path: Path, runner_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_disk(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    settings = Settings(data_dir=tmp_path, runner_socket=runner_socket)
    async with application(settings) as running, running.client() as owner:
        monkeypatch.setattr(os, "fdatasync", broken_disk)
        refused = await owner.post("/api/sessions")
        assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
        assert "Look whether it was done" in refused.json()["detail"]
        monkeypatch.undo()
        assert (await owner.post("/api/sessions")).status_code == 201
