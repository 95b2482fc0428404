"""Which instants tests are tried on."""

import pytest

from pizarra.test_cases.instants import instants_to_try


def test_every_run_the_end_and_checkpoints_between() -> None:
    assert instants_to_try(100, [3, 77], ended=True, most=80) == [
        3,
        16,
        32,
        48,
        64,
        77,
        80,
        96,
        100,
    ]
    assert instants_to_try(10, [], ended=False, most=80) == []
    assert instants_to_try(0, [0], ended=True, most=80) == [0]


@pytest.mark.parametrize("head", [1, 400, 401, 9_999, 250_000])
def test_there_are_never_too_many(head: int) -> None:
    instants = instants_to_try(head, range(0, head, 7), ended=True, most=80)
    assert len(instants) <= 80
    assert instants == sorted(set(instants))
    assert max(instants) == head


def test_what_was_tried_before_is_of_use_later() -> None:
    for head in range(100, 20_000, 777):
        now, later = (
            set(instants_to_try(each, [], ended=False, most=80)) for each in (head, head * 2)
        )
        assert len(now - later) <= len(now) / 2 + 1
        assert {each for each in later if each <= head} <= now
