"""The bus between the processes that serve a database, as the application sees it: one of two implementations."""

from collections.abc import Callable
from typing import Protocol

from pizarra.collab.bus import Bus

# told what another process published: its id, the kind, the subject, the payload
OnMessage = Callable[[str, str, str, bytes], None]
# told what became of a message: `published`, `dropped`, `received`, or `refused`
Count = Callable[[str], None]

# between two messages of a process to the others: of a busy one things are seen half of that later there, in the mean,
# and of a quiet one at once
APART_SECONDS = 0.02


class ClusterBus(Bus, Protocol):
    """Asks for nothing to be kept, and nothing that holds rests on it: where nothing arrives, rooms look themselves."""

    on_message: OnMessage
    on_open: Callable[[], None]  # it is there, perhaps again: what was published meanwhile is lost

    @property
    def kind(self) -> str:
        """What carries it."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether there is a way to the others."""
        ...

    def reaches(self, node: str) -> bool:
        """Tell whether a process lives, and there is a way to it."""
        ...

    async def work(self) -> None:
        """Listen until cancelled, again and again."""
        ...
