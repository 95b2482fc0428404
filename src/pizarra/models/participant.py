"""People in a session."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant, OptionalInstant, PrimaryKey, PublicId


class Role(StrEnum):
    """What somebody may do in a session."""

    HOST = "host"
    INTERVIEWER = "interviewer"
    CANDIDATE = "candidate"
    OBSERVER = "observer"

    @property
    def takes_part(self) -> bool:
        """Everybody writes and runs but observers; a lock may be in the way (`Access.may_edit`, `may_run`)."""
        return self is not Role.OBSERVER

    @property
    def may_host(self) -> bool:
        """Rename, end, reopen, delete, invite."""
        return self in (Role.HOST, Role.INTERVIEWER)


class Participant(Base):
    """One person in one session.

    Somebody invited came by the link with the serial `invitation` of `generation`, until `expires_at`; without
    `admitted_at` they are still in the waiting room, unless they said at `left_at` that they left it. The owner and
    people with accounts came by none.
    """

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
    account_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("accounts.id", ondelete="SET NULL")
    )
    invitation: Mapped[str | None] = mapped_column(String(16))
    generation: Mapped[int] = mapped_column(Integer, server_default="0")
    expires_at: Mapped[OptionalInstant]
    admitted_at: Mapped[OptionalInstant]
    removed_at: Mapped[OptionalInstant]
    left_at: Mapped[OptionalInstant]
