"""Invitations made beside a session's share link. The token is derived, not stored."""

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant, PrimaryKey

SHARE_LINK = ""  # the serial of the link that every session has


class StoredInvitation(Base):
    """A link for a role; `generation` is the session's when it was made, and voids it when the session's goes on."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index("ix_invitations_session_id_serial", "session_id", "serial", unique=True),
    )

    id: Mapped[PrimaryKey]
    session_id: Mapped[int] = mapped_column(BigId, ForeignKey("sessions.id", ondelete="CASCADE"))
    serial: Mapped[str] = mapped_column(String(16))
    role: Mapped[str] = mapped_column(String(20))
    generation: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
