"""Interview sessions: one row each, with the head of its timeline."""

from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant, OptionalInstant, PrimaryKey, PublicId


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


class CandidateKeeps(StrEnum):
    """What invited people may still read and take with them once a session has ended."""

    TIMELINE = "timeline"
    CODE = "code"
    NOTHING = "nothing"


class InterviewSession(Base):
    """One interview. `head` is the seq of its newest timeline entry; `epoch` fences stale writers.

    Without a team it belongs to the owner of the computer it was made on. Locks hold for candidates.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'ended')", name="status"),
        CheckConstraint("candidate_keeps IN ('timeline', 'code', 'nothing')", name="candidate_keeps"),
        Index(None, "team_id"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    room_id: Mapped[PublicId]
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(20))
    initial_code: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[Instant]
    ended_at: Mapped[OptionalInstant]
    team_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("teams.id"))
    created_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("accounts.id"))
    waiting_room: Mapped[bool] = mapped_column(Boolean, server_default=false())
    editing_locked: Mapped[bool] = mapped_column(Boolean, server_default=false())
    running_locked: Mapped[bool] = mapped_column(Boolean, server_default=false())
    candidate_keeps: Mapped[str] = mapped_column(String(10), server_default=CandidateKeeps.TIMELINE.value)
    epoch: Mapped[str] = mapped_column(String(32))
    head: Mapped[int] = mapped_column(BigInteger)
    invitation_generation: Mapped[int] = mapped_column(Integer)
