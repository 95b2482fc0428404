"""`pizarra export`, `pizarra import`, `pizarra timeline verify`."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from sqlalchemy import select

from pizarra.config import Settings
from pizarra.exports.report.words import WORDS, ReportLanguage
from pizarra.kit.text import counted, in_one_line
from pizarra.operations.installation import (
    DatabaseUrl,
    DataDir,
    fail,
    in_installation,
    read_settings,
)

if TYPE_CHECKING:
    from pizarra.database import Database
    from pizarra.kit.tokens import TokenSigner
    from pizarra.models import InterviewSession

timeline_app = typer.Typer(help="What was recorded.", no_args_is_help=True)

T = TypeVar("T")


def _run(
    data_dir: Path | None,
    database_url: str | None,
    work: Callable[["Here"], Awaitable[T]],
    *,
    adds: bool = False,
) -> T:
    return in_installation(
        data_dir, database_url, lambda *here: work(Here(*here)), adds=adds, needs_room=adds
    )


class Here:
    """The database and the key of this installation."""

    def __init__(self, database: "Database", settings: Settings) -> None:
        self.database = database
        self._settings = settings

    @property
    def signer(self) -> "TokenSigner":
        """What signs here. Without the key nothing is known of what was sealed with it: none is made."""
        from pizarra.access.signing_key import has_signing_key, signing_key
        from pizarra.kit.tokens import DamagedKey, TokenSigner

        if not has_signing_key(self._settings):
            raise fail(
                f"{self._settings.key_path} is not there: without the key that sealed them, nothing can be said of the "
                "logs. Put it back from a backup, or name another data directory with --data-dir"
            )
        try:
            return TokenSigner(signing_key(self._settings))
        except DamagedKey as error:
            raise fail(str(error)) from None

    async def begin(self) -> None:
        """Make the key where nothing was ever sealed: an installation may begin with what another one wrote."""
        from pizarra.access.signing_key import has_signing_key, signing_key
        from pizarra.models import InterviewSession

        async with self.database.read() as db:
            holds_some = await db.scalar(select(InterviewSession.id).limit(1)) is not None
        if not holds_some and not has_signing_key(self._settings):
            signing_key(self._settings)

    async def session(self, session_id: str) -> "InterviewSession":
        from pizarra.models import InterviewSession

        async with self.database.read() as db:
            found = await db.scalar(
                select(InterviewSession).where(InterviewSession.public_id == session_id)
            )
        if found is None:
            raise fail(f"there is no session {session_id} here")
        return found


def export_command(
    session_id: Annotated[
        str, typer.Argument(help="The session's id: the last part of its address.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Where to write; pizarra-ID.zip or .html when left out.")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="One HTML file that plays offline.")] = False,
    candidate: Annotated[
        bool, typer.Option("--candidate", help="What the candidate may have: no notes.")
    ] = False,
    language: Annotated[
        ReportLanguage, typer.Option(help="What the report in it is written in.")
    ] = "en",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a session into one file: everything recorded, the code, notes and scores, and a report."""
    from pizarra.exports.gathering import gather_from
    from pizarra.exports.writer import stream_archive, stream_html
    from pizarra.http.page import STATIC
    from pizarra.kit.clock import utc_now
    from pizarra.timeline.append.recent import Recent

    # Beside each other: what has the notes is not sent to a candidate for what has not.
    kept = f"{session_id[:8]}-candidate" if candidate else session_id[:8]
    target = out or Path(f"pizarra-{kept}.{'html' if html else 'zip'}")
    player = STATIC / "player.html"
    if html and not player.exists():
        raise fail("the player has not been built: run `make page`")

    async def write(pieces: AsyncIterator[bytes]) -> int:
        size = 0
        with _placing(target):
            temporary = tempfile.TemporaryDirectory(dir=target.parent, prefix=".pizarra-")
        with temporary as folder:
            # a name that nobody could guess, and point elsewhere
            fresh = Path(folder) / target.name
            with fresh.open("wb") as file:
                async for piece in pieces:
                    size += file.write(piece)
            with _placing(target):
                fresh.replace(target)
        return size

    async def work(here: Here) -> None:
        session = await here.session(session_id)
        gathered = await gather_from(
            here.database,
            here.signer,
            utc_now,
            session,
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
        recorded = counted(entries, "entry", "entries")
        typer.echo(f"{target}: {recorded}, {size:,} bytes. The last hash is {link}.")

    _run(data_dir, database_url, work)


@contextlib.contextmanager
def _placing(target: Path) -> Iterator[None]:
    """Say that a file cannot be there. What is read from the database meanwhile fails as an `OSError` too."""
    try:
        yield
    except OSError as error:
        raise fail(f"{target} cannot be written: {error.strerror}") from None


def import_command(
    file: Annotated[Path, typer.Argument(help="What `pizarra export` or the page wrote.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Restore an exported session here, if nothing in it was changed. Nobody writes in it any more."""
    from pizarra.exports.reader import ArchiveError, open_archive
    from pizarra.exports.restore import import_archive
    from pizarra.kit.clock import utc_now

    async def work(here: Here) -> None:
        archive = open_archive(file, read_settings().max_unpacked_bytes)
        await here.begin()
        entries = await import_archive(here.database, archive, utc_now())
        title = in_one_line(str(archive.manifest["session"]["title"]))
        recorded = counted(entries, "entry", "entries")
        typer.echo(f"“{title}” is here, with {recorded}, as {archive.session_id}.")

    try:
        _run(data_dir, database_url, work, adds=True)
    except ArchiveError as error:
        raise fail(f"{file}: {error}") from None


@timeline_app.command("verify")
def verify_command(
    file: Annotated[
        Path | None, typer.Argument(help="An export; without one, this server's database.")
    ] = None,
    session: Annotated[str | None, typer.Option(help="Only this session of the database.")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show that nothing recorded was changed: in an export, or in the database. Exit 1 if something was."""
    healthy = (
        _verify_file(file)
        if file is not None
        else _run(data_dir, database_url, lambda here: verify_database(here, session))
    )
    if not healthy:
        raise typer.Exit(1)


def _verify_file(file: Path) -> bool:
    from pizarra.exports.reader import ArchiveError, open_archive, problem_with
    from pizarra.exports.verify_attachments import problem_with_rest

    try:
        archive = open_archive(file, read_settings().max_unpacked_bytes)
    except ArchiveError as error:
        raise fail(f"{file}: {error}") from None
    healthy = True
    for log in archive.logs:
        problem = problem_with(archive, log)
        end = archive.manifest["logs"][log]
        typer.echo(
            f"✗ {log} log: {in_one_line(problem)}"
            if problem
            else f"✓ {log} log: {counted(end['entries'], 'entry', 'entries')}, none changed. "
            f"The last hash is {end['hash']}."
        )
        healthy = healthy and problem is None
    rest = problem_with_rest(archive) if healthy else None
    if rest is not None:
        typer.echo(f"✗ beside the logs: {in_one_line(rest)}")
    elif healthy:
        typer.echo("✓ beside the logs: nothing changed.")
    return healthy and rest is None


async def verify_database(here: Here, session_id: str | None) -> bool:
    """Compare the logs of a database with their seals, of one session or all; tell whether none was changed."""
    from pizarra.models import InterviewSession
    from pizarra.timeline.integrity.sealing import LOGS, verify

    if session_id is not None:
        sessions = [await here.session(session_id)]
    else:
        async with here.database.read() as db:
            sessions = list(
                await db.scalars(
                    select(InterviewSession)
                    .where(InterviewSession.erasing_since.is_(None))
                    .order_by(InterviewSession.id)
                )
            )
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
                    f"✓ {log} log: {counted(finding.entries, 'entry', 'entries')}, sealed up to {finding.sealed}. "
                    f"The last hash is {finding.link}."
                )
    if healthy:
        there = f"{counted(len(sessions), 'session')}, {counted(entries, 'entry', 'entries')}"
        typer.echo(f"✓ {there}: nothing was changed.")
    return healthy
