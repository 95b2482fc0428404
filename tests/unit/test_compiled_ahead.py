"""What is compiled ahead of time, and how often: a compiler that is started each time is not free."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
from pycrdt import Doc, Map, Text
from tests.harness.core import ANA, HeldLog, connect, limits, stored
from tests.harness.moved_time import in_moved_time

from pizarra.collab.hub import Hub
from pizarra.collab.journal import StoredDocument, StoredUpdate
from pizarra.collab.observer import RoomObserver
from pizarra.collab.room import Room
from pizarra.composition import build_preparer
from pizarra.config import Settings
from pizarra.sandbox.languages import languages
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.protocol import Prepare

ROOM = "r" * 32
QUIET, OFTEN = 0.9, 6.0  # not as the settings are by themselves


class Storage(HeldLog):
    """A log that has a program."""

    def __init__(self, language: str) -> None:
        super().__init__()
        doc: Doc[Any] = Doc(client_id=1)
        doc.get("settings", type=Map)["language"] = language
        main = languages()[language].main
        doc.get("files", type=Map)[main] = {"language": language}
        doc.get(f"file:{main}", type=Text).insert(0, "x")
        self._update = doc.get_update()

    async def load(self, _room_id: str) -> StoredDocument | None:
        """Return it."""
        return stored(head=1, updates=(StoredUpdate(None, self._update),))


class Quiet:
    """Hears what rooms tell the program around them, and does nothing."""

    def __getattr__(self, _name: str) -> Any:
        return lambda _room: None


class Runner:
    """The runner's end: takes the time of each program that it is sent."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def prepare(self, request: Prepare) -> None:
        """Take a program."""
        assert request.files
        self.asked.append(asyncio.get_running_loop().time())

    def cancel_prepare(self, _prepare_id: str) -> None:
        """It is out of date."""


async def asked_while(language: str, pauses: Sequence[float]) -> list[float]:
    """Edit a program with pauses between; return when, from the first edit on, it was sent to be compiled."""
    hub = Hub(Storage(language).journal, limits(), cast("RoomObserver[Room]", Quiet()))
    room: Room = await hub.room(ROOM)
    assert room.join(connect(ANA)[0])
    often = Settings(prepare_seconds=QUIET, prepare_command_seconds=OFTEN)
    runner, preparer = Runner(), build_preparer(often)
    preparer.attach(hub, cast("RunnerClient", runner))
    begun = asyncio.get_running_loop().time()
    for pause in pauses:
        preparer.edited(room)
        await asyncio.sleep(pause)
    await asyncio.sleep(2 * OFTEN)
    return [round(at - begun, 1) for at in runner.asked]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        # five pauses of two seconds: C++ when the first ends, then every six seconds, and what is there at last
        ("cpp", [0.9, 6.9, 12.9]),
        ("java", [0.9, 2.9, 4.9, 6.9, 8.9]),
        ("python", []),
    ],
)
def test_what_starts_a_compiler_is_compiled_ahead_now_and_then(
    language: str, expected: list[float]
) -> None:
    async def story() -> None:
        assert await asked_while(language, [2.0] * 5) == expected
        # who types without a pause has nothing compiled
        assert await asked_while(language, [0.5] * 10) == ([5.4] if expected else [])

    in_moved_time(story())
