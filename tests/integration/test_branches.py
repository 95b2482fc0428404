"""Follow-up questions: begin with the code of any instant, come back, and find both on one timeline."""

import asyncio
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from tests.harness.application import Application
from tests.harness.entries import event
from tests.harness.peer import Peer, connect_peer
from tests.harness.ports import wait_until
from tests.harness.rooms import join, url_of
from tests.harness.server import ServerProcess

from pizarra.models import InterviewSession


class Interview:
    """A session as its host uses it over HTTP."""

    def __init__(self, server: ServerProcess, **body: Any) -> None:
        self.session = dict(httpx2.post(f"{server.url}/api/sessions", json=body).json())
        self.path = f"{server.url}/api/sessions/{self.session['session_id']}"

    def branch(self, name: str = "What if?", at: int | None = None) -> httpx2.Response:
        return httpx2.post(f"{self.path}/branches", json={"name": name, "at": at})

    def resume(self, branch_id: int) -> httpx2.Response:
        return httpx2.post(f"{self.path}/branches/{branch_id}/resume")

    def files(self, at: int | None = None) -> dict[str, str]:
        query = {} if at is None else {"at": at}
        names = [file["path"] for file in httpx2.get(f"{self.path}/files", params=query).json()]
        return {name: httpx2.get(f"{self.path}/files/{name}", params=query).text for name in names}

    def timeline(self, kinds: str | None = None) -> list[dict[str, Any]]:
        query = {"limit": 1000} | ({"kinds": kinds} if kinds else {})
        return list(httpx2.get(f"{self.path}/timeline", params=query).json())


async def _told(peer: Peer) -> Any:
    """Return where a client is told that the session is, once its text has followed."""
    await peer.wait_for(lambda: bool(peer.controls_of("branch.changed")))
    return peer.controls_of("branch.changed")[-1]["branch"]


async def test_ask_from_an_instant_and_come_back(shared_server: ServerProcess) -> None:
    interview = Interview(shared_server, initial_code="def f(xs):\n    return sum(xs)\n")
    url = url_of(shared_server, interview.session)
    async with (
        connect_peer(url, control=True) as host,
        connect_peer(url, control=True, token=join(shared_server, interview.session)) as zoe,
    ):
        first = len(interview.timeline())
        await zoe.wait_acknowledged(await zoe.insert(0, "# naïve 👩🏽‍💻\n"))
        done = await zoe.insert(len(str(zoe.text).encode()), "print(f([1]))\n")
        await zoe.wait_acknowledged(done)
        main = str(zoe.text)
        made = interview.branch("What if it is a stream?", at=first)
        assert made.status_code == 201, made.text
        branch = made.json()
        assert (branch["name"], branch["begun_from"], branch["last_seq"]) == (
            "What if it is a stream?",
            first,
            None,
        )
        for peer in (host, zoe):
            told = await _told(peer)
            assert told == {"branch_id": branch["branch_id"], "name": "What if it is a stream?"}
            assert str(peer.text) == "def f(xs):\n    return sum(xs)\n"
        await zoe.wait_acknowledged(await zoe.insert(0, "# streaming\n"))
        streaming = str(zoe.text)
        # Whoever comes now sees where the session is.
        async with connect_peer(url, control=True) as late:
            await late.wait_for(lambda: bool(late.controls_of("welcome")))
            assert late.controls_of("welcome")[0]["branch"] == told
        assert interview.resume(0).json()["branch_id"] == 0
        await zoe.wait_for(lambda: str(zoe.text) == main)
        assert zoe.controls_of("branch.changed")[-1]["branch"] is None
        assert interview.resume(branch["branch_id"]).status_code == 200
        await host.wait_for(lambda: str(host.text) == streaming)
    listed = httpx2.get(f"{interview.path}/branches").json()
    assert [(each["branch_id"], each["last_seq"] is None) for each in listed] == [
        (0, False),
        (branch["branch_id"], True),
    ]
    entries = interview.timeline("branch")
    assert [("resumes" in entry["data"], entry["data"]["from"]) for entry in entries] == [
        (False, first),
        (True, entries[0]["seq"] - 1),
        (True, entries[1]["seq"] - 1),
    ]
    # Both lines are there to be looked at: before, between and after each turn.
    at = [entry["seq"] for entry in entries]
    texts = [
        interview.files(seq)["main.py"] for seq in (at[0] - 1, at[1] - 1, at[2] - 1, at[2] + 1)
    ]
    assert texts == [main, streaming, main, streaming]


