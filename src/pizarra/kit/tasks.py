"""Tasks that several wait for, none of whom need stay."""

import asyncio
from typing import Any


def retrieve(task: asyncio.Future[Any]) -> None:
    """Look at what was raised, as a callback: where nobody waits any more, that is no error of the program's."""
    if not task.cancelled():
        task.exception()
