"""Reads a pasted signature as a question: `twoSum(int[] nums, int target) -> int[]`, with an example a line below."""

import json
import re
from typing import Any

from pizarra.judging.signature import parse_type
from pizarra.questions.packages.archive import PackageError
from pizarra.questions.packages.exercism import Proposal

_MOST_LINES = 400
_MOST_LINE = 4000  # characters
_LONGEST_HEAD = 500
_LONGEST_TYPE = 120
_HEAD = re.compile(
    r"(?:def\s++|function\s++)?([A-Za-z_]\w{0,59})\s*+\((.*)\)\s*+(?:->|:|=>)([^:]{1,200}+):?"
)
_TYPE_FIRST = re.compile(
    r"(?:public\s+|static\s+)*([A-Za-z][\w<>,:\[\]? ]{0,79}?)\s+"
    r"([A-Za-z_]\w{0,59})\s*\((.*)\)\s*[{;]?"
)
_ARROWS = ("->", "=>", "==", "→")
# How the five languages, and sites with questions, call what is ours.
_ALIASES = {
    "integer": "int",
    "number": "int",
    "str": "string",
    "String": "string",
    "boolean": "bool",
    "double": "float",
    "bigint": "long",
    "None": "void",
    "Integer": "int",
    "Long": "long",
    "Double": "float",
    "Boolean": "bool",
    "character": "string",
    "std::string": "string",
    "long long": "long",
}
_LISTS = re.compile(r"(?:list|Array|vector|std::vector)[\[<](.+)[\]>]")
_MAPS = re.compile(
    r"(?:dict|Map|Record|unordered_map|map)[\[<]\s*(?:str|string|String)\s*,\s*(.+)[\]>]"
)


def read_pasted(text: str) -> Proposal:
    """Return what a pasted signature, and the examples below it, would be as a question.

    Raises:
        PackageError: there is no signature in its first line, or an example is not of it.
    """
    lines = [each.strip() for each in text.splitlines()[:_MOST_LINES] if each.strip()]
    if any(len(each) > _MOST_LINE for each in lines):
        raise PackageError(f"A line has more than {_MOST_LINE:,} characters.")
    if not lines:
        raise PackageError("There is nothing in it.")
    if lines[0].startswith("{"):
        return Proposal(_from_metadata(text))
    name, parameters, returns = _head(lines[0])
    content = _content(name, parameters, returns)
    samples = [_example(line, name, len(parameters)) for line in lines[1:]]
    return Proposal({**content, "samples": samples})


def _head(line: str) -> tuple[str, list[tuple[str, str]], str]:
    if len(line) > _LONGEST_HEAD:
        raise PackageError(f"The signature has more than {_LONGEST_HEAD} characters.")
    if (found := _HEAD.fullmatch(line)) and found[3].strip():
        name, inside, returns = found.groups()
    elif found := _TYPE_FIRST.fullmatch(line):
        returns, name, inside = found.groups()
    else:
        raise PackageError(
            "Its first line is no signature. Write it so: twoSum(int[] nums, int target) -> int[]"
        )
    return _camel(name), [_parameter(each) for each in _parted(inside)], _type(returns)


def _parameter(text: str) -> tuple[str, str]:
    name, colon, kind = text.partition(":")
    if not colon:
        kind, _, name = text.rpartition(" ")
    if not kind.strip():
        raise PackageError(f"{text[:80]} is no parameter: a name and its type.")
    return _camel(name.strip()), _type(kind)


def _type(text: str) -> str:
    if len(text) > _LONGEST_TYPE:
        raise PackageError(f"A type has more than {_LONGEST_TYPE} characters.")
    text = text.strip().removeprefix("const ").rstrip("& ").strip()
    if found := _LISTS.fullmatch(text):
        return f"{_type(found[1])}[]"
    if found := _MAPS.fullmatch(text):
        return f"map<string,{_type(found[1])}>"
    for ending in ("[]", "?"):
        if text.endswith(ending):
            return _type(text[: -len(ending)]) + ending
    if text.endswith(("| None", "| null")):
        return _type(text.rpartition("|")[0]) + "?"
    text = _ALIASES.get(text, text)
    try:
        return str(parse_type(text))
    except ValueError as error:
        raise PackageError(f"{text[:80]} is no type: {error}") from error


def _parted(text: str) -> list[str]:
    """Return what stands between commas, where these are not within brackets or quotes."""
    parts, depth, quoted, begin = [], 0, False, 0
    for place, letter in enumerate(text):
        if letter == '"' and (place == 0 or text[place - 1] != "\\"):
            quoted = not quoted
        elif not quoted:
            depth += (letter in "[({<") - (letter in "])}>")
            if letter == "," and depth == 0:
                parts.append(text[begin:place].strip())
                begin = place + 1
    parts.append(text[begin:].strip())
    return [each for each in parts if each]


def _example(line: str, name: str, arguments: int) -> dict[str, Any]:
    """Return the case of a line: `twoSum([2, 7], 9) -> [0, 1]`, or without the name."""
    for arrow in _ARROWS:
        given, found, expected = line.rpartition(arrow)
        if found:
            break
    else:
        raise PackageError(f"{line[:80]} is no example: write it as arguments -> value.")
    given = given.strip()
    if called := re.fullmatch(r"\w{1,60}\((.*)\)", given):
        given = called[1]
    values = _parted(given)
    if len(values) != arguments:
        raise PackageError(
            f"{line[:80]} has {len(values)} arguments, and {name} takes {arguments}."
        )
    return {"name": "", "input": "\n".join(values), "expected": expected.strip()}


def _from_metadata(text: str) -> dict[str, Any]:
    """Return what the metadata of such a question says, as several sites write it: name, params and return."""
    try:
        whole = json.loads(text)
        parameters = [(_camel(each["name"]), _type(each["type"])) for each in whole["params"]]
        returns = whole.get("return") or {"type": "void"}
        return _content(_camel(whole["name"]), parameters, _type(returns["type"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PackageError("This is no signature: it has no name, params and return.") from error


def _content(name: str, parameters: list[tuple[str, str]], returns: str) -> dict[str, Any]:
    words = re.sub(r"([A-Z])", r" \1", name).lower().strip()
    signature: dict[str, Any] = {
        "function": name,
        "parameters": [{"name": each, "type": kind} for each, kind in parameters],
        "returns": returns,
    }
    if returns == "void" and parameters:
        signature["in_place"] = parameters[0][0]
    return {
        "title": words[:1].upper() + words[1:],
        "kind": "function",
        "draft": True,
        "signature": signature,
    }


def _camel(name: str) -> str:
    first, *rest = [each for each in name.split("_") if each] or [name]
    return first[:1].lower() + first[1:] + "".join(each[:1].upper() + each[1:] for each in rest)
