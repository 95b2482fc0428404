"""The SQLAlchemy tables, one file per group. Importing this package knows them all."""

from pizarra.models.base import Base
from pizarra.models.participant import Participant, Role
from pizarra.models.run import Run, RunStatus
from pizarra.models.session import InterviewSession, Language, SessionStatus
from pizarra.models.timeline import Snapshot, TimelineEntry

__all__ = [
    "Base",
    "InterviewSession",
    "Language",
    "Participant",
    "Role",
    "Run",
    "RunStatus",
    "SessionStatus",
    "Snapshot",
    "TimelineEntry",
]
