"""What is kept of a session, and until when: what the candidate is told at the end."""

from datetime import datetime, timedelta

from pydantic import Field

from pizarra.access.dependencies import KnownSession, ReadSession
from pizarra.access.parts import PartsDep
from pizarra.http.router import Router
from pizarra.models import CandidateKeeps, SessionStatus, SessionView, Team
from pizarra.schemas import ResponseModel, problems

router = Router(prefix="/api/sessions", tag="sessions")

_TIME = "2026-12-24T09:30:00Z"


class KeepingRead(ResponseModel):
    """What is kept, and until when."""

    candidate_keeps: CandidateKeeps = Field(
        description="What invited people may read and download once the session has ended.",
        examples=["timeline"],
    )
    erased_at: datetime | None = Field(
        description="When all of it is erased by the rule of this server or team; null: when somebody erases it, or "
        "while the session is open.",
        examples=[_TIME],
    )
    yours_until: datetime | None = Field(
        description="Until when your link lets you read it; null: as long as it is kept.",
        examples=[_TIME],
    )


@router.get("/{session_id}/keeping", responses=problems(404, 422, 503))
async def read_keeping(access: KnownSession, db: ReadSession, services: PartsDep) -> KeepingRead:
    """Tell what is kept of a session, and until when: also those to whom it leaves nothing once it has ended."""
    session = access.session
    days = services.settings.retention_days
    if session.team_id is not None:
        team = await db.get(Team, session.team_id)
        days = team.retention_days if team is not None else None
    return KeepingRead(
        candidate_keeps=CandidateKeeps(session.candidate_keeps),
        erased_at=_erased_at(session, days),
        yours_until=access.participant.expires_at if access.participant is not None else None,
    )


def _erased_at(session: SessionView, days: int | None) -> datetime | None:
    if session.status != SessionStatus.ENDED or session.ended_at is None or days is None:
        return None
    return session.ended_at + timedelta(days=days)
