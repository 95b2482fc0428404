"""The command line: `pizarra serve`, `worker`, `db`, `doctor`."""

import asyncio
import resource
import signal
import socket
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pizarra import __version__
from pizarra.operations.account_commands import token_app, user_app
from pizarra.operations.backups import backup_command, restore_command
from pizarra.operations.export_commands import export_command, import_command, timeline_app
from pizarra.operations.installation import read_settings
from pizarra.operations.question_commands import questions_app
from pizarra.operations.terminal import SpokenTyper, said
from pizarra.operations.toolchain_commands import CacheDir, LibrariesDir, toolchains_app
from pizarra.operations.worker_commands import worker_token_app

app = SpokenTyper(
    help="Self-hosted live coding interviews.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
db_app = typer.Typer(help="The database's schema.", no_args_is_help=True)
app.add_typer(db_app, name="db")
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")
app.add_typer(worker_token_app, name="worker-token")
app.add_typer(timeline_app, name="timeline")
app.add_typer(questions_app, name="questions")
app.add_typer(toolchains_app, name="toolchains")
app.command("backup")(backup_command)
app.command("restore")(restore_command)
app.command("export")(export_command)
app.command("import")(import_command)

DatabaseUrl = Annotated[
    str | None, typer.Option(help="PostgreSQL address; without one, SQLite in the data directory.")
]
DataDir = Annotated[
    Path | None, typer.Option(help="Where the embedded database and the signing key lie.")
]


class Sandbox(StrEnum):
    """How programs are confined."""

    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "landlock"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pizarra {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Self-hosted live coding interviews."""


def _open_many() -> None:
    """Use as many sockets and files as this process may: the usual soft limit is for programs that need few."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _fail(message: str) -> typer.Exit:
    typer.echo(f"pizarra: {message}", err=True)
    return typer.Exit(1)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on (default 127.0.0.1).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on (default 8000; 0 takes a free one).")
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    redis_url: Annotated[
        str | None, typer.Option(help="Valkey/Redis, for more than one process.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Web processes (default 1); more than one needs PostgreSQL.")
    ] = None,
    auth: Annotated[
        str | None,
        typer.Option(
            help="local or accounts; accounts is forced where others can reach this server."
        ),
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help="How others reach this server: https://pizarra.example.org")
    ] = None,
    proxy_headers: Annotated[
        str | None,
        typer.Option(
            help="Addresses of reverse proxies whose X-Forwarded headers count, separated by commas."
        ),
    ] = None,
) -> None:
    """Serve the page and the API."""
    settings = read_settings(
        host=host,
        port=port,
        data_dir=data_dir,
        database_url=database_url,
        redis_url=redis_url,
        workers=workers,
        auth=auth,
        public_url=public_url,
        trusted_proxies=proxy_headers,
    )
    from pizarra.http.logs import configure_logging
    from pizarra.operations.serving import StartError
    from pizarra.operations.serving import serve as run_server

    configure_logging(settings.log_level, settings.log_format)
    _open_many()

    def announce(url: str) -> None:
        typer.echo(f"Pizarra {__version__} is ready: {url}")
        sys.stdout.flush()

    try:
        run_server(settings, announce)
    except StartError as error:
        raise _fail(str(error)) from None


