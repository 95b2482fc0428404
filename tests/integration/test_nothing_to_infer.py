"""What a candidate receives is the same, message by message, whatever the secret cases are and what comes of them.

`test_private_things.py` searches every byte for what is secret. Here it is what comes, in which order and because of
what: a message more, a place in the queue or another status would tell how many secret cases there are, when they are
tried, or how they ended. The policy of a question may say how many there are, and nothing else.

Milliseconds are not compared: two programs on one processor are felt, and no server can have it otherwise. What a
program is told to wait for, it can.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import httpx2
import pytest
from tests.harness.peer import Peer, connect_peer
from tests.harness.ports import wait_until
from tests.harness.rooms import join
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.wire.codec import MessageType

_BUSY = """\
import time

def twice(n):
    until = time.process_time() + (0.25 if n > 100 else 0)
    while time.process_time() < until:
        pass
    return n * 2

print("ran\\n", end="")  # written at once, or it may arrive in two pieces
"""
_QUESTION: dict[str, Any] = {
    "title": "Twice",
    "statement": "Return twice as much.",
    "kind": "function",
    "languages": ["python"],
    "signature": {
        "function": "twice",
        "parameters": [{"name": "n", "type": "int"}],
        "returns": "int",
    },
    "samples": [{"name": str(n), "input": str(n), "expected": str(2 * n)} for n in (1, 2)],
}
# Long enough for what the candidate does meanwhile: about two seconds of a processor for each program.
_CASES = [{"name": f"c{n}", "input": str(n), "expected": str(2 * n)} for n in range(101, 109)]
_ROUNDS = 2
_NONE: list[dict[str, Any]] = []
_PASS = [{"name": "large", "cases": _CASES}]
_FAIL = [
    {"name": "some", "cases": [each | {"expected": "0"} for each in _CASES[:4]]},
    {"name": "more", "cases": _CASES[4:]},
]
# What is of a session, of an instant or of a clock, and no word about secret cases.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{16}|tests/\w+|j/[\w.-]+")
_NUMBER = re.compile(r"\d+")  # in what is made for reading: how long something took
_MEASURED = ("duration_ms", "memory_kb", "update")  # an update has the number of its client in it


def plain(told: Any) -> Any:
    """Return what was told without ids, instants and what was measured."""
    match told:
        case dict():
            return {
                name: 0 if name in _MEASURED and each is not None else plain(each)
                for name, each in told.items()
            }
        case list():
            return [plain(each) for each in told]
        case str():
            return _ID.sub("id", _INSTANT.sub("then", told))
        case _:
            return told


@dataclass
class Received:
    """What a candidate got: the answers to what they asked, and what came by itself."""

    answers: list[Any] = field(default_factory=list)
    controls: list[Any] = field(default_factory=list)
    updates: list[int] = field(default_factory=list)  # of the document, by their step

    def answered(self, what: str, answer: httpx2.Response) -> None:
        is_json = "json" in answer.headers.get("content-type", "")
        told = answer.json() if is_json else _NUMBER.sub("n", answer.text)
        names = sorted(set(answer.headers) - {"content-length"})  # ids of runs and times vary in it
        self.answers.append((what, answer.status_code, names, plain(told)))

    def came(self, peer: Peer) -> None:
        self.controls = [plain(each) for each in peer.controls]
        self.updates = [
            each.step
            for each in peer.messages
            if each.type is MessageType.SYNC and each.step is not None
        ]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that computes one program at a time: whatever else is tried is in the way."""
    with server_process(tmp_path_factory.mktemp("infer"), runner_slots=1) as process:
        address = f"{process.url}/api/languages"
        wait_until(
            lambda: not any(each["starting"] for each in httpx2.get(address).json()),
            "all languages",
            60,
        )
        yield process


