"""Reads an exercise's `canonical-data.json` (Exercism) as a question. It names no types: these are proposed."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pizarra.judging.signature import Type, usable_name
from pizarra.judging.values import read_json
from pizarra.questions.packages.archive import PackageError, Remark
from pizarra.questions.packages.types_of_values import NoType, type_of

_SAMPLES = 2
_MOST_CASES = 200
_MOST_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Proposal:
    """The fields of a question that somebody has still to look at, and what there is to say about them."""

    content: dict[str, Any]
    remarks: list[str] = field(default_factory=list)
    guessed: bool = False  # whether the types are


@dataclass(frozen=True, slots=True)
class _Case:
    group: str
    name: str
    of: str
    given: dict[str, Any]
    expected: Any

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.given)

    @property
    def is_error(self) -> bool:
        return isinstance(self.expected, dict) and set(self.expected) == {"error"}


def read_exercise(text: str) -> Proposal:
    """Return what an exercise would be as a question: a function of the property that most of its cases have.

    Raises:
        PackageError: it is no such file, or nothing of it is a function with types that every language has.
    """
    try:
        whole = read_json(text)
    except ValueError as error:
        raise PackageError(f"This is no JSON: {str(error)[:200]}") from error
    if not isinstance(whole, dict) or not isinstance(whole.get("cases"), list):
        raise PackageError("This is no canonical-data.json: it has no list of cases.")
    remarks: list[str] = []
    replaced = set(_replaced(whole["cases"], 0))
    every = list(_cases(whole["cases"], "", replaced, 0))
    if not every:
        raise PackageError("It has no cases.")
    wanted = _chosen(every, remarks)
    name = _named(wanted[0].of, remarks)
    parameters = [
        {
            "name": _named(key, remarks),
            "type": str(_typed(key, [each.given[key] for each in wanted])),
        }
        for key in wanted[0].keys
    ]
    returns = _typed("expected", [each.expected for each in wanted])
    signature = {"function": name, "parameters": parameters, "returns": str(returns)}
    title = re.sub(r"[-_]+", " ", str(whole.get("exercise") or name)).strip()
    content = {
        "title": (title[:1].upper() + title[1:])[:200] or name,
        "kind": "function",
        "signature": signature,
        "source": "Exercism, problem-specifications (MIT)",
        "licence": "MIT",
        "draft": True,
        **_as_cases(wanted),
    }
    if "float" in str(returns):
        content["comparator"] = {"absolute_tolerance": 1e-6, "relative_tolerance": 1e-6}
    return Proposal(content, remarks, guessed=True)


def _replaced(cases: Sequence[Any], depth: int) -> Iterator[str]:
    for each in cases if depth < _MOST_DEPTH else ():
        if isinstance(each, dict):
            yield from (str(each[key]) for key in ("reimplements",) if key in each)
            if isinstance(each.get("cases"), list):
                yield from _replaced(each["cases"], depth + 1)


def _cases(cases: Sequence[Any], group: str, replaced: set[str], depth: int) -> Iterator[_Case]:
    """Yield every case that no other replaces; of groups within groups the outermost gives the name."""
    for each in cases if depth < _MOST_DEPTH else ():
        if not isinstance(each, dict):
            continue
        said = str(each.get("description") or "").strip()[:80]
        if isinstance(each.get("cases"), list):
            yield from _cases(each["cases"], group or said, replaced, depth + 1)
        elif (
            isinstance(each.get("input"), dict)
            and "expected" in each
            and str(each.get("uuid")) not in replaced
        ):
            of = str(each.get("property") or "")
            yield _Case(group, said, of, each["input"], each["expected"])


def _chosen(every: Sequence[_Case], remarks: list[str]) -> list[_Case]:
    """Return the cases that become the question's, and say which do not."""
    shapes = Counter((each.of, frozenset(each.keys)) for each in every if not each.is_error)
    if not shapes:
        raise PackageError("Every case of it expects an error: that is no function here.")
    (name, keys), _ = shapes.most_common(1)[0]
    others = sorted({each.of for each in every} - {name})
    if others:
        remarks.append(Remark(f"Only {name} was taken; left out were {', '.join(others)[:300]}."))
    mine = [each for each in every if each.of == name]
    errors = [each for each in mine if each.is_error]
    if errors:
        remarks.append(Remark(f"{len(errors)} cases that expect an error were left out."))
    wanted = [each for each in mine if not each.is_error and frozenset(each.keys) == keys]
    if other := len(mine) - len(errors) - len(wanted):
        remarks.append(Remark(f"{other} cases with other arguments were left out."))
    if len(wanted) > _MOST_CASES:
        remarks.append(
            Remark(f"{len(wanted) - _MOST_CASES} cases are too many, and were left out.")
        )
    first = wanted[0].keys  # the arguments' order is the first case's
    return [
        _Case(each.group, each.name, name, {key: each.given[key] for key in first}, each.expected)
        for each in wanted[:_MOST_CASES]
    ]


def _typed(name: str, values: Sequence[Any]) -> Type:
    try:
        return type_of(values)
    except NoType as error:
        raise PackageError(
            f"{name} {error}: no signature can be proposed. Write the question by hand."
        ) from error


def _as_cases(wanted: Sequence[_Case]) -> dict[str, Any]:
    """Return the samples, and the secret cases in their groups."""

    def written(case: _Case) -> dict[str, Any]:
        lines = [json.dumps(value, ensure_ascii=False) for value in case.given.values()]
        expected = json.dumps(case.expected, ensure_ascii=False)
        return {"name": case.name, "input": "\n".join(lines), "expected": expected}

    groups: dict[str, list[dict[str, Any]]] = {}
    for case in wanted[_SAMPLES:]:
        place = case.group if case.group in groups or len(groups) < 49 else "more"
        groups.setdefault(place or "cases", []).append(written(case))
    return {
        "samples": [written(case) for case in wanted[:_SAMPLES]],
        "secret": [{"name": name, "cases": cases} for name, cases in groups.items()],
    }


def _named(name: str, remarks: list[str]) -> str:
    """Return a name in camel case that every language takes, and say where it is another one."""
    camel = _camel(name)
    if (usable := usable_name(camel)) != camel:
        remarks.append(Remark(f"{camel} is a word of one of the languages: here it is {usable}."))
    return usable


def _camel(name: str) -> str:
    """Return a name in camel case, as signatures have it."""
    words = [each for each in re.split(r"[^A-Za-z0-9]+", name) if each]
    if not words:
        return name
    first, *rest = words
    return first[:1].lower() + first[1:] + "".join(each[:1].upper() + each[1:] for each in rest)
