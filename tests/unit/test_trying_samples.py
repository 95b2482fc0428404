"""Samples are tried for everybody to see: bounded before anything is read, kept once, given up with the session."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select
from tests.harness.core import FarEnd
from tests.harness.machine import Answer, Machine, end, prints
from tests.harness.rows import NOON, Rows

from pizarra.answers.codes import Code
from pizarra.collab.connection import Connection, Person
from pizarra.collab.journal import SessionClosed
from pizarra.collab.wire.codec import MessageType
from pizarra.config import Settings
from pizarra.errors import Conflict, InvalidInput, TooManyRequests
from pizarra.judging.comparing import Comparator
from pizarra.judging.outcomes import Rule
from pizarra.judging.signature import Signature
from pizarra.judging.trying import Program
from pizarra.models import InterviewSession, TimelineEntry
from pizarra.problems.content import Content
from pizarra.questions import samples as trying
from pizarra.questions.own_cases import require_few, require_values, rule_for_own, rule_of
from pizarra.questions.samples import Plan, Samples
from pizarra.questions.session_schemas import OwnCase, SampleResult
from pizarra.services import Services
from pizarra.timeline.entries.shared import Sample

PROGRAM = Program("python", "main.py", {"main.py": "print(input())"})
THREE = Sample(name="three", input="3", expected="3")
ZERO = Sample(name="zero", input="0", expected="0")


class Bench:
    """Samples of a session, tried by a worker that answers as a test says."""

    def __init__(
        self, parts: Services, session: InterviewSession, answer: Answer, **settings: Any
    ) -> None:
        self.parts = parts
        self.machine = Machine(answer)
        wanted = parts.settings.model_copy(update=settings)
        self.samples = Samples(
            wanted, parts.database, parts.hub, self.machine.fleet.client, lambda: NOON
        )
        self.plan = Plan(
            session=session,
            participant=7,
            participant_id="z" * 32,
            address="192.0.2.1",
            problem=2,
            program=PROGRAM,
            samples=[THREE, ZERO],
            rule=Rule(),
            own=[],
            own_rule=Rule(),
            seconds=None,
            code_seq=5,
            time=NOON,
        )

    async def try_them(self, **changes: Any) -> list[SampleResult]:
        """Try them, and wait for what comes of it."""
        return await self.machine.during(self.samples.start(replace(self.plan, **changes)))

    def refusal(self, **changes: Any) -> tuple[Code, str | None, int | None] | None:
        """Return why nothing is begun."""
        plan = replace(self.plan, **changes)
        try:
            self.samples.require_room(plan.session, plan.participant, plan.address)
        except TooManyRequests as error:
            return error.code, error.bound, error.retry_after
        return None

    async def entries(self) -> list[dict[str, Any]]:
        """Return what is on the timeline of it."""
        async with self.parts.database.read() as db:
            found = await db.scalars(
                select(TimelineEntry.data).where(TimelineEntry.kind == "samples")
            )
            return [dict(each or {}) for each in found]


def echo(request: Any) -> tuple[bytes, Any]:
    """Answer as a program that prints what it reads."""
    return request.stdin.encode(), end(request)


def never_ends(request: Any) -> tuple[bytes, Any]:
    """Answer as a program that goes on."""
    return b"", None


@pytest.fixture
async def session(parts: Services) -> InterviewSession:
    return await Rows(parts.database).session()


async def until(machine: Machine, runs: int) -> None:
    """Wait until so many programs were begun."""
    async with asyncio.timeout(5):
        while len(machine.runs) < runs:
            await asyncio.sleep(0)


# What comes of it


async def test_each_sample_is_told_and_kept(parts: Services, session: InterviewSession) -> None:
    bench = Bench(parts, session, echo)
    wrong = Sample(name="wrong", input="1", expected="2")
    found = await bench.try_them(samples=[THREE, wrong])
    assert [(each.name, each.passed, each.got, each.own) for each in found] == [
        ("three", True, "3", False),
        ("wrong", False, "1", False),
    ]
    (kept,) = await bench.entries()
    assert (kept["problem"], kept["language"], kept["path"], kept["at"]) == (
        2,
        "python",
        "main.py",
        5,
    )
    assert [(each["name"], each["passed"], each["stdout"]) for each in kept["results"]] == [
        ("three", True, ""),
        ("wrong", False, ""),
    ], "what was printed is what it came to: it is not kept twice"
    assert "own" not in kept


async def test_cases_of_ones_own_are_kept_apart(parts: Services, session: InterviewSession) -> None:
    bench = Bench(parts, session, echo)
    own = [OwnCase(name="mine", input="9"), OwnCase(input="8", expected="7")]
    found = await bench.try_them(own=own)
    assert [(each.own, each.passed, each.expected) for each in found] == [
        (False, True, "3"),
        (False, True, "0"),
        (True, True, None),
        (True, False, "7"),
    ]
    (kept,) = await bench.entries()
    assert len(kept["results"]) == 2
    assert [(each["input"], each["expected"], each["passed"]) for each in kept["own"]] == [
        ("9", None, True),
        ("8", "7", False),
    ]


@pytest.mark.parametrize(
    ("printed", "most", "kept"),
    [("x" * 10, 10, "x" * 10), ("x" * 11, 10, "x" * 10), ("ñ" * 6, 11, "ñ" * 5)],
)
async def test_what_was_printed_is_told_as_far_as_a_limit(
    parts: Services, session: InterviewSession, printed: str, most: int, kept: str
) -> None:
    bench = Bench(parts, session, prints(printed), max_test_output_bytes=most)
    (found,) = await bench.try_them(samples=[THREE])
    assert (found.got, found.stdout) == (kept, kept)


async def test_what_a_checker_says_is_not_for_candidates(
    parts: Services, session: InterviewSession
) -> None:
    checked = Rule(
        Comparator.model_validate(
            {"how": "checker", "checker": {"language": "python", "source": "# secret"}}
        )
    )

    def answer(request: Any) -> tuple[bytes, Any]:
        if "secret" in str(request.files):
            return b"s3cret reason", end(request, "exited", 9)
        return echo(request)

    (found,) = await Bench(parts, session, answer).try_them(samples=[THREE], rule=checked)
    assert (found.passed, found.status, found.stderr) == (False, "judge_error", "")


async def test_everybody_in_the_room_is_shown_it_once_it_is_recorded(
    parts: Services, session: InterviewSession
) -> None:
    room, far = await parts.hub.room(session.room_id), FarEnd()
    who = Person(1, "a" * 32, "Ana", "host", may_edit=True)
    room.join(Connection(who, far, parts.hub.limits.connection, wants_control=True))
    bench = Bench(parts, session, echo)
    await bench.try_them(own=[OwnCase(input="9")])
    told = [json.loads(each.payload) for each in far.messages(MessageType.CONTROL)]
    (ran,) = [each for each in told if each["type"] == "samples.ran"]
    assert (ran["participant_id"], ran["seq"], ran["changed"]) == ("z" * 32, 1, True)
    assert [each["name"] for each in ran["results"]] == ["three", "zero"]
    assert [each["input"] for each in ran["own"]] == ["9"]
    assert "stderr" not in ran["results"][0]
    await parts.hub.change(
        session.room_id, lambda it: it.put_file("main.py", "python", "print(input())")
    )
    await bench.try_them()
    again = [json.loads(each.payload) for each in far.messages(MessageType.CONTROL)]
    assert [each["changed"] for each in again if each["type"] == "samples.ran"] == [False]


# Bounds


@pytest.mark.parametrize(("most", "fits"), [(1, False), (2, True)])
async def test_a_session_tries_so_many_at_once(
    parts: Services, session: InterviewSession, most: int, fits: bool
) -> None:
    bench = Bench(parts, session, never_ends, max_sample_runs_per_session=most, test_seconds=4.2)
    bench.samples.start(bench.plan)
    refused = (Code.TOO_MANY_RUNS, "max_sample_runs_per_session", 5)
    assert bench.refusal(address="192.0.2.9") == (None if fits else refused)
    other = await Rows(parts.database).session()
    assert bench.refusal(session=other) is None
    rehearsal = await Rows(parts.database).session(rehearsal_of=session.id)
    assert bench.refusal(session=rehearsal) == (None if fits else refused), "it has its share"
    await bench.samples.stop()
    assert bench.refusal() is None, "what ended makes room"


async def test_an_address_tries_so_many_at_once_in_all_sessions(
    parts: Services, session: InterviewSession
) -> None:
    bench = Bench(parts, session, never_ends, max_runs_per_address=2)
    sessions = [session, *[await Rows(parts.database).session() for _ in range(2)]]
    for each in sessions[:2]:
        bench.samples.start(replace(bench.plan, session=each))
    last = sessions[2]
    assert bench.refusal(session=last) is not None
    assert bench.refusal(session=last, address="192.0.2.9") is None
    with pytest.raises(TooManyRequests):
        bench.samples.start(replace(bench.plan, session=last))
    await bench.samples.stop()


async def test_who_recorded_too_much_waits(parts: Services, session: InterviewSession) -> None:
    bench = Bench(
        parts,
        session,
        prints("x" * 900),
        person_log_burst_bytes=100,
        person_log_bytes_per_second=1,
    )
    await bench.try_them()
    refused = bench.refusal()
    assert refused is not None
    assert refused[:2] == (Code.RECORDING_TOO_FAST, "person_log_burst_bytes")
    assert bench.refusal(participant=8) is None, "each has their own"


async def test_what_fails_makes_room_too(parts: Services, session: InterviewSession) -> None:
    bench = Bench(parts, session, echo, max_sample_runs_per_session=1)
    async with parts.database.write() as db:
        (await db.get_one(InterviewSession, session.id)).status = "ended"
    with pytest.raises(SessionClosed):
        await bench.try_them()
    assert bench.refusal() is None
    assert await bench.entries() == []


@pytest.mark.parametrize("gone", [False, True])
async def test_a_session_that_ends_has_what_is_tried_given_up(
    parts: Services, session: InterviewSession, gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "_LOOK_SECONDS", 0.01)
    bench = Bench(parts, session, never_ends)
    task = bench.samples.start(bench.plan)
    await until(bench.machine, 1)
    async with parts.database.write() as db:
        if gone:
            await db.execute(delete(InterviewSession))
        else:
            (await db.get_one(InterviewSession, session.id)).status = "ended"
    with pytest.raises(Conflict) as refused:
        await asyncio.wait_for(task, 5)
    assert refused.value.code is Code.SESSION_ENDED
    told = [type(each).__name__ for each in bench.machine.fleet.told["a"]]
    assert told[-1] == "StopRun"


# Cases of one's own


def code_of(check: Any, *given: Any) -> tuple[Code, str | None] | None:
    try:
        check(*given)
    except InvalidInput as error:
        return error.code, error.bound
    return None


@pytest.mark.parametrize(
    ("cases", "bound"),
    [
        ([], None),
        ([OwnCase(input="")] * 2, None),
        ([OwnCase(input="")] * 3, "max_own_cases"),
        ([OwnCase(input="x" * 10)], None),
        ([OwnCase(input="x" * 11)], "max_own_case_bytes"),
        ([OwnCase(input="x" * 5, expected="y" * 5)], None),
        ([OwnCase(input="x" * 5, expected="y" * 6)], "max_own_case_bytes"),
        ([OwnCase(name="n" * 5, input="x" * 6)], "max_own_case_bytes"),
        ([OwnCase(input="ñ" * 6)], "max_own_case_bytes"),
    ],
)
def test_there_are_few_and_small_ones(cases: list[OwnCase], bound: str | None) -> None:
    settings = Settings(max_own_cases=2, max_own_case_bytes=10)
    expected = None if bound is None else (Code.CASES_TOO_LARGE, bound)
    assert code_of(require_few, cases, settings) == expected


SUM = Signature.model_validate(
    {"function": "sumOf", "parameters": [{"name": "a", "type": "int[]"}], "returns": "int"}
)


@pytest.mark.parametrize(
    ("case", "fits"),
    [
        (OwnCase(input="[1, 2]"), True),
        (OwnCase(input="[1, 2]", expected="3"), True),
        (OwnCase(input="[1, 2]", expected='"3"'), False),
        (OwnCase(input="1"), False),
        (OwnCase(input="[1, 2]\n3"), False),
        (OwnCase(input=""), False),
        (OwnCase(input='["a"]'), False),
    ],
)
def test_a_functions_values_are_of_its_types(case: OwnCase, fits: bool) -> None:
    rule = Rule(signature=SUM)
    expected = None if fits else (Code.CASE_NOT_OF_TYPE, None)
    assert code_of(require_values, [case], rule) == expected
    assert code_of(require_values, [case], Rule()) is None, "what is read is any text"


def test_what_is_tried_on_a_project_is_a_test() -> None:
    rule = Rule(project={})
    assert code_of(require_values, [OwnCase(input="x")], rule) == (Code.CASE_NOT_OF_TYPE, None)
    assert code_of(require_values, [], rule) is None


def test_a_checker_judges_no_case_of_ones_own() -> None:
    """It would tell of any output whether it is right: the answer to the question."""
    with_checker = {"how": "checker", "checker": {"language": "python", "source": "#"}}
    content = Content.model_validate({"title": "x", "comparator": with_checker})
    rule = rule_of(content)
    assert rule.comparator.checker is not None
    assert rule_for_own(rule).comparator == Comparator(how="tokens")
    plain = rule_of(Content.model_validate({"title": "x"}))
    assert rule_for_own(plain) is plain
