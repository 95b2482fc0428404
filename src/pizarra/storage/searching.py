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
    found = func.translate(func.lower(column), capitals, small).like(like, escape="\\")
    return compiler.process(found, **options)


@compiles(_Holds, "sqlite")
def _on_sqlite(element: _Holds, compiler: SQLCompiler, **options: Any) -> str:
    column, glob, *_ = element.clauses
    return compiler.process(column.op("GLOB")(glob), **options)


def search_values(text: str) -> dict[str, object]:
    """Return what the parameters of `holds` are for a text."""
    small = text.lower()
    capitals = {
        each.upper(): each
        for each in small
        if len(each.upper()) == 1 and not each.upper().isascii() and each.upper() != each
    }
    escaped = re.sub(r"([\\%_])", r"\\\1", small)
    return {
        "glob": f"*{''.join(map(_in_either_size, text))}*",
        "like": f"%{escaped}%",
        "capitals": "".join(capitals),
        "small": "".join(capitals.values()),
    }


def _in_either_size(letter: str) -> str:
    sizes = [each for each in dict.fromkeys((letter.lower(), letter.upper())) if len(each) == 1]
    return f"[{''.join(sizes)}]" if len(sizes) > 1 or letter in _GLOBS else letter
