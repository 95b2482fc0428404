"""What is remembered of a session's tests, what is not waited for, and how much of what was printed is kept."""

from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.harness.fleet import LIMITS
from tests.harness.machine import Answer, Machine, end, prints

from pizarra.models import SessionView
from pizarra.sandbox.runner.protocol import ProgramEnded, StartRun
from pizarra.test_cases.schemas import TestCase as Case
from pizarra.test_cases.schemas import TestOutcome as Outcome
from pizarra.test_cases.service import Suite
from pizarra.test_cases.trials import (
    NotNowError,
    TooSlowError,
    Trial,
    Trials,
    beginning,
    ending,
)
from pizarra.timeline.entries.private import Judge, JudgedBy

KEEP = 10  # bytes


class Session:
    """The columns of a session that say whose turn it takes."""

    id, rehearsal_of, team_id = 7, None, 3


def case(name: str, *, by_question: bool = False, expected: str = "1") -> Case:
    told = {"name": name, "stdin": f"{name}\n", "expected": expected, "compare": "text"}
    return Case.model_validate({**told, "tolerance": 0.0, "by_question": by_question})


def trial(*tests: Case, judge: Judge | None = None, **changes: Any) -> Trial:
    parts: dict[str, Any] = {
        "session": cast("SessionView", Session()),
        "suite": Suite(1, 1, list(tests), judge),
        "at": 5,
        "time": None,
        "language": "python",
        "path": "main.py",
        "files": {"main.py": "print(1)"},
    }
    return Trial(**{**parts, **changes})


class Tried:
    """Trials on a machine that answers as a test says."""

    def __init__(self, *answers: Answer, usual: int = 2) -> None:
        self.machine = Machine(*answers)
        self._trials = Trials(self.machine.fleet.client, LIMITS, KEEP, usual)

    async def outcomes(self, trial: Trial, *, quick: bool = False) -> list[Outcome]:
        """Return what comes of tests."""
        return await self.machine.during(self._trials.outcomes(trial, quick=quick))


# What is remembered


async def test_the_same_code_is_tried_once_whenever_it_was_that() -> None:
    """Much of a timeline is the same code: whoever asks for a curve has each state run once."""
    tried = Tried(prints("1"))
    first = await tried.outcomes(trial(case("a"), case("b")))
    assert await tried.outcomes(trial(case("a"), case("b"), at=99, time="later")) == first
    assert len(tried.machine.runs) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"main.py": "print(2)"}},
        {"files": {"main.py": "print(1)", "lib.py": ""}},
        {"path": "other.py"},
        {"judge": Judge(comparator={"how": "exact"}, seconds=1.0)},
    ],
)
async def test_whatever_may_change_what_comes_of_it_has_it_tried_anew(
    changes: dict[str, Any],
) -> None:
    tried = Tried(prints("1"))
    await tried.outcomes(trial(case("a")))
    await tried.outcomes(trial(case("a"), **changes))
    await tried.outcomes(trial(case("a", expected="2"), **changes))
    assert len(tried.machine.runs) == 3


async def test_two_hundred_and_fifty_six_programs_are_remembered() -> None:
    tried = Tried(prints("1"))
    for number in [*range(257), 256, 1, 0]:  # the first was forgotten for the last
        await tried.outcomes(trial(case("a"), files={"main.py": str(number)}))
    assert len(tried.machine.runs) == 258


async def test_what_was_asked_for_last_is_remembered_longest() -> None:
    """What everybody looks at was forgotten for being the first."""
    tried = Tried(prints("1"))
    for number in [*range(256), 0, 256, 0, 1]:  # 1 was forgotten for the last
        await tried.outcomes(trial(case("a"), files={"main.py": str(number)}))
    assert len(tried.machine.runs) == 258


async def test_what_came_before_a_slow_one_is_not_tried_again() -> None:
    """In a lane where others wait it is given up; where nobody does, it goes on from there."""
    tried = Tried(prints("1"), prints("", "timeout"), prints("1"))
    tests = trial(case("a"), case("b"), case("c"))
    with pytest.raises(TooSlowError):
        await tried.outcomes(tests, quick=True)
    assert [each.status for each in await tried.outcomes(tests)] == ["exited", "timeout", "exited"]
    assert [each.stdin for each in tried.machine.runs] == ["a\n", "b\n", "c\n"]


