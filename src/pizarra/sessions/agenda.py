"""What the list of an interviewer shows besides a session itself: who interviewed whom, and what they came to."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from pizarra.access.identity import Actor
from pizarra.database import Database
from pizarra.models import Account, Decision, InterviewSession, Participant, Role, Verdict
from pizarra.models.membership import CAME, INTERVIEWS
from pizarra.sessions.schemas import SessionAgenda
from pizarra.timeline.private.decisions import may_read_all

_AT_ONCE = 100  # sessions a query
_NAMES = 5  # of people in a role: a row of a list has no room for more
_person, _session = Participant.__table__.c, InterviewSession.__table__.c
_OF_SOME = _person.session_id.in_(bindparam("keys", expanding=True))
_HOSTS = (
    select(
        _person.session_id,
        _person.id,
        _person.name,
        _person.is_owner,
        _person.account_id,
        Decision.verdict,
    )
    .join(InterviewSession, _session.id == _person.session_id)
    .outerjoin(
        Decision,
        (Decision.participant_id == _person.id) & (Decision.session_id == _person.session_id),
    )
    .where(_OF_SOME, INTERVIEWS)
    .order_by(_person.session_id, _person.id)
)
_turn = func.row_number().over(partition_by=_person.session_id, order_by=_person.id).label("turn")
_first = (
    select(_person.session_id, _person.name, _turn)
    .where(_OF_SOME, CAME, _person.role == Role.CANDIDATE.value)
    .subquery()
)
_CANDIDATES = (
    select(_first.c.session_id, _first.c.name)
    .where(_first.c.turn <= _NAMES)
    .order_by(_first.c.session_id, _first.c.turn)
)
_CREATORS = (
    select(_session.id, Account.display_name)
    .join(Account, Account.id == _session.created_by)
    .where(_session.id.in_(bindparam("keys", expanding=True)))
)


async def read_agenda(
    database: Database, keys: Sequence[int], reader: Actor | None
) -> dict[int, SessionAgenda]:
    """Return for each session who interviews and who is interviewed, and the decisions that `reader` may read."""
    found: dict[int, SessionAgenda] = {}
    for start in range(0, len(keys), _AT_ONCE):
        some = {"keys": keys[start : start + _AT_ONCE]}
        hosts = await database.fetch(_HOSTS, some)
        candidates = await database.fetch(_CANDIDATES, some)
        creators = {row.id: row.display_name for row in await database.fetch(_CREATORS, some)}
        for key in some["keys"]:
            interviewing = [row for row in hosts if row.session_id == key]
            found[key] = SessionAgenda(
                interviewers=_named(row.name for row in interviewing)
                or _named([creators.get(key, "")]),
                candidates=_named(row.name for row in candidates if row.session_id == key),
                **_decided(interviewing, reader),
            )
    return found


def _named(names: Iterable[str]) -> list[str]:
    """Return each name once, the first few."""
    return list(dict.fromkeys(name for name in names if name))[:_NAMES]


def _decided(interviewers: Sequence[Any], reader: Actor | None) -> dict[str, Any]:
    own = next((row for row in interviewers if _is(row, reader)), None)
    decided = [row for row in interviewers if row.verdict is not None]
    readable = may_read_all(
        (row.id for row in decided),
        (row.id for row in interviewers),
        own.id if own is not None else None,
    )
    return {
        "decisions": [Verdict(row.verdict) for row in decided] if readable else None,
        "yours_is_missing": own is not None and own.verdict is None,
    }


def _is(person: Any, reader: Actor | None) -> bool:
    return bool(person.is_owner) if reader is None else bool(person.account_id == reader.id)
