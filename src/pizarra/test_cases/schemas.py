"""Shapes of tests and of what came of them."""

from datetime import datetime

from pydantic import Field

from pizarra.judging.comparing import Comparison
from pizarra.schemas import RequestModel, ResponseModel, StorableText

_OUTCOME = {
    "passed": False,
    "status": "exited",
    "duration_ms": 12,
    "exit_code": 0,
    "got": "5\n",
    "got_more": 0,
    "complaint": "",
}


class TestCase(RequestModel):
    """An input, and what must be printed for it."""

    __test__ = False  # no class of tests, whatever pytest makes of its name

    name: StorableText = Field(
        "", description="What it is about.", examples=["empty list"], max_length=80
    )
    stdin: StorableText = Field("", description="Standard input.", examples=["3\n1 2 3\n"])
    expected: StorableText = Field(
        description="What the program must print. Spaces at line ends, and blank lines at the end, do not count.",
        examples=["6\n"],
    )
    compare: Comparison = Field(
        "text",
        description="`text`: all of it; `tokens`: word by word, however much space is between; `numbers`: so too, and "
        "numbers may differ by `tolerance`.",
        examples=["text"],
    )
    tolerance: float = Field(
        1e-6,
        description="With `numbers`: how far off one may be, and as a part of it where it is greater than 1.",
        ge=0,
        le=1,
        examples=[1e-6],
    )
    by_question: bool = Field(
        False,
        description="Whether the question that the session was given says how it is judged: then `compare` and "
        "`tolerance` do not count.",
        examples=[False],
    )


class TestsUpdate(RequestModel):
    """All tests of a session."""

    __test__ = False

    tests: list[TestCase] = Field(
        description="Every test, in order; an empty list takes them away.",
        examples=[[{"name": "empty list", "stdin": "0\n", "expected": "0\n"}]],
    )


class TestOutcome(ResponseModel):
    """What came of one test."""

    __test__ = False

    passed: bool = Field(
        description="Whether the program ended well and printed what was expected.", examples=[True]
    )
    status: str = Field(
        description="How the program ended, as a run's `status`; `no_file`: there was nothing to run; `not_tried`: "
        "three tests before it had run out of time.",
        examples=["exited"],
    )
    duration_ms: int | None = Field(description="How long it ran.", ge=0, examples=[12])
    exit_code: int | None = Field(
        description="With what it exited; null: it did not.", examples=[0]
    )
    got: str | None = Field(
        description="What it printed, its beginning if that is long; null where the test passed, or nothing was kept.",
        examples=["5\n"],
    )
    got_more: int = Field(
        description="How many characters of it were not kept.", ge=0, examples=[0]
    )
    complaint: str | None = Field(
        description="The end of what it wrote to standard error; null where the test passed, or nothing was kept.",
        examples=["NameError: name 'x' is not defined\n"],
    )


class AttemptRead(ResponseModel):
    """The tests, tried on the code of one instant."""

    at: int = Field(description="The timeline `seq` whose code was tried.", ge=0, examples=[17])
    time: datetime | None = Field(
        description="When that entry was recorded; null: an earlier version tried it and did not keep that.",
        examples=["2026-11-24T09:30:00Z"],
    )
    results: list[TestOutcome] = Field(
        description="One for each test, in their order.", examples=[[_OUTCOME]]
    )


class OtherTests(ResponseModel):
    """The tests of another question that the session was given, and what came of them."""

    title: str = Field(
        description="What the question is called; nothing: these are of none.",
        examples=["Double it"],
    )
    of: int = Field(description="The entry of the interviewers' log that has them.", examples=[3])
    tests: list[TestCase] = Field(
        description="Every test, in order.",
        examples=[[{"name": "empty list", "stdin": "0\n", "expected": "0\n"}]],
    )
    attempts: list[AttemptRead] = Field(
        description="The instants tried, in their order.",
        examples=[[{"at": 17, "time": "2026-11-24T09:30:00Z", "results": [_OUTCOME]}]],
    )


class TestsRead(ResponseModel):
    """The tests of what a session is about, and what came of them so far."""

    __test__ = False

    of: int | None = Field(
        description="The entry of the interviewers' log that has these tests; null: there are none.",
        examples=[3],
    )
    tests: list[TestCase] = Field(
        description="Every test, in order.",
        examples=[[{"name": "empty list", "stdin": "0\n", "expected": "0\n"}]],
    )
    attempts: list[AttemptRead] = Field(
        description="The instants tried so far, in their order: the code of every run, and some between.",
        examples=[[{"at": 17, "time": "2026-11-24T09:30:00Z", "results": [_OUTCOME]}]],
    )
    pending: int = Field(description="How many instants are still to be tried.", ge=0, examples=[2])
    problem: str | None = Field(
        description="Why it does not go on just now; null: nothing is wrong.",
        examples=["The runner is starting."],
    )
    note: str | None = Field(
        description="What is to be known of these results: those of a project's tests are no proof. Null: nothing.",
        examples=[None],
    )
    others: list[OtherTests] = Field(
        description="Those of the other questions that the session was given: each keeps its own.",
        examples=[[]],
    )
