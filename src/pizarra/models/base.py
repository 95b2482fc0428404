"""The declarative base, the naming convention and the column types shared by all tables."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite only autoincrements INTEGER


def microseconds(instant: datetime) -> int:
    """Return an instant as it is stored."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(stored: int) -> datetime:
    """Return a stored instant."""
    return _EPOCH + stored * _MICROSECOND


@lru_cache(maxsize=1024)
def _second(stored: int) -> str:
    return datetime.fromtimestamp(stored, UTC).isoformat()[:-6]


def instant_text(stored: int) -> str:
    """Return a stored instant as the API shows it; many of one second cost little."""
    seconds, rest = divmod(stored, 1_000_000)
    return f"{_second(seconds)}.{rest:06}Z" if rest else f"{_second(seconds)}Z"


class Timestamp(TypeDecorator[datetime]):
    """An instant in UTC, kept as microseconds since 1970: eight bytes, exact, the same on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Store microseconds."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return a timezone-aware instant."""
        return None if value is None else instant(value)


PrimaryKey = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]
PublicId = Annotated[str, mapped_column(String(32), unique=True)]
Instant = Annotated[datetime, mapped_column(Timestamp)]
OptionalInstant = Annotated[datetime | None, mapped_column(Timestamp)]


class Base(DeclarativeBase):
    """The base of all tables. Constraints are named, so that migrations can find them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
