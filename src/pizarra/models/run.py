"""Runs: what was executed and how it ended. The output itself is on the timeline."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant, OptionalInstant, PrimaryKey, PublicId


class RunStatus(StrEnum):
    """Where a run is, or how it ended."""

    QUEUED = "queued"
    COMPILING = "compiling"
    RUNNING = "running"
    EXITED = "exited"
    COMPILE_ERROR = "compile_error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    OUTPUT_LIMIT = "output_limit"
    STOPPED = "stopped"
    SANDBOX_ERROR = "sandbox_error"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (RunStatus.QUEUED, RunStatus.COMPILING, RunStatus.RUNNING)


class Run(Base):
    """One run. Its output lies on the timeline between `started_seq` and `ended_seq`.

    `node` is the process that follows it, which alone writes its end while it lives; an earlier version noted none.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index(None, "session_id", "id"),
        Index(
            "ix_runs_unfinished",
            "node",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    session_id: Mapped[int] = mapped_column(BigId, ForeignKey("sessions.id", ondelete="CASCADE"))
    participant_id: Mapped[int | None] = mapped_column(BigInteger)
    node: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(20))
    path: Mapped[str] = mapped_column(String(200))
    stdin: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str | None] = mapped_column(Text)
    exit_code: Mapped[int | None] = mapped_column(Integer)
    signal: Mapped[str | None] = mapped_column(String(20))
    diagnostics: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    terminal: Mapped[bool] = mapped_column(Boolean, server_default=false())
    compile_ms: Mapped[int | None] = mapped_column(Integer)
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    memory_kb: Mapped[int | None] = mapped_column(BigInteger)
    code_seq: Mapped[int] = mapped_column(BigInteger)
    started_seq: Mapped[int] = mapped_column(BigInteger)
    ended_seq: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[Instant]
    ended_at: Mapped[OptionalInstant]
