"""Tests of a session's program: tried on every run in the background, for interviewers' eyes only."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert, select
from tests.harness.application import Application
from tests.harness.peer import Peer, connect_peer
from tests.harness.ports import wait_until
from tests.harness.rooms import create, join, url_of
from tests.harness.server import ServerProcess
from tests.integration.test_export import export, members

from pizarra.config import Settings
from pizarra.models import InterviewSession, PrivateEntry, Run


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """A shorter limit where it is to be reached, so that it does not take long."""
    reached = request.node.get_closest_marker("never_ends") is not None
    return settings.model_copy(update={"test_seconds": 0.5} if reached else {})


_PASSED = {"passed": True, "status": "exited", "duration_ms": 1}
SUITE = [
    {
        "name": "two",
        "stdin": "2\n",
        "expected": "s3cret 4",
        "compare": "text",
        "tolerance": 1e-6,
        "by_question": False,
    },
    {
        "name": "zero",
        "stdin": "0\n",
        "expected": "s3cret 1\n",
        "compare": "tokens",
        "tolerance": 1e-6,
        "by_question": False,
    },
]
ALWAYS_DOUBLE = "print('s3cret', int(input()) * 2)\n"


def address_of(server: ServerProcess, session: dict[str, Any]) -> str:
    return f"{server.url}/api/sessions/{session['session_id']}/tests"


async def tried(
    address: str,
    *,
    client: httpx2.AsyncClient | None = None,
    enough: Callable[[dict[str, Any]], bool] = lambda read: bool(read["attempts"]),
) -> dict[str, Any]:
    """Return what came of the tests, once nothing is pending and there is enough."""
    until = time.monotonic() + 30
    while True:
        answer = await (
            client.get(address) if client is not None else asyncio.to_thread(httpx2.get, address)
        )
        read = dict(answer.json())
        if read["pending"] == 0 and enough(read):
            return read
        assert time.monotonic() < until, read
        await asyncio.sleep(0.1)


def passed(read: dict[str, Any]) -> dict[int, list[bool]]:
    return {
        each["at"]: [result["passed"] for result in each["results"]] for each in read["attempts"]
    }


async def run(peer: Peer, address: str) -> int:
    """Run the program to its end; return the instant whose code it was."""
    before = len(peer.controls_of("run.ended"))
    await peer.control(type="run.start", stdin="1\n")
    await peer.wait_for(lambda: len(peer.controls_of("run.ended")) > before, 20)
    run_id = peer.controls_of("run.started")[-1]["run"]["run_id"]
    return int(httpx2.get(address.replace("/tests", f"/runs/{run_id}")).json()["at"])


async def test_every_run_is_tried_and_candidates_hear_nothing(shared_server: ServerProcess) -> None:
    session = create(shared_server, ALWAYS_DOUBLE)
    address = address_of(shared_server, session)
    timeline = address.replace("/tests", "/timeline")
    token = join(shared_server, session)
    async with (
        connect_peer(url_of(shared_server, session), control=True) as host,
        connect_peer(url_of(shared_server, session), control=True, token=token) as zoe,
    ):
        first = await run(zoe, address)  # before there are any tests
        before = httpx2.get(timeline).json()
        answer = httpx2.put(address, json={"tests": SUITE})
        assert (answer.status_code, answer.json()["pending"]) == (200, 1)
        assert answer.json()["tests"] == SUITE
        read = await tried(address)
        assert passed(read) == {first: [True, False]}
        assert [each["got"] for each in read["attempts"][0]["results"]] == [
            None,
            "s3cret 0\n",
        ]  # what a test failed on
        assert read["attempts"][0]["time"] == before[first - 1]["at"]
        assert httpx2.get(timeline).json() == before  # it leaves no trace
        await zoe.edit(lambda text: text.clear())
        await zoe.insert(0, "n = int(input())\nprint('s3cret', n * 2 if n else 1)\n")
        second = await run(zoe, address)
        read = await tried(address, enough=lambda read: len(read["attempts"]) == 2)
        assert passed(read) == {first: [True, False], second: [True, True]}
        await host.wait_for(lambda: len(host.controls_of("note.added")) == 3)
        kinds = [
            (each["entry"]["kind"], each["entry"]["data"]["anchor"])
            for each in host.controls_of("note.added")
        ]
        assert kinds[1:] == [("test.result", first), ("test.result", second)]
        assert zoe.controls_of("note.added") == []
        mine = {"authorization": f"Bearer {token}"}
        assert httpx2.get(address, headers=mine).status_code == 403
        assert httpx2.put(address, headers=mine, json={"tests": []}).status_code == 403
    httpx2.post(address.replace("/tests", "/end"))
    read = await tried(address, enough=lambda read: len(read["attempts"]) > 2)
    assert list(passed(read).values())[-1] == [True, True]
    assert '"test.result"' in members(export(shared_server, session))["notes.jsonl"]
    report = members(export(shared_server, session))["report.html"]
    assert "<tr><td>two</td><td>first passed at 0:0" in report
    assert "passes at the end" in report
    for content in members(export(shared_server, session, token)).values():
        assert "test.result" not in content
        assert '"expected"' not in content


async def test_other_tests_begin_anew_and_none_end_it(shared_server: ServerProcess) -> None:
    session = create(shared_server, ALWAYS_DOUBLE)
    address = address_of(shared_server, session)
    httpx2.post(address.replace("/tests", "/runs?wait=true"), json={"stdin": "1\n"})
    httpx2.put(address, json={"tests": SUITE})
    assert list(passed(await tried(address)).values()) == [[True, False]]
    httpx2.put(address, json={"tests": SUITE[1:]})
    assert list(passed(await tried(address)).values()) == [[False]]
    none: dict[str, Any] = {
        "of": None,
        "tests": [],
        "attempts": [],
        "pending": 0,
        "problem": None,
        "note": None,
        "others": [],
    }
    assert httpx2.put(address, json={"tests": []}).json() == none
    assert httpx2.get(address).json()["of"] is None


@pytest.mark.parametrize(
    ("code", "status"),
    [
        # one that never ends: below
        ("input(\n", "exited"),
        ("raise SystemExit(3)\n", "exited"),
    ],
)
async def test_a_program_that_ends_badly_passes_nothing(
    shared_server: ServerProcess, code: str, status: str
) -> None:
    session = create(shared_server, code)
    address = address_of(shared_server, session)
    httpx2.put(address, json={"tests": [{"expected": ""}]})
    httpx2.post(address.replace("/tests", "/end"))
    read = await tried(address)
    assert [(each["passed"], each["status"]) for each in read["attempts"][-1]["results"]] == [
        (False, status)
    ]


async def test_what_a_failed_test_printed_is_kept_as_far_as_the_limit(
    running: Application, client: httpx2.AsyncClient
) -> None:
    code = "import sys\nprint('é' * 9000)\nprint('x' * 9000, file=sys.stderr)\nraise SystemExit('no ñ')\n"
    session = (await client.post("/api/sessions", json={"initial_code": code})).json()
    address = f"/api/sessions/{session['session_id']}/tests"
    await client.put(address, json={"tests": [{"expected": "e"}]})
    await client.post(f"/api/sessions/{session['session_id']}/end")
    (result,) = (await tried(address, client=client))["attempts"][-1]["results"]
    kept = running.services.settings.max_test_output_bytes // 2
    assert (result["got"], result["got_more"], result["exit_code"]) == ("é" * kept, 9001 - kept, 1)
    assert result["complaint"].endswith("xx\nno ñ\n")
    assert len(result["complaint"].encode()) == running.services.settings.max_test_output_bytes


@pytest.mark.never_ends
async def test_a_program_that_never_ends_is_not_waited_for_twenty_times(
    running: Application, client: httpx2.AsyncClient
) -> None:
    session = (
        await client.post("/api/sessions", json={"initial_code": "while True: pass\n"})
    ).json()
    address = f"/api/sessions/{session['session_id']}/tests"
    await client.put(address, json={"tests": [{"expected": str(number)} for number in range(5)]})
    await client.post(f"/api/sessions/{session['session_id']}/end")
    read = await tried(address, client=client)
    assert [each["status"] for each in read["attempts"][-1]["results"]] == ["timeout"] * 3 + [
        "not_tried"
    ] * 2


async def test_tests_that_a_server_left_untried_are_taken_up_by_the_next(
    server: ServerProcess,
) -> None:
    """By itself: nobody has to look at them."""
    session = create(server, "import time\ntime.sleep(1)\nprint(4)\n")
    httpx2.put(address_of(server, session), json={"tests": [{"expected": "4"}] * 2})
    httpx2.post(address_of(server, session).replace("/tests", "/end"))
    server.kill()
    server.start()
    log = address_of(server, session).replace("/tests", "/notes")
    await asyncio.to_thread(wait_until, lambda: "test.result" in httpx2.get(log).text, "the tests")
    (result,) = [each for each in httpx2.get(log).json() if each["kind"] == "test.result"]
    assert [each["passed"] for each in result["data"]["results"]] == [True, True]


async def test_a_file_that_is_not_there_passes_nothing(
    running: Application, client: httpx2.AsyncClient
) -> None:
    session = (await client.post("/api/sessions", json={"language": "python"})).json()
    address = f"/api/sessions/{session['session_id']}/tests"
    # Somebody's archive may hold runs of a file that no instant has.
    await client.post(f"/api/sessions/{session['session_id']}/runs?wait=true")
    async with running.services.database.write() as db:
        for each in await db.scalars(select(Run)):
            each.path = "nowhere.py"
    await client.put(address, json={"tests": [{"expected": ""}]})
    read = await tried(address, client=client)
    assert [each["status"] for each in read["attempts"][0]["results"]] == ["no_file"]


async def test_every_secret_case_of_a_question_is_tried(
    running: Application, client: httpx2.AsyncClient
) -> None:
    """However many a session may have of its own: that the first twenty pass says nothing about the rest."""
    settings, many = running.services.settings, 25
    assert many > settings.max_tests
    question = {
        "title": "Double it",
        "statement": "Print it twice.",
        "languages": ["python"],
        "starters": {"python": "n = int(input())\nprint('x' * 2000 if n == 24 else n * 2)\n"},
        "secret": [
            {
                "name": "all",
                "cases": [{"input": f"{n}\n", "expected": f"{n * 2}\n"} for n in range(many)],
            }
        ],
    }
    made = (await client.post("/api/questions", json=question)).json()
    session = (await client.post("/api/sessions", json={"question_id": made["question_id"]})).json()
    path = f"/api/sessions/{session['session_id']}"
    await client.post(f"{path}/runs?wait=true", json={"stdin": "1\n"})
    read = await tried(f"{path}/tests", client=client)
    assert [each["stdin"] for each in read["tests"]] == [f"{n}\n" for n in range(many)]
    results = read["attempts"][-1]["results"]
    assert [each["passed"] for each in results] == [True] * 24 + [False]
    # of more tests than usual no more is kept together
    kept = settings.max_test_output_bytes * settings.max_tests // many
    assert (len(results[24]["got"]), results[24]["got_more"]) == (kept, 2001 - kept)
    # An interviewer adds to them, as many as a session may have, and no more.
    own = [{"expected": "48\n", "stdin": "24\n"}] * settings.max_tests
    assert (
        await client.put(f"{path}/tests", json={"tests": read["tests"] + own})
    ).status_code == 200
    for tests, bound in (
        (read["tests"] + own * 2, settings.max_tests),
        (read["tests"] * 9, settings.max_question_cases),
    ):
        answer = await client.put(f"{path}/tests", json={"tests": tests})
        assert (answer.status_code, answer.json()["code"]) == (409, "too_many_tests")
        assert f"at most {bound}" in answer.json()["detail"]


async def test_limits(running: Application, client: httpx2.AsyncClient) -> None:
    session = (await client.post("/api/sessions")).json()
    address, settings = f"/api/sessions/{session['session_id']}/tests", running.services.settings
    answer = await client.put(
        address, json={"tests": [{"expected": "x"}] * (settings.max_tests + 1)}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_tests")
    assert f"at most {settings.max_tests}" in answer.json()["detail"]
    answer = await client.put(
        address, json={"tests": [{"expected": "é" * (settings.max_test_bytes // 2 + 1)}]}
    )
    assert answer.status_code == 409
    assert f"{settings.max_test_bytes:,} bytes" in answer.json()["detail"]
    assert (await client.get(address)).json()["tests"] == []


@pytest.mark.odd_entries
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"tests": "none"},
        {"tests": [{"expected": 3}]},
        {"tests": [{"expected": "x", "more": "y"}]},
        {"tests": [{"expected": "x"}] * 3},
    ],
)
async def test_what_an_archive_says_of_tests_is_not_believed(
    running: Application, client: httpx2.AsyncClient, data: dict[str, Any]
) -> None:
    session = (await client.post("/api/sessions")).json()
    await client.post(
        f"/api/sessions/{session['session_id']}/notes", json={"text": "so that there is an author"}
    )
    async with running.services.database.write() as db:
        row = await db.scalar(select(InterviewSession))
        assert row is not None
        author = await db.scalar(select(PrivateEntry.participant_id))
        common = {"session_id": row.id, "at": row.created_at, "participant_id": author, "anchor": 1}
        entries = [
            {**common, "seq": 2, "kind": "tests", "data": data},
            {**common, "seq": 3, "kind": "test.result", "data": {}},
            {
                **common,
                "seq": 4,
                "kind": "test.result",
                "data": {"of": 2, "results": [{"passed": True}]},
            },
            {**common, "seq": 5, "kind": "test.result", "data": {"results": [_PASSED] * 3}},
            {**common, "seq": 6, "kind": "of.a.newer.version", "data": {}},
        ]
        row.private_head = 6
        await db.execute(insert(PrivateEntry), entries)
    answer = await client.get(f"/api/sessions/{session['session_id']}/tests")
    assert answer.status_code == 200
    assert answer.json()["attempts"] == []
    # What this version does not know is passed on.
    log = (await client.get(f"/api/sessions/{session['session_id']}/notes")).json()
    assert [each["seq"] for each in log] == [1, 2, 3, 4, 5, 6]
    report = await client.get(
        f"/api/sessions/{session['session_id']}/export", params={"format": "report"}
    )
    assert report.status_code == 200
