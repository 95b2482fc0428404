"""The limits a room enforces, as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Of one socket. Named in `Settings`; bytes, counts and seconds."""

    outbox_bytes: int
    updates_per_second: float
    presence_per_second: float
    syncs_per_second: float
    clients: int
    keepalive_seconds: float
    silence_seconds: float
    probe_seconds: float


@dataclass(frozen=True, slots=True)
class RoomLimits:
    """Of one room. Named in `Settings`; bytes, counts and seconds."""

    document_text_bytes: int
    document_bytes: int
    connections: int
    clients_per_person: int
    pending_updates: int
    batch_updates: int
    update_pieces: int
    pieces_per_place: int
    gap_updates: int
    gap_bytes: int
    files: int
    nested_types: int
    cold_reads_waiting: int
    log_bytes: int
    person_log_burst_bytes: int
    person_log_bytes_per_second: float
    snapshot_updates: int
    snapshot_bytes: int
    commit_retries: int
    presence_bytes: int
    presence_tick_seconds: float
    idle_seconds: float
    follow_seconds: float
    connection: ConnectionLimits
