"""A look at open sockets costs by rooms where nothing changed, and misses nothing that did, whoever changed it."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text
from tests.harness.application import Application, application
from tests.harness.postgres import Postgres

from pizarra.access.identity import Actor
from pizarra.access.revalidation import CurrentRights, Revalidation
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.models import (
    Account,
    AccountRole,
    ApiToken,
    Participant,
    Scope,
    SignIn,
    Team,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)
PEOPLE = 4  # in each room


@dataclass(eq=False)
class Open:
    """A socket that is open, and what it was told."""

    participant: int
    session: int
    actor: Actor | None = None
    is_owner: bool = False
    told: list[CurrentRights | None] = field(default_factory=list)

    def take_rights(self, rights: CurrentRights | None) -> None:
        """Be told."""
        self.told.append(rights)


class Clock:
    """Time that is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Tell it."""
        return self.now


class Rooms:
    """Two rooms with people in them, who are looked after."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.keeper = Revalidation(database, clock, 3600)
        self.sockets: list[Open] = []

    def add(self, socket: Open) -> Open:
        """Look after somebody too."""
        self.sockets.append(socket)
        self.keeper.add(socket)
        return socket

    def told(self) -> list[int]:
        """Return how often each was told something."""
        return [len(socket.told) for socket in self.sockets]

    async def execute(self, statement: str, **values: Any) -> None:
        """Change something, as somebody with a terminal does."""
        async with self.database.write() as db:
            await db.execute(text(statement), values)

    @contextlib.contextmanager
    def statements(self) -> Iterator[list[tuple[str, Any]]]:
        """Give what is asked meanwhile."""
        asked: list[tuple[str, Any]] = []

        def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
            asked.append((" ".join(statement.split()), values))

        engine = self.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield asked
        finally:
            event.remove(engine, "before_cursor_execute", note)


async def fill(running: Application, rooms: Rooms) -> None:
    """Make two rooms, and have people come."""
    async with running.client() as owner:
        for _ in range(2):
            session = (await owner.post("/api/sessions", json={})).json()
            token = session["share_url"].rpartition("/")[2]
            for name in range(PEOPLE):
                async with running.client() as guest:
                    joined = await guest.post(
                        "/api/join", json={"token": token, "name": f"Zoë {name}"}
                    )
                    assert joined.status_code == 200
    async with rooms.database.read() as db:
        people = await db.execute(
            select(Participant.id, Participant.session_id)
            .where(Participant.is_owner.is_(False))
            .order_by(Participant.id)
        )
        for key, session_key in people:
            rooms.add(Open(key, session_key))
    await rooms.keeper.refresh()
    assert rooms.told() == [1] * 2 * PEOPLE


@pytest.fixture
async def rooms(tmp_path: Path, runner_socket: Path, cluster: Postgres) -> AsyncIterator[Rooms]:
    """Two rooms on PostgreSQL."""
    with cluster.lend() as url:
        settings = Settings(
            data_dir=tmp_path,
            database_url=url,
            runner_socket=runner_socket,
            log_level="warning",
        )
        clock = Clock()
        async with application(settings, clock) as running:
            rooms = Rooms(running.services.database, clock)
            await fill(running, rooms)
            yield rooms


async def sign_in(rooms: Rooms, *, by_token: bool) -> Open:
    """Have somebody with an account come into the first room, in a browser or with an API token."""
    async with rooms.database.write() as db:
        team = Team(public_id="t" * 32, name="Team", created_at=NOW)
        db.add(team)
        await db.flush()
        account = Account(
            public_id="a" * 32,
            team_id=team.id,
            name="ann",
            display_name="Ann",
            role=AccountRole.ADMIN.value,
            created_at=NOW,
        )
        db.add(account)
        await db.flush()
        signed: SignIn | ApiToken
        if by_token:
            signed = ApiToken(
                public_id="k" * 32,
                account_id=account.id,
                name="token",
                scope=Scope.WRITE.value,
                secret_hash=b"k" * 32,
                created_at=NOW,
            )
        else:
            signed = SignIn(
                public_id="s" * 32,
                account_id=account.id,
                secret_hash=b"s" * 32,
                browser="",
                created_at=NOW,
                used_at=NOW,
                expires_at=NOW + timedelta(days=3650),
            )
        db.add(signed)
        await db.flush()
        actor = Actor(
            account.id,
            account.public_id,
            account.name,
            account.display_name,
            AccountRole.ADMIN,
            team.id,
            Scope.WRITE,
            sign_in_id=None if by_token else signed.id,
            token_id=signed.id if by_token else None,
        )
    first = rooms.sockets[0]
    socket = rooms.add(Open(first.participant, first.session, actor))
    await rooms.keeper.refresh()
    return socket


