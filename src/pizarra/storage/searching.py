"""Looking for a text in a column, whether it is in capitals or not.

SQLite's `lower` knows the letters of ASCII alone, and so does PostgreSQL's where the database has no locale: the others
that somebody looks for are made small beside it.
"""

import re

from sqlalchemy import ColumnElement, String, bindparam, func, literal
from sqlalchemy.orm import InstrumentedAttribute

_NAMES = ("like", "capitals", "small")


def holds(
    column: ColumnElement[str] | InstrumentedAttribute[str], text: str | None = None
) -> ColumnElement[bool]:
    """Return the condition that a column has a text in it; without one, that whose `search_values` it is run with."""
    values = search_values(text) if text is not None else None
    like, capitals, small = (
        bindparam(name, type_=String) if values is None else literal(values[name], String)
        for name in _NAMES
    )
    return func.translate(func.lower(column), capitals, small).like(like, escape="\\")


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
        "like": f"%{escaped}%",
        "capitals": "".join(capitals),
        "small": "".join(capitals.values()),
    }


def translate(text: str | None, before: str, after: str) -> str | None:
    """Do what PostgreSQL's function of this name does, for SQLite: each letter of `before` becomes that of `after`."""
    if text is None or not before:
        return text
    return text.translate(str.maketrans(before, after))
