"""Cases that somebody makes up: tried with the samples, seen by all, kept apart from the question's."""

import asyncio
from typing import Any

import httpx2
import pytest
from tests.harness.peer import connect_peer
from tests.harness.rooms import join, url_of
from tests.harness.server import ServerProcess
from tests.integration.test_questions import FUNCTION, QUESTION
from tests.integration.test_samples import SUM_OF, tried, with_code

from pizarra.config import Settings

DOUBLE = "print(int(input()) * 2)\n"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Few and small ones, so that too many are soon there."""
    return settings.model_copy(update={"max_own_cases": 3, "max_own_case_bytes": 100})


async def test_they_are_tried_after_the_samples_and_kept_apart(client: httpx2.AsyncClient) -> None:
    path = await with_code(client, DOUBLE)
    own = [
        {"input": "7\n", "expected": "14\n"},
        {"name": "odd", "input": "7\n", "expected": "15\n"},
        {"input": "x\n"},
    ]
    sample, right, wrong, bad = await tried(client, path, own=own)
    assert [each["own"] for each in (sample, right, wrong, bad)] == [False, True, True, True]
    assert [each["passed"] for each in (sample, right, wrong, bad)] == [True, True, False, False]
    assert (wrong["name"], wrong["expected"], wrong["got"]) == ("odd", "15\n", "14\n")
    assert (bad["expected"], "ValueError" in bad["stderr"]) == (None, True)
    (ended,) = (await tried(client, path, own=[{"input": "8\n"}]))[1:]
    assert (ended["passed"], ended["expected"], ended["got"]) == (True, None, "16\n")
    first, second = (await client.get(f"{path}/timeline?kinds=samples")).json()
    assert len(first["data"]["results"]) == 1, "the question's alone"
    assert [(each["input"], each["passed"]) for each in first["data"]["own"]] == [
        ("7\n", True),
        ("7\n", False),
        ("x\n", False),
    ]
    assert second["data"]["own"][0]["expected"] is None
    assert "own" not in (await _without(client, path))["data"]


async def _without(client: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    await tried(client, path)
    return dict((await client.get(f"{path}/timeline?kinds=samples")).json()[-1])


async def test_of_a_function_they_are_its_arguments(client: httpx2.AsyncClient) -> None:
    path = await with_code(client, SUM_OF, **FUNCTION)
    _, right, any_value = await tried(
        client, path, own=[{"input": "[4, 5]\n6", "expected": "15"}, {"input": "[]\n1"}]
    )
    assert (right["passed"], right["got"], right["stdout"]) == (True, "15", "debug\n")
    assert (any_value["passed"], any_value["got"]) == (True, "1")
    for case, says in (
        ({"input": "[1]\n"}, "must have 2 lines"),
        ({"input": '["a"]\n1'}, "must be of the type int"),
        ({"input": "[1]\n1", "expected": "x"}, "is no JSON"),
    ):
        answer = await client.post(f"{path}/samples?wait=true", json={"own": [case]})
        assert (answer.status_code, answer.json()["code"]) == (422, "case_not_of_type")
        assert says in answer.json()["detail"]
    spanish = await client.post(
        f"{path}/samples", json={"own": [{"input": "1"}]}, headers={"accept-language": "es"}
    )
    assert spanish.json()["detail"] == "caso propio 1: debe tener 2 líneas, una por argumento"


async def test_a_checker_tells_nothing_of_them(client: httpx2.AsyncClient) -> None:
    """It knows what is right for any input: asked about inputs of one's own it would give that away."""
    source = "import sys\nsys.exit(42)\n"  # whatever comes is right
    checker = {"how": "checker", "checker": {"language": "python", "source": source}}
    path = await with_code(client, DOUBLE, comparator=checker)
    sample, own = await tried(client, path, own=[{"input": "1\n", "expected": "3"}])
    assert (sample["passed"], own["passed"]) == (True, False)


async def test_how_many_there_may_be(client: httpx2.AsyncClient) -> None:
    path = await with_code(client, DOUBLE)
    for own, bound in (
        ([{"input": "1\n"}] * 4, "max_own_cases"),
        ([{"input": "1" * 101}], "max_own_case_bytes"),
    ):
        answer = await client.post(f"{path}/samples", json={"own": own})
        assert (answer.status_code, answer.json()["code"]) == (422, "cases_too_large")
        assert bound in answer.json()["detail"]
    assert (await client.get(f"{path}/timeline?kinds=samples")).json() == []


async def test_everybody_is_told_of_them_and_whether_the_code_is_another_by_now(
    shared_server: ServerProcess,
) -> None:
    url = shared_server.url
    question = httpx2.post(f"{url}/api/questions", json=QUESTION).json()
    code = "import time\nn = int(input())\ntime.sleep(1.5 if n == 9 else 0)\nprint(n * 2)\n"
    body = {"question_id": question["question_id"], "initial_code": code}
    session = httpx2.post(f"{url}/api/sessions", json=body).json()
    path = f"{url}/api/sessions/{session['session_id']}"
    mine = {"authorization": f"Bearer {join(shared_server, session)}"}

    async def try_with(own: list[dict[str, Any]]) -> httpx2.Response:
        return await asyncio.to_thread(
            httpx2.post,
            f"{path}/samples?wait=true",
            headers=mine,
            json={"own": own},
            timeout=60,
        )

    async with connect_peer(url_of(shared_server, session), control=True) as host:
        await try_with([{"input": "5\n", "expected": "10"}])
        await host.wait_for(lambda: bool(host.controls_of("samples.ran")))
        told = host.controls_of("samples.ran")[0]
        assert [(each["input"], each["passed"]) for each in told["own"]] == [("5\n", True)]
        assert (told["changed"], len(told["results"])) == (False, 1)
        slow = asyncio.ensure_future(try_with([{"input": "9\n"}]))
        await _under_way(host, code)
        await slow
        await host.wait_for(lambda: len(host.controls_of("samples.ran")) > 1)
        assert host.controls_of("samples.ran")[1]["changed"] is True


async def _under_way(host: Any, code: str) -> None:
    """Type until it is over: one of the edits comes while the program runs."""
    while len(host.controls_of("samples.ran")) < 2:
        await host.wait_acknowledged(await host.insert(len(code), "#"))
