"""A run of an earlier instant is known in every process, by whoever asked for it alone."""

import time
from typing import Any

import httpx2
from tests.harness.rooms import create, join
from tests.harness.two_rooms import TwoServers


def test_a_rerun_is_read_and_stopped_through_another_process(two_servers: TwoServers) -> None:
    here, there = two_servers
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
