"""A table is moved in batches that fit into memory, whatever its rows hold."""

from typing import Any

from sqlalchemy import JSON, Column, Integer, LargeBinary, MetaData, Table, create_engine, insert

from pizarra.operations.moving import _BATCH_BYTES, _rows


def test_what_was_json_is_weighed_too() -> None:
    table = Table(
        "heavy",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("told", JSON),
        Column("change", LargeBinary),
    )
    engine, large = create_engine("sqlite://"), 700 * 1024
    with engine.begin() as connection:
        table.create(connection)
        rows: list[dict[str, Any]] = [
            {"told": {"text": "x" * large}, "change": None},
            {"told": None, "change": bytes(large)},
        ]
        connection.execute(insert(table), rows * 10)
        batches = list(_rows(connection, table))
    assert sum(map(len, batches)) == 20
    assert max(map(len, batches)) * large <= _BATCH_BYTES + large
