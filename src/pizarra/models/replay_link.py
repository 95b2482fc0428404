"""Links that open a session's replay and nothing else. The token is derived, not stored."""

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant, OptionalInstant, PrimaryKey


class ReplayLink(Base):
    """A link for somebody who was not there. `generation` is the session's when it was made, as of an invitation."""

    __tablename__ = "replay_links"
    __table_args__ = (
        Index("ix_replay_links_session_id_serial", "session_id", "serial", unique=True),
    )

    id: Mapped[PrimaryKey]
    session_id: Mapped[int] = mapped_column(BigId, ForeignKey("sessions.id", ondelete="CASCADE"))
    serial: Mapped[str] = mapped_column(String(16))
    generation: Mapped[int] = mapped_column(Integer)
    with_notes: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    revoked_at: Mapped[OptionalInstant]
