"""People in a session."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant, PrimaryKey, PublicId


class Role(StrEnum):
    """What somebody may do in a session."""

    HOST = "host"
    INTERVIEWER = "interviewer"
    CANDIDATE = "candidate"
    OBSERVER = "observer"

    @property
    def may_edit(self) -> bool:
        """Everybody writes and runs but observers."""
        return self is not Role.OBSERVER

    @property
    def may_host(self) -> bool:
        """Rename, end, reopen, delete, invite."""
        return self in (Role.HOST, Role.INTERVIEWER)


class Participant(Base):
    """One person in one session."""

    __tablename__ = "participants"
    __table_args__ = (
        CheckConstraint("role IN ('host', 'interviewer', 'candidate', 'observer')", name="role"),
        Index(None, "session_id"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    session_id: Mapped[int] = mapped_column(BigId, ForeignKey("sessions.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    is_owner: Mapped[bool]
    created_at: Mapped[Instant]