async def test_what_the_platform_could_not_do_is_remembered_of_nobody() -> None:
    tried = Tried(prints("", "sandbox_error"), prints("1"))
    with pytest.raises(NotNowError, match="The sandbox could not run it"):
        await tried.outcomes(trial(case("a")))
    (found,) = await tried.outcomes(trial(case("a")))
    assert found.passed


# What is not tried


async def test_without_a_file_nothing_is_run() -> None:
    tried = Tried(prints("1"))
    found = await tried.outcomes(trial(case("a"), case("b"), files=None))
    assert [(each.status, each.passed) for each in found] == [("no_file", False)] * 2
    assert tried.machine.runs == []


async def test_a_language_that_does_not_work_here_says_why() -> None:
    with pytest.raises(NotNowError, match="does not know this language"):
        await Tried(prints("1")).outcomes(trial(case("a"), language="java"))


async def test_after_three_that_took_too_long_the_rest_is_not_waited_for() -> None:
    slow, right = prints("", "timeout"), prints("1")
    tried = Tried(slow, right, slow, slow)
    found = await tried.outcomes(trial(*map(case, "abcdef")))
    assert [each.status for each in found] == [
        *("timeout", "exited", "timeout", "timeout", "not_tried", "not_tried"),
    ]


async def test_what_does_not_compile_is_compiled_once() -> None:
    tried = Tried(prints("", "compile_error"))
    found = await tried.outcomes(trial(*map(case, "abc")))
    assert [each.status for each in found] == ["compile_error"] * 3
    assert len(tried.machine.runs) == 1


# How it is tried


async def test_it_lets_people_go_first_and_takes_its_sessions_part() -> None:
    tried = Tried(prints("1"))
    await tried.outcomes(trial(case("a")))
    (run,) = tried.machine.runs
    assert (run.share, run.team, run.behind) == ("tests of 7", "3", 2.0)


async def test_a_test_is_judged_as_it_says_and_a_case_as_the_question_does() -> None:
    judge = Judge(comparator={"how": "tokens"}, seconds=0.5)
    tried = Tried(prints("1   2\n"))
    own, cases = case("own", expected="1 2"), case("case", expected="1 2", by_question=True)
    found = await tried.outcomes(trial(own, cases, judge=judge))
    assert [each.passed for each in found] == [False, True]
    assert [run.limits.cpu_seconds for run in tried.machine.runs] == [LIMITS.cpu_seconds, 0.5]


async def test_a_projects_cases_are_one_run_and_a_test_beside_them_its_own() -> None:
    def answer(run: StartRun) -> tuple[bytes, ProgramEnded]:
        word = run.stdin.strip()
        report = f'<testcase name="{word}"/><testcase name="b"/>'
        return f"\x1f{word} done\n<testsuite>{report}</testsuite>\x1f{word} .\n".encode(), end(run)

    hidden = JudgedBy(files={"test_a.py": ""}, run=["test_a.py"])
    judge = Judge(comparator={"how": "exact"}, project={"python": hidden})
    cases = [case(name, by_question=True, expected="passed") for name in "ab"]
    cases = [each.model_copy(update={"stdin": each.name}) for each in cases]
    tried = Tried(answer, prints("1"))
    found = await tried.outcomes(trial(*cases, case("own"), judge=judge))
    assert [each.passed for each in found] == [False, True, True]
    assert len(tried.machine.runs) == 2


# How much is kept


@pytest.mark.parametrize(("tests", "kept"), [(1, 10), (2, 10), (4, 5), (20, 1), (40, 0)])
async def test_of_many_tests_no_more_is_kept_than_of_the_usual_number(
    tests: int, kept: int
) -> None:
    found = await Tried(prints("x" * 50)).outcomes(trial(*[case("a")] * tests))
    for each in found:
        assert (each.got, each.got_more) == ("x" * kept, 50 - kept)


async def test_of_what_passed_nothing_is_kept() -> None:
    (found,) = await Tried(prints("1")).outcomes(trial(case("a")))
    assert (found.passed, found.got, found.got_more, found.complaint) == (True, None, 0, None)


@given(st.text(), st.integers(0, 40))
@example("some", 0)
def test_a_cut_text_is_whole_letters_of_its_beginning_or_end(text: str, size: int) -> None:
    """As many as fit: one letter more would be beyond the size."""
    begun, ended = beginning(text, size), ending(text, size)
    assert text.startswith(begun)
    assert text.endswith(ended)
    for part, longer in (
        (begun, text[: len(begun) + 1]),
        (ended, text[-len(ended) - 1 :]),
    ):
        assert len(part.encode()) <= size
        assert part == text or len(longer.encode()) > size
