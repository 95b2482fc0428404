"""Who may write under which Yjs client id."""

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, BigId


class ClientOwner(Base):
    """The participant who used a client id of a session first, wherever that was.

    Only PostgreSQL has any: on SQLite one process serves, which knows it from the log and from who announced what.
    """

    __tablename__ = "client_owners"
    __table_args__ = ({"sqlite_with_rowid": False},)

    session_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    client: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    # no foreign key: an id stays its person's, whatever becomes of them
    participant_id: Mapped[int] = mapped_column(BigInteger)