@app.command()
def worker(
    server: Annotated[
        list[str] | None,
        typer.Option(
            help="Server to run programs for: https://pizarra.example.org; several times, or with commas."
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the worker's token, from `pizarra worker-token create`."),
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(help="Certificates the server's must come from, instead of the system's."),
    ] = None,
    drain_seconds: Annotated[
        float, typer.Option(help="How long programs may go on once the worker is told to end.")
    ] = 30.0,
    socket_path: Annotated[
        Path | None,
        typer.Option("--socket", help="Unix socket to serve; give it to PIZARRA_RUNNER_SOCKET."),
    ] = None,
    fd: Annotated[int | None, typer.Option(hidden=True, help="An inherited connection.")] = None,
    slots: Annotated[int, typer.Option(help="Sandboxes at once.")] = 4,
    queue: Annotated[int, typer.Option(help="Runs that may wait.")] = 32,
    resting: Annotated[
        int, typer.Option(help="Programs that wait, besides those that compute.")
    ] = 16,
    warm: Annotated[int, typer.Option(help="Sandboxes kept ready at most.")] = 12,
    cache_bytes: Annotated[int, typer.Option(help="Memory for compiled programs.")] = 268_435_456,
    language_servers: Annotated[
        int, typer.Option(help="Language servers at once; 0 for none.")
    ] = 4,
    compile_seconds: Annotated[float, typer.Option(help="Longest compilation.")] = 15.0,
    compile_memory_bytes: Annotated[
        int, typer.Option(help="Memory of one compilation.")
    ] = 1_073_741_824,
    first_uid: Annotated[
        int, typer.Option(help="First host uid of the sandboxes, when root.")
    ] = 60000,
    sandbox: Annotated[
        Sandbox, typer.Option(help="How to confine; landlock is weaker.")
    ] = Sandbox.BUBBLEWRAP,
    sandbox_dir: Annotated[
        Path | None, typer.Option(help="With landlock: where programs keep files.")
    ] = None,
    cache_dir: CacheDir = None,
    libraries_dir: LibrariesDir = None,
    given: Annotated[
        str | None, typer.Option("--settings", hidden=True, help="All of these, as JSON.")
    ] = None,
) -> None:
    """Run programs for web processes, on this machine or another. It needs no database."""
    import uvloop

    from pizarra.http.logs import configure_logging
    from pizarra.kit.garbage import collect_seldom
    from pizarra.operations.working import WorkerError, whom_to_serve
    from pizarra.sandbox import libraries
    from pizarra.sandbox.remote.connection import Refused
    from pizarra.sandbox.runner.process import run_worker
    from pizarra.sandbox.runner.settings import RunnerSettings
    from pizarra.sandbox.toolchains import default_folder

    connection = socket.socket(fileno=fd) if fd is not None else None
    try:
        serving = whom_to_serve(
            connection, socket_path, server or [], token_file, ca_file, drain_seconds
        )
    except WorkerError as error:
        raise _fail(str(error)) from None
    configure_logging("info", "console")
    _open_many()
    tools = cache_dir or default_folder()
    # ^C in the terminal reaches the whole group; the web process decides when the runner ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN if fd is not None else signal.default_int_handler)
    settings = (
        RunnerSettings.model_validate_json(given)
        if given is not None
        else RunnerSettings(
            slots=slots,
            queue=queue,
            resting=resting,
            warm=warm,
            cache_bytes=cache_bytes,
            language_servers=language_servers,
            compile_seconds=compile_seconds,
            compile_memory_bytes=compile_memory_bytes,
            first_uid=first_uid,
            tools=tools,
            libraries=libraries_dir or libraries.default_folder(tools),
            sandbox=sandbox.value,
            sandbox_dir=sandbox_dir,
        )
    )
    collect_seldom()
    try:
        uvloop.run(run_worker(settings, serving, connection=connection))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except asyncio.CancelledError:
        raise typer.Exit from None  # SIGTERM
    except Refused as refusal:
        raise _fail(f"the server does not want this worker: {refusal}") from None
    except OSError as error:
        raise _fail(f"the socket {socket_path} cannot be served: {error.strerror}") from None


@app.command()
def doctor(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Tell what works on this machine, what does not, and the exact fix."""
    from pizarra.operations.doctor import examine

    settings = read_settings(data_dir=data_dir, database_url=database_url)

    async def report() -> bool:
        healthy = True
        async for finding in examine(settings):
            mark = {True: "✓", False: "✗", None: "·"}[finding.ok]
            typer.echo(f"{mark} {said(finding.subject)}: {said(finding.detail)}")
            if finding.ok is not True and finding.fix:
                typer.echo(f"    {said(finding.fix)}")
            healthy = healthy and finding.ok is not False
        return healthy

    if not asyncio.run(report()):
        raise typer.Exit(1)


@db_app.command("upgrade")
def db_upgrade(
    revision: Annotated[str, typer.Argument(help="Where to.")] = "head",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Bring the database to this program's schema."""
    _migrate("upgrade", revision, data_dir, database_url)


@db_app.command("downgrade", context_settings={"ignore_unknown_options": True})  # -1 is no option
def db_downgrade(
    revision: Annotated[
        str, typer.Argument(help="Where to: a revision, -1 for one back, or base for nothing left.")
    ],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Take the database back to an older schema. Make a backup first."""
    _migrate("downgrade", revision, data_dir, database_url)


@db_app.command("revision")
def db_revision(
    message: Annotated[str, typer.Option("--message", "-m", help="What changes, in a few words.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a new migration: what the models have and this database has not."""
    from pizarra.database import connect
    from pizarra.migrations import migrate
    from pizarra.storage.addresses import DatabaseUrlError
    from pizarra.storage.failures import DATABASE_ERRORS, reason_of

    settings = read_settings(data_dir=data_dir, database_url=database_url)

    async def run() -> Path:
        database = connect(settings)
        try:
            return await migrate.write_revision(database, message)
        finally:
            await database.dispose()

    try:
        typer.echo(f"Written: {asyncio.run(run())}")
    except (migrate.SchemaError, DatabaseUrlError, *DATABASE_ERRORS) as error:
        raise _fail(reason_of(error)) from None


@db_app.command("check")
def db_check(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Tell whether the database fits this program; exit 1 if not."""
    _migrate("check", "", data_dir, database_url)


@db_app.command("move")
def db_move(
    to: Annotated[str, typer.Option("--to", help="Address of an empty PostgreSQL database.")],
    data_dir: DataDir = None,
) -> None:
    """Move everything from SQLite to PostgreSQL, and compare. The server must not run meanwhile."""
    from pizarra.operations.moving import move

    move(read_settings(data_dir=data_dir), to)


def _migrate(action: str, revision: str, data_dir: Path | None, database_url: str | None) -> None:
    from alembic.util import CommandError

    from pizarra.database import connect
    from pizarra.migrations import migrate
    from pizarra.storage.addresses import DatabaseUrlError, without_secret
    from pizarra.storage.addresses import database_url as database_url_of
    from pizarra.storage.failures import DATABASE_ERRORS, reason_of

    settings = read_settings(data_dir=data_dir, database_url=database_url)

    async def run() -> str:
        database = connect(settings)
        try:
            if action == "upgrade":
                await migrate.upgrade(database, revision)
            elif action == "downgrade":
                await migrate.require_some(database)
                await migrate.downgrade(database, revision)
            if action == "check":
                await migrate.require(database)
            if action == "check" and (differences := await migrate.differences(database)):
                raise migrate.SchemaError(f"The tables differ from this program's: {differences}")
            current = await migrate.current_revision(database)
            return f"is at revision {current}" if current is not None else "holds nothing any more"
        finally:
            await database.dispose()

    try:
        standing = asyncio.run(run())
    except (migrate.SchemaError, DatabaseUrlError, CommandError) as error:
        raise _fail(str(error)) from None
    except DATABASE_ERRORS as error:
        reason = reason_of(error)
        where = without_secret(database_url_of(settings))
        raise _fail(f"the database at {where} cannot be used: {reason}") from None
    typer.echo(f"The database {standing}.")
