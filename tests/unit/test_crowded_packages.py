"""Packages with more than a question may have: what is left out is told, and the rest is there."""

import pytest
from tests.harness.packages import SETTINGS

from pizarra.problems.content import MOST_GROUPS, MOST_WRONG
from pizarra.questions.packages.reading import Read, read_package


def read(**more: bytes) -> Read:
    files = {
        "problem.yaml": b"problem_format_version: 2023-07\nname: Many\n",
        "statement/problem.en.md": b"Say it.",
    }
    return read_package(files | more, SETTINGS)


def case(place: str) -> dict[str, bytes]:
    return {f"{place}.in": b"1\n", f"{place}.ans": b"1\n"}


@pytest.mark.parametrize("direct", [{}, case("data/secret/direct")])
@pytest.mark.parametrize("more", [0, 1, 10])
def test_groups_beyond_what_a_question_has_are_told(direct: dict[str, bytes], more: int) -> None:
    folders = [f"data/secret/g{n:03}" for n in range(MOST_GROUPS - len(direct) // 2 + more)]
    files = {name: text for each in folders for name, text in case(f"{each}/1").items()}
    found = read(**files, **direct)
    assert len(found.content.secret) == MOST_GROUPS
    assert all(len(each.cases) == 1 for each in found.content.secret)
    told = f"{MOST_GROUPS} groups of secret cases at most: {more} cases were left out"
    assert [told in each for each in found.remarks] == [True] * (more > 0)


@pytest.mark.parametrize("more", [0, 2])
def test_wrong_solutions_beyond_what_a_question_has_are_told(more: int) -> None:
    names = [f"w{n:03}.py" for n in range(MOST_WRONG + more)]
    found = read(**{f"submissions/wrong_answer/{each}": b"print(0)\n" for each in names})
    assert [each.name for each in found.content.wrong] == names[:MOST_WRONG]
    told = [each for each in found.remarks if "Submissions were left out" in each]
    assert [name in each for each in told for name in names[MOST_WRONG:]] == [True] * more
