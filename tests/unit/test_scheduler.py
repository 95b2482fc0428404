"""Whose program computes next: slots go round between teams and sessions, and people go before tests."""

import itertools

from pizarra.config import Settings
from pizarra.execution.limits import pipe_limits
from pizarra.sandbox.runner.job import Job
from pizarra.sandbox.runner.protocol import StartRun
from pizarra.sandbox.runner.scheduler import Scheduler

_NUMBERS = itertools.count()


class Run(Job):
    """A job whose program waits for somebody when it is told to."""

    rests = False

    @property
    def is_resting(self) -> bool:
        """Whether it does nothing."""
        return self.rests


def job(share: str, team: str = "", behind: float | None = None) -> Run:
    request = StartRun(
        run_id=f"{share} {next(_NUMBERS)}",
        language="python",
        main="main.py",
        files={},
        stdin="",
        keep_stdin_open=False,
        terminal=None,
        limits=pipe_limits(Settings()),
        share=share,
        team=team,
        behind=behind,
    )
    return Run(request, lambda _event: None)


def test_turns_go_round_between_teams_and_their_sessions() -> None:
    scheduler = Scheduler(slots=2, queue=32, resting=0)
    first: list[Job] = [job("a", "one"), job("a", "one")]
    assert all(scheduler.begin(each) for each in first)
    waiting = [job("a", "one"), job("b", "one"), job("c", "two"), job("d", "two"), job("e")]
    assert not scheduler.begin(waiting[0])
    assert all(scheduler.wait(each) for each in waiting)
    order = []
    for _ in range(5):
        assert scheduler.next() is None
        scheduler.end(first.pop(0))
        begun = scheduler.next()
        assert begun is not None
        first.append(begun)
        order.append(begun.share)
    assert order == [
        "c",
        "a",
        "d",
        "b",
        "e",
    ]  # whose team computes least, and who has waited longest
    full = Scheduler(slots=1, queue=32, resting=0)
    assert full.begin(job("x"))
    assert [full.wait(job("greedy")) for _ in range(10)] == [True] * 8 + [False] * 2
    assert full.wait(job("modest"))


def test_what_nobody_waits_for_goes_behind_what_people_run() -> None:
    scheduler = Scheduler(slots=4, queue=32, resting=0)
    people, tests = job("a"), [job(f"tests {number}", behind=60) for number in range(3)]
    assert scheduler.begin(people)
    assert not scheduler.begin(tests[0])  # a program of somebody's computes
    impatient = job("tests", behind=0)  # long enough
    assert scheduler.begin(impatient)
    assert not scheduler.begin(tests[0])
    scheduler.end(people)
    assert scheduler.begin(tests[0])
    assert not scheduler.begin(tests[1])  # two of four are half of the slots
    assert not scheduler.begin(job("more tests", behind=0))
    assert all(scheduler.wait(each) for each in tests[1:])
    scheduler.end(impatient)
    assert scheduler.next() is tests[1]
    assert scheduler.begin(job("b"))
    scheduler.end(tests[1])
    assert scheduler.next() is None  # people's again


def test_a_program_that_rests_gives_its_slot_to_the_next() -> None:
    scheduler = Scheduler(slots=1, queue=8, resting=3)
    first, second = job("a"), job("b")
    assert scheduler.begin(first)
    assert scheduler.wait(second)
    assert scheduler.next() is None
    first.rests = True
    assert scheduler.next() is second
    assert (scheduler.begun, scheduler.computing(), scheduler.waiting) == (2, 1, [])
    first.rests = False  # somebody typed: both compute for a while, and nobody else begins
    assert (scheduler.computing(), scheduler.begin(job("c"))) == (2, False)


def test_so_many_sandboxes_and_no_more_however_they_rest() -> None:
    scheduler = Scheduler(slots=2, queue=8, resting=3)
    begun = [job(str(number)) for number in range(5)]
    for each in begun:
        assert scheduler.begin(each)
        each.rests = True
    assert not scheduler.begin(job("one more"))
    scheduler.end(begun[0])
    assert scheduler.begin(job("one more"))


def test_one_session_has_at_most_half_of_those_that_rest() -> None:
    scheduler = Scheduler(slots=2, queue=8, resting=4)
    mine = [job("mine") for _ in range(5)]
    for each in mine[:4]:  # two slots, and two of four
        assert scheduler.begin(each)
        each.rests = True
    assert not scheduler.begin(mine[4])
    assert scheduler.begin(job("yours"))
    assert scheduler.wait(mine[4])
    assert scheduler.next() is None
    scheduler.end(mine[0])
    assert scheduler.next() is mine[4]


