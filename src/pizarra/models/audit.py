"""Who did what to whom: kept when what it was done to is gone. No content, no secret."""

from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, Instant, PrimaryKey


class AuditEntry(Base):
    """One act. `actor` is a name as it was then; `target` is the public id of what it was done to."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "target"),)

    id: Mapped[PrimaryKey]
    at: Mapped[Instant]
    action: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(64))
    target: Mapped[str | None] = mapped_column(String(254))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
