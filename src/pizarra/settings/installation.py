"""Where to listen, what to keep, and how to run."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, NoDecode

from pizarra.settings import KIB, MIB


def default_data_dir() -> Path:
    """Return `$XDG_DATA_HOME/pizarra`, or `~/.local/share/pizarra`."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "pizarra"


class Installation(BaseSettings):
    """Where to listen, what to keep, and how to run."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Embedded database, signing key, nothing else.",
    )
    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("PIZARRA_DATABASE_URL", "DATABASE_URL", "database_url"),
        description="PostgreSQL address with libpq's parameters (`?sslmode=verify-full`…; see docs/operating.md); "
        "without one, SQLite in the data directory.",
    )
    database_pool: int = Field(
        10, ge=1, le=500, description="Connections to PostgreSQL that are kept open."
    )
    database_pool_more: int = Field(
        10,
        ge=0,
        le=500,
        description="Connections to PostgreSQL beyond those, opened when all are busy.",
    )
    database_pool_seconds: float = Field(
        10.0, gt=0, description="How long a request waits for one of them; then 503."
    )
    database_seconds: float = Field(
        10.0,
        gt=0,
        description="How long the server waits for one statement of PostgreSQL, or for a new connection without "
        "`connect_timeout`; then 503. Commands such as `pizarra db upgrade` wait for as long as it takes.",
    )
    auth: Literal["local", "accounts"] | None = Field(
        None,
        description="Who is let in: `local` trusts this computer, `accounts` asks everybody to sign in. Unset: `local` "
        "on a loopback address without a proxy; anywhere else `accounts` is forced.",
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s@]+$",
        description="How others reach this server, such as https://pizarra.example.org: links say so, and requests for "
        "other hosts are refused. Forces accounts.",
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        default=[],
        description="Addresses or networks of reverse proxies whose X-Forwarded-For and -Proto count. Forces accounts.",
    )
    redis_url: str | None = Field(
        None,
        description="Valkey/Redis address, for more than one process on one PostgreSQL: `redis://`, `rediss://` or "
        "`unix://`. Without it they tell each other by PostgreSQL's notifications.",
    )
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="Web processes behind the one port; more than one needs PostgreSQL. Each has connections of its "
        "own to the database, and counts for itself what is limited by address, session or person.",
    )
    route_seconds: float = Field(
        2.0,
        gt=0,
        description="With several web processes: how long the first bytes of a connection are waited for, to learn "
        "which session they are about, before any of them gets it.",
    )
    max_unrouted: int = Field(
        1000,
        ge=1,
        description="With several web processes: connections that have sent nothing yet, and as many that no process "
        "has taken yet. Of the first the oldest goes to any process, of the others more wait in the kernel.",
    )
    process_silent_seconds: float = Field(
        3.0,
        gt=1,
        description="With several web processes: one that does nothing for so long gets no connections.",
    )
    process_settling_seconds: float = Field(
        10.0,
        ge=0,
        description="With several web processes: one that was started anew is given no session for so long. Whoever "
        "comes back from it meets the others of their session in one process.",
    )
    process_hung_seconds: float = Field(
        10.0,
        gt=1,
        description="With several web processes: one that does nothing for so long is killed, and started anew.",
    )
    process_start_seconds: float = Field(
        60.0,
        gt=1,
        description="With several web processes: one that does not serve so long after it was started is killed, and "
        "started anew; the first time nothing starts.",
    )
    secret_key: str | None = Field(
        None,
        min_length=32,
        description="Signing key shared by several machines; otherwise kept in data_dir.",
    )
    cors_origins: Annotated[list[str], NoDecode] = Field(
        default=["http://localhost:5173", "http://127.0.0.1:5173"],
        description="Origins that may call the API from a browser besides our own. The default, Vite's development "
        "server, counts only where this computer is trusted.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What the log holds."
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="For people, or for programs."
    )
    min_free_bytes: int = Field(
        256 * MIB,
        ge=0,
        description="Room on the embedded database's disk that is kept for sessions open already, or 5 % of the disk "
        "where that is less: with less of it left, no session or import begins: 507.",
    )
    min_free_bytes_for_runs: int = Field(
        16 * MIB,
        ge=0,
        description="Of the room that is kept, what no run of an open session may begin in: 507.",
    )
    reserve_bytes: int = Field(
        32 * MIB,
        ge=0,
        description="Size of `pizarra.reserve` beside the embedded database, on a small disk 5 % of it or 8 MiB: given "
        "up when a session is erased on a full disk, since to erase is to write; made again when there is room.",
    )
    tracing: bool = Field(
        False,
        description="Make a span of every request, for OpenTelemetry; needs `pizarra[otel]`. See docs/operating.md.",
    )
    sqlite_synchronous: Literal["full", "normal"] = Field(
        "full",
        description="`full`: an acknowledged edit survives a power cut; `normal`: it survives kill -9.",
    )
    readiness_seconds: float = Field(
        2.0,
        ge=0,
        description="`/health/ready` writes to the database at most this often; between, it says the same.",
    )
    readiness_wait_seconds: float = Field(
        3.0,
        gt=0,
        description="How long `/health/ready` waits for the database; then 503.",
    )
    migration_copies: int = Field(
        3,
        ge=0,
        description="Copies of the SQLite database, one made before each migration, that are kept beside it.",
    )
    node_beat_seconds: float = Field(
        2.0,
        gt=0,
        description="How often a server on PostgreSQL says that it lives, and looks after the others.",
    )
    node_dead_seconds: float = Field(
        15.0,
        gt=0,
        description="A server that was silent for so long counts as dead: the others end its runs.",
    )
    max_bus_message_bytes: int = Field(
        1 * MIB,
        ge=8 * KIB,
        description="Largest message to another process; what is larger is read from the database there. "
        "Over PostgreSQL entries of the log are read from 7,700 bytes on.",
    )
    max_bus_waiting_bytes: int = Field(
        8 * MIB,
        ge=64 * KIB,
        description="Messages to other processes that wait to be sent; what is beyond is dropped, and read from the "
        "database there a second later.",
    )
    shutdown_seconds: float = Field(
        3.0, gt=0, le=60, description="Longest wait for requests at SIGTERM."
    )
    drain_seconds: float = Field(
        1.0,
        ge=0,
        le=50,
        description="Of that, the time over which sockets are closed (1012), when there are many: their people come "
        "back over so long, not all at once.",
    )
