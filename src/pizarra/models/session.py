"""Interview sessions: one row each, with the head of its timeline."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
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
from pizarra.models.views import SessionView


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


class Signals(StrEnum):
    """What the page tells of people besides what they write and run: the same of everybody, shown to everybody."""

    ALL = "all"
    PASTES = "pastes"
    NONE = "none"


LISTED = "ix_sessions_listed"  # the index
_LISTED = "rehearsal_of IS NULL AND erasing_since IS NULL"


class InterviewSession(Base):
    """One interview. `head` is the seq of its newest timeline entry; `epoch` fences stale writers.

    Without a team it belongs to the owner of the computer it was made on. Locks hold for candidates. `private_head` is
    the seq of the newest entry of its private log. A rehearsal is somebody's own room to try things out in before the
    session it is a rehearsal of; where a question is tried out, that is itself. Until `thinking_until` interviewers'
    pages do not show the editor. The clock of the interview starts when the candidate joins; others than interviewers
    see it if it is `clock_shown`. `starts_at` is what was agreed on; nothing happens by itself then. With
    `erasing_since` it is gone for everybody, its ids are others, and what is left of it is erased piece by piece.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'ended')", name="status"),
        CheckConstraint(
            "candidate_keeps IN ('timeline', 'code', 'nothing')", name="candidate_keeps"
        ),
        CheckConstraint("signals IN ('all', 'pastes', 'none')", name="signals"),
        Index(None, "team_id"),
        Index(None, "rehearsal_of"),
        # What a list counts, small enough to be counted at every look.
        Index(
            LISTED,
            "team_id",
            "status",
            sqlite_where=text(_LISTED),
            postgresql_where=text(_LISTED),
        ),
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
    starts_at: Mapped[OptionalInstant]
    team_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("teams.id"))
    created_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("accounts.id"))
    waiting_room: Mapped[bool] = mapped_column(Boolean, server_default=false())
    editing_locked: Mapped[bool] = mapped_column(Boolean, server_default=false())
    running_locked: Mapped[bool] = mapped_column(Boolean, server_default=false())
    candidate_keeps: Mapped[str] = mapped_column(
        String(10), server_default=CandidateKeeps.TIMELINE.value
    )
    candidate_name: Mapped[str | None] = mapped_column(String(80))
    signals: Mapped[str] = mapped_column(String(10), server_default=Signals.ALL.value)
    rules: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    rubric: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    thinking_until: Mapped[OptionalInstant]
    clock_started_at: Mapped[OptionalInstant]
    clock_minutes: Mapped[int | None] = mapped_column(Integer)
    clock_steps: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    clock_shown: Mapped[bool] = mapped_column(Boolean, server_default=false())
    # edits up to here lie in chunks
    packed_to: Mapped[int] = mapped_column(BigInteger, server_default="0")
    private_head: Mapped[int] = mapped_column(BigInteger, server_default="0")
    rehearsal_of: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE")
    )
    epoch: Mapped[str] = mapped_column(String(32))
    head: Mapped[int] = mapped_column(BigInteger)
    # of the newest entry: whoever writes the next, by whatever clock, writes none before it
    last_at: Mapped[Instant] = mapped_column(server_default="0")
    # recorded, as it came, packed or not
    log_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    invitation_generation: Mapped[int] = mapped_column(Integer)
    # PostgreSQL moves it with whatever decides who may be here, and do what
    access_version: Mapped[int] = mapped_column(BigInteger, server_default="0")
    erasing_since: Mapped[OptionalInstant]


def tries_question(session: SessionView) -> bool:
    """Tell whether a session is there to try a question out: whoever may be in it is a candidate in it."""
    return session.rehearsal_of is not None and session.rehearsal_of == session.id


def share_of(session: SessionView) -> int:
    """Return whose share of the machine a session takes: its own, and a rehearsal takes that of its session."""
    return session.rehearsal_of or session.id
