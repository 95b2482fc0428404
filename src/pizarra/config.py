"""Settings: every knob and every limit, named, defaulted, and read from the environment only when asked."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from pizarra.kit.network import is_loopback_host

KIB = 1024
MIB = 1024 * KIB


def default_data_dir() -> Path:
    """Return `$XDG_DATA_HOME/pizarra`, or `~/.local/share/pizarra`."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "pizarra"


class Settings(BaseSettings):
    """All settings. Each is also a `PIZARRA_…` environment variable; `DATABASE_URL` is understood too."""

    model_config = SettingsConfigDict(env_prefix="PIZARRA_", extra="ignore", populate_by_name=True)

    # Where to listen and what to keep
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    data_dir: Path = Field(
        default_factory=default_data_dir, description="Embedded database, signing key, nothing else."
    )
    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("PIZARRA_DATABASE_URL", "DATABASE_URL", "database_url"),
        description="PostgreSQL address; without one, SQLite in the data directory.",
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
    redis_url: str | None = Field(None, description="Valkey/Redis address, for more than one process.")
    workers: int = Field(1, ge=1, le=64, description="Web processes; more than one needs a bus.")
    secret_key: str | None = Field(
        None, min_length=32, description="Signing key shared by several machines; otherwise kept in data_dir."
    )
    cors_origins: Annotated[list[str], NoDecode] = Field(
        default=["http://localhost:5173", "http://127.0.0.1:5173"],
        description="Origins that may call the API from a browser besides our own. The default, Vite's development "
        "server, counts only where this computer is trusted.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What the log holds.")
    log_format: Literal["console", "json"] = Field("console", description="For people, or for programs.")
    sqlite_synchronous: Literal["full", "normal"] = Field(
        "full",
        description="`full`: an acknowledged edit survives a power cut; `normal`: it survives kill -9.",
    )
    shutdown_seconds: float = Field(3.0, gt=0, le=60, description="Longest wait for requests at SIGTERM.")

    # Accounts
    oidc_issuer: str | None = Field(None, description="OpenID Connect provider, such as https://login.example.org.")
    oidc_client_id: str | None = Field(None, description="This server's client id there.")
    oidc_client_secret: str | None = Field(None, description="This server's client secret there.")
    oidc_name: str = Field("single sign-on", description="What the sign-in button calls the provider.")
    oidc_team: str | None = Field(
        None, description="Team of people who come for the first time; unset, only those who have an account get in."
    )
    retention_days: int | None = Field(
        None, ge=1, description="Ended sessions without a team are erased after so many days; unset, they are kept."
    )
    seal_seconds: float = Field(
        30.0, gt=0, description="How often what was recorded is sealed, so that later changes of it are found."
    )
    pack_seconds: float = Field(60.0, gt=0, description="How often old edits are packed, to a tenth of their size.")
    recent_bytes: int = Field(
        64 * 1024 * 1024,
        ge=0,
        description="Memory for what was recorded a moment ago; beyond it, sealing and packing read it back.",
    )
    retention_check_seconds: float = Field(3600.0, gt=0, description="How often to look for sessions to erase.")

    # Limits: accounts
    setup_minutes: int = Field(15, ge=1, description="How long the first start's set-up link works.")
    account_link_hours: int = Field(72, ge=1, description="How long the link of a new or reset account works.")
    sign_in_days: int = Field(14, ge=1, description="How long a browser stays signed in.")
    min_password_length: int = Field(10, ge=8, le=128, description="Shortest password, in characters.")
    sign_in_attempts_per_name: int = Field(
        10, ge=1, description="Wrong passwords for one name in five minutes; beyond it 429."
    )
    sign_in_attempts_per_address: int = Field(
        50, ge=1, description="Sign-ins and one-time links tried from one address in five minutes; beyond it 429."
    )
    joins_per_address: int = Field(600, ge=1, description="Joins from one address in a minute; beyond it 429.")
    rehearsals_per_address: int = Field(30, ge=1, description="Rehearsals from one address in an hour; beyond it 429.")
    rehearsals_per_session: int = Field(50, ge=1, description="Rehearsals of one session at a time; beyond it 409.")
    rehearsal_hours: int = Field(24, ge=1, description="How long a rehearsal is kept.")
    access_check_seconds: float = Field(
        0.5, gt=0, le=1, description="How often open sockets are looked at: may they still be here?"
    )
    lock_grace_seconds: float = Field(
        0.7, ge=0, le=1, description="Edits under way when editing is locked still count for this long."
    )

    # Limits: REST
    max_body_bytes: int = Field(2 * MIB, ge=KIB, description="Largest request body; beyond it 413.")
    max_stdin_bytes: int = Field(256 * KIB, ge=0, description="Largest standard input of one run.")
    max_private_entries: int = Field(10_000, ge=1, description="Notes and chat of one session; beyond it 409.")
    max_note_characters: int = Field(10_000, ge=1, description="Longest note or line of interviewers' chat.")
    max_tests: int = Field(20, ge=1, description="Tests of one session; beyond it 409.")
    max_test_bytes: int = Field(
        64 * KIB, ge=0, description="All inputs and expected outputs of one session's tests, together; beyond it 409."
    )
    max_test_instants: int = Field(80, ge=1, description="Instants of one session that its tests are tried on.")
    test_seconds: float = Field(5.0, gt=0, description="How long one test may take.")
    max_thinking_seconds: int = Field(3600, ge=1, description="Longest private thinking time.")
    invitation_days: int = Field(30, ge=1, description="How long an invitation opens its session.")

    # Limits: realtime
    max_frame_bytes: int = Field(6 * MIB, ge=4 * KIB, description="Largest WebSocket message; beyond it 1009.")
    max_text_bytes: int = Field(
        1 * MIB, ge=KIB, description="Longest text of one session (UTF-8, all files together); starter code too."
    )
    max_document_bytes: int = Field(8 * MIB, ge=KIB, description="Largest encoded document.")
    max_updates_per_second: int = Field(
        25_000, ge=10, description="Edits one socket may send; beyond it the socket is read more slowly."
    )
    max_presence_per_second: int = Field(
        500, ge=5, description="Presence and control messages of one socket; beyond it it is read more slowly."
    )
    max_signals_per_minute: int = Field(
        120, ge=1, description="Pastes, absences, explanations and suggestions of one person; beyond it refused."
    )
    max_cursors_per_minute: int = Field(
        120, ge=1, description="Moves of one person's caret that are recorded; beyond it they are left out."
    )
    max_branches: int = Field(100, ge=1, description="Follow-up questions of one session; beyond it refused.")
    max_syncs_per_second: int = Field(10, ge=1, description="Questions for the whole document; beyond it they wait.")
    max_presence_bytes: int = Field(4 * KIB, ge=64, description="Largest presence state of one client.")
    max_clients_per_connection: int = Field(16, ge=1, description="Yjs client ids one socket may write under.")
    max_clients_per_person: int = Field(
        10_000, ge=10, description="Yjs client ids one person may use in one session; a browser takes one per load."
    )
    max_connections_per_room: int = Field(300, ge=1, description="Sockets in one room; beyond it 1013.")
    max_connections_per_address: int = Field(
        1000, ge=1, description="Sockets from one address; beyond it 1013. Behind a proxy all come from the proxy's."
    )
    max_connections_per_person: int = Field(
        10, ge=1, description="Sockets of one invited person in one room; beyond it 1013."
    )
    request_head_seconds: float = Field(
        10.0, gt=0, description="Longest time for the head of a request to arrive; then the connection is dropped."
    )
    admission_seconds: float = Field(10.0, gt=0, description="Longest time to let a socket in; beyond it 1013.")
    max_outbox_bytes: int = Field(16 * MIB, ge=MIB, description="Unsent bytes per socket; beyond it it is dropped.")
    max_pending_updates: int = Field(500, ge=1, description="Uncommitted updates per room before reading waits.")
    batch_updates: int = Field(500, ge=1, description="Updates of one room committed together at most.")
    commit_window_ms: float = Field(
        10.0, ge=0, le=100, description="Under load commits are gathered this long at most; when idle not at all."
    )
    presence_tick_ms: int = Field(60, ge=1, description="Presence changes are merged this long.")
    keepalive_seconds: float = Field(15.0, gt=0, le=20, description="An idle socket hears from us this often.")
    silence_seconds: float = Field(
        20.0, gt=0, description="A socket that says nothing for this long is asked for a sign of life."
    )
    probe_seconds: float = Field(5.0, gt=0, description="Time for that answer; then the socket is dropped.")
    room_idle_seconds: float = Field(60.0, ge=0, description="An empty room leaves memory after this long.")
    follow_seconds: float = Field(
        5.0, gt=0, le=10, description="How often to look for what another process recorded in the rooms open here."
    )
    snapshot_updates: int = Field(500, ge=2, description="A snapshot is taken after this many updates.")
    commit_timeout_seconds: float = Field(
        5.0, gt=0, description="Longest wait for PostgreSQL to commit; then the attempt counts as failed."
    )
    commit_retries: int = Field(3, ge=0, description="Attempts after a failed commit before clients are told 1013.")

    # Limits: runs
    runner_socket: Path | None = Field(None, description="Socket of a separately started `pizarra worker`.")
    runner_slots: int = Field(4, ge=1, le=256, description="Sandboxes at once on this machine.")
    runner_queue: int = Field(32, ge=0, description="Runs waiting on this machine; beyond it 503.")
    runner_warm: int = Field(
        12, ge=0, le=256, description="Sandboxes kept ready, runtime loaded; about 10 MiB each, 30 for Java."
    )
    max_language_servers: int = Field(
        4, ge=0, description="Language servers at once, up to 768 MB each; 0 for none. Each is for one session alone."
    )
    max_assisted_bytes: int = Field(
        256 * KIB, ge=KIB, description="Largest program that language servers are asked about; beyond it 422."
    )
    assists_per_minute: int = Field(
        600, ge=1, description="Questions of one person to language servers in a minute; beyond it 429."
    )
    runner_cache_bytes: int = Field(256 * MIB, ge=MIB, description="Memory of the runner for compiled programs.")
    runner_first_uid: int = Field(60000, ge=1000, description="First of the host uids sandboxes run as.")
    sandbox: Literal["bubblewrap", "landlock"] = Field(
        "bubblewrap",
        description="`landlock` runs programs without user namespaces, behind weaker walls (tier C; see SECURITY.md).",
    )
    sandbox_dir: Path | None = Field(
        None,
        description="Where tier C keeps programs' files; best a small tmpfs of its own. The system's default if unset.",
    )
    cache_dir: Path | None = Field(
        None, description="Toolchains that sandboxes see; `/var/cache/pizarra` for root, else `~/.cache/pizarra`."
    )
    formats_per_minute: int = Field(60, ge=1, description="Texts one person has formatted in a minute; beyond it 429.")
    max_runs_per_session: int = Field(4, ge=1, description="Programs of one session at once; beyond it 409.")
    max_runs_per_address: int = Field(
        32, ge=1, description="Programs at once that were started from one address; beyond it 429."
    )
    max_reruns_kept: int = Field(200, ge=1, description="Reruns of earlier instants whose results are kept in memory.")
    run_wall_seconds: float = Field(10.0, gt=0, le=600, description="Longest run without a terminal.")
    run_terminal_seconds: float = Field(1800.0, gt=0, le=86_400, description="Longest run with a terminal.")
    run_idle_seconds: float = Field(
        300.0, gt=0, description="A run with a terminal ends when nobody typed and it did nothing for this long."
    )
    run_cpu_seconds: float = Field(10.0, ge=1, le=600, description="Processor time of one run.")
    run_memory_bytes: int = Field(256 * MIB, ge=64 * MIB, description="Memory of one run.")
    run_processes: int = Field(64, ge=4, description="Processes and threads of one run.")
    run_output_bytes: int = Field(1 * MIB, ge=KIB, description="Output of one run, both streams together.")
    run_input_bytes: int = Field(1 * MIB, ge=KIB, description="Input typed into one run; beyond it 409.")
    run_disk_bytes: int = Field(64 * MIB, ge=MIB, description="Files one run may write.")
    run_files: int = Field(8192, ge=64, description="Files and folders one run may make, in each place it can write.")
    run_wait_seconds: float = Field(60.0, gt=0, description="Longest answer of `POST …/runs?wait=true`.")
    compile_seconds: float = Field(
        15.0,
        gt=0,
        le=300,
        description="Longest compilation; javac and esbuild, which all sessions share, have a third.",
    )
    compile_memory_bytes: int = Field(1024 * MIB, ge=256 * MIB, description="Memory of one compilation.")
    prepare_seconds: float = Field(
        0.7, gt=0, description="A program is compiled ahead of time when nobody has typed for this long."
    )

    @property
    def trusts_local(self) -> bool:
        """Whether requests from this computer are its owner's; bound elsewhere or behind a proxy they never are."""
        exposed = not is_loopback_host(self.host) or self.trusted_proxies or self.public_url
        return self.auth != "accounts" and not exposed

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        """Refuse what is no address or network: it would be trusted as a name that nobody checks."""
        for each in value:
            ip_network(each, strict=False)
        return value

    @property
    def own_origins(self) -> list[str]:
        """Origins whose pages act for their visitor besides those of the request's own host."""
        developing = self.trusts_local or "cors_origins" in self.model_fields_set
        public = [self.public_url] if self.public_url is not None else []
        return [*(self.cors_origins if developing else []), *public]

    @field_validator("cors_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Let the environment write a list with commas."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def sqlite_path(self) -> Path:
        """Where the embedded database lies."""
        return self.data_dir / "pizarra.db"
