"""People with accounts, their teams, and what they sign in with. Secrets are kept as hashes only."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId, Instant, OptionalInstant, PrimaryKey, PublicId

MAX_LOGIN_NAME = 254  # characters: as many as an e-mail address may have
MAX_DISPLAY_NAME = 80
MAX_SUBJECT = (
    300  # characters: a provider's address, a space, and up to 255 for who somebody is there
)


class AccountRole(StrEnum):
    """What an account is for."""

    ADMIN = "admin"
    INTERVIEWER = "interviewer"


class Scope(StrEnum):
    """What an API token may do; each includes the one before."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class Team(Base):
    """People who see each other's sessions. `retention_days` erases ended sessions after so long; None keeps them."""

    __tablename__ = "teams"

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    retention_days: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[Instant]


class Account(Base):
    """Somebody who may sign in. `name` is what they type, in lower case; `subject` names them at the provider."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("role IN ('admin', 'interviewer')", name="role"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    team_id: Mapped[int] = mapped_column(BigId, ForeignKey("teams.id"))
    name: Mapped[str] = mapped_column(String(MAX_LOGIN_NAME), unique=True)
    display_name: Mapped[str] = mapped_column(String(MAX_DISPLAY_NAME))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(MAX_SUBJECT), unique=True)
    created_at: Mapped[Instant]
    disabled_at: Mapped[OptionalInstant]
    # PostgreSQL moves it with whatever takes something from whoever signed in
    access_version: Mapped[int] = mapped_column(BigInteger, server_default="0")


class SignIn(Base):
    """One browser that is signed in. Deleting the row signs it out."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("accounts.id", ondelete="CASCADE"))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    browser: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Instant]
    used_at: Mapped[Instant]
    expires_at: Mapped[Instant]


class ApiToken(Base):
    """What a program signs in with."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        Index(None, "account_id"),
        CheckConstraint("scope IN ('read', 'write', 'admin')", name="scope"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    scope: Mapped[str] = mapped_column(String(10))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[Instant]
    used_at: Mapped[OptionalInstant]
    revoked_at: Mapped[OptionalInstant]


class OneTimeLink(Base):
    """A link that sets a password once: an account's, or with none the very first account's."""

    __tablename__ = "one_time_links"

    id: Mapped[PrimaryKey]
    account_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("accounts.id", ondelete="CASCADE")
    )
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[Instant]
    used_at: Mapped[OptionalInstant]
