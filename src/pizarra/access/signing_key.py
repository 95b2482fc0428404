"""The key that invitations, credentials and seals are derived from."""

import logging

from sqlalchemy import func, select

from pizarra.config import Settings
from pizarra.database import Database
from pizarra.kit.text import counted
from pizarra.kit.tokens import load_or_create_key
from pizarra.models import InterviewSession

log = logging.getLogger(__name__)


def signing_key(settings: Settings) -> bytes:
    """Return the key that invitations and credentials are derived from, made if there is none."""
    if settings.secret_key is not None:
        return settings.secret_key.encode()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return load_or_create_key(settings.key_path)


def has_signing_key(settings: Settings) -> bool:
    """Tell whether there is a key already."""
    return settings.secret_key is not None or settings.key_path.exists()


async def warn_of_a_lost_key(settings: Settings, database: Database) -> None:
    """Say what it means that a key was made just now, if there are sessions that were made with another."""
    async with database.read() as db:
        sessions = await db.scalar(select(func.count()).select_from(InterviewSession))
    if sessions:
        log.warning(
            "%s was not there, and the database holds %s made with another key: every invitation sent so far "
            "and every guest's access is void, and what was recorded cannot be shown to be unchanged. Stop, put the "
            "key back from a backup, and start again; or go on and send new links.",
            settings.key_path,
            counted(sessions, "session"),
        )
