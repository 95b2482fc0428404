"""Sending everybody out of a room once its session has ended or is gone, and out of the rehearsals for it."""

from fastapi import BackgroundTasks
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.wire.close_codes import CloseCode
from pizarra.execution.parts import ExecutionParts
from pizarra.models import InterviewSession, SessionView


async def cut_off(
    services: ExecutionParts, key: int, room_id: str, code: CloseCode, reason: str
) -> None:
    """Once the change is committed: stop what runs and send everybody away."""
    services.hub.close_room(room_id, code, reason)
    await services.runs.stop_all(key)
    services.evaluator.ask(key)


async def close_rehearsals(
    db: AsyncSession,
    services: ExecutionParts,
    session: SessionView,
    after_commit: BackgroundTasks,
) -> None:
    """Let nobody into the rehearsals for a session any more: they came by a link that opens nothing now."""
    closed = await db.execute(
        update(InterviewSession)
        .where(InterviewSession.rehearsal_of == session.id)
        .values(invitation_generation=InterviewSession.invitation_generation + 1)
        .returning(InterviewSession.id, InterviewSession.room_id)
    )
    for key, room_id in closed.all():
        after_commit.add_task(
            cut_off, services, key, room_id, CloseCode.NOT_ALLOWED, "the rehearsal is over"
        )