def test_who_waits_begins_by_their_turn_alone() -> None:
    scheduler = Scheduler(slots=2, queue=8, resting=0)
    waiting = job("a")
    assert scheduler.wait(waiting)
    assert not scheduler.begin(waiting)
    assert scheduler.next() is waiting
    assert scheduler.next() is None


def test_a_short_queue_leaves_everybody_some_places() -> None:
    scheduler = Scheduler(slots=1, queue=8, resting=0)
    assert [scheduler.wait(job("greedy")) for _ in range(5)] == [True] * 4 + [False]
    assert all(scheduler.wait(job("modest")) for _ in range(4))
    assert not scheduler.wait(job("late")), "the queue is full"


def test_a_job_of_no_share_is_a_share_and_a_team_of_its_own() -> None:
    alone, other = job(""), job("")
    assert (alone.share, alone.team) == (alone.request.run_id,) * 2
    assert alone.team != other.team
    assert (job("a").team, job("a", "t").team) == ("a", "t")


def test_what_was_never_begun_may_end() -> None:
    scheduler = Scheduler(slots=1, queue=8, resting=0)
    scheduler.end(job("a"))
    assert scheduler.begun == 0


def test_within_a_team_the_session_that_computes_less_is_next() -> None:
    scheduler = Scheduler(slots=2, queue=8, resting=6)
    busy = [job("a", "t"), job("b", "t")]
    assert all(scheduler.begin(each) for each in busy)
    earlier, later = job("b", "t"), job("a", "t")
    assert scheduler.wait(earlier)
    assert scheduler.wait(later)
    scheduler.end(busy[0])
    assert scheduler.next() is later, "of its session nothing computes"


def test_tests_wait_for_people_who_wait_but_not_for_programs_that_rest() -> None:
    scheduler = Scheduler(slots=4, queue=8, resting=4)
    rests, tests = job("a"), job("tests", behind=60)
    rests.rests = True
    assert scheduler.wait(rests)
    assert not scheduler.begin(tests), "somebody waits for their program to begin"
    assert scheduler.next() is rests
    assert scheduler.begin(tests)


def test_nobody_learns_from_their_turn_that_secret_cases_are_tried() -> None:
    """On one slot a candidate was told to wait while the secret cases of their question were tried."""
    for tests in ([], [job(f"tests {number}", "team", behind=0) for number in range(12)]):
        scheduler = Scheduler(slots=1, queue=8, resting=0)
        began = [scheduler.begin(each) for each in tests]
        assert sum(began) == min(1, len(tests))  # half the slots, and one at least
        behind = [each for each, has in zip(tests, began, strict=True) if not has]
        assert [scheduler.wait(each) for each in behind] == [True] * min(8, len(behind)) + [
            False
        ] * (len(behind) - 8)
        people = [job(share, "team") for share in "abcd"]
        assert [scheduler.begin(each) for each in people] == [True, False, False, False]
        assert all(scheduler.wait(each) for each in people[1:])
        assert [place for place, each in scheduler.places() if not each.is_background] == [1, 2, 3]
        for before, after in itertools.pairwise(people):
            assert scheduler.next() is None
            scheduler.end(before)
            assert scheduler.next() is after


def test_tests_that_waited_long_enough_are_tried_beside_what_people_run() -> None:
    """Where somebody always waits there is no moment in which nobody computes."""
    scheduler = Scheduler(slots=2, queue=8, resting=2)
    assert all(scheduler.begin(job(share)) for share in "ab")
    assert scheduler.wait(job("c"))
    patient, impatient = job("tests 1", behind=60), job("tests 2", behind=0)
    assert not scheduler.begin(patient)
    assert scheduler.begin(impatient)
    assert not scheduler.begin(job("tests 3", behind=0))  # half of the slots


def test_what_is_tried_behind_makes_no_queue_longer() -> None:
    """A candidate who was told that many wait, or that the queue is full, would learn what is tried."""
    scheduler = Scheduler(slots=1, queue=2, resting=0)
    behind = [job(f"tests {number}", behind=0.0) for number in range(3)]
    assert scheduler.begin(behind[0])
    assert all(scheduler.wait(each) for each in behind[1:])
    assert scheduler.people_waiting() == 0
    assert scheduler.begin(job("a"))
    waits = [job("b"), job("c")]
    assert not scheduler.begin(waits[0])
    assert [scheduler.wait(each) for each in (*waits, job("d"))] == [True, True, False]
    assert scheduler.people_waiting() == 2
    assert [place for place, each in scheduler.places() if each in waits] == [1, 2]
