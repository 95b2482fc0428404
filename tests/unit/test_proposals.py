"""What a text would be as a question: an exercise's canonical data, or a pasted signature with examples."""

import json
import time
from typing import Any

import pytest

from pizarra.questions.packages.archive import PackageError
from pizarra.questions.packages.proposing import propose


def case(given: dict[str, Any], expected: Any, **more: Any) -> dict[str, Any]:
    return (
        {"uuid": "u", "description": "d", "property": "add_up", "input": given}
        | more
        | {"expected": expected}
    )


def exercise(*cases: dict[str, Any]) -> str:
    return json.dumps({"exercise": "add-up", "cases": list(cases)})


def test_an_exercise_is_a_function_of_guessed_types() -> None:
    content, remarks = propose(
        exercise(
            case({"some_numbers": [1, 2], "by": 2**40}, 1.5),
            {"description": "edge", "cases": [case({"some_numbers": [], "by": 1}, 0, uuid="old")]},
            case({"some_numbers": [7], "by": None}, 2, uuid="new", reimplements="old"),
            case({"some_numbers": [1], "by": 1}, {"error": "no"}),
            case({"by": 1}, 1),
            case({"x": 1}, 1, property="other"),
        ),
        "Add *up*.",
    )
    assert (content.title, content.statement, content.draft) == ("Add up", "Add *up*.", True)
    signature = content.signature
    assert signature is not None
    assert (signature.function, signature.returns) == ("addUp", "float")
    assert [(each.name, each.type) for each in signature.parameters] == [
        ("someNumbers", "int[]"),
        ("by", "long?"),
    ]
    assert [each.input for each in content.samples] == ["[1, 2]\n1099511627776", "[7]\nnull"]
    assert content.secret == []
    assert content.comparator.absolute_tolerance == 1e-6
    said = " ".join(remarks)
    for part in (
        "types are guessed",
        "left out were other",
        "1 cases that expect an error",
        "1 cases with other arguments",
    ):
        assert part in said


def test_a_name_that_a_language_has_for_itself_is_another() -> None:
    text = exercise(case({"string": "a"}, "b", property="default"))
    content, remarks = propose(text, "")
    assert content.signature is not None
    assert content.signature.function == "defaultValue"
    assert [each.name for each in content.signature.parameters] == ["stringValue"]
    assert "string is a word of one of the languages: here it is stringValue." in remarks


def test_groups_of_an_exercise_are_groups() -> None:
    cases = [case({"n": each}, str(each)) for each in range(3)]
    content, _ = propose(exercise(*cases, {"description": "large", "cases": cases}))
    assert [(each.name, len(each.cases)) for each in content.secret] == [("cases", 1), ("large", 3)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (exercise(case({"n": 1}, 1), case({"n": "x"}, 1)), "n has values of several types"),
        (exercise(case({"n": None}, 1)), "n is always null"),
        (exercise(case({"n": 2**70}, 1)), "more than 64 bits"),
        (exercise(case({"n": 1}, {"error": "x"})), "expects an error"),
        (exercise(), "has no cases"),
        ('{"cases": [[[[[[[[', "no JSON"),
        ("", "nothing in it"),
        ("hello", "no signature"),
        ("f(int a) -> banana", "must be int, long"),
        ("f(a) -> int", "is no parameter"),
        ("f(int a) -> int\n1, 2 -> 3", "has 2 arguments"),
        ("f(int a) -> int\n1", "is no example"),
        ('f(int a) -> int\n"x" -> 3', "must be of the type int"),
        ('{"name": "f"}', "is no signature"),
        (f"f({'[' * 5000}) -> int", "more than 4,000"),
        (f"f(a: {'List[' * 40}) -> int", "more than 120"),
    ],
)
def test_what_is_none_is_refused_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(PackageError, match=says.replace("[", r"\[")):
        propose(text)


@pytest.mark.parametrize(
    "text",
    [
        "two_sum(int[] nums, int target) -> int[]\n[2, 7], 9 -> [0, 1]",
        "def two_sum(nums: list[int], target: int) -> list[int]:\ntwo_sum([2, 7], 9) == [0, 1]",
        "function twoSum(nums: number[], target: number): number[]\ntwoSum([2, 7], 9) => [0, 1]",
        "public int[] twoSum(int[] nums, int target) {\n[2, 7], 9 -> [0, 1]",
        "std::vector<int> twoSum(const vector<int>& nums, int target)\n[2, 7], 9 -> [0, 1]",
    ],
)
def test_a_signature_is_read_as_any_of_the_languages_writes_it(text: str) -> None:
    content, remarks = propose(text)
    assert remarks == []
    assert content.signature is not None
    assert content.signature.model_dump(include={"function", "parameters", "returns"}) == {
        "function": "twoSum",
        "parameters": [{"name": "nums", "type": "int[]"}, {"name": "target", "type": "int"}],
        "returns": "int[]",
    }
    assert [(each.input, each.expected) for each in content.samples] == [("[2, 7]\n9", "[0, 1]")]
    assert (content.title, content.draft) == ("Two sum", True)


def test_metadata_and_what_is_changed_in_place() -> None:
    content, _ = propose(
        json.dumps(
            {
                "name": "moveZeroes",
                "params": [{"name": "nums", "type": "integer[]"}],
                "return": {"type": "void"},
            }
        )
    )
    assert content.signature is not None
    assert (content.signature.returns, content.signature.in_place) == ("void", "nums")
    content, _ = propose('f(map<string,int> a, string? b) -> bool\n{"x": 1}, "a, (b" -> true')
    assert content.samples[0].input == '{"x": 1}\n"a, (b"'


def test_no_text_takes_long() -> None:
    begun = time.process_time()
    for text in (
        "f(" + ")" * 400 + " " * 90 + "x",
        "public " * 70 + "(",
        "a" * 499 + "(",
        "f(int a) -> int\n" + "\n".join(["(" * 3900 + "-> 1"] * 300),
        exercise(*[{"description": "x", "cases": []}] * 5000, case({"n": 1}, 1)),
    ):
        try:
            propose(text)
        except PackageError:
            continue
    assert time.process_time() - begun < 20
