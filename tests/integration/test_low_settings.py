"""Settings set low: whoever meets one is told which it is, and one less is taken.

Runs go to a worker that says what a test has it say, and time is moved.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.application import Application, application
from tests.harness.fleet import Fleet, ended, running, said
from tests.harness.fresh import embed
from tests.harness.program import pizarra
from tests.integration.test_questions import make

from pizarra.config import Settings
from pizarra.kit.clock import utc_now
from pizarra.sandbox.runner.protocol import Format, Formatted, StartRun


class Stage:
    """An application with a few settings of a test's, one worker, and a clock that is moved."""

    def __init__(self) -> None:
        self.passed = timedelta()
        self.started: Application
        self.client: httpx2.AsyncClient
        self.fleet: Fleet
        self.path = ""

    def now(self) -> datetime:
        """Return the time."""
        return utc_now() + self.passed

    async def told(self, kind: type[Any], count: int = 1) -> Any:
        """Return what of a kind the worker is told, the last of so many."""
        async with asyncio.timeout(10):
            while True:
                found = [each for each in self.fleet.told["worker"] if isinstance(each, kind)]
                if len(found) >= count:
                    return found[count - 1]
                await asyncio.sleep(0)

    def say(self, *events: Any) -> None:
        """Have the worker say something."""
        for each in events:
            self.fleet.links["worker"].receive(each)

    async def metric(self, name: str) -> float:
        """Return one of the figures; 0 where there is none."""
        lines = (await self.client.get("/metrics")).text.splitlines()
        return sum(float(each.rpartition(" ")[2]) for each in lines if each.startswith(name))


@contextlib.asynccontextmanager
async def stage_of(folder: Path, **settings: Any) -> AsyncIterator[Stage]:
    """Give one, with a session."""
    embed(folder)
    stage = Stage()
    wanted = Settings(data_dir=folder, runner="workers", log_level="warning", **settings)
    async with application(wanted, stage.now) as stage.started:
        stage.fleet = Fleet("worker", client=stage.started.services.runner)
        async with stage.started.client() as stage.client:
            session = (await stage.client.post("/api/sessions")).json()
            stage.path = f"/api/sessions/{session.get('session_id')}"
            yield stage


Ask = Callable[[Stage, int], Awaitable[httpx2.Response]]  # for so much
PLACE = {"path": "main.py", "line": 0, "character": 0, "want": "hover"}


async def clock(stage: Stage, minutes: int) -> httpx2.Response:
    """Set the clock to so many minutes."""
    return await stage.client.put(f"{stage.path}/clock", json={"minutes": minutes})


async def steps(stage: Stage, count: int) -> httpx2.Response:
    """Set the clock to so many parts."""
    parts = [{"name": f"Part {number}", "minutes": 1} for number in range(count)]
    return await stage.client.put(f"{stage.path}/clock", json={"minutes": 9, "steps": parts})


async def plan(stage: Stage, count: int) -> httpx2.Response:
    """Make a plan of so many questions, ten minutes each."""
    question = {"question_id": (await make(stage.client))["question_id"], "minutes": 10}
    return await stage.client.post(
        "/api/plans", json={"title": "A plan", "questions": [question] * count}
    )


async def line(stage: Stage, characters: int) -> httpx2.Response:
    """Write so many characters to everybody."""
    return await stage.client.post(f"{stage.path}/lines", json={"text": "¡" * characters})


