"""What only interviewers see: the private log of a session, and scores that are not given away yet."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant, OptionalInstant


class Verdict(StrEnum):
    """What an interviewer comes to."""

    STRONG_NO = "strong_no"
    NO = "no"
    YES = "yes"
    STRONG_YES = "strong_yes"


class PrivateEntry(Base):
    """An entry of the second log: the shape of the first, a numbering of its own that tells nothing of it.

    `anchor` is the seq of the shared log that was newest when this was written: the instant it is about.
    """

    __tablename__ = "private_entries"
    __table_args__ = ({"sqlite_with_rowid": False},)

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[Instant]
    kind: Mapped[str] = mapped_column(String(32))
    # no foreign key: nothing ever rewrites the log
    participant_id: Mapped[int] = mapped_column(BigInteger)
    anchor: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class Scorecard(Base):
    """One interviewer's scores as they stand. Until they are submitted nobody else reads them."""

    __tablename__ = "scorecards"

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    participant_id: Mapped[int] = mapped_column(
        BigId,
        ForeignKey("participants.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    scores: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    updated_at: Mapped[Instant]
    submitted_at: Mapped[OptionalInstant]


class Decision(Base):
    """What one interviewer came to, as it stands now. Who has still to decide does not read the others'."""

    __tablename__ = "decisions"

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    participant_id: Mapped[int] = mapped_column(
        BigId,
        ForeignKey("participants.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    verdict: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[Instant]
