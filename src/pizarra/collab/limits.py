"""The limits a room enforces, as one value."""

from dataclasses import dataclass

from pizarra.collab.presence import PresenceLimits


@dataclass(frozen=True, slots=True)
class RoomLimits:
    """Named in `Settings`; bytes, counts and seconds."""

    document_text_bytes: int
    document_bytes: int
    connections: int
    pending_updates: int
    batch_updates: int
    snapshot_updates: int
    commit_retries: int
    presence: PresenceLimits
    presence_tick_seconds: float
    keepalive_seconds: float
    idle_seconds: float
