"""Questions: what an interview can be about, in versions that never change, and which a session was given."""

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
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant, OptionalInstant, PrimaryKey, PublicId


class Question(Base):
    """One question of a team's library; without a team it is of the owner of the computer it was made on.

    All but the ids and instants is said of its newest version, `version`, so that the list need not read what may be
    long; `proven` is whether that version is. `titles` are by spoken language, null where an earlier program wrote the
    row. `words` is what a search looks in, `marks` what it filters by: `|tag:graphs|language:python|`. With
    `deleted_at` it is in no list, and what sessions have of it goes when they go.
    """

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint("kind IN ('stdio', 'function', 'project')", name="kind"),
        Index(None, "team_id"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    team_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("teams.id"))
    created_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("accounts.id"))
    title: Mapped[str] = mapped_column(String(200))
    titles: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    kind: Mapped[str] = mapped_column(String(10))
    difficulty: Mapped[str] = mapped_column(String(10))
    minutes: Mapped[int] = mapped_column(Integer)
    tags: Mapped[list[str]] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text)
    marks: Mapped[str] = mapped_column(Text)
    draft: Mapped[bool] = mapped_column(Boolean, server_default=false())
    runnable: Mapped[bool] = mapped_column(Boolean)
    proven: Mapped[bool] = mapped_column(Boolean, server_default=false())
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    deleted_at: Mapped[OptionalInstant]


class QuestionVersion(Base):
    """A question as it was from one change to the next: `content` never changes, `proof` is what was tried of it."""

    __tablename__ = "question_versions"
    __table_args__ = (UniqueConstraint("question_id", "number"),)

    id: Mapped[PrimaryKey]
    question_id: Mapped[int] = mapped_column(BigId, ForeignKey("questions.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    proof: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("accounts.id"))
    created_at: Mapped[Instant]


class SessionProblem(Base):
    """Which question a session was given by the entry `seq` of its timeline; the newest row is what it is about.

    `folder` is where its files lie in the document, nothing: beside the others. Without a version the session came
    from another server: what everybody saw of the question is on the timeline. `passed_at` is when a program was
    first seen to pass every secret case.
    """

    __tablename__ = "session_problems"
    __table_args__ = (Index(None, "version_id"), {"sqlite_with_rowid": False})

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("question_versions.id", ondelete="SET NULL")
    )
    folder: Mapped[str] = mapped_column(String(80))
    passed_at: Mapped[OptionalInstant]
