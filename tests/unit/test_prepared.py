"""A prepared statement says what SQLAlchemy says, on SQLite's own cursor."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, bindparam, create_engine, insert, select

from pizarra.models import InterviewSession
from pizarra.models.base import Base
from pizarra.storage.prepared import Prepared

_TABLE = InterviewSession.__table__
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROWS = st.fixed_dictionaries(
    {
        "public_id": st.uuids().map(lambda each: each.hex),
        "room_id": st.uuids().map(lambda each: each.hex),
        "title": TEXT,
        "language": st.sampled_from(["python", "cpp"]),
        "initial_code": TEXT,
        "status": st.sampled_from(["open", "ended"]),
        "created_at": INSTANTS,
        "ended_at": st.none() | INSTANTS,
        "waiting_room": st.booleans(),
        "candidate_name": st.none() | TEXT,
        "rubric": st.none() | st.lists(TEXT, max_size=3),
        "clock_steps": st.none()
        | st.lists(st.dictionaries(TEXT, st.integers() | TEXT), max_size=2),
        "epoch": st.just("e"),
        "head": st.integers(0, 2**62),
        "invitation_generation": st.integers(0, 9),
    }
)
COLUMNS = [
    *("public_id", "room_id", "title", "language", "initial_code", "status", "created_at"),
    *("ended_at", "waiting_room", "candidate_name", "rubric", "clock_steps", "epoch", "head"),
    "invitation_generation",
]
INSERT = Prepared(insert(_TABLE).returning(_TABLE.c.id), COLUMNS)  # type: ignore[arg-type]
OPEN = Prepared(
    select(_TABLE)
    .where(_TABLE.c.status == "open", _TABLE.c.created_at >= bindparam("since"))
    .order_by(_TABLE.c.id)
    .limit(bindparam("most"))
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A database in a file."""
    path: Path = tmp_path_factory.mktemp("prepared") / "db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@given(rows=st.lists(ROWS, max_size=4, unique_by=lambda row: row["public_id"]), since=INSTANTS)
def test_rows_go_in_and_come_out_as_by_sqlalchemy(
    connection: Connection, rows: list[dict[str, Any]], since: datetime
) -> None:
    cursor = sqlite3.Cursor(connection.connection.driver_connection)  # type: ignore[arg-type]
    values = {"since": since, "most": 3}
    for row in rows:
        (made,) = INSERT.run(cursor, row)
        (read,) = connection.execute(select(_TABLE).where(_TABLE.c.id == made.id))
        assert {name: getattr(read, name) for name in row} == row
    theirs = connection.execute(OPEN.statement, values).all()
    assert [tuple(each) for each in OPEN.run(cursor, values)] == [tuple(each) for each in theirs]
    lazy = OPEN.run_lazily(cursor, values)
    assert [tuple(lazy.meant(each)) for each in lazy.rows] == [tuple(each) for each in theirs]
    assert [(each.id, each.title) for each in lazy.rows] == [
        (each.id, each.title) for each in theirs
    ]
    connection.rollback()


def test_a_value_that_is_missing_or_too_much_is_missed(connection: Connection) -> None:
    cursor = sqlite3.Cursor(connection.connection.driver_connection)  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="most"):
        OPEN.run(cursor, {"since": datetime.now(UTC)})
    with pytest.raises(KeyError, match="title"):
        INSERT.run(cursor, dict.fromkeys(set(COLUMNS) - {"title"}))
    with pytest.raises(KeyError, match="head_of"):
        INSERT.run(cursor, dict.fromkeys([*COLUMNS, "head_of"]))


def test_a_short_row_that_did_not_change_is_the_same(connection: Connection) -> None:
    cursor = sqlite3.Cursor(connection.connection.driver_connection)  # type: ignore[arg-type]
    known = Prepared(
        select(_TABLE.c.title, _TABLE.c.rubric)
        .where(_TABLE.c.public_id.in_([bindparam("one"), bindparam("other")]))
        .order_by(_TABLE.c.id),
        remembers=1,
    )
    both = {"one": "1" * 32, "other": "2" * 32}
    values = dict.fromkeys(COLUMNS) | {"created_at": datetime.now(UTC), "epoch": "e"}
    values |= {"language": "cpp", "initial_code": "", "status": "open", "waiting_room": False}
    for number, public_id in enumerate(both.values()):
        own = {"public_id": public_id, "room_id": public_id, "title": f"{number}"}
        INSERT.run(cursor, values | own | {"head": 0, "invitation_generation": 0, "rubric": ["x"]})
    (first, second), (again, same) = known.run(cursor, both), known.run(cursor, both)
    assert (again, same) == (first, second)
    assert again is not first  # one alone is remembered: the last
    alone = {"one": both["one"], "other": ""}
    (before,) = known.run(cursor, alone)
    assert known.run(cursor, alone)[0] is before
    for title in ("longer" * 1000, "other"):
        cursor.execute("UPDATE sessions SET title = ? WHERE public_id = ?", [title, "1" * 32])
        (after,) = known.run(cursor, alone)
        assert (after.title, after.rubric) == (title, ["x"])
        assert (known.run(cursor, alone)[0] is after) == (title == "other")
    connection.rollback()


def test_what_is_known_only_with_its_values_cannot_be_prepared() -> None:
    several = Prepared(
        select(_TABLE.c.id).where(_TABLE.c.id.in_(bindparam("keys", expanding=True)))
    )
    with pytest.raises(AssertionError):
        several.run(sqlite3.connect(":memory:").cursor(), {"keys": [1]})
