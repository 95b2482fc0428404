"""`kill -9` while a real program is being typed: what was acknowledged is there, nothing is there twice.

Longer: `PIZARRA_TEST_KILLS=100 .venv/bin/python -m pytest tests/integration/test_kill.py`.
"""

import asyncio
import os
import random

import httpx2
import websockets
from tests.harness.server import ServerProcess
from tests.harness.typist import Typist, load_trace

KILLS = int(os.environ.get("PIZARRA_TEST_KILLS", "3"))
EDITS = 3_000 if KILLS <= 3 else None  # of the 18,335 in the recording; a campaign types them all


async def test_a_typed_program_survives_kills_at_random_moments(server: ServerProcess) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    trace = load_trace(EDITS)
    session = httpx2.post(f"{server.url}/api/sessions", json={"initial_code": trace.start}).json()
    file = f"{server.url}/api/sessions/{session['session_id']}/files/main.py"
    url = f"{server.ws_url}/{session['room_id']}"
    typist = Typist(trace)
    stops = sorted(moments.sample(range(1, len(trace.transactions)), KILLS))
    for stop in stops:
        typing = asyncio.create_task(typist.type_until(url, len(trace.transactions)))
        while typist.typed < stop and not typing.done():
            await asyncio.sleep(0)
        server.kill()
        outcome = (await asyncio.gather(typing, return_exceptions=True))[0]
        assert isinstance(outcome, OSError | websockets.WebSocketException), outcome
        await asyncio.to_thread(server.start)
        # The author is away: what the server has now is what it had committed.
        kept = httpx2.get(file).text
        possible = {text for _, text in typist.pending}
        assert kept in possible, f"acknowledged {typist.acknowledged}, typed {typist.typed}"
    await typist.type_until(url, len(trace.transactions))
    assert httpx2.get(file).text == trace.end
    server.kill()
    await asyncio.to_thread(server.start)
    assert httpx2.get(file).text == trace.end
    entries = httpx2.get(
        f"{server.url}/api/sessions/{session['session_id']}/timeline", params={"limit": 1000}
    ).json()
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
