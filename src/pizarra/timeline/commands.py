"""`pizarra export`, `pizarra import`, `pizarra timeline verify`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from sqlalchemy import select

from pizarra.config import Settings
from pizarra.timeline.words import WORDS, ReportLanguage

if TYPE_CHECKING:
    from pizarra.database import Database
    from pizarra.kit.tokens import TokenSigner
    from pizarra.models import InterviewSession

timeline_app = typer.Typer(help="What was recorded.", no_args_is_help=True)

DatabaseUrl = Annotated[str | None, typer.Option(help="PostgreSQL address; without one, SQLite in the data directory.")]
DataDir = Annotated[Path | None, typer.Option(help="Where the embedded database and the signing key lie.")]
T = TypeVar("T")


def _fail(message: str) -> typer.Exit:
    typer.echo(f"pizarra: {message}", err=True)
    return typer.Exit(1)


def _run(data_dir: Path | None, database_url: str | None, work: Callable[["_Here"], Awaitable[T]]) -> T:
    from pizarra import migrate
    from pizarra.database import DATABASE_ERRORS, DatabaseUrlError, connect
    from pizarra.kit.tokens import TokenSigner
    from pizarra.main import signing_key

    given = {"data_dir": data_dir, "database_url": database_url}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]

    async def whole() -> T:
        database = connect(settings)
        try:
            await migrate.prepare(database)
            return await work(_Here(database, TokenSigner(signing_key(settings))))
        finally:
            await database.dispose()

    try:
        return asyncio.run(whole())
    except (migrate.SchemaError, DatabaseUrlError) as error:
        raise _fail(str(error)) from None
    except DATABASE_ERRORS as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise _fail(f"the database cannot be used: {reason}") from None


class _Here:
    """The database and the key of this installation."""

    def __init__(self, database: "Database", signer: "TokenSigner") -> None:
        self.database = database
        self.signer = signer

    async def session(self, session_id: str) -> "InterviewSession":
        from pizarra.models import InterviewSession

        async with self.database.read() as db:
            found = await db.scalar(select(InterviewSession).where(InterviewSession.public_id == session_id))
        if found is None:
            raise _fail(f"there is no session {session_id} here")
        return found


def export_command(
    session_id: Annotated[str, typer.Argument(help="The session's id: the last part of its address.")],
    out: Annotated[Path | None, typer.Option(help="Where to write; pizarra-ID.zip or .html when left out.")] = None,
    html: Annotated[bool, typer.Option("--html", help="One HTML file that plays offline.")] = False,
    candidate: Annotated[bool, typer.Option("--candidate", help="What the candidate may have: no notes.")] = False,
    language: Annotated[ReportLanguage, typer.Option(help="What the report in it is written in.")] = "en",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a session into one file: everything recorded, the code, notes and scores, and a report."""
    from pizarra.kit.clock import utc_now
    from pizarra.page import STATIC
    from pizarra.timeline.export import stream_archive, stream_html
    from pizarra.timeline.exporting import gather_from
    from pizarra.timeline.recent import Recent

    target = out or Path(f"pizarra-{session_id[:8]}.{'html' if html else 'zip'}")
    player = STATIC / "player.html"
    if html and not player.exists():
        raise _fail("the player has not been built: run `make page`")

    async def write(pieces: AsyncIterator[bytes]) -> int:
        size = 0
        fresh = target.with_name(f".{target.name}.part")
        with fresh.open("wb") as file:
            async for piece in pieces:
                size += file.write(piece)
        fresh.replace(target)
        return size

    async def work(here: _Here) -> None:
        session = await here.session(session_id)
        gathered = await gather_from(
            *(here.database, here.signer, utc_now, session),
            recent=Recent(0),  # another process records
            reader=None,
            with_private=not candidate,
        )
        exported = replace(gathered, words=WORDS[language])
        pieces = (
            stream_html(here.database, exported, player.read_text())
            if html
            else stream_archive(here.database, exported)
        )
        size = await write(pieces)
        entries, link = exported.ends["shared"]
        typer.echo(f"{target}: {entries} entries, {size:,} bytes. The last hash is {link}.")

    try:
        _run(data_dir, database_url, work)
    except OSError as error:
        raise _fail(f"{target} cannot be written: {error.strerror}") from None


def import_command(
    file: Annotated[Path, typer.Argument(help="What `pizarra export` or the page wrote.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Restore an exported session here, if nothing in it was changed. Nobody writes in it any more."""
    from pizarra.kit.clock import utc_now
    from pizarra.timeline.archive import ArchiveError, open_archive
    from pizarra.timeline.importing import import_archive

    async def work(here: _Here) -> None:
        archive = open_archive(file)
        entries = await import_archive(here.database, archive, utc_now())
        typer.echo(
            f"“{archive.manifest['session']['title']}” is here, with {entries} entries, as {archive.session_id}."
        )

    try:
        _run(data_dir, database_url, work)
    except ArchiveError as error:
        raise _fail(f"{file}: {error}") from None


@timeline_app.command("verify")
def verify_command(
    file: Annotated[Path | None, typer.Argument(help="An export; without one, this server's database.")] = None,
    session: Annotated[str | None, typer.Option(help="Only this session of the database.")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show that nothing recorded was changed: in an export, or in the database. Exit 1 if something was."""
    healthy = (
        _verify_file(file) if file is not None else _run(data_dir, database_url, lambda here: _verify(here, session))
    )
    if not healthy:
        raise typer.Exit(1)


def _verify_file(file: Path) -> bool:
    from pizarra.timeline.archive import ArchiveError, open_archive, problem_with
    from pizarra.timeline.untouched import problem_with_rest

    try:
        archive = open_archive(file)
    except ArchiveError as error:
        raise _fail(f"{file}: {error}") from None
    healthy = True
    for log in archive.logs:
        problem = problem_with(archive, log)
        end = archive.manifest["logs"][log]
        typer.echo(
            f"✗ {log} log: {problem}"
            if problem
            else f"✓ {log} log: {end['entries']} entries, none changed. The last hash is {end['hash']}."
        )
        healthy = healthy and problem is None
    rest = problem_with_rest(archive) if healthy else None
    if rest is not None:
        typer.echo(f"✗ beside the logs: {rest}")
    elif healthy:
        typer.echo("✓ beside the logs: nothing changed.")
    return healthy and rest is None


async def _verify(here: _Here, session_id: str | None) -> bool:
    from pizarra.models import InterviewSession
    from pizarra.timeline.sealing import LOGS, verify

    if session_id is not None:
        sessions = [await here.session(session_id)]
    else:
        async with here.database.read() as db:
            sessions = list(await db.scalars(select(InterviewSession).order_by(InterviewSession.id)))
    healthy, entries = True, 0
    for session in sessions:
        for log in LOGS:
            finding = await verify(here.database, here.signer, session, log)
            entries += finding.entries
            if finding.problem is not None:
                healthy = False
                typer.echo(f"✗ {finding.session_id}, {log} log: {finding.problem}")
            elif session_id is not None:
                typer.echo(
                    f"✓ {log} log: {finding.entries} entries, sealed up to {finding.sealed}. "
                    f"The last hash is {finding.link}."
                )
    if healthy:
        typer.echo(f"✓ {len(sessions)} sessions, {entries} entries: nothing was changed.")
    return healthy
