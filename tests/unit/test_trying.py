"""How a program is tried on cases: what each is given, how long it may take, and when the rest is not tried."""

import asyncio

import pytest
from tests.harness.fleet import LIMITS, running
from tests.harness.machine import PROGRAM, TURN, Answer, Machine, end, prints

from pizarra.judging.comparing import Comparator
from pizarra.judging.outcomes import Rule, Trial
from pizarra.judging.projects import ProjectTests
from pizarra.judging.signature import Signature
from pizarra.sandbox.runner.protocol import ProgramEnded, StartRun, StopRun

CHECKER = Comparator.model_validate(
    {"how": "checker", "checker": {"language": "python", "source": "check"}}
)
TWICE = Signature.model_validate(
    {"function": "twice", "parameters": [{"name": "n", "type": "int"}], "returns": "int"}
)


def framed(request: StartRun, *values: str, how: str = "v", micros: int = 10) -> bytes:
    """Return what a harness writes of as many cases; the word is the first line of its input."""
    begin = f"\x1f{request.stdin.partition(chr(10))[0]} "
    return "".join(
        f"{begin}{how} {number} {micros}\n{value}\n{begin}.\n"
        for number, value in enumerate(values)
    ).encode()


def cases(count: int) -> list[Trial]:
    return [Trial(f"{number}\n", f"{number}\n") for number in range(count)]


# Programs that read and print


async def test_each_case_is_a_run_of_its_own_given_its_input_within_a_tests_limits() -> None:
    machine = Machine(prints("0\n"), prints("1\n"))
    assert [each.passed for each in await machine.outcomes(cases(2))] == [True, True]
    assert [each.stdin for each in machine.runs] == ["0\n", "1\n"]
    for each in machine.runs:
        assert (each.files, each.main) == (PROGRAM.files, "main.py")
        assert (each.share, each.team, each.behind) == ("room", "team", 4.0)
        assert (each.keep_stdin_open, each.terminal) == (False, None)
        assert each.limits == LIMITS
    assert len({each.run_id for each in machine.runs}) == 2


@pytest.mark.parametrize(
    ("answer", "expected", "passed", "status"),
    [
        (prints("1"), "1\n", True, "exited"),
        (prints("2\n"), "1\n", False, "exited"),
        (prints("1\n", code=1), "1\n", False, "exited"),  # right, and then it failed
        (prints("1\n", "timeout"), "1\n", False, "timeout"),
        (prints("anything"), None, True, "exited"),
        (prints("anything", code=3), None, False, "exited"),
    ],
)
async def test_what_is_printed_counts_if_it_ends_well(
    answer: Answer, expected: str | None, passed: bool, status: str
) -> None:
    (found,) = await Machine(answer).outcomes([Trial("", expected)])
    assert (found.passed, found.status) == (passed, status)


async def test_what_does_not_compile_is_compiled_once() -> None:
    machine = Machine(prints("", "compile_error"))
    found = await machine.outcomes(cases(20))
    assert [each.status for each in found] == ["compile_error"] * 20
    assert len(machine.runs) == 1


@pytest.mark.parametrize("status", ["timeout", "memory", "output_limit"])
async def test_three_costly_ends_are_enough(status: str) -> None:
    """Two hundred cases of ten seconds each would be half an hour of the machine."""
    bad, good = prints("", status), prints("x")
    machine = Machine(bad, good, bad, good, bad, good)
    found = await machine.outcomes([Trial("", "x")] * 8)
    assert [each.status for each in found] == [
        *(status, "exited", status, "exited", status),
        *(["not_tried"] * 3),
    ]
    assert len(machine.runs) == 5


async def test_failing_is_not_costly() -> None:
    machine = Machine(prints("wrong", code=1))
    assert [each.status for each in await machine.outcomes(cases(9))] == ["exited"] * 9


async def test_no_cases_are_no_runs() -> None:
    machine = Machine(prints(""))
    assert await machine.outcomes([]) == []
    assert machine.runs == []


async def test_of_much_that_is_printed_the_whole_is_compared_and_a_part_is_kept() -> None:
    text = "x" * 40_000
    (right,) = await Machine(prints(text)).outcomes([Trial("", text)])
    (wrong,) = await Machine(prints(text)).outcomes([Trial("", text[:-1] + "y")])
    assert (right.passed, wrong.passed) == (True, False), "the difference is beyond what is kept"
    assert len(right.stdout) == len(right.got) == 32 * 1024


