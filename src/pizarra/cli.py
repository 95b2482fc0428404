"""The command line: `pizarra serve`, `worker`, `db`, `doctor`."""

import asyncio
import signal
import socket
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from pizarra import __version__
from pizarra.accounts.commands import token_app, user_app
from pizarra.config import Settings
from pizarra.timeline.commands import export_command, import_command, timeline_app

app = typer.Typer(
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
app.add_typer(timeline_app, name="timeline")
app.command("export")(export_command)
app.command("import")(import_command)

DatabaseUrl = Annotated[str | None, typer.Option(help="PostgreSQL address; without one, SQLite in the data directory.")]
CacheDir = Annotated[Path | None, typer.Option(help="Where toolchains are kept that no system package brings.")]
DataDir = Annotated[Path | None, typer.Option(help="Where the embedded database and the signing key lie.")]


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
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Self-hosted live coding interviews."""


def _fail(message: str) -> typer.Exit:
    typer.echo(f"pizarra: {message}", err=True)
    return typer.Exit(1)


def _settings(**options: object) -> Settings:
    """Return the settings of the environment, with what was typed on top."""
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        raise _fail(f"the setting {name} is wrong: {first['msg'].removeprefix('Value error, ')}") from None


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (default 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (default 8000; 0 takes a free one).")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    redis_url: Annotated[str | None, typer.Option(help="Valkey/Redis, for more than one process.")] = None,
    workers: Annotated[int | None, typer.Option(help="Web processes (default 1).")] = None,
    auth: Annotated[
        str | None, typer.Option(help="local or accounts; accounts is forced where others can reach this server.")
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help="How others reach this server: https://pizarra.example.org")
    ] = None,
    proxy_headers: Annotated[
        str | None,
        typer.Option(help="Addresses of reverse proxies whose X-Forwarded headers count, separated by commas."),
    ] = None,
) -> None:
    """Serve the page and the API."""
    settings = _settings(
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
    from pizarra.logs import configure_logging
    from pizarra.server import StartError
    from pizarra.server import serve as run_server

    configure_logging(settings.log_level, settings.log_format)

    def announce(url: str) -> None:
        typer.echo(f"Pizarra {__version__} is ready: {url}")
        sys.stdout.flush()

    try:
        run_server(settings, announce)
    except StartError as error:
        raise _fail(str(error)) from None


@app.command()
def toolchains(cache_dir: CacheDir = None) -> None:
    """Install what runs programs and no system package brings: TypeScript's compilers, and Node.js if it is missing."""
    from pizarra.sandbox.toolchains import ToolchainError, default_folder, install

    settings = _settings(cache_dir=cache_dir)
    folder = settings.cache_dir or default_folder()
    try:
        install(folder, typer.echo)
    except (ToolchainError, OSError) as error:
        raise _fail(f"{error}. TypeScript will not run.") from None


@app.command()
def worker(
    socket_path: Annotated[
        Path | None, typer.Option("--socket", help="Unix socket to serve; give it to PIZARRA_RUNNER_SOCKET.")
    ] = None,
    fd: Annotated[int | None, typer.Option(hidden=True, help="An inherited connection.")] = None,
    slots: Annotated[int, typer.Option(help="Sandboxes at once.")] = 4,
    queue: Annotated[int, typer.Option(help="Runs that may wait.")] = 32,
    warm: Annotated[int, typer.Option(help="Sandboxes kept ready at most.")] = 12,
    cache_bytes: Annotated[int, typer.Option(help="Memory for compiled programs.")] = 268_435_456,
    language_servers: Annotated[int, typer.Option(help="Language servers at once; 0 for none.")] = 4,
    compile_seconds: Annotated[float, typer.Option(help="Longest compilation.")] = 15.0,
    compile_memory_bytes: Annotated[int, typer.Option(help="Memory of one compilation.")] = 1_073_741_824,
    first_uid: Annotated[int, typer.Option(help="First host uid of the sandboxes, when root.")] = 60000,
    sandbox: Annotated[Sandbox, typer.Option(help="How to confine; landlock is weaker.")] = Sandbox.BUBBLEWRAP,
    sandbox_dir: Annotated[Path | None, typer.Option(help="With landlock: where programs keep files.")] = None,
    cache_dir: CacheDir = None,
) -> None:
    """Run programs for a web process. It needs no database and gets no secrets."""
    import uvloop

    from pizarra.logs import configure_logging
    from pizarra.sandbox.limits import compiler_limits
    from pizarra.sandbox.runner import run_worker
    from pizarra.sandbox.toolchains import default_folder

    if fd is None and socket_path is None:
        raise _fail("name a socket: pizarra worker --socket /run/pizarra/runner.sock")
    configure_logging("info", "console")
    connection = socket.socket(fileno=fd) if fd is not None else None
    # ^C in the terminal reaches the whole group; the web process decides when the runner ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN if fd is not None else signal.default_int_handler)
    try:
        uvloop.run(
            run_worker(
                slots=slots,
                queue=queue,
                warm=warm,
                cache_bytes=cache_bytes,
                language_servers=language_servers,
                compiler_limits=compiler_limits(compile_seconds, compile_memory_bytes),
                first_uid=first_uid,
                tools=cache_dir or default_folder(),
                sandbox=sandbox.value,
                sandbox_dir=sandbox_dir,
                connection=connection,
                socket_path=socket_path,
            )
        )
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except asyncio.CancelledError:
        raise typer.Exit from None  # SIGTERM
    except OSError as error:
        raise _fail(f"the socket {socket_path} cannot be served: {error.strerror}") from None


@app.command()
def doctor(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Tell what works on this machine, what does not, and the exact fix."""
    from pizarra.doctor import examine

    settings = _settings(data_dir=data_dir, database_url=database_url)

    async def report() -> bool:
        healthy = True
        async for finding in examine(settings):
            mark = {True: "✓", False: "✗", None: "·"}[finding.ok]
            typer.echo(f"{mark} {finding.subject}: {finding.detail}")
            if finding.ok is not True and finding.fix:
                typer.echo(f"    {finding.fix}")
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


@db_app.command("downgrade")
def db_downgrade(
    revision: Annotated[str, typer.Argument(help="Where to: a revision, -1 for one back, or base for nothing left.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Take the database back to an older schema. Make a backup first."""
    _migrate("downgrade", revision, data_dir, database_url)


@db_app.command("check")
def db_check(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Tell whether the database fits this program; exit 1 if not."""
    _migrate("check", "", data_dir, database_url)


def _migrate(action: str, revision: str, data_dir: Path | None, database_url: str | None) -> None:
    from alembic.util import CommandError

    from pizarra import migrate
    from pizarra.database import DATABASE_ERRORS, DatabaseUrlError, connect

    settings = _settings(data_dir=data_dir, database_url=database_url)

    async def run() -> str:
        database = connect(settings)
        try:
            if action == "upgrade":
                await migrate.upgrade(database, revision)
            elif action == "downgrade":
                await migrate.downgrade(database, revision)
            current = await migrate.current_revision(database)
            if action == "check" and current != migrate.head_revision():
                raise migrate.SchemaError(
                    f"The database is at revision {current or 'none'}, this program needs {migrate.head_revision()}. "
                    "Run: pizarra db upgrade"
                )
            if action == "check" and (differences := await migrate.differences(database)):
                raise migrate.SchemaError(f"The tables differ from this program's: {differences}")
            return current or "none"
        finally:
            await database.dispose()

    try:
        typer.echo(f"The database is at revision {asyncio.run(run())}.")
    except (migrate.SchemaError, DatabaseUrlError, CommandError) as error:
        raise _fail(str(error)) from None
    except DATABASE_ERRORS as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise _fail(f"the database cannot be used: {reason}") from None
