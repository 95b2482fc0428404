"""Rows of a database, written as the application writes them: people, sessions, questions, and what a log holds."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from pizarra.access.identity import Actor
from pizarra.collab.journal import EditEntry, Entry
from pizarra.database import Database
from pizarra.kit.ids import new_public_id
from pizarra.models import (
    Account,
    AccountRole,
    Base,
    InterviewSession,
    Participant,
    Question,
    QuestionVersion,
    Role,
    Scope,
    Team,
)
from pizarra.problems.content import Content
from pizarra.timeline.append.log import append_entries

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
T = TypeVar("T", bound=Base)


class Rows:
    """Writes rows, each in a transaction of its own. What is not given is as it mostly is."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def put(self, row: T) -> T:
        """Write a row, and return it with its key."""
        async with self.database.write() as db:
            db.add(row)
            await db.flush()
            await db.refresh(row)
        return row

    async def read(self, table: type[T], key: Any) -> T | None:
        """Return a row as it is stored now."""
        async with self.database.read() as db:
            return await db.get(table, key)

    async def reread(self, row: T) -> T:
        """Return a row that is there as it is stored now."""
        async with self.database.read() as db:
            return await db.get_one(type(row), row.id)  # type: ignore[attr-defined]

    async def team(self, name: str = "Interviewers", **changes: Any) -> Team:
        """Make a team."""
        stored = {"public_id": new_public_id(), "name": name, "created_at": NOON}
        return await self.put(Team(**{**stored, **changes}))

    async def account(self, team: Team, name: str = "ana@example.com", **changes: Any) -> Account:
        """Make somebody who may sign in."""
        stored = {
            "public_id": new_public_id(),
            "team_id": team.id,
            "name": name,
            "display_name": name.partition("@")[0],
            "role": AccountRole.INTERVIEWER.value,
            "created_at": NOON,
        }
        return await self.put(Account(**{**stored, **changes}))

    async def session(self, **changes: Any) -> InterviewSession:
        """Make a session whose log is empty."""
        stored = {
            "public_id": new_public_id(),
            "room_id": new_public_id(),
            "title": "A session",
            "language": "python",
            "initial_code": "",
            "status": "open",
            "created_at": NOON,
            "epoch": new_public_id(),
            "head": 0,
            "last_at": NOON,
            "invitation_generation": 0,
        }
        return await self.put(InterviewSession(**{**stored, **changes}))

    async def person(
        self,
        session: InterviewSession,
        name: str = "Zoë",
        role: Role = Role.CANDIDATE,
        **changes: Any,
    ) -> Participant:
        """Have somebody in a session."""
        stored = {
            "public_id": new_public_id(),
            "session_id": session.id,
            "name": name,
            "role": role.value,
            "is_owner": False,
            "created_at": NOON,
            "generation": session.invitation_generation,
            "admitted_at": NOON,
        }
        return await self.put(Participant(**{**stored, **changes}))

    async def entries(
        self, session: InterviewSession, *entries: Entry, at: datetime = NOON
    ) -> InterviewSession:
        """Append to a session's log; return the session as it is then."""
        async with self.database.write() as db:
            await append_entries(db, session.id, list(entries), at)
        return await self.reread(session)

    async def edits(self, session: InterviewSession, updates: Sequence[bytes]) -> InterviewSession:
        """Append edits by nobody."""
        return await self.entries(session, *(EditEntry(None, each) for each in updates))

    async def question(
        self, content: Content | None = None, *, number: int = 1, **changes: Any
    ) -> tuple[Question, QuestionVersion]:
        """Put a question into a library, with one version."""
        content = content or Content.model_validate({"title": "Double it", "statement": "Double."})
        stored = {
            "public_id": new_public_id(),
            "title": content.title,
            "titles": {},
            "kind": content.kind,
            "difficulty": content.difficulty,
            "minutes": content.minutes,
            "tags": content.tags,
            "languages": [each.value for each in content.languages],
            "words": content.title.lower(),
            "marks": "|",
            "runnable": True,
            "version": number,
            "created_at": NOON,
            "updated_at": NOON,
        }
        question = await self.put(Question(**{**stored, **changes}))
        return question, await self.version(question, content, number)

    async def version(
        self, question: Question, content: Content, number: int, **changes: Any
    ) -> QuestionVersion:
        """Add a version to a question."""
        stored = {
            "question_id": question.id,
            "number": number,
            "content": content.model_dump(mode="json"),
            "created_at": NOON,
        }
        return await self.put(QuestionVersion(**{**stored, **changes}))


def actor(account: Account, **changes: Any) -> Actor:
    """Return an account as requests know it."""
    known = {
        "id": account.id,
        "public_id": account.public_id,
        "name": account.name,
        "display_name": account.display_name,
        "role": AccountRole(account.role),
        "team_id": account.team_id,
        "scope": Scope.ADMIN,
        "sign_in_id": None,
        "token_id": None,
    }
    return Actor(**{**known, **changes})
