"""What came of a case: from how a program ended, what its harness framed, and what its tests reported."""

from typing import Any

import pytest

from pizarra.judging.comparing import Comparator
from pizarra.judging.junit import Reported
from pizarra.judging.outcomes import (
    Outcome,
    Rule,
    Trial,
    arguments_of,
    cut,
    ended_as,
    reported_as,
    returned,
)
from pizarra.judging.running import Ran
from pizarra.judging.signature import Signature
from pizarra.sandbox.runner.protocol import ProgramEnded

SECRET = "5" * 32
TWICE = Signature.model_validate(
    {"function": "twice", "parameters": [{"name": "n", "type": "int"}], "returns": "int"}
)
SORT = Signature.model_validate(
    {
        "function": "order",
        "parameters": [{"name": "values", "type": "int[]"}],
        "returns": "void",
        "in_place": "values",
    }
)


def ended(status: Any = "exited", **changes: Any) -> ProgramEnded:
    end = ProgramEnded.without_program("r", status)
    return end.model_copy(update={"exit_code": 0, "duration_ms": 41, **changes})


def ran(stdout: bytes = b"", stderr: bytes = b"", end: ProgramEnded | None = None) -> Ran:
    return Ran(end or ended(), {"stdout": stdout, "stderr": stderr}, waited=0.5)


def frame(number: int, tokens: str, *, how: str = "v", micros: int = 1500) -> bytes:
    """Return what a harness writes of a case."""
    begin = f"\x1f{SECRET} "
    return f"{begin}{how} {number} {micros}\n{tokens}\n{begin}.\n".encode()


def came_to(
    stdout: bytes,
    *trials: Trial,
    signature: Signature = TWICE,
    seconds: float | None = None,
    rule: Rule | None = None,
) -> list[Outcome]:
    told = ran(stdout)
    found, _ = returned(told, SECRET, trials, rule or Rule(), signature, seconds)
    return found


def test_what_a_function_returned_is_compared_and_what_it_printed_is_its_own() -> None:
    right, wrong = came_to(
        b"hello\n" + frame(0, "42") + frame(1, "5"), Trial("21", "42"), Trial("2", "4")
    )
    assert (right.passed, right.got, right.stdout) == (True, "42", "hello\n")
    assert (right.status, right.exit_code, right.duration_ms, right.waited) == ("exited", 0, 1, 0.5)
    assert (wrong.passed, wrong.got, wrong.stdout) == (False, "5", "")


def test_cases_behind_the_last_that_returned_have_no_outcome() -> None:
    """The program ended there: what came of that one its end says."""
    outcomes = came_to(frame(0, "42"), Trial("21", "42"), Trial("1", "2"), Trial("0", "0"))
    assert len(outcomes) == 1


def test_nobody_who_does_not_know_the_word_frames_anything() -> None:
    forged = frame(0, "42").replace(SECRET.encode(), b"6" * 32)
    assert came_to(forged, Trial("21", "42")) == []


def test_who_returned_too_late_did_not_pass() -> None:
    trial = Trial("21", "42")
    late = came_to(frame(0, "42", micros=2_000_001), trial, seconds=2.0)[0]
    assert (late.passed, late.status, late.got) == (False, "timeout", "42")
    assert came_to(frame(0, "42", micros=2_000_000), trial, seconds=2.0)[0].passed


def test_a_case_without_an_answer_passes_with_whatever_is_of_the_type() -> None:
    assert came_to(frame(0, "7"), Trial("21", None))[0].passed


@pytest.mark.parametrize("tokens", ["", "seven", "99999999999999999999"])
def test_what_is_not_of_its_type_is_shown_and_said(tokens: str) -> None:
    outcome = came_to(frame(0, tokens), Trial("21", "42"))[0]
    assert not outcome.passed
    assert outcome.stderr.startswith("It must be of the type int")
    assert outcome.got == " ".join(tokens.split())


def test_the_parameter_that_is_changed_is_what_counts() -> None:
    trial = Trial("[3, 1, 2]", "[1, 2, 3]")
    sets = Rule(Comparator(how="multiset"))
    for tokens, rule, passed in (
        ("3\n1\n2\n3", Rule(), True),
        ("3\n3\n1\n2", Rule(), False),
        ("3\n3\n1\n2", sets, True),
    ):
        outcome = came_to(frame(0, tokens), trial, signature=SORT, rule=rule)[0]
        assert outcome.passed is passed, (tokens, outcome)


def test_arguments_are_read_up_to_the_first_case_that_is_wrong() -> None:
    trials = [Trial("1", "2"), Trial("2", None), Trial("x", "4"), Trial("3", "6")]
    found, fault = arguments_of(trials, TWICE)
    assert found == [[1], [2]]
    assert fault is not None
    found, fault = arguments_of([Trial("1", "two")], TWICE)
    assert (found, fault is None) == ([], False), "what is expected must be of the type too"


def test_how_a_program_ended() -> None:
    end = ended("memory", exit_code=None, detail="It wanted more.")
    outcome = ended_as(ran(b"ignored", b"\xff oh", end), b"shown \x00")
    assert (outcome.passed, outcome.status, outcome.duration_ms) == (False, "memory", 41)
    assert outcome.detail == "It wanted more."
    assert "\x00" not in outcome.stdout, "no database holds that"
    assert outcome.stderr == "\ufffd oh"
    stopped = ended_as(Ran(None, {"stdout": b"", "stderr": b""}, 0.0), b"")
    assert (stopped.status, stopped.says_nothing) == ("timeout", False)


@pytest.mark.parametrize("status", ["sandbox_error", "stopped"])
def test_the_platforms_fault_is_no_word_about_the_program(status: str) -> None:
    assert ended_as(ran(end=ended(status)), b"").says_nothing


def test_what_a_test_reported() -> None:
    end = ended_as(ran(stderr=b"noise"), b"printed by the program")
    passed = reported_as(Reported("a", seconds=0.25, printed="mine"), [], end)
    assert (passed.passed, passed.got, passed.duration_ms) == (True, "passed", 250)
    assert (passed.stdout, passed.stderr, passed.exit_code) == ("mine", "", 0)
    failed = reported_as(Reported("a", "failed", brief="1 != 2", said="line 3"), [], end)
    assert (failed.passed, failed.status, failed.got) == (False, "exited", "failed: 1 != 2")
    assert (failed.stdout, failed.stderr) == ("printed by the program", "line 3\n")
    broken = reported_as(Reported("a", "error", said="ImportError"), [], end)
    assert (broken.status, broken.exit_code) == ("exception", None)


def test_a_test_that_reported_nothing_has_the_reason_that_is_around() -> None:
    end = ended_as(ran(stderr=b"noise"), b"")
    around = reported_as(None, [Reported("module", "error", said="no module named x")], end)
    assert around.status == "exception"
    assert around.stderr.startswith("no module named x\n")
    alone = reported_as(None, [], end)
    assert alone.stderr == "noiseThe tests ended before this one was reported.\n"
    late = reported_as(None, [], ended_as(ran(end=ended("timeout")), b""))
    assert (late.passed, late.status) == (False, "timeout")


def test_nobody_is_shown_more_than_a_part() -> None:
    long = Outcome(True, "exited", got="g" * 99_999, stdout="o" * 99_999, stderr="e" * 99_998 + "E")
    shown = cut(long)
    assert [len(each) for each in (shown.got, shown.stdout, shown.stderr)] == [32 * 1024] * 3
    assert shown.stderr.endswith("E"), "of what went wrong the end says most"
