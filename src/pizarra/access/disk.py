"""Room on the disk: what is new is refused while some is left, so that what people have typed finds a place."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pizarra.config import Settings
from pizarra.errors import DiskFull
from pizarra.storage.addresses import database_url

log = logging.getLogger(__name__)

FULL = "The disk is full"
_SHARE = 20  # of a small disk a twentieth is kept, not more than all of it
# Erasing a session of any size needs as much: SQLite's write-ahead log as it is by then (4 MiB, and what was written
# last) goes back into the database, which may grow by that; then a piece after the other takes half a MiB of it.
_LEAST_RESERVE = 8 * 2**20


@dataclass(frozen=True, slots=True)
class _Measure:
    """Bytes: what may still be written, how much of that is kept for what is open already, and for erasing."""

    free: int
    kept: int
    reserve: int


class Disk:
    """Where the embedded database lies; PostgreSQL's disk is another computer's business, which tells by its errors."""

    def __init__(self, settings: Settings) -> None:
        url = database_url(settings)
        embedded = url.get_backend_name() == "sqlite"
        # it is made with what lies in it: until then the one above it tells
        # Plain text: every session that begins asks, and to make a path text costs as much as the answer.
        self._folders = [str(each) for each in Path(str(url.database)).parents] if embedded else []
        self._kept = settings.min_free_bytes
        self._kept_from_runs = settings.min_free_bytes_for_runs
        self._reserve = Path(str(url.database)).with_suffix(".reserve") if embedded else None
        self._reserve_bytes = settings.reserve_bytes
        self._was_full = False

    def free(self) -> int | None:
        """Return the bytes that may still be written, None when nobody here can say."""
        found = self._measure()
        return None if found is None else found.free

    def _measure(self) -> _Measure | None:
        found = _file_system(self._folders)
        if found is None:
            return None
        if found.f_blocks <= 0:
            return (
                None  # a file system that does not tell, such as some of those that lie elsewhere
            )
        size = found.f_blocks * found.f_frsize
        share = size // _SHARE
        reserve = min(self._reserve_bytes, max(share, _LEAST_RESERVE))
        return _Measure(found.f_bavail * found.f_frsize, min(self._kept, share), reserve)

    @property
    def is_full(self) -> bool:
        """Whether nothing new may begin."""
        found = self._measure()
        return found is not None and found.free < found.kept

    def require(self) -> None:
        """Refuse something new.

        Raises:
            DiskFull: there is less room than is kept for what is open already.
        """
        if self.is_full:
            raise _full("min_free_bytes")

    def require_for_run(self) -> None:
        """Refuse a run, which belongs to a session that is open already.

        Raises:
            DiskFull: there is hardly room for what people type.
        """
        found = self._measure()
        if found is not None and found.free < min(found.kept, self._kept_from_runs):
            raise _full("min_free_bytes_for_runs")

    def free_for_erasing(self) -> None:
        """Give up the reserve if there is hardly room: what is erased is written over, in the log of the database."""
        found = self._measure()
        if self._reserve is not None and found is not None and found.free < found.reserve:
            self._reserve.unlink(missing_ok=True)

    def _keep_reserve(self) -> None:
        found = self._measure()
        if self._reserve is None or found is None or self._reserve.exists():
            return
        if found.free < 2 * found.reserve or not found.reserve:
            return
        try:
            file = os.open(self._reserve, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.posix_fallocate(file, 0, found.reserve)
            finally:
                os.close(file)
        except OSError as error:
            self._reserve.unlink(missing_ok=True)
            log.warning("%s cannot be made: %s", self._reserve, error.strerror)

    def describe(self) -> tuple[bool, str]:
        """Return whether there is room, and a sentence for whoever looks after the server."""
        found = self._measure()
        if found is None:
            return True, "not known here"
        if found.free < found.kept:
            kept = f"{found.kept:,} are kept for open sessions (PIZARRA_MIN_FREE_BYTES)"
            return (
                False,
                f"{FULL}: {found.free:,} bytes are free, and {kept}. No session or import begins.",
            )
        return True, f"{found.free:,} bytes are free"

    async def look(self) -> None:
        """Say in the log when the disk becomes full, and when there is room again; keep the reserve."""
        self._keep_reserve()
        ok, detail = self.describe()
        if not ok and not self._was_full:
            log.error("%s Make room.", detail)
        elif ok and self._was_full:
            log.warning("there is room on the disk again: %s", detail)
        self._was_full = not ok


def _full(bound: str) -> DiskFull:
    return DiskFull(
        "The disk is full: nothing new can begin. Tell whoever runs this server.", bound=bound
    )


def _file_system(folders: Sequence[str]) -> os.statvfs_result | None:
    """Return what the system says of the first of these folders that is there."""
    for folder in folders:
        try:
            return os.statvfs(folder)
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None
