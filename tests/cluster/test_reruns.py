"""A run of an earlier instant is known in every process, by whoever asked for it alone."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import httpx2
from tests.harness.rooms import create, join
from tests.harness.two_rooms import TwoServers


def test_a_rerun_is_read_and_stopped_through_another_process(shared_pair: TwoServers) -> None:
    here, there = shared_pair
    session = create(here, "print('then', flush=True)\nwhile True: pass\n")
    place = f"/api/sessions/{session['session_id']}/runs"
    token = join(here, session, "interviewer", "Olga")
    olga: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token}"}, "timeout": 30}
    started = httpx2.post(f"{here.url}{place}", json={"at": 1}, **olga)
    assert started.status_code in (201, 202), started.text
    run = f"{there.url}{place}/{started.json()['run_id']}"
    end = time.monotonic() + 30
    while (read := httpx2.get(run, **olga)).status_code != 200 or not read.json()["stdout"]:
        assert time.monotonic() < end, read.text
    assert (read.json()["stdout"], read.json()["at"]) == ("then\n", 1)
    assert httpx2.get(run, timeout=30).status_code == 404, "it is hers alone"
    assert httpx2.get(f"{there.url}{place}/{'0' * 32}", **olga).status_code == 404
    stopped = httpx2.post(f"{run}/stop", **olga)
    assert stopped.status_code == 202
    while httpx2.get(run, **olga).json()["status"] != "stopped":
        assert time.monotonic() < end


async def test_whoever_makes_numbers_up_keeps_nobody_from_their_reruns(
    two_servers: TwoServers,
) -> None:
    here, there = two_servers
    session, foreign = create(here, "print('then')\n"), create(here)
    place = f"/api/sessions/{session['session_id']}/runs"
    olga = {"Authorization": f"Bearer {join(here, session, 'interviewer', 'Olga')}"}
    made_up = {"Authorization": f"Bearer {join(here, foreign, name='Mallory')}"}
    none = f"{there.url}/api/sessions/{foreign['session_id']}/runs"
    async with httpx2.AsyncClient(timeout=30) as client:
        started = await client.post(f"{here.url}{place}?wait=true", json={"at": 1}, headers=olga)
        run = f"{there.url}{place}/{started.json()['run_id']}"
        asked = [client.get(f"{none}/{uuid4().hex}", headers=made_up) for _ in range(60)]
        flood = asyncio.gather(*asked)
        read = set()
        while not flood.done():
            read.add((await client.get(run, headers=olga)).status_code)
        assert {each.status_code for each in await flood} == {404}
    assert read == {200}
