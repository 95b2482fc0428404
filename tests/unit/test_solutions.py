"""What is proven of a question: references pass, what people begin with does not, wrong solutions fail as they say."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.harness.fleet import capabilities
from tests.harness.machine import Machine, end

from pizarra.judging.trying import Turn
from pizarra.problems.content import Content
from pizarra.questions.solutions import ProofBounds, prove
from pizarra.sandbox.runner.protocol import LanguageState, StartRun

TURN = Turn("proofs", "team", behind=4.0)
RIGHT, WRONG, BEGUN = "right", "wrong", "begun"
QUESTION: dict[str, Any] = {
    "title": "Double it",
    "languages": ["python"],
    "starters": {"python": BEGUN},
    "references": {"python": RIGHT},
    "samples": [{"name": "three", "input": "3", "expected": "6"}],
    "secret": [
        {
            "name": "small",
            "cases": [{"input": "1", "expected": "2"}, {"input": "0", "expected": "0"}],
        },
        {"name": "large", "cases": [{"name": "big", "input": "500", "expected": "1000"}]},
    ],
}


def doubled(request: StartRun) -> tuple[bytes, Any]:
    """Answer as a program that doubles; anything but the right one is off by one for what is above zero."""
    number = int(request.stdin)
    source = request.files[request.main]
    said = 2 * number + (0 if source == RIGHT or not number else 1)
    return str(said).encode(), end(request)


def wrong(name: str = "off by one", source: str = WRONG, **changes: Any) -> dict[str, Any]:
    return {"name": name, "language": "python", "source": source, **changes}


async def proven(
    answer: Callable[[StartRun], Any] = doubled,
    *,
    prove_seconds: float = 60.0,
    steps: list[int] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Return what is proven of the question with these changes."""
    machine = Machine(answer)
    content = Content.model_validate({**QUESTION, **changes})
    bounds = ProofBounds(prove_seconds, test_seconds=10.0)
    noted = steps if steps is not None else []
    work = prove(machine.fleet.client, machine.judge, content, TURN, bounds, noted.append)
    return await machine.during(work)


async def python(
    answer: Callable[[StartRun], Any] = doubled, **changes: Any
) -> tuple[str, str | None]:
    """Return what is said of Python."""
    found = (await proven(answer, **changes))["languages"]["python"]
    return found.status, found.detail


# What is proven


async def test_a_question_whose_reference_passes_and_whose_start_does_not_is_proven() -> None:
    found = await proven(wrong=[wrong()])
    assert found["proven"] is True
    assert found["languages"]["python"].status == "proven"
    assert (found["cases"], found["toolchains"]) == (4, {"python": "1"})


async def test_a_language_without_a_reference_holds_nothing_back() -> None:
    found = await proven(languages=["python", "java"])
    assert found["proven"] is True
    assert found["languages"]["java"].status == "no_reference"


async def test_a_question_without_any_reference_is_not_proven() -> None:
    found = await proven(references={})
    assert found["proven"] is False
    assert found["languages"]["python"].status == "no_reference"
    assert (found["slowest_ms"], found["time_limit"]) == (None, None)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"unsupported": "It asks back."}, "It asks back."),
        ({"samples": [], "secret": []}, "There are no cases to try."),
    ],
)
async def test_what_cannot_be_tried_is_not_run(changes: dict[str, Any], detail: str) -> None:
    def never(request: StartRun) -> Any:
        raise AssertionError(request)

    assert await python(never, **changes) == ("not_runnable", detail)


async def test_a_language_that_does_not_work_here_says_so() -> None:
    machine = Machine(doubled)
    broken = LanguageState(available=False, version="Python 2", reason="Python is too old.")
    able = capabilities().model_copy(update={"languages": {"python": broken}})
    machine.fleet.links["a"].receive(able)
    content = Content.model_validate(QUESTION)
    bounds = ProofBounds(60, 10)
    work = prove(machine.fleet.client, machine.judge, content, TURN, bounds)
    found = await machine.during(work)
    assert found["languages"]["python"].status == "unavailable"
    assert "too old" in str(found["languages"]["python"].detail)
    assert (found["proven"], found["toolchains"]) == (False, {"python": "Python 2"})
    assert machine.runs == []


# What is wrong


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ((b"7", "exited", 0), "three: it came to 7"),
        ((b"", "exited", 0), "three: it came to nothing"),
        ((b"6", "exited", 3), "three: exit code 3. 6"),
        ((b"", "timeout", None), "three: timeout. "),
        ((b"", "memory", None), "three: memory. "),
    ],
)
async def test_a_reference_that_fails_says_where_and_how(
    said: tuple[bytes, Any, int | None], detail: str
) -> None:
    data, status, code = said

    def fails(request: StartRun) -> tuple[bytes, Any]:
        return data, end(request, status, code)

    assert await python(fails) == ("reference_fails", detail)


