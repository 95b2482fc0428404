"""Teams: who belongs together, and sees the same sessions and questions."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.answers.codes import Code
from pizarra.cluster.advisory_locks import AdvisoryLock, hold
from pizarra.errors import Conflict, InvalidInput, NotFound
from pizarra.kit.ids import new_public_id
from pizarra.kit.text import visible
from pizarra.models import Team

FIRST_TEAM = "Interviewers"


async def team_of(db: AsyncSession, key: int) -> Team:
    """Return a team that is known to be there, by storage's id."""
    return await db.get_one(Team, key)


async def list_teams(db: AsyncSession, only: int | None) -> Sequence[Team]:
    """Return the teams by name, or `only` one."""
    query = select(Team).order_by(Team.name)
    return (await db.scalars(query if only is None else query.where(Team.id == only))).all()


async def find_team(db: AsyncSession, name: str) -> Team | None:
    """Return a team by its name."""
    found: Team | None = await db.scalar(select(Team).where(Team.name == name.strip()))
    return found


async def get_team(db: AsyncSession, public_id: str) -> Team:
    """Return a team.

    Raises:
        NotFound: there is none.
    """
    found: Team | None = await db.scalar(select(Team).where(Team.public_id == public_id))
    if found is None:
        raise NotFound(f"Team {public_id} not found", code=Code.TEAM_NOT_FOUND)
    return found


async def first_team(db: AsyncSession, now: datetime) -> Team:
    """Return the oldest team, made if there is none."""
    found: Team | None = await db.scalar(select(Team).order_by(Team.id).limit(1))
    return found or await create_team(db, now, name=FIRST_TEAM)


async def create_team(
    db: AsyncSession, now: datetime, *, name: str, retention_days: int | None = None
) -> Team:
    """Create a team.

    Raises:
        Conflict: the name is taken. InvalidInput: it is blank.
    """
    name = visible(name)
    if not name:
        raise InvalidInput("name: type a name for the team", code=Code.NAME_MISSING)
    await _require_free(db, name)
    team = Team(public_id=new_public_id(), name=name, retention_days=retention_days, created_at=now)
    db.add(team)
    await db.flush()
    return team


async def rename_team(db: AsyncSession, team: Team, name: str) -> None:
    """Call a team otherwise; by nothing that anybody sees it stays what it was.

    Raises:
        Conflict: the name is taken.
    """
    name = visible(name)
    if name and name != team.name:
        await _require_free(db, name)
        team.name = name


async def _require_free(db: AsyncSession, name: str) -> None:
    await hold(db, AdvisoryLock.ACCOUNTS)  # or two of one name would both find it free
    if await find_team(db, name) is not None:
        raise Conflict(f"There is a team {name} already.", code=Code.NAME_TAKEN)
