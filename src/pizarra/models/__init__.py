"""The SQLAlchemy tables, one file per group. Importing this package knows them all."""

from pizarra.models.account import Account, AccountRole, ApiToken, OneTimeLink, Scope, SignIn, Team
from pizarra.models.audit import AuditEntry
from pizarra.models.base import Base
from pizarra.models.invitation import SHARE_LINK, StoredInvitation
from pizarra.models.notes import PrivateEntry, Scorecard
from pizarra.models.participant import Participant, Role
from pizarra.models.run import Run, RunStatus
from pizarra.models.seal import Seal
from pizarra.models.session import CandidateKeeps, InterviewSession, Language, SessionStatus, Signals
from pizarra.models.timeline import Snapshot, TimelineChunk, TimelineEntry

__all__ = [
    "SHARE_LINK",
    "Account",
    "AccountRole",
    "ApiToken",
    "AuditEntry",
    "Base",
    "CandidateKeeps",
    "InterviewSession",
    "Language",
    "OneTimeLink",
    "Participant",
    "PrivateEntry",
    "Role",
    "Run",
    "RunStatus",
    "Scope",
    "Scorecard",
    "Seal",
    "SessionStatus",
    "SignIn",
    "Signals",
    "Snapshot",
    "StoredInvitation",
    "Team",
    "TimelineChunk",
    "TimelineEntry",
]
