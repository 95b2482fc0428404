"""Shapes of tests and of what came of them."""

from pydantic import Field

from pizarra.schemas import RequestModel, ResponseModel, StorableText


class TestCase(RequestModel):
    """An input, and what must be printed for it."""

    __test__ = False  # no class of tests, whatever pytest makes of its name

    name: StorableText = Field("", description="What it is about.", examples=["empty list"], max_length=80)
    stdin: StorableText = Field("", description="Standard input.", examples=["3\n1 2 3\n"])
    expected: StorableText = Field(
        description="What the program must print. Spaces at the ends of lines and of the text do not count.",
        examples=["6\n"],
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

    passed: bool = Field(description="Whether the program ended well and printed what was expected.", examples=[True])
    status: str = Field(
        description="How the program ended, as a run's `status`; `no_file`: there was nothing to run; `not_tried`: "
        "three tests before it had run out of time.",
        examples=["exited"],
    )
    duration_ms: int | None = Field(description="How long it ran.", ge=0, examples=[12])


class AttemptRead(ResponseModel):
    """The tests, tried on the code of one instant."""

    at: int = Field(description="The timeline `seq` whose code was tried.", ge=0, examples=[17])
    results: list[TestOutcome] = Field(
        description="One for each test, in their order.",
        examples=[[{"passed": True, "status": "exited", "duration_ms": 12}]],
    )


class TestsRead(ResponseModel):
    """A session's tests, and what came of them so far."""

    __test__ = False

    of: int | None = Field(
        description="The entry of the interviewers' log that has these tests; null: there are none.",
        examples=[3],
    )
    tests: list[TestCase] = Field(
        description="Every test, in order.", examples=[[{"name": "empty list", "stdin": "0\n", "expected": "0\n"}]]
    )
    attempts: list[AttemptRead] = Field(
        description="The instants tried so far, in their order: the code of every run, and some between.",
        examples=[[{"at": 17, "results": [{"passed": True, "status": "exited", "duration_ms": 12}]}]],
    )
    pending: int = Field(description="How many instants are still to be tried.", ge=0, examples=[2])
    problem: str | None = Field(
        description="Why it does not go on just now; null: nothing is wrong.",
        examples=["The runner is starting."],
    )