async def stdin(stage: Stage, size: int) -> httpx2.Response:
    """Give a run so many bytes of input."""
    body = {"stdin": "é" * (size // 2) + "x" * (size % 2)}
    return await stage.client.post(f"{stage.path}/runs", json=body)


async def assist(stage: Stage, size: int) -> httpx2.Response:
    """Ask about a program of so many bytes, where nobody is there who could answer."""
    stage.fleet.client.leave(stage.fleet.links["worker"])
    body = {"text": "é" * (size // 2) + "x" * (size % 2), **PLACE}
    return await stage.client.post(f"{stage.path}/assist", json=body)


async def formatted(stage: Stage, size: int) -> httpx2.Response:
    """Have a text formatted, where nobody is there who could."""
    stage.fleet.client.leave(stage.fleet.links["worker"])
    body = {"path": "main.py", "text": "x" * size}
    return await stage.client.post(f"{stage.path}/format", json=body)


TIMES = "minutes: must be at most {most}"


@pytest.mark.parametrize(
    ("bound", "most", "ask", "unit", "detail"),
    [
        ("max_clock_minutes", 29, clock, 1, TIMES),
        ("max_clock_minutes", 20, plan, 10, TIMES),
        ("max_clock_steps", 2, steps, 1, "steps: must be at most {most}"),
        ("max_plan_questions", 2, plan, 1, "questions: must be at most {most}"),
        (
            "max_line_characters",
            4,
            line,
            1,
            "text: must not have more than {most} characters",
        ),
        ("max_stdin_bytes", 6, stdin, 1, "stdin: must not have more than {most} bytes"),
        (
            "max_assisted_bytes",
            1024,
            assist,
            1,
            "text: language servers are asked about programs of at most 1,024 bytes",
        ),
    ],
)
async def test_what_is_beyond_a_setting_is_refused_with_its_number(
    tmp_path: Path, bound: str, most: int, ask: Ask, unit: int, detail: str
) -> None:
    async with stage_of(tmp_path, **{bound: most}) as stage:
        refused = await ask(stage, most // unit + 1)
        assert (refused.status_code, refused.json()["detail"]) == (422, detail.format(most=most))
        assert await stage.metric(f'pizarra_refusals_total{{bound="{bound}"}}') == 1
        taken = await ask(stage, most // unit)
        assert taken.status_code in (200, 201, 202) or taken.json()["code"] == "runner_unavailable"
        assert await stage.metric(f'pizarra_refusals_total{{bound="{bound}"}}') == 1


@pytest.mark.parametrize(
    ("bound", "ask"), [("formats_per_minute", formatted), ("assists_per_minute", assist)]
)
async def test_one_person_asks_so_often_in_a_minute(tmp_path: Path, bound: str, ask: Ask) -> None:
    async with stage_of(tmp_path, **{bound: 2}) as stage:
        answers = [await ask(stage, 3) for _ in range(3)]
        assert [each.status_code for each in answers[:2]] == [503, 503]  # it counts as well
        assert (answers[2].status_code, answers[2].json()["code"]) == (429, "too_many_attempts")
        told = "Too many attempts. Wait 60 seconds, then try again."
        assert answers[2].json()["detail"] == told
        assert 0 < int(answers[2].headers["retry-after"]) <= 60
        assert await stage.metric(f'pizarra_refusals_total{{bound="{bound}"}}') == 1


async def test_private_thinking_time_is_no_longer_than_may_be(tmp_path: Path) -> None:
    async with stage_of(tmp_path, max_thinking_seconds=60) as stage:
        for asked, given in ((3600, 60), (60, 60), (59, 59)):
            before = stage.now()
            changed = await stage.client.patch(stage.path, json={"thinking_seconds": asked})
            until = datetime.fromisoformat(changed.json()["thinking_until"])
            assert before <= until - timedelta(seconds=given) <= stage.now()


async def test_an_interview_takes_as_long_as_the_setting_says_until_its_clock_is_set(
    tmp_path: Path,
) -> None:
    async with stage_of(tmp_path, clock_minutes=45) as stage:
        assert (await stage.client.get(f"{stage.path}/clock")).json()["minutes"] == 45
        await clock(stage, 20)
        assert (await stage.client.get(f"{stage.path}/clock")).json()["minutes"] == 20


async def test_who_waits_for_a_run_waits_so_long_and_is_told_how_far_it_is(tmp_path: Path) -> None:
    async with stage_of(tmp_path, run_wait_seconds=0.05) as stage:
        for body, status in (({}, "queued"), ({"at": 1, "stdin": ""}, "queued")):
            answer = await stage.client.post(f"{stage.path}/runs?wait=true", json=body)
            assert (answer.status_code, answer.json()["status"]) == (202, status)
        first: StartRun = await stage.told(StartRun)
        stage.say(running(first.run_id), said(first.run_id, b"late\n"), ended(first.run_id))
        await stage.started.services.runs.wait(first.run_id, 10)
        read = (await stage.client.get(f"{stage.path}/runs/{first.run_id}")).json()
        assert (read["status"], read["stdout"]) == ("exited", "late\n")


async def test_a_file_that_is_being_formatted_waits_for_its_edit_so_long(tmp_path: Path) -> None:
    async with stage_of(tmp_path, format_turn_seconds=5) as stage:
        body = {"path": "main.py", "text": "x=1"}

        async def ask(window: int, number: int) -> int:
            """Have it formatted for a window; return the status of the answer."""
            asked = {**body, "client": window}
            asking = asyncio.ensure_future(stage.client.post(f"{stage.path}/format", json=asked))
            if number:
                told: Format = await stage.told(Format, number)
                stage.say(Formatted(format_id=told.format_id, text="x = 1\n"))
            return (await asking).status_code

        assert await ask(1, 1) == 200
        stage.passed += timedelta(seconds=4.9)
        assert await ask(2, 0) == 409
        stage.passed += timedelta(seconds=0.2)
        assert await ask(2, 2) == 200


async def test_what_is_done_now_and_then_is_done_so_often(tmp_path: Path) -> None:
    often = {"pack_seconds": 0.02, "retention_check_seconds": 0.02, "seal_seconds": 0.02}
    async with stage_of(tmp_path, **often, rehearsal_hours=1) as stage:
        spent = {chore: set[float]() for chore in ("packing", "erasing", "sealing")}
        async with asyncio.timeout(20):
            while min(map(len, spent.values())) < 4:  # of processor time, each time more
                for chore, seen in spent.items():
                    name = f'pizarra_chore_cpu_seconds_total{{chore="{chore}"}}'
                    seen.add(await stage.metric(name))
                await asyncio.sleep(0.005)
        token = (await stage.client.get(stage.path)).json()["share_url"].rpartition("/")[2]
        room = (await stage.client.post("/api/rehearsals", json={"token": token})).json()
        path = f"/api/sessions/{room['session_id']}"
        assert (await stage.client.get(path)).status_code == 200
        stage.passed += timedelta(hours=1, minutes=1)
        async with asyncio.timeout(20):
            while (await stage.client.get(path)).status_code != 404:
                await asyncio.sleep(0.005)


async def test_a_proof_takes_so_long_and_no_longer(tmp_path: Path) -> None:
    async with stage_of(tmp_path, prove_seconds=0.05) as stage:
        question = await make(stage.client, languages=["python"])
        address = f"/api/questions/{question['question_id']}/prove?wait=true"
        proof = (await stage.client.post(address)).json()
        assert not proof["proven"]
        told = {"status": "not_tried", "detail": "It took longer than 0.05 s."}
        assert proof["languages"] == {"python": told}
        await stage.told(StartRun)  # it was begun


async def test_the_link_of_a_new_account_works_so_long(tmp_path: Path) -> None:
    embed(tmp_path)
    place = {"PIZARRA_DATA_DIR": str(tmp_path), "PIZARRA_ACCOUNT_LINK_HOURS": "2"}
    place["PIZARRA_AUTH"] = "accounts"
    made = pizarra("user", "add", "ana", environment=place)
    assert "it sets a password once, within 2 hours:" in made.stdout, made.stderr
    assert "asks nobody" not in made.stdout
    secret = made.stdout.rpartition("#")[2].split()[0]
    async with stage_of(tmp_path, auth="accounts") as stage:
        answers = []
        for minutes in (119, 121):
            stage.passed = timedelta(minutes=minutes)
            body = {"token": secret, "password": "short"}
            answers.append((await stage.client.post("/api/welcome", json=body)).status_code)
        assert answers == [422, 404]
