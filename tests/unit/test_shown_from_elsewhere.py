"""What a process does with entries that another recorded."""

from typing import Any, cast

import pytest

from pizarra.collab.journal import StoredEvent
from pizarra.collab.room import Room
from pizarra.kit.clock import utc_now
from pizarra.realtime.from_elsewhere import Teller
from pizarra.timeline.entries.shared import Locked, Removed, RoleChanged, Said, SessionEnded


class Heard:
    """A room's people, who hear everything."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.broadcast = self

    def tell(self, message: bytes) -> None:
        """Hear something."""
        self.messages.append(message)


@pytest.mark.parametrize(
    ("kind", "data", "looks"),
    [
        (Locked.kind, {"editing": True, "running": False}, 1),
        (RoleChanged.kind, {"participant_id": "a" * 32, "role": "observer"}, 1),
        (Removed.kind, {"participant_id": "a" * 32}, 1),
        (SessionEnded.kind, {}, 1),
        (Said.kind, {"text": "hola"}, 0),
    ],
)
def test_who_may_be_here_is_looked_at_when_another_process_changed_it(
    kind: str, data: dict[str, Any], looks: int
) -> None:
    looked: list[None] = []
    teller, heard = Teller(cast("Any", None), utc_now), Heard()
    teller.on_rights = lambda: looked.append(None)
    entry = StoredEvent(7, utc_now(), kind, 1, "b" * 32, "Ana", data)
    teller.tell(cast("Room", heard), [entry])
    assert len(looked) == looks
