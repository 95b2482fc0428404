"""Who may be in a session and what they may do there: the rules in Python, and the same in SQL."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import ColumnElement, create_engine, insert, select
from sqlalchemy.orm import Session

from pizarra.access.requirements import (
    require_host,
    require_may_edit,
    require_may_run,
    require_open,
    require_part,
    require_room_in_log,
)
from pizarra.access.rules import Invited, is_free, is_in, role_of_account, waits
from pizarra.access.session_access import Access
from pizarra.answers.codes import Code
from pizarra.errors import AppError
from pizarra.models import (
    AccountRole,
    Base,
    CandidateKeeps,
    InterviewSession,
    Participant,
    Role,
    SessionStatus,
    SessionView,
)
from pizarra.models.membership import CAME, INTERVIEWS, LINK_HOLDS, WAITS

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOST, INTERVIEWER, CANDIDATE, OBSERVER = Role


def access(role: Role, **changes: Any) -> Access:
    session = {"editing_locked": False, "running_locked": False, "status": "open", "log_bytes": 9}
    seen = cast("SessionView", SimpleNamespace(**{**session, **changes}))
    return Access(seen, role, None)


def refusal(of: Callable[[], None]) -> str | None:
    """Return the code of a refusal, or None."""
    try:
        of()
    except AppError as error:
        return str(error.code)
    return None


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("locked", [False, True])
def test_what_a_lock_keeps_from_whom(role: Role, locked: bool) -> None:
    free = {HOST: True, INTERVIEWER: True, CANDIDATE: not locked, OBSERVER: False}[role]
    assert is_free(role, locked=locked) is free
    edits, runs = access(role, editing_locked=locked), access(role, running_locked=locked)
    assert (edits.may_edit, runs.may_run) == (free, free)
    # Each lock is of one thing.
    assert (edits.may_run, runs.may_edit) == (role is not OBSERVER,) * 2
    assert refusal(lambda: require_may_edit(edits)) == (None if free else Code.EDITING_NOT_ALLOWED)
    expected = Code.OBSERVERS_ONLY_WATCH if role is OBSERVER else Code.RUNNING_LOCKED
    assert refusal(lambda: require_may_run(runs)) == (None if free else expected)


def test_nobody_is_free_to_do_anything() -> None:
    assert not is_free(None, locked=False)


@pytest.mark.parametrize("role", Role)
def test_who_takes_part_and_who_hosts(role: Role) -> None:
    watches = Code.OBSERVERS_ONLY_WATCH if role is OBSERVER else None
    assert refusal(lambda: require_part(role, "do this")) == watches
    hosts = None if role in (HOST, INTERVIEWER) else Code.INTERVIEWERS_ONLY
    assert refusal(lambda: require_host(role, "do this")) == hosts


def test_a_refusal_says_what_was_refused() -> None:
    with pytest.raises(AppError, match=r"^Observers can watch, not stop programs\.$"):
        require_part(OBSERVER, "stop programs")


def test_what_a_session_must_be() -> None:
    is_open, ended = access(HOST).session, access(HOST, status=SessionStatus.ENDED).session
    assert refusal(lambda: require_open(is_open, "run programs")) is None
    assert refusal(lambda: require_open(ended, "run programs")) == Code.SESSION_ENDED
    assert refusal(lambda: require_room_in_log(is_open, 10)) is None
    assert refusal(lambda: require_room_in_log(is_open, 9)) == Code.LOG_FULL


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("keeps", CandidateKeeps)
def test_what_is_left_after_the_end(role: Role, keeps: CandidateKeeps) -> None:
    hosts = role in (HOST, INTERVIEWER)
    left = access(role, status=SessionStatus.ENDED, candidate_keeps=keeps)
    for wanted in CandidateKeeps:
        may = hosts or keeps == wanted
        assert left.may_keep(wanted) is may
        refused = refusal(lambda wanted=wanted: left.require(wanted))  # type: ignore[misc]
        assert refused == (None if may else Code.KEPT_BY_HOST)
    assert access(role, candidate_keeps=keeps).may_keep(), "before the end nobody asks"


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        ({}, INTERVIEWER),
        ({"created_by": 1}, HOST),
        ({"session_team": 8}, None),
        ({"session_team": 8, "account_role": AccountRole.ADMIN}, INTERVIEWER),
        ({"session_team": None}, None),
        ({"session_team": None, "account_role": AccountRole.ADMIN}, INTERVIEWER),
        ({"may_write": False}, OBSERVER),
        ({"may_write": False, "created_by": 1}, OBSERVER),
        ({"may_write": False, "session_team": 8}, None),
        ({"tries_question": True, "created_by": 1}, CANDIDATE),
        ({"tries_question": True, "may_write": False}, OBSERVER),
    ],
)
def test_what_an_account_is_in_a_session(changes: dict[str, Any], role: Role | None) -> None:
    asked = {
        "account_id": 1,
        "account_role": AccountRole.INTERVIEWER,
        "account_team": 7,
        "may_write": True,
        "session_team": 7,
        "created_by": 2,
        "tries_question": False,
        **changes,
    }
    assert role_of_account(**asked) is role


# Everybody there can be: taken out or not, let in or not, by a link of this generation, an older one, or none.
EVERYBODY: list[dict[str, Any]] = [
    {
        "role": role.value,
        "removed_at": NOW if removed else None,
        "admitted_at": NOW if admitted else None,
        "invitation": invitation,
        "generation": generation,
    }
    for role, removed, admitted, invitation, generation in product(
        Role, (False, True), (False, True), (None, "0badcafe"), (0, 1)
    )
]
_GENERATION = 1


@pytest.fixture(scope="module")
def people() -> Iterator[Session]:
    """A database with everybody, each with the number of their place in `EVERYBODY`."""
    engine = create_engine("sqlite://")
    tables = [Base.metadata.tables[name] for name in ("sessions", "participants")]
    with engine.begin() as db:
        Base.metadata.create_all(db, tables)
        columns = InterviewSession.__table__.columns
        filled: dict[str, Any] = {
            each.name: _anything(each.type.python_type) for each in columns if not each.nullable
        }
        filled |= {"id": 1, "invitation_generation": _GENERATION, "status": "open"}
        filled |= {"language": "python", "candidate_keeps": "timeline", "signals": "all"}
        db.execute(insert(InterviewSession).values(**filled))
        for number, person in enumerate(EVERYBODY, 1):
            row = {"id": number, "public_id": f"{number:032}", "session_id": 1, "name": "x"}
            row |= {"is_owner": False, "created_at": NOW, **person}
            db.execute(insert(Participant).values(**row))
    with Session(engine) as session:
        yield session
    engine.dispose()


def _anything(kind: type) -> Any:
    return NOW if kind is object else kind()  # what an instant calls itself


def found(people: Session, rule: ColumnElement[bool]) -> list[dict[str, Any]]:
    query = (
        select(Participant.id)
        .join(InterviewSession, InterviewSession.id == Participant.session_id)
        .where(rule)
        .order_by(Participant.id)
    )
    return [EVERYBODY[key - 1] for key in people.scalars(query)]


def _is_in(person: dict[str, Any], **changes: Any) -> bool:
    seen = cast("Invited", SimpleNamespace(**{"expires_at": None, **person, **changes}))
    return is_in(seen, _GENERATION, NOW)


def _waits(person: dict[str, Any], **changes: Any) -> bool:
    seen = cast("Invited", SimpleNamespace(**{"expires_at": None, **person, **changes}))
    return waits(seen, _GENERATION, NOW)


def test_who_is_in_is_the_same_in_python_and_in_sql(people: Session) -> None:
    both = found(people, CAME & LINK_HOLDS)
    assert both == [person for person in EVERYBODY if _is_in(person)]
    assert len(both) == len(Role) * 3, "by no link whatever its generation, or by one of this"


def test_a_link_holds_until_its_time_is_over() -> None:
    here = {"removed_at": None, "admitted_at": NOW, "invitation": "0badcafe", "generation": 1}
    assert _is_in(here, expires_at=NOW + timedelta(seconds=1))
    assert not _is_in(here, expires_at=NOW)


def test_who_waits_is_neither_in_nor_out(people: Session) -> None:
    waiting = found(people, WAITS)
    assert all(each["removed_at"] is each["admitted_at"] is None for each in waiting)
    assert {each["generation"] for each in waiting} == {_GENERATION}
    assert len(waiting) == len(Role) * 2
    assert not [each for each in waiting if _is_in(each)]
    assert waiting == [each for each in EVERYBODY if _waits(each)], "the same in Python"
    assert not _waits(waiting[0], expires_at=NOW)


def test_interviewers_are_those_who_host_and_are_in(people: Session) -> None:
    hosts = [person for person in EVERYBODY if person["role"] in (HOST, INTERVIEWER)]
    assert found(people, INTERVIEWS) == [person for person in hosts if _is_in(person)]
