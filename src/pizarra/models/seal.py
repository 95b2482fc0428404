"""Seals: what a log's chain had come to, kept with a keyed hash that a change of the database cannot make up."""

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant


class Seal(Base):
    """The chain of a session's log (`shared` or `private`) as of `seq`."""

    __tablename__ = "seals"
    __table_args__ = ({"sqlite_with_rowid": False},)

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    log: Mapped[str] = mapped_column(String(10), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    link: Mapped[str] = mapped_column(String(64))
    mark: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]
