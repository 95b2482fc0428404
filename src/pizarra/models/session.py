"""Interview sessions: one row each, with the head of its timeline."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, Instant, OptionalInstant, PrimaryKey, PublicId


class Language(StrEnum):
    """The languages a session can be written in."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    JAVA = "java"
    CPP = "cpp"


class SessionStatus(StrEnum):
    """Whether people can write in a session."""

    OPEN = "open"
    ENDED = "ended"


class InterviewSession(Base):
    """One interview. `head` is the seq of its newest timeline entry; `epoch` fences stale writers."""

    __tablename__ = "sessions"
    __table_args__ = (CheckConstraint("status IN ('open', 'ended')", name="status"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    room_id: Mapped[PublicId]
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(20))
    initial_code: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[Instant]
    ended_at: Mapped[OptionalInstant]
    epoch: Mapped[str] = mapped_column(String(32))
    head: Mapped[int] = mapped_column(BigInteger)
    invitation_generation: Mapped[int] = mapped_column(Integer)