async def test_a_questions_limit_bounds_what_it_computes_and_no_more_than_the_servers_does() -> (
    None
):
    """How long it waits for a busy machine is not its fault."""
    for seconds, computes in ((0.5, 0.5), (10_000.0, LIMITS.cpu_seconds)):
        machine = Machine(prints("0"), seconds=seconds)
        await machine.outcomes(cases(1))
        assert machine.runs[0].limits.cpu_seconds == computes
        assert machine.runs[0].limits.wall_seconds == LIMITS.wall_seconds


async def test_who_has_no_patience_left_stops_it() -> None:
    machine = Machine()
    doing = asyncio.ensure_future(
        machine.judge.outcome(PROGRAM, Trial("", ""), Rule(), TURN, patience=0.01)
    )
    link = machine.fleet.links["a"]
    async with asyncio.timeout(10):
        while not machine.runs:
            await asyncio.sleep(0)
        run_id = machine.runs[0].run_id
        await asyncio.sleep(0.03)
        assert not doing.done(), "it counts from when the program begins, not while it is compiled"
        link.receive(running(run_id))
        assert await doing is None
    assert StopRun(run_id=run_id) in machine.fleet.told["a"]


async def test_who_is_cancelled_stops_it() -> None:
    machine = Machine()
    doing = asyncio.ensure_future(machine.judge.outcomes(PROGRAM, cases(2), Rule(), TURN))
    while not machine.runs:
        await asyncio.sleep(0)
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    assert StopRun(run_id=machine.runs[0].run_id) in machine.fleet.told["a"]
    assert machine.fleet.client.active_runs == 0


# Checkers


@pytest.mark.parametrize(
    ("checked", "passed", "status"),
    [
        (prints("", code=42), True, "exited"),
        (prints("", code=43), False, "exited"),
        (prints("", code=0), False, "judge_error"),
        (prints("", code=1), False, "judge_error"),
        (prints("", "timeout"), False, "judge_error"),
        (prints("", "memory"), False, "judge_error"),
        (prints("", "sandbox_error"), False, "sandbox_error"),  # a word about nobody's program
        (prints("", "stopped"), False, "stopped"),
    ],
)
async def test_a_checker_says_it_by_how_it_exits(
    checked: Answer, passed: bool, status: str
) -> None:
    machine = Machine(prints("out"), checked)
    (found,) = await machine.outcomes([Trial("in", "answer")], Rule(comparator=CHECKER))
    assert (found.passed, found.status) == (passed, status)
    run = machine.runs[1]
    assert run.stdin == "out", "it reads what was printed"
    assert (run.files["input.txt"], run.files["answer.txt"]) == ("in", "answer")
    assert "main.py" in run.files
    assert run.files["checker.py"] == "check"


async def test_what_ended_badly_is_not_checked() -> None:
    for answer in (prints("out", code=1), prints("out", "timeout")):
        machine = Machine(answer, prints("", code=42))
        (found,) = await machine.outcomes([Trial("in", "answer")], Rule(comparator=CHECKER))
        assert not found.passed
        assert len(machine.runs) == 1


# Functions


def numbers(count: int) -> list[Trial]:
    return [Trial(str(number), str(2 * number)) for number in range(count)]


async def test_one_process_calls_a_function_with_every_case() -> None:
    machine = Machine(lambda run: (framed(run, "0", "2", "5"), end(run)))
    found = await machine.outcomes(numbers(3), Rule(signature=TWICE))
    assert [each.passed for each in found] == [True, True, False]
    (run,) = machine.runs
    assert run.limits.wall_seconds == 3 * LIMITS.wall_seconds


async def test_where_it_ended_before_it_returned_the_next_process_goes_on_after_that_case() -> None:
    machine = Machine(
        lambda run: (framed(run, "0"), end(run)),
        lambda run: (framed(run, "4"), end(run, "timeout")),
    )
    found = await machine.outcomes(numbers(4), Rule(signature=TWICE))
    assert [(each.passed, each.status) for each in found] == [
        (True, "exited"),
        (False, "exited"),
        (True, "exited"),
        (False, "timeout"),
    ]
    assert found[1].broken
    assert found[1].stderr == "The program ended before twice returned.\n"
    first, second = machine.runs
    assert first.stdin.splitlines()[6:] == ["4", "0", "1", "2", "3"]
    assert second.stdin.splitlines()[6:] == ["2", "2", "3"]
    assert first.stdin.split()[0] != second.stdin.split()[0], "no word is used twice"


