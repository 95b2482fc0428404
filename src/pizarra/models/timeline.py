"""The append-only log of a session, and the snapshots that make loading it fast."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant

# What a page is told of when it opens: few among the entries of a session, most of which are edits. SQLite takes an
# index for one of several only when they stand in it like this.
_IN_WELCOME = " OR ".join(
    f"kind = '{kind}'"
    for kind in ("away", "explained", "paste", "said", "suggestion", "suggestion.answered")
)


# Of few entries each, for whoever names a hint (`storage/sqlite.py`).
GAPS, BRANCHES, WELCOME = (f"ix_timeline_entries_{name}" for name in ("gap", "branch", "welcome"))


class TimelineEntry(Base):
    """One thing that happened. `seq` is dense from 1 within a session and in commit order.

    An edit carries the raw bytes its author sent in `update`; every other kind carries JSON in `data`. `gap` marks an
    edit that arrived before something it builds on: loading always applies those, whatever snapshot it starts from.
    An old edit is no row any more: it lies in a `TimelineChunk`.
    """

    __tablename__ = "timeline_entries"
    __table_args__ = (
        Index(
            GAPS,
            "session_id",
            "seq",
            sqlite_where=text("gap"),
            postgresql_where=text("gap"),
        ),
        Index(
            BRANCHES,
            "session_id",
            "seq",
            sqlite_where=text("kind = 'branch'"),
            postgresql_where=text("kind = 'branch'"),
        ),
        Index(
            WELCOME,
            "session_id",
            "kind",
            "seq",
            sqlite_where=text(_IN_WELCOME),
            postgresql_where=text(_IN_WELCOME),
        ),
        {"sqlite_with_rowid": False},
    )

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[Instant]
    kind: Mapped[str] = mapped_column(String(32))
    # no foreign key: nothing ever rewrites the log
    participant_id: Mapped[int | None] = mapped_column(BigInteger)
    update: Mapped[bytes | None] = mapped_column(LargeBinary)
    data: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    gap: Mapped[bool] = mapped_column(Boolean)


class TimelineChunk(Base):
    """The edits of the entries `first` to `last` that were packed; see `timeline/chunks.py`."""

    __tablename__ = "timeline_chunks"

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    last: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    first: Mapped[int] = mapped_column(BigInteger)
    packed: Mapped[bytes] = mapped_column(LargeBinary)


class Snapshot(Base):
    """The encoded document as of `seq`, compressed with zlib, and who owns its client ids.

    `owners` is client id → participant's id, null for the server; snapshots of an earlier version know none. A cache:
    deleting every row loses nothing.
    """

    __tablename__ = "snapshots"
    __table_args__ = ({"sqlite_with_rowid": False},)

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    state: Mapped[bytes] = mapped_column(LargeBinary)
    owners: Mapped[dict[str, int | None] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[Instant]
