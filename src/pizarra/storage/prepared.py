"""Statements that are compiled once: SQLAlchemy's way to a cursor and back costs several times what SQLite's work does.

They are written in SQLAlchemy's language, for both databases, and run on the drivers' own connections: the text, the
order of the parameters and what converts values either way are those that SQLAlchemy's compiler gives.
"""

import sqlite3
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Dialect, Insert, Select, TextualSelect
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql.compiler import SQLCompiler

from pizarra.storage.sqlite import EmbeddedDialect

Converter = Callable[[Any], Any]
Parameters = Mapping[str, Any]
Statement = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | TextualSelect | Insert

_SQLITE: Dialect = EmbeddedDialect()
_POSTGRES: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
_SHORT = 4096  # characters of what is remembered


class Lazy(NamedTuple):
    """Rows as they are stored, and what makes one of them a row of what is meant."""

    rows: Sequence[Any]
    meant: Callable[[Any], Any]


class Prepared:
    """A statement that is run often: a `select`, or an `insert` of the columns `keys`.

    Its values are named: those that `bindparam` names, or the columns of an insert. A row is a named tuple. As many
    short rows as it `remembers` are made once: one that is stored as it was then is the same object again. Whoever gets
    it changes nothing in it, and may remember what it came to.
    """

    def __init__(
        self,
        statement: Statement,
        keys: Sequence[str] | None = None,
        *,
        remembers: int = 0,
    ) -> None:
        self.statement = statement
        self._keys = keys
        self._remembers = remembers
        self._known: OrderedDict[Any, Any] = OrderedDict()  # rows by what is stored

    def run(self, cursor: sqlite3.Cursor, values: Parameters) -> list[Any]:
        """Run it on SQLite, now; return its rows.

        Raises:
            sqlite3.Error: as the driver does.
        """
        form = self._on_sqlite
        rows = cursor.execute(form.sql, form.bind(values)).fetchall()
        row = self._remembered if self._remembers else form.row
        return [row(each) for each in rows]

    def _remembered(self, stored: Any) -> Any:
        known = self._known.get(stored)
        if known is None:
            known = self._on_sqlite.row(stored)
            if is_short([stored]):
                self._known[stored] = known
                if len(self._known) > self._remembers:
                    self._known.popitem(last=False)
        return known

    def run_lazily(self, cursor: sqlite3.Cursor, values: Parameters) -> "Lazy":
        """Run it on SQLite, and leave the values as they are stored until somebody wants to know."""
        form = self._on_sqlite
        rows = cursor.execute(form.sql, form.bind(values)).fetchall()
        return Lazy([form.named(each) for each in rows], form.row)

    @cached_property
    def _on_sqlite(self) -> "Form":
        return Form(self.statement, self._keys, _SQLITE)

    @cached_property
    def on_postgres(self) -> "Form":
        """The statement for PostgreSQL's driver."""
        return Form(self.statement, self._keys, _POSTGRES)


class Form:
    """A statement as a database's driver takes it, and what comes back."""

    def __init__(
        self,
        statement: Statement,
        keys: Sequence[str] | None,
        dialect: Dialect,
    ) -> None:
        compiled = statement.compile(
            dialect=dialect, column_keys=None if keys is None else list(keys)
        )
        assert isinstance(compiled, SQLCompiler)
        # What is only known with the values cannot be prepared: lists, and columns that Python fills in.
        assert not compiled.post_compile_params | compiled.literal_execute_params
        assert not (compiled.insert_prefetch if isinstance(statement, Insert) else ())
        self.sql = str(compiled)
        self._keys = None if keys is None else frozenset(keys)
        bound = [compiled.binds[name] for name in compiled.positiontup or ()]
        # what the statement has itself, such as a status that is compared with
        self._own = {each.key: each.value for each in bound if not each.required}
        self._names = [each.key for each in bound]
        self._stored_by = _converters("bind", bound, dialect)
        columns = list(statement.exported_columns)
        names = [column.key or "" for column in columns]
        kind = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 - known here alone
        self.named: Callable[[Sequence[Any]], Any] = kind._make
        self._meant_by = _converters("result", columns, dialect)

    def bind(self, values: Parameters) -> tuple[Any, ...]:
        """Return the values in their order, as they are stored."""
        if self._keys is not None and self._keys != values.keys():
            raise KeyError(*(self._keys ^ values.keys()))
        given = {**self._own, **values} if self._own else values
        bound = [given[name] for name in self._names]
        for place, converter in self._stored_by:
            bound[place] = converter(bound[place])
        return tuple(bound)

    def row(self, stored: Sequence[Any]) -> Any:
        """Return a row with the values that are meant by what is stored."""
        values = list(stored)
        for place, converter in self._meant_by:
            if values[place] is not None:
                values[place] = converter(values[place])
        return self.named(values)


def is_short(rows: Sequence[Sequence[Any]]) -> bool:
    """Tell whether rows are small enough to be kept."""
    texts = (each for row in rows for each in row if isinstance(each, str | bytes))
    return sum(map(len, texts)) <= _SHORT


def _converters(
    way: Literal["bind", "result"], typed: Iterable[ColumnElement[Any]], dialect: Dialect
) -> list[tuple[int, Converter]]:
    """Return what converts values on their way into the database (`bind`) or out of it, by their places."""
    found: list[tuple[int, Converter]] = []
    for place, each in enumerate(typed):
        kind = each.type.dialect_impl(dialect)
        converter = (
            kind.bind_processor(dialect) if way == "bind" else kind.result_processor(dialect, None)
        )
        if converter is not None:
            found.append((place, converter))
    return found