async def interview(
    machine: ServerProcess, secret: list[dict[str, Any]], policy: dict[str, Any]
) -> tuple[Received, dict[str, Any]]:
    """Hold an interview about a question with such secret cases; return what its candidate got, and what came of it."""
    received = Received()
    async with httpx2.AsyncClient(base_url=machine.url, timeout=60) as host:
        body = _QUESTION | {"secret": secret, "policy": policy}
        question = (await host.post("/api/questions", json=body)).json()["question_id"]
        body = {"question_id": question, "initial_code": _BUSY}
        session = (await host.post("/api/sessions", json=body)).json()
        path = f"/api/sessions/{session['session_id']}"
        token = await asyncio.to_thread(join, machine, session)
        room = f"{machine.ws_url}/{session['room_id']}"
        async with (
            httpx2.AsyncClient(
                base_url=machine.url,
                timeout=60,
                # As it is: what is packed, and what is not, goes by a length that milliseconds are in.
                headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"},
            ) as candidate,
            connect_peer(room, control=True, token=token) as peer,
        ):
            await known(host, path)
            await peer.wait_for(lambda: bool(peer.controls_of("clock")))  # it runs since they came
            await act(candidate, peer, path, received)
            tests = await done(host, path)
            received.answered("after", await candidate.get(f"{path}/timeline?limit=1000"))
            await host.post(f"{path}/end")
            await peer.wait_closed()
            received.came(peer)
    return received, tests


async def act(candidate: httpx2.AsyncClient, peer: Peer, path: str, received: Received) -> None:
    """Do what candidates do, while the secret cases are tried behind it."""
    for number in range(_ROUNDS):
        if number:  # else the code is one that was tried
            await peer.wait_acknowledged(await peer.insert(0, f"# {number}\n"))
        for what, body in (
            ("runs?wait=true", {}),
            ("samples?wait=true", {"own": [{"input": "3", "expected": "7"}]}),
            ("runs?wait=true", {"stdin": "x"}),
        ):
            received.answered(what, await candidate.post(f"{path}/{what}", json=body))
        for what in ("", "/problem", "/runs", "/files", "/people", "/timeline?limit=1000"):
            received.answered(what, await candidate.get(path + what))
        for what in ("/tests", "/notes", "/scores", "/export?format=report"):
            received.answered(what, await candidate.get(path + what))
        for what in ("/health", "/health/ready", "/api/languages", "/api/sessions", "/metrics"):
            received.answered(what, await candidate.get(what))
        received.answered("put", await candidate.put(f"{path}/tests", json={"tests": []}))


async def known(host: httpx2.AsyncClient, path: str) -> None:
    """Wait until the timeline has it that the candidate is connected: what follows then has the same numbers."""
    async with asyncio.timeout(20):
        while not (await host.get(f"{path}/timeline?kinds=join")).json():
            await asyncio.sleep(0.05)


async def done(host: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    """Return what came of the secret cases, once all were tried."""
    async with asyncio.timeout(60):
        while True:
            read = dict((await host.get(f"{path}/tests")).json())
            if read["pending"] == 0 and (read["attempts"] or not read["tests"]):
                return read
            await asyncio.sleep(0.2)


def differences(ours: list[Any], theirs: list[Any]) -> list[tuple[Any, Any]]:
    """Return what is not the same, in order: the whole of both would say nothing to a reader."""
    pairs = zip_longest(ours, theirs)
    return [(each, other) for each, other in pairs if each != other]


async def test_a_candidate_receives_the_same_whatever_the_secret_cases_are(
    machine: ServerProcess,
) -> None:
    """And the policy shows how many there are, and nothing else."""
    without, nothing = await interview(machine, _NONE, {"secret_count": False})
    assert nothing["tests"] == []
    assert [each["type"] for each in without.controls].count("samples.ran") == _ROUNDS
    for secret, passes in ((_PASS, True), (_FAIL, False)):
        found, tests = await interview(machine, secret, {"secret_count": False})
        assert len(tests["tests"]) == len(_CASES)
        results = [each["passed"] for each in tests["attempts"][-1]["results"]]
        assert all(results) is passes, "they are tried, and the candidate is told nothing"
        for what in ("answers", "controls", "updates"):
            assert differences(getattr(without, what), getattr(found, what)) == []
    shown, _ = await interview(machine, _FAIL, {"secret_count": True})
    told = differences(without.answers, shown.answers)
    assert {what for (what, *_), _ in told} == {"/problem", "/timeline?limit=1000", "after"}
    for ours, theirs in told:
        assert str(theirs).count(f"'secret_count': {len(_CASES)}") == 1
        hidden = str(theirs).replace(f"'secret_count': {len(_CASES)}", "'secret_count': None")
        assert hidden == str(ours)
    assert shown.controls == without.controls
