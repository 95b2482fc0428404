"""A window that is dragged: sizes are recorded first, at most so often, and the last one counts. Time is moved."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from tests.harness.fleet import Fleet, request
from tests.harness.moved_time import in_moved_time

from pizarra.collab.journal import EventEntry, JournalError
from pizarra.config import Settings
from pizarra.errors import Conflict
from pizarra.execution.live_runs import LiveRun
from pizarra.execution.recording import RunRecorder
from pizarra.execution.sizes import Resizer
from pizarra.sandbox.outcome import TerminalSize
from pizarra.sandbox.runner.protocol import Resize


class Log:
    """A log that keeps sizes, or refuses them."""

    def __init__(self) -> None:
        self.columns: list[int] = []
        self.is_closed = False

    async def append(
        self, _key: int, _epoch: str, batch: Sequence[EventEntry], **_more: bool
    ) -> int:
        """Keep a size."""
        if self.is_closed:
            raise JournalError
        self.columns += [each.told.to_data()["columns"] for each in batch]
        return len(self.columns)


class Stage:
    """A run on a worker's terminal."""

    def __init__(self, **settings: Any) -> None:
        nothing: Any = None
        hub: Any = SimpleNamespace(loaded=lambda _room_id: None)
        self.log, self.fleet = Log(), Fleet("worker")
        self.fleet.client.submit(request("r", terminal=TerminalSize()))
        recorder = RunRecorder(nothing, self.log, hub, nothing)  # type: ignore[arg-type]
        self.resizer = Resizer(Settings(**settings), recorder, self.fleet.client)
        self.live = LiveRun("r", 1, "room", "e", None, address="", share=1, on_terminal=True)

    def ask(self, columns: int) -> None:
        """Ask for a size."""
        self.resizer.resize(self.live, TerminalSize(columns=columns))

    def told(self) -> list[int]:
        """Return which sizes the worker was told."""
        return [each.size.columns for each in self.fleet.told["worker"] if isinstance(each, Resize)]


@pytest.mark.parametrize(
    ("every", "changes"), [(0.2, [80, 89, 99, 109, 119]), (0.5, [80, 104, 119])]
)
def test_it_changes_at_most_so_often_and_ends_as_it_was_left(
    every: float, changes: list[int]
) -> None:
    async def story() -> None:
        stage = Stage(run_resize_seconds=every)
        for columns in range(80, 120):  # for 0.8 s, fifty times a second
            stage.ask(columns)
            await asyncio.sleep(0.02)
        await asyncio.sleep(1)
        assert stage.told() == stage.log.columns, "what is not recorded does not happen"
        assert len(stage.told()) == len(changes)
        for told, wanted in zip(stage.told(), changes, strict=True):
            assert abs(told - wanted) <= 1
        assert stage.told()[-1] == 119

    in_moved_time(story())


def test_it_changes_so_often_in_a_run_and_no_more() -> None:
    async def story() -> None:
        stage = Stage(max_run_resizes=3)
        for columns in (80, 90, 100):
            stage.ask(columns)
            await asyncio.sleep(1)
        with pytest.raises(Conflict, match="A terminal changes its size 3 times in a run"):
            stage.ask(110)
        await asyncio.sleep(1)
        assert stage.told() == [80, 90, 100]

    in_moved_time(story())


def test_a_size_that_cannot_be_recorded_is_told_to_nobody_and_the_next_one_is_tried() -> None:
    async def story() -> None:
        stage = Stage()
        stage.log.is_closed = True
        stage.ask(80)
        await asyncio.sleep(1)
        assert stage.told() == []
        stage.log.is_closed = False
        stage.ask(90)
        await asyncio.sleep(1)
        assert stage.told() == stage.log.columns == [90]

    in_moved_time(story())


def test_after_the_end_nothing_changes() -> None:
    async def story() -> None:
        stage = Stage()
        stage.ask(80)
        await asyncio.sleep(0.1)
        stage.ask(90)
        stage.live.ended.set()
        await asyncio.sleep(1)
        assert stage.told() == [80]

    in_moved_time(story())
