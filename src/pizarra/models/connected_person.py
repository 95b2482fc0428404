"""Who is connected to which process."""

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId


class ConnectedPerson(Base):
    """Somebody in a session at a socket of a process, as that process said last; they go with its row.

    Only PostgreSQL has any, while several processes serve. No foreign key to session and person: what is being erased
    holds up nobody, and the process takes the row away once the sockets are closed.
    """

    __tablename__ = "connected_people"
    __table_args__ = (Index(None, "session_id"), {"sqlite_with_rowid": False})

    node_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("nodes.id", ondelete="CASCADE"), primary_key=True
    )
    session_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    participant_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
