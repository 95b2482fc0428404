"""What a socket and a room may take."""

from pydantic import Field
from pydantic_settings import BaseSettings

from pizarra.settings import KIB, MIB


class Realtime(BaseSettings):
    """What a socket and a room may take."""

    max_frame_bytes: int = Field(
        6 * MIB, ge=4 * KIB, description="Largest WebSocket message; beyond it 1009."
    )
    max_control_bytes: int = Field(
        1 * MIB, ge=4 * KIB, description="Largest control message of a socket; beyond it 4400."
    )
    max_text_bytes: int = Field(
        1 * MIB,
        ge=KIB,
        description="Longest text of one session (UTF-8, all files together); starter code too.",
    )
    max_document_bytes: int = Field(8 * MIB, ge=KIB, description="Largest encoded document.")
    max_update_pieces: int = Field(
        50_000,
        ge=100,
        description="Insertions and deletions in one edit; a document has half as many holes at most.",
    )
    max_pieces_per_place: int = Field(
        4000,
        ge=100,
        description="Insertions right after one character, or at the beginning; to order them takes the square of it.",
    )
    max_gap_updates: int = Field(
        100,
        ge=1,
        description="Edits of one session that wait for others they build on; beyond it 1013.",
    )
    max_gap_bytes: int = Field(2 * MIB, ge=KIB, description="The same in bytes.")
    max_nested_types: int = Field(
        500,
        ge=1,
        le=1000,
        description="Shared types of one document that lie inside others than its roots.",
    )
    max_files: int = Field(2000, ge=1, description="Files of one session.")
    max_log_bytes: int = Field(
        256 * MIB,
        ge=MIB,
        description="What one session records in all; beyond it edits and runs are refused.",
    )
    person_log_burst_bytes: int = Field(
        8 * MIB,
        ge=64 * KIB,
        description="What one person may have a session record at once: pastes, output of programs.",
    )
    person_log_bytes_per_second: int = Field(
        64 * KIB,
        ge=KIB,
        description="The same as time goes by; beyond it edits wait, and runs are refused.",
    )
    max_updates_per_second: int = Field(
        25_000,
        ge=10,
        description="Edits one socket may send; beyond it the socket is read more slowly.",
    )
    max_presence_per_second: int = Field(
        500,
        ge=5,
        description="Messages of one socket that record nothing (presence, control messages, what is known already); "
        "beyond it it is read more slowly.",
    )
    max_signals_per_minute: int = Field(
        120,
        ge=1,
        description="Pastes, absences, explanations and suggestions of one person; beyond it refused.",
    )
    max_refusals_per_minute: int = Field(
        300,
        ge=1,
        description="Requests on a socket that are refused to one person; beyond it their socket is closed, 1013.",
    )
    max_cursors_per_minute: int = Field(
        120,
        ge=1,
        description="Moves of one person's caret that are recorded; beyond it they are left out.",
    )
    max_reads_waiting: int = Field(
        50,
        ge=0,
        description="Requests for the documents of one interview that are read from the log, one after another, and "
        "wait for it; beyond it 503.",
    )
    max_syncs_per_second: int = Field(
        10, ge=1, description="Questions for the whole document; beyond it they wait."
    )
    max_presence_bytes: int = Field(
        4 * KIB, ge=64, description="Largest presence state of one client."
    )
    max_clients_per_connection: int = Field(
        16, ge=1, description="Yjs client ids one socket may write under."
    )
    max_clients_per_person: int = Field(
        10_000,
        ge=10,
        description="Yjs client ids one person may use in one session; a browser takes one per load.",
    )
    max_connections_per_room: int = Field(
        300, ge=1, description="Sockets in one room; beyond it 1013."
    )
    max_connections_per_address: int = Field(
        1000,
        ge=1,
        description="Sockets from one address; beyond it 1013. Behind a proxy all come from the proxy's.",
    )
    max_connections_per_person: int = Field(
        10, ge=1, description="Sockets of one invited person in one room; beyond it 1013."
    )
    max_arriving_bytes_per_room: int = Field(
        64 * MIB,
        ge=16 * MIB,
        description="What the sockets of one room keep, in all, of messages that have not arrived as a whole, with "
        "what they were read into; beyond it the one that keeps most is closed, 1013.",
    )
    admission_seconds: float = Field(
        10.0, gt=0, description="Longest time to let a socket in; beyond it 1013."
    )
    max_outbox_bytes: int = Field(
        16 * MIB, ge=MIB, description="Unsent bytes per socket; beyond it it is dropped."
    )
    max_pending_updates: int = Field(
        500, ge=1, description="Uncommitted updates per room before reading waits."
    )
    batch_updates: int = Field(
        500, ge=1, description="Updates of one room committed together at most."
    )
    commit_window_ms: float = Field(
        10.0,
        ge=0,
        le=100,
        description="Under load commits are gathered this long at most; when idle not at all.",
    )
    presence_tick_ms: int = Field(60, ge=1, description="Presence changes are merged this long.")
    keepalive_seconds: float = Field(
        15.0, gt=0, le=20, description="An idle socket hears from us this often."
    )
    silence_seconds: float = Field(
        20.0,
        gt=0,
        description="A socket that says nothing for this long is asked for a sign of life.",
    )
    probe_seconds: float = Field(
        5.0, gt=0, description="Time for that answer; then the socket is dropped."
    )
    room_idle_seconds: float = Field(
        60.0, ge=0, description="An empty room leaves memory after this long."
    )
    follow_seconds: float = Field(
        5.0,
        gt=0,
        le=10,
        description="How often to look for what another process recorded in the rooms open here.",
    )
    snapshot_updates: int = Field(
        500, ge=2, description="A snapshot is taken after this many updates."
    )
    snapshot_bytes: int = Field(
        4 * MIB, ge=KIB, description="The same after so many bytes of updates."
    )
    commit_timeout_seconds: float = Field(
        5.0,
        gt=0,
        description="Longest wait for PostgreSQL to commit; then the attempt counts as failed.",
    )
    commit_retries: int = Field(
        3, ge=0, description="Attempts after a failed commit before clients are told 1013."
    )