async def test_a_call_may_take_as_long_as_a_case_and_not_as_all_of_them_together() -> None:
    """A process may go on for as long as all of its cases: one call that hangs is not waited for so long."""
    machine = Machine(
        lambda run: (framed(run, "0"), None), lambda run: (b"", None), wall_seconds=0.02
    )
    found = await machine.outcomes(numbers(1000), Rule(signature=TWICE))
    assert [each.status for each in found[:5]] == ["exited", *["timeout"] * 3, "not_tried"]
    assert machine.runs[0].limits.wall_seconds == pytest.approx(20)
    stopped = {each.run_id for each in machine.fleet.told["a"] if isinstance(each, StopRun)}
    assert stopped == {each.run_id for each in machine.runs}


async def test_a_function_that_ends_its_process_has_ten_of_them() -> None:
    machine = Machine(lambda run: (b"", end(run)))
    found = await machine.outcomes(numbers(200), Rule(signature=TWICE))
    assert [each.status for each in found] == ["exited"] * 10 + ["not_tried"] * 190
    assert len(machine.runs) == 10


async def test_one_process_for_each_call_where_the_question_says_so() -> None:
    alone = TWICE.model_copy(update={"process": "per_case"})
    machine = Machine(lambda run: (framed(run, "0"), end(run)))
    found = await machine.outcomes(numbers(3), Rule(signature=alone))
    assert [each.passed for each in found] == [True, False, False]
    assert [run.stdin.splitlines()[6:] for run in machine.runs] == [["1", str(n)] for n in range(3)]


async def test_what_a_function_took_is_held_to_the_limit_and_its_process_to_all_of_them() -> None:
    machine = Machine(
        lambda run: (framed(run, "0", "2", micros=500_001), end(run)),
        seconds=0.5,
    )
    found = await machine.outcomes(numbers(2), Rule(signature=TWICE))
    assert [(each.passed, each.status) for each in found] == [(False, "timeout")] * 2
    assert machine.runs[0].limits.cpu_seconds == 2 * 0.5 + 1.0


async def test_a_case_that_is_none_is_the_questions_fault_and_the_rest_is_tried() -> None:
    machine = Machine(lambda run: (framed(run, "0"), end(run)))
    trials = [Trial("0", "0"), Trial("zero", "0"), Trial("0", "0")]
    found = await machine.outcomes(trials, Rule(signature=TWICE))
    assert [each.status for each in found] == ["exited", "judge_error", "exited"]
    assert (found[1].detail or "").startswith("The case itself is wrong: ")


# Projects


def reports(word: str, *names: str) -> bytes:
    report = "".join(f'<testcase name="{name}"/>' for name in names)
    return f"\x1f{word} done\n<testsuite>{report}</testsuite>\x1f{word} .\n".encode()


TESTS = {"python": ProjectTests({"test_a.py": ""}, ["test_a.py"])}


async def test_a_project_is_one_run_whose_report_names_each_case() -> None:
    machine = Machine(lambda run: (reports(run.stdin.strip(), "one", "two"), end(run)))
    trials = [Trial(name, "passed") for name in ("two", "three", "one")]
    found = await machine.outcomes(trials, Rule(project=TESTS))
    assert [each.passed for each in found] == [True, False, True]
    assert "before this one was reported" in found[1].stderr
    assert len(machine.runs) == 1
    assert machine.runs[0].limits.wall_seconds == 2 * LIMITS.wall_seconds


async def test_without_tests_in_a_language_each_case_says_so_and_nothing_is_run() -> None:
    machine = Machine(prints(""))
    for tests in ({}, {"java": TESTS["python"]}, {"python": ProjectTests({"a": ""}, [])}):
        found = await machine.outcomes([Trial("one", "passed")] * 2, Rule(project=tests))
        assert [each.status for each in found] == ["judge_error"] * 2
    assert machine.runs == []


@pytest.mark.parametrize(
    ("report", "complaint"),
    [
        (b"", ""),
        (b"\x1f%b done\n<testsuite/>", ""),  # and it was ended in the middle
        (b"\x1f%b done\n \x1f%b .\n", ""),
        (b"\x1f%b done\n<broken\x1f%b .\n", "no JUnit"),
    ],
)
async def test_without_a_report_every_case_says_how_it_ended(report: bytes, complaint: str) -> None:
    def answer(run: StartRun) -> tuple[bytes, ProgramEnded]:
        return report.replace(b"%b", run.stdin.strip().encode()), end(run, "memory")

    found = await Machine(answer).outcomes([Trial("one", "passed")] * 2, Rule(project=TESTS))
    assert [each.status for each in found] == ["memory", "memory"]
    assert bool(found[0].stderr) == bool(complaint), found[0].stderr
