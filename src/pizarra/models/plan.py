"""Plans: which questions an interview goes through, in which order and for how long."""

from sqlalchemy import JSON, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant, PrimaryKey, PublicId


class Plan(Base):
    """A plan of a team's library; without a team it is of the owner of the computer it was made on."""

    __tablename__ = "plans"
    __table_args__ = (Index(None, "team_id"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    team_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("teams.id"))
    title: Mapped[str] = mapped_column(String(200))
    rubric: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class PlanStep(Base):
    """A question of a plan, and how long it takes there. It goes when the question's last version does."""

    __tablename__ = "plan_steps"
    __table_args__ = (Index(None, "question_id"), {"sqlite_with_rowid": False})

    plan_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    question_id: Mapped[int] = mapped_column(BigId, ForeignKey("questions.id", ondelete="CASCADE"))
    minutes: Mapped[int] = mapped_column(Integer)


class SessionPlanStep(Base):
    """A question that a session was planned with: the plan may change or go, the session's does not.

    Without a question it was deleted since; `title` says what it was called when the session was made.
    """

    __tablename__ = "session_plan_steps"
    __table_args__ = (Index(None, "question_id"), {"sqlite_with_rowid": False})

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    question_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("questions.id", ondelete="SET NULL")
    )
    title: Mapped[str] = mapped_column(String(200))
    minutes: Mapped[int] = mapped_column(Integer)
