"""What the timeline was not told of an absence is not taken for told: it is said again, with the right time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from pizarra.collab.journal import EventEntry, JournalUnavailable
from pizarra.integrity_events.absence import Absences
from pizarra.timeline.append.appender import Appended


class Window:
    """A window of somebody's."""

    person = SimpleNamespace(key=7, public_id="0" * 32, name="Zoë")


class Disk:
    """Storage that may be away."""

    def __init__(self) -> None:
        self.away = False
        self.entries: list[dict[str, Any]] = []

    async def append_dated(
        self, _key: int, _epoch: int, entries: Sequence[EventEntry], *, require_open: bool
    ) -> Appended:
        """Keep entries, if it is there."""
        if self.away:
            raise JournalUnavailable
        self.entries += [dict(entry.told.to_data(), must_be_open=require_open) for entry in entries]
        return Appended(len(self.entries), 0)


async def test_an_absence_begins_and_ends_when_it_is_recorded() -> None:
    disk, now = Disk(), datetime(2026, 11, 28, tzinfo=UTC)
    told: list[str] = []
    room: Any = SimpleNamespace(
        key=1, epoch=1, room_id="r", broadcast=SimpleNamespace(tell=told.append)
    )
    window: Any = Window()
    absences = Absences(disk, lambda: now)  # type: ignore[arg-type]
    absences.arrive(room, window, None)

    async def note(*, away: bool) -> None:
        await absences.note(room, window, away=away)

    disk.away = True
    with pytest.raises(JournalUnavailable):
        await note(away=True)
    disk.away = False
    await note(away=False)  # nothing began that could end
    assert disk.entries == []
    await note(away=True)
    now += timedelta(seconds=30)
    disk.away = True
    with pytest.raises(JournalUnavailable):
        await note(away=False)
    disk.away = False
    now += timedelta(seconds=10)
    await note(away=False)  # the page says it again
    assert [(each["away"], each["seconds"], each["must_be_open"]) for each in disk.entries] == [
        (True, None, True),
        (False, 40, False),
    ]
    assert len(told) == 2