async def test_a_case_is_called_by_its_name_or_its_place_in_its_group() -> None:
    for broken, where in (("0", "small 2"), ("500", "big"), ("3", "three")):

        def fails(request: StartRun, of: str = broken) -> tuple[bytes, Any]:
            return (b"no", end(request)) if request.stdin == of else doubled(request)

        assert await python(fails) == ("reference_fails", f"{where}: it came to no")


async def test_a_start_that_passes_everything_is_no_start() -> None:
    status, detail = await python(starters={"python": RIGHT})
    assert (status, detail) == ("starter_passes", "What people begin with passes every case.")


@pytest.mark.parametrize(
    ("solution", "detail"),
    [
        (wrong(), None),
        (wrong(source=RIGHT), "off by one: it passes every case, each within 1.5 s"),
        (
            wrong(source=RIGHT, verdict="wrong_answer"),
            "off by one: it passes every case",
        ),
        (wrong(verdict="wrong_answer"), None),
        (
            wrong(verdict="run_time_error"),
            "off by one: it was to end in run_time_error, and ended in wrong_answer",
        ),
        (wrong(fails=["small"]), None),
        (wrong(fails=["small", "large"]), None),
        (wrong(fails=["big"]), None),
        (wrong(fails=["small 1", "three"]), None),
        (wrong(fails=["small 2"]), "off by one: it passes small 2"),
        (wrong(fails=["small", "nowhere"]), "off by one: it passes nowhere"),
    ],
)
async def test_a_wrong_solution_fails_as_it_was_declared(
    solution: dict[str, Any], detail: str | None
) -> None:
    expected = ("proven", None) if detail is None else ("wrong_passes", detail)
    assert await python(wrong=[solution]) == expected


@pytest.mark.parametrize(
    ("status", "code", "verdict", "fits"),
    [
        ("exited", 1, "run_time_error", True),
        ("exited", 0, "run_time_error", False),
        ("memory", None, "run_time_error", True),
        ("timeout", None, "time_limit_exceeded", True),
        ("timeout", None, "wrong_answer", False),
        ("output_limit", None, "time_limit_exceeded", True),
        ("output_limit", None, "run_time_error", True),
        ("output_limit", None, "wrong_answer", False),
        ("compile_error", None, "run_time_error", False),
        ("compile_error", None, "rejected", True),
    ],
)
async def test_how_a_solution_ended_is_called_as_elsewhere(
    status: str, code: int | None, verdict: str, fits: bool
) -> None:
    def ends(request: StartRun) -> tuple[bytes, Any]:
        if request.files[request.main] != WRONG:
            return doubled(request)
        return b"", end(request, status, code)

    found, _ = await python(ends, wrong=[wrong(verdict=verdict)])
    assert found == ("proven" if fits else "wrong_passes")


async def test_the_first_wrong_solution_that_passes_is_named() -> None:
    some = [wrong(), wrong("second", RIGHT), wrong("third", RIGHT)]
    status, detail = await python(wrong=some)
    assert (status, detail) == ("wrong_passes", "second: it passes every case, each within 1.5 s")


async def test_a_long_complaint_is_cut() -> None:
    def fails(request: StartRun) -> tuple[bytes, Any]:
        return b"x" * 5000, end(request)

    _, detail = await python(fails)
    assert detail is not None
    assert len(detail) < 600
    assert "more …" in detail


# Time


async def test_the_slowest_reference_says_what_may_be_taken() -> None:
    def takes(request: StartRun) -> tuple[bytes, Any]:
        data, ended = doubled(request)
        ms = 400 if request.stdin == "500" else 20
        return data, ended.model_copy(update={"duration_ms": ms})

    found = await proven(takes)
    assert found["slowest_ms"] == 400
    assert found["time_limit"] is not None
    assert found["time_limit"] >= 0.8
    stated = await proven(takes, limits={"time_limit": 7.0})
    assert stated["time_limit"] == 7.0


async def test_what_took_too_long_as_a_whole_is_not_tried() -> None:
    def never_ends(request: StartRun) -> tuple[bytes, Any]:
        return b"", None

    found = await proven(never_ends, prove_seconds=0.05)
    assert found["proven"] is False
    assert found["languages"]["python"].status == "not_tried"
    assert found["languages"]["python"].detail == "It took longer than 0.05 s."


async def test_how_far_it_is_is_told() -> None:
    steps: list[int] = []
    await proven(steps=steps, wrong=[wrong()])
    assert steps == [0, 0], "the reference first, then the wrong one"


async def test_who_gives_up_a_proof_leaves_no_program_behind() -> None:
    machine = Machine(lambda _request: (b"", None))
    content = Content.model_validate(QUESTION)
    bounds = ProofBounds(60, 10)
    proving = asyncio.create_task(prove(machine.fleet.client, machine.judge, content, TURN, bounds))
    async with asyncio.timeout(5):
        while not machine.runs:
            await asyncio.sleep(0)
    proving.cancel()
    await asyncio.gather(proving, return_exceptions=True)
    told = [type(each).__name__ for each in machine.fleet.told["a"]]
    assert told[-1] == "StopRun"
