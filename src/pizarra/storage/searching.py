"""Looking for a text in a column, whether it is in capitals or has accents or not.

SQLite's `lower` and `LIKE` know the letters of ASCII alone, and so do PostgreSQL's where the database has no locale. So
both are asked for each letter in all ways that it is written in, by a pattern of their own: a function of ours would be
called for each row while the event loop waits for its turn. Whoever types an accent means it.
"""

import re
import unicodedata
from collections import defaultdict
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, bindparam, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_NAMES = ("glob", "regex")
_GLOBS = "*?["
_SIGMAS = "σςΣ"  # the second at the end of a word
_ACCENTED = range(
    0xC0, 0x180
)  # those of European languages: each letter more is one more to compare with


class _Holds(FunctionElement[bool]):
    """Whether a column has a text in it; its clauses are the column, and the values of `_NAMES`."""

    type = Boolean()
    inherit_cache = True


def holds(
    column: ColumnElement[str] | InstrumentedAttribute[str], text: str | None = None
) -> ColumnElement[bool]:
    """Return the condition that a column has a text in it; without one, that whose `search_values` it is run with."""
    values = search_values(text) if text is not None else None
    return _Holds(
        column,
        *(
            bindparam(name, type_=String) if values is None else literal(values[name], String)
            for name in _NAMES
        ),
    )


@compiles(_Holds)
def _in_general(element: _Holds, compiler: SQLCompiler, **options: Any) -> str:
    column, _, regex = element.clauses
    return compiler.process(column.op("~")(regex), **options)


@compiles(_Holds, "sqlite")
def _on_sqlite(element: _Holds, compiler: SQLCompiler, **options: Any) -> str:
    column, glob, _ = element.clauses
    return compiler.process(column.op("GLOB")(glob), **options)


def search_values(text: str) -> dict[str, object]:
    """Return what the parameters of `holds` are for a text."""
    written = [_ways(each) for each in text]
    return {
        "glob": f"*{''.join(f'[{each}]' if len(each) > 1 or each in _GLOBS else each for each in written)}*",
        "regex": "".join(f"[{each}]" if len(each) > 1 else re.escape(each) for each in written),
    }


@lru_cache(maxsize=1024)
def _ways(letter: str) -> str:
    """Return how a letter is written. Letter by letter: Python's `lower` looks at what is around one."""
    if letter in _SIGMAS:
        return _SIGMAS
    ways = dict.fromkeys((letter.lower()[:1], letter.upper(), letter))
    accented = _with_accents().get(letter.lower(), "")
    return "".join([each for each in ways if len(each) == 1]) + accented


@cache
def _with_accents() -> dict[str, str]:
    """Return a letter of ASCII, small, → those that are it with an accent, as ranges: each is compared with all."""
    ranges: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for code in _ACCENTED:
        plain = unicodedata.normalize("NFD", chr(code))[0].lower()
        if not (plain.isascii() and plain.isalpha()):
            continue
        known = ranges[plain]
        if known and known[-1][1] == code - 1:
            known[-1] = (known[-1][0], code)
        else:
            known.append((code, code))
    return {
        plain: "".join(_range(first, last) for first, last in known)
        for plain, known in ranges.items()
    }


def _range(first: int, last: int) -> str:
    return chr(first) if first == last else f"{chr(first)}-{chr(last)}"
