"""`pizarra backup`, `pizarra restore`: an embedded installation in one file, database and key together."""

import contextlib
import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from pizarra import __version__
from pizarra.config import Settings
from pizarra.kit.files import give_name
from pizarra.kit.text import counted, why
from pizarra.kit.tokens import DamagedKey, read_key
from pizarra.operations.installation import DatabaseUrl, DataDir, fail, read_settings
from pizarra.storage.restored import finish_restore, place

_DATABASE, _KEY, _ABOUT = "pizarra.db", "secret.key", "about.json"
_FORMAT = 2  # 1 had no seal
_MAX_SMALL = 64 * 1024  # bytes of what is in a backup beside the database
_MAX_READ = 1024 * 1024  # bytes; what lies in a backup is read in smaller pieces
_EXCLUSIVELY = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_BROKEN = (EOFError, ValueError, RecursionError, zlib.error, gzip.BadGzipFile, tarfile.TarError)


class BackupError(RuntimeError):
    """It cannot be done; the message says why and what to do."""


def backup_command(
    file: Annotated[Path, typer.Argument(help="Where to write; there must be no such file yet.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write database and key into one file, while the server runs: whoever has it has everything, keep it safe."""
    settings = _embedded(
        data_dir, database_url, "pg_dump --format=custom --file={file} '{url}'", file
    )
    try:
        sessions = back_up(settings, file)
    except (BackupError, DamagedKey, OSError, sqlite3.Error) as error:
        raise fail(f"no backup was made: {why(error)}") from None
    key = (
        ""
        if settings.secret_key is None
        else " The key is not in it: it is your PIZARRA_SECRET_KEY."
    )
    typer.echo(
        f"{file}: {counted(sessions, 'session')}, {file.stat().st_size:,} bytes, readable by you alone.{key}"
    )


def restore_command(
    file: Annotated[Path, typer.Argument(help="What `pizarra backup` wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the database and the key that are here.")
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Put back what `pizarra backup` wrote. The server must not run meanwhile."""
    settings = _embedded(
        data_dir, database_url, "pg_restore --clean --if-exists --dbname='{url}' {file}", file
    )
    try:
        sessions = restore(settings, file, force=force)
    except (BackupError, OSError, sqlite3.Error) as error:
        raise fail(f"nothing was restored: {why(error)}") from None
    typer.echo(
        f"{settings.data_dir}: {counted(sessions, 'session')} back in place. "
        f"Start: pizarra serve --data-dir {settings.data_dir}"
    )


def back_up(settings: Settings, file: Path) -> int:
    """Copy an installation into a new file; return how many sessions it has.

    Raises:
        BackupError: there is nothing to copy, or the file exists.
    """
    from pizarra.storage.sqlite import copy_database

    finish_restore(settings)
    if not settings.sqlite_path.exists():
        raise BackupError(f"there is no database at {settings.sqlite_path}")
    if not file.parent.is_dir():
        raise BackupError(f"there is no folder {file.parent}")
    if file.exists():
        raise BackupError(f"{file} is there already; name another file")
    # readable by us alone
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".pizarra-") as folder:
        copy, fresh = Path(folder) / _DATABASE, Path(folder) / "backup"
        copy_database(settings.sqlite_path, copy)
        revision, sessions = _look(copy)
        about = {
            "format": _FORMAT,
            "pizarra": __version__,
            "revision": revision,
            "at": datetime.now(UTC).isoformat(),
        }
        with os.fdopen(os.open(fresh, os.O_RDWR | _EXCLUSIVELY, 0o600), "w+b") as out:
            with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as archive:
                _put(archive, _ABOUT, json.dumps(about).encode())
                if settings.secret_key is None:
                    read_key(settings.key_path)  # a damaged one opens nothing that is restored
                    _put(archive, _KEY, settings.key_path.read_bytes())
                archive.add(copy, _DATABASE, filter=_nobodys)
            out.write(_seal_of(out, out.tell()))
            out.flush()
            os.fsync(out.fileno())
        _place(fresh, file)
    return sessions


def restore(settings: Settings, file: Path, *, force: bool) -> int:
    """Put an installation back; return how many sessions it has. What is here stays unless all of it is sound.

    Raises:
        BackupError: the file is no backup of ours, or something is in the way.
    """
    from pizarra.migrations import migrate

    if not file.is_file():
        raise BackupError(f"there is no file {file}")
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    finish_restore(settings)
    there = [path for path in (settings.sqlite_path, settings.key_path) if path.exists()]
    if there and not force:
        raise BackupError(
            f"{' and '.join(map(str, there))} would be replaced. Add --force if you mean it"
        )
    with tempfile.TemporaryDirectory(dir=folder, prefix=".restore-") as name:
        fresh = Path(name) / "whole"
        fresh.mkdir(mode=0o700)
        about = _unpack(file, fresh)
        if about["format"] > _FORMAT:
            raise BackupError(
                f"{file} is of a newer Pizarra ({str(about.get('pizarra'))[:20]}): install that one"
            )
        revision, sessions = _look(fresh / _DATABASE)
        if revision not in migrate.revisions():
            raise BackupError(migrate.newer_message(revision))
        if settings.secret_key is None and not (fresh / _KEY).exists():
            raise BackupError(f"{file} has no key: set PIZARRA_SECRET_KEY to what it was")
        database = settings.sqlite_path
        with unused(database) if database.exists() else contextlib.nullcontext():
            place(fresh, settings)
    return sessions


class _Measured(gzip.GzipFile):
    """Of which nobody reads much at once: `tarfile` would have names of gigabytes in memory."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= _MAX_READ:
            raise tarfile.ReadError("a name in it is too long")
        return super().read(size)


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Write database and key into `folder`; return what the backup says of itself.

    Raises:
        BackupError: it is damaged, cut off, or something else.
    """
    about: Any = None
    with file.open("rb") as packed:
        size = packed.seek(0, os.SEEK_END)
        at = max(0, size - _SEAL_BYTES)
        sealed = os.pread(packed.fileno(), _SEAL_BYTES, at) == _seal_of(packed, at)
        packed.seek(0)
        try:
            with (
                _Measured(fileobj=packed) as plain,
                tarfile.open(fileobj=plain, mode="r:") as archive,
            ):
                for member in archive:
                    if member.name == _ABOUT:
                        about = json.loads(_content(archive, member, file).read())
                    else:
                        _write(_content(archive, member, file), folder / member.name)
                while plain.read(_MAX_SMALL):
                    pass  # its checksum is behind the archive's end
        except _BROKEN as error:
            raise BackupError(f"{file} is damaged, or no backup of Pizarra ({error})") from error
    if (
        not isinstance(about, dict)
        or type(about.get("format")) is not int
        or not (folder / _DATABASE).exists()
    ):
        raise BackupError(f"{file} is no backup of Pizarra")
    if about["format"] == _FORMAT and not sealed:
        raise BackupError(f"{file} is damaged: it is not what was written")
    return about


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, file: Path) -> BinaryIO:
    """Return what a member of a backup holds.

    Raises:
        BackupError: there is no such thing in a backup.
    """
    content = archive.extractfile(member) if member.isreg() else None
    if member.name not in (_DATABASE, _KEY, _ABOUT) or content is None:
        raise BackupError(f"{file} is no backup of Pizarra: there is {member.name!r} in it")
    if member.name != _DATABASE and member.size > _MAX_SMALL:
        raise BackupError(f"{file} is no backup of Pizarra: its {member.name} is too large")
    return content  # type: ignore[return-value]  # typeshed's IO[bytes]


def _write(content: BinaryIO, path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | _EXCLUSIVELY, 0o600), "wb") as out:
        shutil.copyfileobj(content, out)
        out.flush()
        os.fsync(out.fileno())


def _seal_of(file: BinaryIO, size: int) -> bytes:
    """Return what ends a backup of `size` bytes: an empty gzip member, whose comment is their SHA-256.

    gzip's own checksum leaves its header out, and the bits between the last code and the next byte.
    """
    file.flush()
    file.seek(0)
    digest = hashlib.sha256()
    while size > 0 and (piece := file.read(min(size, 1 << 20))):
        digest.update(piece)
        size -= len(piece)
    return b"\x1f\x8b\x08\x10\0\0\0\0\0\xff" + digest.hexdigest().encode() + b"\0\x03\0" + bytes(8)


# header, comment with its NUL, nothing compressed, checksum and length of nothing
_SEAL_BYTES = 10 + 64 + 1 + 2 + 8


def _place(fresh: Path, file: Path) -> None:
    """Give a finished backup its name, unless somebody else has taken it meanwhile.

    Raises:
        BackupError: somebody has.
    """
    try:
        give_name(fresh, file)
    except FileExistsError:
        raise BackupError(f"{file} is there already; name another file") from None


def _look(path: Path) -> tuple[str, int]:
    """Return the revision of a copy and how many sessions it has.

    Raises:
        BackupError: it is damaged, or no database of ours.
    """
    with contextlib.closing(sqlite3.connect(path)) as database:
        try:
            (sound,) = database.execute("PRAGMA quick_check(1)").fetchone()
            if sound != "ok":
                raise BackupError(f"the database is damaged: {sound}")
            (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
            (sessions,) = database.execute("SELECT count(*) FROM sessions").fetchone()
        except (sqlite3.Error, TypeError) as error:
            raise BackupError(f"the database cannot be read: {error}") from error
    return str(revision), int(sessions)


@contextlib.contextmanager
def unused(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection to the database at `path`; inside, no server uses it.

    Raises:
        BackupError: one does.
    """
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as database:
        try:
            database.execute("PRAGMA locking_mode=EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")
            database.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise BackupError(f"{path} is in use: stop the server first") from error
        except sqlite3.DatabaseError:
            pass  # damaged: that is why something is restored
        yield database


def _put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry


def _embedded(
    data_dir: Path | None, database_url: str | None, instead: str, file: Path
) -> Settings:
    """Return the settings of an installation on SQLite in its data directory; say what to do for another one."""
    from pizarra.storage.addresses import DatabaseUrlError, without_secret
    from pizarra.storage.addresses import database_url as read_url

    settings = read_settings(data_dir=data_dir, database_url=database_url)
    try:
        url = read_url(settings)
    except DatabaseUrlError as error:
        raise fail(str(error).splitlines()[0]) from None
    if url.get_backend_name() == "postgresql":
        command = instead.format(file=file, url=without_secret(url))
        raise fail(
            f"this database is PostgreSQL, which has its own tools. Run: {command}  — and keep "
            f"{settings.key_path} (or your PIZARRA_SECRET_KEY) beside it: the links are derived from it"
        )
    if Path(str(url.database)) != settings.sqlite_path:
        raise fail(
            f"only the database in the data directory is copied; {url.database} is somewhere else"
        )
    return settings
