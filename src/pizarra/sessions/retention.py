"""Erases ended sessions when their team's time is over, with a receipt each."""

from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, select

from pizarra.access.disk import Disk
from pizarra.collab.hub import Hub
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.kit.clock import Clock
from pizarra.models import InterviewSession, SessionStatus, Team
from pizarra.sessions.erasing import begin_erasing, erase, left_to_erase
from pizarra.timeline.read.sweep import windows

_id = InterviewSession.__table__.c.id


class Retention:
    """Looks now and then for what is due."""

    def __init__(
        self, settings: Settings, database: Database, disk: Disk, hub: Hub, clock: Clock
    ) -> None:
        self._settings = settings
        self._database = database
        self._disk = disk
        self._hub = hub
        self._clock = clock

    async def erase_due(self) -> int:
        """Erase what ended longer ago than it is to be kept; return how many sessions that were."""
        now = self._clock()
        if left := await left_to_erase(self._database):
            self._disk.free_for_erasing()
            await erase(self._database, left)
        async with self._database.read() as db:
            teams = [(team.id, team.retention_days) for team in await db.scalars(select(Team))]
        erased = 0
        for team_id, days in [(None, self._settings.retention_days), *teams]:
            if days is not None:
                erased += await self._erase_ended(team_id, now - timedelta(days=days), now)
        rehearsed_before = now - timedelta(hours=self._settings.rehearsal_hours)
        rehearsals = select(InterviewSession.id).where(
            InterviewSession.erasing_since.is_(None),
            InterviewSession.rehearsal_of.is_not(None),
            InterviewSession.created_at <= rehearsed_before,
        )
        return erased + await self._erase(rehearsals, now)

    async def _erase_ended(self, team_id: int | None, ended_before: datetime, now: datetime) -> int:
        return await self._erase(
            select(InterviewSession.id).where(
                InterviewSession.erasing_since.is_(None),
                InterviewSession.team_id == team_id
                if team_id is not None
                else InterviewSession.team_id.is_(None),
                InterviewSession.status == SessionStatus.ENDED.value,
                InterviewSession.ended_at <= ended_before,
            ),
            now,
        )

    async def _erase(self, due: Select[int], now: datetime) -> int:
        keys: list[int] = []
        within = due.where(_id > bindparam("beyond"), _id <= bindparam("until"))
        async for window in windows(self._database):
            keys += [row.id for row in await self._database.fetch(within, window._asdict())]
        erased = 0
        for key in keys:
            async with self._database.write() as db:
                # Once more, under its lock: it may have been reopened.
                session = await db.scalar(
                    due.where(InterviewSession.id == key)
                    .with_only_columns(InterviewSession)
                    .with_for_update()
                )
                if session is None:
                    continue
                room_id = session.room_id
                self._disk.free_for_erasing()
                about = {"actor": "server", "address": "", "why": "retention"}
                begun = await begin_erasing(db, session, now, **about)
            self._hub.close_room(room_id, CloseCode.UNKNOWN_ROOM, "the session was deleted")
            await erase(self._database, begun)
            erased += 1
        return erased
