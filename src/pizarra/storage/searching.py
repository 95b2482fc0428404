"""Looking for a text in a column, whether it is in capitals or not.

SQLite's `lower` and `LIKE` know the letters of ASCII alone, and so do PostgreSQL's where the database has no locale. So
PostgreSQL is told which other letters to make small, and SQLite is asked for each letter in either size: both by what
they have of their own, as a function of ours would be called for each row while the event loop waits for its turn.
"""

import re
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, bindparam, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_NAMES = ("glob", "like", "capitals", "small")
_GLOBS = "*?["
_LIKES, _ESCAPED = r"([\\%_])", r"\\\1"
_SIGMAS = "σςΣ"  # the second at the end of a word


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
    column, _, like, capitals, small = element.clauses
    found = func.lower(func.translate(column, capitals, small)).like(like, escape="\\")
    return compiler.process(found, **options)


@compiles(_Holds, "sqlite")
def _on_sqlite(element: _Holds, compiler: SQLCompiler, **options: Any) -> str:
    column, glob, *_ = element.clauses
    return compiler.process(column.op("GLOB")(glob), **options)


def search_values(text: str) -> dict[str, object]:
    """Return what the parameters of `holds` are for a text."""
    written = {each: _ways(each) for each in dict.fromkeys(text)}
    capitals = {
        other: small
        for small, *others in written.values()
        for other in others
        if not other.isascii()
    }
    small = "".join(written[each][0] for each in text)
    return {
        "glob": f"*{''.join(_any_of(written[each]) for each in text)}*",
        "like": f"%{re.sub(_LIKES, _ESCAPED, small)}%",
        "capitals": "".join(capitals),
        "small": "".join(capitals.values()),
    }


def _ways(letter: str) -> list[str]:
    """Return how a letter is written, small first. Letter by letter: Python's `lower` looks at what is around one."""
    if letter in _SIGMAS:
        return list(_SIGMAS)
    ways = dict.fromkeys((letter.lower()[:1], letter.upper(), letter))
    return [each for each in ways if len(each) == 1]


def _any_of(ways: list[str]) -> str:
    return f"[{''.join(ways)}]" if len(ways) > 1 or ways[0] in _GLOBS else ways[0]