async def test_where_nothing_changed_one_statement_asks_for_all_rooms(rooms: Rooms) -> None:
    with rooms.statements() as asked:
        await rooms.keeper.refresh()
    ((statement, values),) = asked
    assert "access_version" in statement
    assert "participants" not in statement
    assert sorted(values[0]) == sorted({socket.session for socket in rooms.sockets})
    assert rooms.told() == [1] * 2 * PEOPLE


async def test_people_are_asked_about_where_something_changed(rooms: Rooms) -> None:
    first = rooms.sockets[0]
    await rooms.execute(
        "UPDATE participants SET role = 'observer' WHERE id = :id", id=first.participant
    )
    with rooms.statements() as asked:
        await rooms.keeper.refresh()
    assert len(asked) == 2
    assert sorted(asked[1][1]) == [each.participant for each in rooms.sockets[:PEOPLE]]
    assert rooms.told() == [2] * PEOPLE + [1] * PEOPLE
    rights = first.told[-1]
    assert rights is not None
    assert not rights.may_edit
    with rooms.statements() as asked:
        await rooms.keeper.refresh()
    assert len(asked) == 1


async def test_what_is_typed_moves_nothing(rooms: Rooms) -> None:
    await rooms.execute(
        "UPDATE sessions SET head = head + 1, last_at = last_at + 1, title = 'other'"
    )
    await rooms.execute("UPDATE participants SET name = 'other'")
    with rooms.statements() as asked:
        await rooms.keeper.refresh()
    assert len(asked) == 1
    assert rooms.told() == [1] * 2 * PEOPLE


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE participants SET role = 'observer' WHERE id = :person", "observer"),
        ("UPDATE participants SET removed_at = 1 WHERE id = :person", None),
        ("UPDATE participants SET admitted_at = NULL WHERE id = :person", None),
        ("UPDATE participants SET generation = 7 WHERE id = :person", None),
        ("UPDATE participants SET invitation = NULL, role = 'host' WHERE id = :person", "host"),
        ("UPDATE participants SET expires_at = 1 WHERE id = :person", None),
        ("UPDATE sessions SET invitation_generation = 7 WHERE id = :session", None),
        ("UPDATE sessions SET editing_locked = true WHERE id = :session", "candidate"),
        ("UPDATE sessions SET erasing_since = 1 WHERE id = :session", "gone"),
        ("DELETE FROM sessions WHERE id = :session", "gone"),
    ],
)
async def test_whatever_is_taken_is_seen(rooms: Rooms, change: str, says: str | None) -> None:
    socket = rooms.sockets[0]
    keys = {"person": socket.participant, "session": socket.session}
    await rooms.execute(change, **{key: keys[key] for key in keys if f":{key}" in change})
    await rooms.keeper.refresh()
    assert len(socket.told) == 2
    rights = socket.told[-1]
    if says == "gone":
        assert rights is None
    else:
        assert rights is not None
        assert rights.role == says
        assert rights.may_edit is (says == "host")


@pytest.mark.parametrize(
    ("change", "by_token", "goes"),
    [
        ("UPDATE accounts SET disabled_at = 1", False, True),
        ("UPDATE accounts SET role = 'interviewer'", False, True),  # the session has no team
        ("UPDATE accounts SET disabled_at = NULL", False, False),
        ("DELETE FROM sign_ins", False, True),
        ("UPDATE api_tokens SET revoked_at = 1", True, True),
        ("UPDATE sessions SET created_by = (SELECT id FROM accounts)", True, False),
    ],
)
async def test_whatever_is_taken_from_an_account_is_seen(
    rooms: Rooms, change: str, *, by_token: bool, goes: bool
) -> None:
    socket = await sign_in(rooms, by_token=by_token)
    await rooms.execute(change)
    await rooms.keeper.refresh()
    assert len(socket.told) == 2
    before, after = socket.told
    assert before is not None
    assert after is not None
    assert before.may_edit
    assert (after.role is None) is goes


async def test_time_takes_too(rooms: Rooms) -> None:
    """Nobody changes anything when an invitation ends."""
    async with rooms.database.read() as db:
        expiry = await db.scalar(
            select(Participant.expires_at).where(Participant.expires_at.is_not(None))
        )
        assert expiry is not None
    rooms.clock.now = expiry - timedelta(seconds=1)
    await rooms.keeper.refresh()
    assert rooms.told() == [1] * 2 * PEOPLE
    rooms.clock.now = expiry + timedelta(seconds=1)
    await rooms.keeper.refresh()
    for socket in rooms.sockets:
        assert socket.told[-1] == CurrentRights(None, may_edit=False)
