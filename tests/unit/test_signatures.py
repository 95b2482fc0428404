"""What a typed function takes and returns, and when a value is of its type and the same as another."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pizarra.judging.comparing import EXACT, Comparator
from pizarra.judging.harness import frames_in
from pizarra.judging.signature import Signature, Type, parse_type
from pizarra.judging.starters import generated, snake
from pizarra.judging.values import (
    NotOfType,
    Tokens,
    checked,
    read_arguments,
    read_json,
    same_value,
    shown,
    tokens_of,
)


def signature(**changes: Any) -> Signature:
    about = {"function": "f", "parameters": [{"name": "x", "type": "int[]"}], "returns": "int"}
    return Signature.model_validate(about | changes)


@pytest.mark.parametrize(
    "text",
    [
        "int",
        "long[]",
        "string[][]",
        "map<string,int[]>",
        "int?",
        "Tree<int>",
        "List<long>[]",
        "int?[]",
    ],
)
def test_a_type_reads_as_it_is_written(text: str) -> None:
    assert str(parse_type(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "integer",
            "void[]",
            "map<int,int>",
            "Tree<int[]>",
            "int??",
            "Tree<int>?",
            "int[][][][][]",
        ),
        "x" * 200,
    ],
)
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|can be nothing|void stands|holds"):
        parse_type(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"function": "lambda"},
        {"function": "new"},
        {"function": "TwoSum"},
        {"function": "two_sum"},
        {"parameters": [{"name": "in", "type": "int"}]},
        {"parameters": [{"name": "x", "type": "int"}, {"name": "x", "type": "int"}]},
        {"parameters": [{"name": "x", "type": "void"}]},
        {"returns": "void"},
        {"in_place": "y"},
        {"in_place": "x", "returns": "int[]"},
        {"parameters": [{"name": "x", "type": "Tree<int>"}], "returns": "Tree<long>"},
        {"parameters": [{"name": "x", "type": "map<string,int>"}], "in_place": "x"},
    ],
)
def test_what_no_language_could_write_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        signature(**changes)


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("int", "2147483648", "does not fit"),
        ("long", "9223372036854775808", "does not fit"),
        ("int", "1.0", "type int"),
        ("int", "true", "type int"),
        ("float", "NaN", "quotation marks"),
        ("float", "1e999999", None),
        ("Tree<int>", "[1, null, null, 2]", "below none"),
        ("Tree<int>", "[null, 1]", "below none"),
        ("int[]", "[1, null]", "type int"),
        ("map<string,int>", "[1]", "type map"),
        ("string", "1", "type string"),
        ("int", "[" * 100_000, "no JSON"),
        ("int", "9" * 10_000, "no JSON"),
    ],
)
def test_what_is_not_of_its_type_is_named(kind: str, text: str, says: str | None) -> None:
    if says is None:
        assert math.isinf(checked(parse_type(kind), read_json(text)))
        return
    with pytest.raises(NotOfType, match=says):
        checked(parse_type(kind), read_json(text))


def test_arguments_are_one_a_line() -> None:
    assert read_arguments(signature(), "\n[1, 2]\n\n") == [[1, 2]]
    with pytest.raises(NotOfType, match="1 lines"):
        read_arguments(signature(), "[1]\n[2]")


SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(),
    "bool": st.booleans(),
    "string": st.text(st.characters(exclude_categories=["Cs"])),
}


@st.composite
def typed(draw: st.DrawFn) -> tuple[Type, Any]:
    name = draw(st.sampled_from(sorted(SCALARS)))
    kind, values = parse_type(name), SCALARS[name]
    for _ in range(draw(st.integers(0, 3))):
        match draw(st.sampled_from(["array", "map", "optional"])):
            case "array":
                kind, values = Type("array", kind), st.lists(values, max_size=4)
            case "map":
                keys = SCALARS["string"]
                kind, values = Type("map", kind), st.dictionaries(keys, values, max_size=3)
            case _ if kind.shape != "optional":
                kind, values = Type("optional", kind), st.none() | values
            case _:
                pass
    return kind, draw(values)


@given(typed())
def test_a_value_comes_back_as_it_went_and_is_itself(case: tuple[Type, Any]) -> None:
    kind, value = case
    back = Tokens(list(tokens_of(kind, value))).value(kind)
    assert same_value(kind, back, value, EXACT)
    assert same_value(kind, checked(kind, read_json(shown(kind, value))), value, EXACT)


@given(st.lists(st.integers(-3, 3)), st.randoms())
def test_any_order_is_any_order_and_nothing_else(values: list[int], random: Any) -> None:
    kind, bag = parse_type("int[]"), Comparator(how="multiset")
    other = values.copy()
    random.shuffle(other)
    assert same_value(kind, other, values, bag)
    assert not same_value(kind, [*other, 1], values, bag)
    if values:
        other[0] += 1
        assert not same_value(kind, other, values, bag)


def test_how_near_floats_must_be() -> None:
    kind = parse_type("float")
    assert same_value(kind, 16.0 + 1e-15, 16.0, EXACT)
    assert same_value(kind, -0.0, 0.0, EXACT)
    assert not same_value(kind, math.nan, 0.0, EXACT)
    assert not same_value(kind, math.inf, -math.inf, EXACT)
    assert not same_value(kind, 1.1, 1.0, Comparator(absolute_tolerance=0.01))
    assert same_value(
        parse_type("float[]"), [2.0, 1.0 + 1e-9], [1.0, 2.0], Comparator(how="multiset")
    )


@pytest.mark.parametrize(
    "tokens", [[], ["x"], ["-1"], ["2", "1"], ["99999999999"], ["1", "1.5"], ["1", "2147483648"]]
)
def test_a_program_may_write_anything(tokens: list[str]) -> None:
    if tokens == ["-1"]:
        assert Tokens(tokens).value(parse_type("int[]")) == []
        return
    with pytest.raises(NotOfType):
        Tokens(tokens).value(parse_type("int[]"))


def test_frames_are_told_from_what_is_printed() -> None:
    frame = b"\x1fs v %d 12\n7\n\x1fs .\n"
    output = b"hi" + frame % 0 + b"\x1fx v 1 1\n\x1fx .\n" + frame % 1 + b"rest" + frame % 5 + b"!"
    frames, rest = frames_in(output, "s")
    assert [(each.tokens, each.micros) for each in frames] == [(["7"], 12)] * 2
    assert (frames[0].printed, frames[1].printed) == (b"hi", b"\x1fx v 1 1\n\x1fx .\n")
    assert rest == b"rest" + frame % 5 + b"!"


def test_names_are_as_each_language_writes_them() -> None:
    assert snake("twoSumClosestTo0") == "two_sum_closest_to0"
    about = signature(
        function="twoSum", parameters=[{"name": "numsGiven", "type": "map<string,int?>"}]
    )
    assert "def two_sum(nums_given: dict[str, int | None]) -> int:" in generated(about, "python")
    assert "function twoSum(numsGiven: Map<string, number | null>): number {" in generated(
        about, "typescript"
    )
    assert "static int twoSum(Map<String, Integer> numsGiven)" in generated(about, "java")
    assert (
        "int twoSum(std::unordered_map<std::string, std::optional<int>>& numsGiven)"
        in generated(about, "cpp")
    )