def test_files_and_language_come_and_go_with_their_branch(shared_server: ServerProcess) -> None:
    interview = Interview(shared_server, initial_code="a = 1\n")
    httpx2.patch(interview.path, json={"language": "java"}).raise_for_status()
    with_java = interview.files()
    branch = interview.branch(at=1).json()
    assert interview.files() == {"main.py": "a = 1\n"}
    wait_until(lambda: httpx2.get(interview.path).json()["language"] == "python", "the language", 5)
    interview.resume(0).raise_for_status()
    assert interview.files() == with_java
    assert interview.resume(branch["branch_id"]).status_code == 200
    assert interview.files() == {"main.py": "a = 1\n"}


def test_a_branch_from_now_changes_no_text(shared_server: ServerProcess) -> None:
    interview = Interview(shared_server, initial_code="x\n")
    edits = len(interview.timeline("edit"))
    interview.branch().raise_for_status()
    assert len(interview.timeline("edit")) == edits
    assert interview.timeline()[-1]["kind"] == "branch"


async def test_what_is_typed_at_the_same_moment_is_on_one_of_the_two(
    shared_server: ServerProcess,
) -> None:
    interview = Interview(shared_server, initial_code="")
    url = url_of(shared_server, interview.session)
    async with connect_peer(url, control=True, token=join(shared_server, interview.session)) as zoe:
        await zoe.wait_acknowledged(await zoe.insert(0, "first\n"))

        async def type_on() -> None:
            for number in range(200):
                last = await zoe.insert(0, f"{number}\n")
            await zoe.wait_acknowledged(last)

        typing = asyncio.ensure_future(type_on())
        for number in range(4):
            made = await asyncio.to_thread(interview.branch, f"Question {number}", 1)
            assert made.status_code == 201, made.text
            back = await asyncio.to_thread(interview.resume, 0)
            assert back.status_code == 200, back.text
        await typing
    turns = interview.timeline("branch")
    seen: set[str] = set()
    for entry in turns:
        seen |= set(interview.files(entry["seq"] - 1)["main.py"].split())
    seen |= set(interview.files()["main.py"].split())
    assert seen == {"first", *(str(number) for number in range(200))}
    # Coming back brings exactly what was there when it was left.
    for left, resumed in zip(turns[::2], turns[1::2], strict=True):
        after = interview.files(resumed["seq"] + 1)["main.py"]
        assert after == interview.files(left["seq"] - 1)["main.py"]


def test_bad_requests_say_what_is_wrong(shared_server: ServerProcess) -> None:
    interview = Interview(shared_server)
    assert interview.branch(at=10_000).status_code == interview.branch(at=0).status_code == 409
    assert interview.branch(name="   ").status_code == 422
    assert interview.branch(name="x" * 201).status_code == 422
    assert interview.resume(0).json()["detail"] == "The session is there already."
    assert interview.resume(77).json()["detail"] == "Branch 77 not found"
    httpx2.post(f"{interview.path}/end").raise_for_status()
    refused = interview.branch()
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "The session has ended. Reopen it to open a branch.",
    )
    assert interview.resume(0).status_code == 409


def test_there_is_a_limit(shared_server: ServerProcess) -> None:
    interview = Interview(shared_server)
    for _ in range(5):
        interview.branch().raise_for_status()
    refused = interview.branch()
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "This session has 5 branches, which is the limit.",
    )
    assert interview.resume(0).status_code == 200


async def test_a_branch_survives_a_kill_and_an_export(server: ServerProcess) -> None:
    interview = Interview(server, initial_code="a\n")
    async with connect_peer(url_of(server, interview.session), control=True) as host:
        await host.wait_acknowledged(await host.insert(0, "b\n"))
    branch = interview.branch("Stream", at=1).json()
    server.kill()
    server.start()
    interview.path = f"{server.url}/api/sessions/{interview.session['session_id']}"
    assert interview.files() == {"main.py": "a\n"}
    assert [each["name"] for each in httpx2.get(f"{interview.path}/branches").json()] == [
        "",
        "Stream",
    ]
    interview.resume(0).raise_for_status()
    assert interview.files() == {"main.py": "b\na\n"}
    report = httpx2.get(f"{interview.path}/export", params={"format": "html"})
    assert branch["name"] in report.text


@pytest.mark.odd_entries
async def test_what_an_archive_says_of_branches_is_not_believed(
    running: Application, client: httpx2.AsyncClient
) -> None:
    made = (await client.post("/api/sessions")).json()
    services, path = running.services, f"/api/sessions/{made['session_id']}"
    async with services.database.read() as db:
        session = await db.scalar(select(InterviewSession))
    assert session is not None
    odd: list[dict[str, Any]] = [
        {},
        {"resumes": "x"},
        {"resumes": 99},
        {"name": 3, "from": []},
        {"resumes": None},
    ]
    await services.journal.append(
        session.id, session.epoch, [event("branch", None, data) for data in odd]
    )
    listed = await client.get(f"{path}/branches")
    assert listed.status_code == 200
    assert len(listed.json()) == 1 + len(odd)
    assert (await client.post(f"{path}/branches/0/resume")).status_code == 200
