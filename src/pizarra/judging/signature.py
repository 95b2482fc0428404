"""What a question's function takes and returns, in words that mean the same in every language.

`int long float bool string`, `T[]`, `map<string,T>`, `T?`, `Tree<T>`, `List<T>`, and `void` for what returns nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from pizarra.schemas import RequestModel, StorableText

Shape = Literal[
    "int", "long", "float", "bool", "string", "void", "array", "map", "optional", "tree", "list"
]
_MOST_DEPTH = 4
_MOST_CHARACTERS = 80
_SCALARS: tuple[Shape, ...] = ("int", "long", "float", "bool", "string")
_WRAPPED: dict[str, Shape] = {"map<string,": "map", "Tree<": "tree", "List<": "list"}
_NAME = r"^[a-z][A-Za-z0-9]*$"
# Of the five languages, in any: what is emitted is a name in all of them.
_WORDS = """
abstract and as assert async await auto bool boolean break byte case catch char class const continue def default
del delete do double elif else enum eval except export extends extern false final finally float for from function
global goto if implements import in inline instanceof int interface is lambda let long namespace native new nonlocal
not null nullptr of operator or package pass private protected public raise register return short signed sizeof static
strictfp string struct super switch synchronized template this throw throws transient true try type typedef typename
typeof union unsigned using var virtual void volatile while with xor yield arguments undefined main len list map set
dict str print input
"""
_RESERVED = frozenset(_WORDS.split())


@dataclass(frozen=True, slots=True)
class Type:
    """A type: its shape, and of what it is where it is of something."""

    shape: Shape
    of: "Type | None" = None

    def __str__(self) -> str:
        match self.shape:
            case "array":
                return f"{self.of}[]"
            case "optional":
                return f"{self.of}?"
            case "map":
                return f"map<string,{self.of}>"
            case "tree":
                return f"Tree<{self.of}>"
            case "list":
                return f"List<{self.of}>"
            case scalar:
                return scalar


def parse_type(text: str) -> Type:
    """Return what a type's text says.

    Raises:
        ValueError: it is none of ours; the message says which there are.
    """
    text = re.sub(r"\s+", "", text)
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"must not have more than {_MOST_CHARACTERS} characters")
    return _parse(text, _MOST_DEPTH)


def _parse(text: str, depth: int) -> Type:
    if depth < 0:
        raise ValueError(f"must not be nested more than {_MOST_DEPTH} deep")
    if text == "void":
        return Type("void")
    for scalar in _SCALARS:
        if text == scalar:
            return Type(scalar)
    if text.endswith("[]"):
        return Type("array", _inner(text[:-2], depth))
    if text.endswith("?"):
        inner = _inner(text[:-1], depth)
        if inner.shape in ("optional", "tree", "list"):
            raise ValueError(f"{inner} can be nothing already: leave the ? out")
        return Type("optional", inner)
    for opening, shape in _WRAPPED.items():
        if text.startswith(opening) and text.endswith(">"):
            inner = _inner(text[len(opening) : -1], depth)
            if shape in ("tree", "list") and inner.shape not in _SCALARS:
                raise ValueError("a Tree or a List holds int, long, float, bool or string")
            return Type(shape, inner)
    raise ValueError(
        "must be int, long, float, bool, string, T[], map<string,T>, T?, Tree<T>, List<T> or void"
    )


def _inner(text: str, depth: int) -> Type:
    inner = _parse(text, depth - 1)
    if inner.shape == "void":
        raise ValueError("void stands alone")
    return inner


def _a_type(text: str) -> str:
    return str(parse_type(text))


def usable_name(name: str) -> str:
    """Return a name that every language takes: one that is a word of theirs gets another word behind it."""
    return f"{name}Value" if name.lower() in _RESERVED else name


def _usable(name: str) -> str:
    if name.lower() in _RESERVED:
        raise ValueError("is a word of one of the languages: choose another name")
    return name


TypeText = Annotated[StorableText, Field(max_length=120), AfterValidator(_a_type)]
Name = Annotated[str, Field(max_length=60, pattern=_NAME), AfterValidator(_usable)]


def types_in(signature: "Signature") -> Iterator[Type]:
    """Yield every type of a signature, those inside others too."""
    for text in (*(each.type for each in signature.parameters), signature.returns):
        kind: Type | None = parse_type(text)
        while kind is not None:
            yield kind
            kind = kind.of


class Parameter(RequestModel):
    """One parameter."""

    name: Name = Field(
        description="Its name in camel case; languages that write snake case get that.",
        examples=["nums"],
    )
    type: TypeText = Field(description="Its type.", examples=["int[]"])


class Signature(RequestModel):
    """A function that every language writes in its own way."""

    function: Name = Field(
        description="Its name in camel case; languages that write snake case get that.",
        examples=["twoSum"],
    )
    parameters: list[Parameter] = Field(
        description="What it takes, in order.",
        examples=[[{"name": "nums", "type": "int[]"}, {"name": "target", "type": "int"}]],
        max_length=10,
    )
    returns: TypeText = Field(description="What it returns.", examples=["int[]"])
    in_place: Name | None = Field(
        None,
        description="The parameter that it changes: that is compared. Where it returns an int k as well, only its "
        "first k.",
        examples=["nums"],
    )
    process: Literal["per_case", "per_call"] = Field(
        "per_call",
        description="`per_call`: one process takes the cases one after the other; `per_case`: each case has one of its "
        "own, so that nothing is remembered from one to the next.",
        examples=["per_call"],
    )

    @model_validator(mode="after")
    def _fits(self) -> "Signature":
        names = [each.name for each in self.parameters]
        if len(set(names)) < len(names):
            raise ValueError("must not name a parameter twice")
        if any(parse_type(each.type).shape == "void" for each in self.parameters):
            raise ValueError("a parameter cannot be void")
        for shape in ("tree", "list"):
            values = {str(each) for each in types_in(self) if each.shape == shape}
            if len(values) > 1:
                raise ValueError("every Tree, and every List, must be of one type")
        if self.in_place is not None:
            self._check_in_place(names)
        elif parse_type(self.returns).shape == "void":
            raise ValueError("returns void: say in_place which parameter it changes")
        return self

    def _check_in_place(self, names: list[str]) -> None:
        if self.in_place not in names:
            raise ValueError("in_place must name a parameter")
        if self.returns not in ("void", "int"):
            raise ValueError("with in_place it returns void, or an int: how many count")
        changed = parse_type(self.parameters[names.index(self.in_place)].type)
        if self.returns == "int" and changed.shape != "array":
            raise ValueError("only of an array the first k count")
