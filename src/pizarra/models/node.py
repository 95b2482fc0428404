"""The processes that serve this database."""

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, Instant


class Node(Base):
    """One process that serves, from its start to its end.

    `place` and `process` say which process of which computer it is; `seen_at` is by the database's clock, and moves
    only where several computers may serve. `key_hash` tells one signing key from another, and nothing else of it.
    """

    __tablename__ = "nodes"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    place: Mapped[str] = mapped_column(String(200))
    process: Mapped[int] = mapped_column(Integer)
    process_started: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    version: Mapped[str] = mapped_column(String(40))
    key_hash: Mapped[str] = mapped_column(String(32))
