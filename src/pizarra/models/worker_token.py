"""What workers on other machines show to be let in. The secret is kept as a hash only."""

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from pizarra.models.base import Base, Instant, OptionalInstant, PrimaryKey, PublicId


class WorkerToken(Base):
    """Lets workers connect, as many as have it. `used_at` is when one connected last, within a minute."""

    __tablename__ = "worker_tokens"

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(80))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[Instant]
    used_at: Mapped[OptionalInstant]
    revoked_at: Mapped[OptionalInstant]
