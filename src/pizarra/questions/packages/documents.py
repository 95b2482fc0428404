"""YAML from strangers: the types of YAML 1.2's core alone, no aliases, bounded in size and depth."""

import re
from typing import Any, ClassVar

import yaml  # type: ignore[import-untyped]

from pizarra.kit.text import is_storable
from pizarra.questions.packages.archive import PackageError

MOST_TEXT_BYTES = 1024 * 1024
_MOST_NODES = 50_000
_MOST_DEPTH = 24
_MOST_KEY = 80  # characters of one that are told
_MOST_NUMBER = 40  # characters; what is longer is text

_NAMES = "tag:yaml.org,2002:"
_SHORT = rf"(?=.{{1,{_MOST_NUMBER}}}\Z)"
# What plain text is taken for, and which characters it may begin with: YAML 1.2, 10.3.2. YAML 1.1, which
# PyYAML reads, has numbers to the base of 60 besides, which take quadratic time, and dates that may not exist.
_CORE = (
    ("null", r"(?:~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
    ("int", rf"{_SHORT}(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z", list("-+0123456789")),
    (
        "float",
        rf"{_SHORT}(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z",
        list("-+0123456789."),
    ),
)
# Other types come about by what a text looks like, never because somebody says so.
_TAGS = (None, "!", *(f"{_NAMES}{each}" for each in ("str", "seq", "map")))


class _Twice(Exception):
    """A key stands twice in one mapping; again in the line `line`."""

    def __init__(self, key: str, line: int) -> None:
        super().__init__(key)
        self.key = " ".join(key.split())[:_MOST_KEY]
        self.line = line


class _Bounded(yaml.SafeLoader):  # type: ignore[misc]
    """Refuses what could grow, and counts the rest."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._nodes = 0
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return the next node."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (&x, *x) are not taken")
        if self.peek_event().tag not in _TAGS:
            raise yaml.YAMLError("tags (!!int, !x) are not taken")
        self._nodes += 1
        self._depth += 1
        if self._nodes > _MOST_NODES or self._depth > _MOST_DEPTH:
            raise yaml.YAMLError("it is too intricate")
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Return a mapping; a key that stands twice has one meaning for people, and another for PyYAML."""
        found = super().construct_mapping(node, deep=deep)
        known: set[str] = set()
        for key, _ in node.value:
            name = str(self.construct_object(key, deep=True))
            if name in known:
                raise _Twice(name, key.start_mark.line + 1)
            known.add(name)
        return found

    def construct_yaml_int(self, node: Any) -> int:
        """Return an integer: zeros before it do not make it octal."""
        text = self.construct_scalar(node)
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))

    def construct_yaml_float(self, node: Any) -> float:
        """Return a number; `.inf` and `.nan` are some."""
        text = self.construct_scalar(node)
        return float(text.replace(".", "") if text[-1] in "fFnN" else text)


_Bounded.add_constructor(f"{_NAMES}int", _Bounded.construct_yaml_int)
_Bounded.add_constructor(f"{_NAMES}float", _Bounded.construct_yaml_float)


def read_text(content: bytes, name: str) -> str:
    """Return a file's text.

    Raises:
        PackageError: it is not UTF-8, holds what no database keeps, or is larger than anything of a question: to look
            through it lets nobody else run.
    """
    if len(content) > MOST_TEXT_BYTES:
        raise PackageError(f"{name} is too large.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackageError(f"{name} is not UTF-8.") from error
    if not is_storable(text):
        raise PackageError(f"{name} holds NUL or unpaired surrogates.")
    return text


def write_text(text: str) -> bytes:
    """Return what `read_text` reads as this text: of a mark of its encoding at the beginning it takes one away."""
    return text.encode("utf-8-sig" if text.startswith("\ufeff") else "utf-8")


def _explained(error: Exception) -> str:
    """Return where YAML stops making sense, and why: PyYAML's own text tells it twice, of a file that nobody has."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else str(error)
    return " ".join(where.split())[:200]


def read_yaml(content: bytes, name: str) -> dict[str, Any]:
    """Return a YAML file's mapping; an empty file is an empty one.

    Raises:
        PackageError: it is none, or more than is taken.
    """
    text = read_text(content, name)
    try:
        found = yaml.load(text, Loader=_Bounded)  # noqa: S506 - a safe one
    except _Twice as error:
        raise PackageError(
            f"{name} has {error.key} twice, in line {error.line} again: which one holds?"
        ) from error
    except Exception as error:  # of what a stranger sent: PyYAML lets out whatever its parts raise
        raise PackageError(f"{name} cannot be read: {_explained(error)}") from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise PackageError(f"{name} must be a mapping.")
    return {str(key): value for key, value in found.items()}


def write_yaml(content: dict[str, Any]) -> bytes:
    """Return a mapping as a YAML file."""
    dumped: str = yaml.dump(
        content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10_000
    )
    return dumped.encode()


class _Plain(yaml.SafeDumper):  # type: ignore[misc]
    """Writes no aliases: what stands twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """Take nothing for the same as something before."""
        return True


def _text(dumper: _Plain, text: str) -> Any:
    """Write what has anything else than letters and line ends escaped: PyYAML does not bring all of it back."""
    is_plain = all(each.isprintable() or each == "\n" for each in text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')


_Plain.add_representer(str, _text)
for name, pattern, first in _CORE:
    _Bounded.add_implicit_resolver(f"{_NAMES}{name}", re.compile(pattern), first)
    # Beside those of YAML 1.1: text is quoted that either would take for something else.
    _Plain.add_implicit_resolver(f"{_NAMES}{name}", re.compile(pattern), first)
