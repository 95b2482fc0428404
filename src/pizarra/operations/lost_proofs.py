"""Which questions were proven with toolchains that are others now: what held then may not any more."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from pizarra.config import Settings
from pizarra.database import connect
from pizarra.kit.text import counted, in_one_line
from pizarra.migrations import migrate
from pizarra.models import Question, QuestionVersion
from pizarra.storage.failures import DATABASE_ERRORS

_MOST_NAMED = 20


async def lost_proofs(settings: Settings, versions: Mapping[str, str | None]) -> str | None:
    """Return which proven questions lost their proof, and to what; None where all hold, or nothing can be read."""
    if settings.database_url is None and not settings.sqlite_path.exists():
        return None
    database = connect(settings)
    try:
        if not migrate.is_served(database, await migrate.standing_of(database)):
            return None
        async with database.read() as db:
            rows = await db.stream(
                select(Question.public_id, Question.title, QuestionVersion.proof)
                .join(
                    QuestionVersion,
                    (QuestionVersion.question_id == Question.id)
                    & (QuestionVersion.number == Question.version),
                )
                .where(Question.proven.is_(True), Question.deleted_at.is_(None))
                .order_by(Question.id)
            )
            lost = [
                f"{public_id} {in_one_line(title)} ({changed})"
                async for public_id, title, proof in rows
                if (changed := _changed(proof, versions))
            ]
    except DATABASE_ERRORS:
        return None  # that is said of the database
    finally:
        await database.dispose()
    if not lost:
        return None
    more = len(lost) - _MOST_NAMED
    named = "; ".join(lost[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
    return f"{counted(len(lost), 'question')} proven with other versions: {named}"


def _changed(proof: dict[str, Any] | None, versions: Mapping[str, str | None]) -> str:
    """Say which toolchains of a proof are others now."""
    known = (proof or {}).get("toolchains") or {}
    return ", ".join(
        f"{version} → {versions.get(language) or 'nothing'}"
        for language, version in sorted(known.items())
        if versions.get(language) != version
    )
