"""The SQLAlchemy tables, one file per group. Importing this package knows them all."""

from pizarra.models.account import Account, AccountRole, ApiToken, OneTimeLink, Scope, SignIn, Team
from pizarra.models.audit import AuditEntry
from pizarra.models.base import Base
from pizarra.models.client_owner import ClientOwner
from pizarra.models.connected_person import ConnectedPerson
from pizarra.models.invitation import SHARE_LINK, StoredInvitation
from pizarra.models.node import Node
from pizarra.models.notes import Decision, PrivateEntry, Scorecard, Verdict
from pizarra.models.participant import Participant, Role
from pizarra.models.plan import Plan, PlanStep, SessionPlanStep
from pizarra.models.question import Question, QuestionVersion, SessionProblem
from pizarra.models.replay_link import ReplayLink
from pizarra.models.run import Run, RunStatus
from pizarra.models.seal import Seal
from pizarra.models.session import (
    CandidateKeeps,
    InterviewSession,
    Language,
    SessionStatus,
    Signals,
    share_of,
    tries_question,
)
from pizarra.models.timeline import Snapshot, TimelineChunk, TimelineEntry
from pizarra.models.views import ParticipantView, SessionView
from pizarra.models.worker_token import WorkerToken

__all__ = [
    "SHARE_LINK",
    "Account",
    "AccountRole",
    "ApiToken",
    "AuditEntry",
    "Base",
    "CandidateKeeps",
    "ClientOwner",
    "ConnectedPerson",
    "Decision",
    "InterviewSession",
    "Language",
    "Node",
    "OneTimeLink",
    "Participant",
    "ParticipantView",
    "Plan",
    "PlanStep",
    "PrivateEntry",
    "Question",
    "QuestionVersion",
    "ReplayLink",
    "Role",
    "Run",
    "RunStatus",
    "Scope",
    "Scorecard",
    "Seal",
    "SessionPlanStep",
    "SessionProblem",
    "SessionStatus",
    "SessionView",
    "SignIn",
    "Signals",
    "Snapshot",
    "StoredInvitation",
    "Team",
    "TimelineChunk",
    "TimelineEntry",
    "Verdict",
    "WorkerToken",
    "share_of",
    "tries_question",
]
