"""Loading a long history leaves the event loop to others."""

import asyncio
import time
from typing import Any

from pycrdt import Doc, Text

from pizarra.collab.journal import StoredUpdate
from pizarra.collab.state.document import Document


async def test_a_long_history_is_loaded_in_turns() -> None:
    doc: Doc[Any] = Doc()
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    text = doc.get("file:main.py", type=Text)
    for index in range(20_000):
        text.insert(index, "x")
    doc.unobserve(subscription)
    turns = 0
    loading = asyncio.ensure_future(
        Document.load(None, [StoredUpdate(None, update) for update in updates])
    )
    started = time.perf_counter()
    while not loading.done():
        await asyncio.sleep(0)
        turns += 1
    whole = time.perf_counter() - started
    assert turns >= 20, f"others had {turns} turns in {whole:.3f} s"
    assert sum(loading.result().clocks().values()) == 20_000
