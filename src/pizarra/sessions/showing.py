"""Sessions as the API shows them: what every answer about one has, for somebody in a role."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from pizarra.access.tokens import candidate_periods, sign_candidate_invitation
from pizarra.collab.room import Room
from pizarra.database import Fetch
from pizarra.http.addresses import invitation_url
from pizarra.models import Role, SessionView
from pizarra.sessions.parts import SessionParts
from pizarra.sessions.schemas import SessionRead
from pizarra.sessions.service import version_of_session
from pizarra.storage.prepared import Lazy
from pizarra.timeline.private.log import rubric_of


class Showing:
    """Shows sessions to whoever sent a request; of many it costs a few microseconds each."""

    def __init__(self, request: Request, services: SessionParts) -> None:
        self._hub = services.hub
        self._signer = services.signer
        self._link = invitation_url(request, "")
        self._lifetime = timedelta(days=services.settings.invitation_days)
        self._now = services.clock()
        self._has_same_rows = services.database.is_sqlite  # see `Prepared`
        self._connected = services.connected
        self._elsewhere: Mapping[int, Mapping[int, str]] = {}

    async def look(self, keys: Sequence[int], fetch: Fetch | None = None) -> None:
        """Find out, for what is shown then, who is connected to other processes that serve these sessions.

        `fetch` reads within a transaction that is open anyway.
        """
        self._elsewhere = await self._connected.elsewhere(keys, fetch)

    def is_empty(self, row: Any, room: Room | None) -> bool:
        """Tell whether nobody is in a session, as far as is known here."""
        return room is None and row.id not in self._elsewhere

    def room(self, session: SessionView) -> Room | None:
        """Return a session's room, if it is in memory."""
        return self._hub.loaded(session.room_id)

    def read(self, session: SessionView, role: Role) -> SessionRead:
        """Return a session with its code."""
        return SessionRead.model_validate(self.whole(session, role))

    def whole(self, session: SessionView, role: Role) -> dict[str, Any]:
        """Return what `SessionRead` has."""
        fields = self.fields(session, role, self.room(session))
        fields["initial_code"] = session.initial_code
        return fields

    def told(self, session: SessionView, role: Role, *, with_code: bool) -> Response:
        """Answer with `SessionRead`, and with its version for those who may change it.

        It is put together once while nobody is in the room: a row that did not change is the same object.
        """
        room = self.room(session)
        key = (id(session), role, with_code, self._link, self._signer)
        is_kept = room is None and self._has_same_rows
        kept = _kept_whole.get(key) if is_kept else None
        if kept is None or kept.session is not session or kept.until <= self._now:
            shown = self.whole(session, role)
            if not with_code:
                shown["initial_code"] = ""
            # the version is made of what only hosts read, too
            headers = {"ETag": version_of_session(session)} if role.may_host else {}
            until = session.created_at + self._periods(session) * self._lifetime
            kept = _KeptWhole(session, to_json(shown), headers, until)
            if is_kept:
                _kept_whole[key] = kept
                if len(_kept_whole) > _MOST_WHOLE:
                    _kept_whole.popitem(last=False)
        return Response(kept.json, headers=kept.headers, media_type="application/json")

    def listed(self, rows: Lazy, row: Any, role: Role) -> bytes:
        """Return a session as `SessionListed`, in JSON, while nobody is in its room.

        It is put together once: who looks at a list again mostly sees what was there before.
        """
        key = (self._signer, self._link, role, row)
        try:
            kept = _kept.get(key)
        except TypeError:  # PostgreSQL's driver makes lists of a rubric: such a row is no key
            return to_json(self.listed_fields(rows.meant(row), role, None))
        if kept is None or kept.until <= self._now:
            session = rows.meant(row)
            made = to_json(self.listed_fields(session, role, None))
            until = session.created_at + self._periods(session) * self._lifetime
            kept = _kept[key] = _Kept(made, until)
            if len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
        return kept.json

    def listed_fields(self, session: Any, role: Role, room: Room | None) -> dict[str, Any]:
        """Return what `SessionListed` has, but for its code."""
        return {
            **self.fields(session, role, room),
            "last_activity_at": session.last_activity_at,
            "people_here": list(self._people(session, room).values()),
            "activity": None,
            "agenda": None,
        }

    def fields(self, session: SessionView, role: Role, room: Room | None) -> dict[str, Any]:
        """Return what `SessionShown` has, in its order. Instants are instants, choices may be plain text."""
        may_host = role.may_host
        return {
            "session_id": session.public_id,
            "room_id": session.room_id,
            "title": session.title,
            "language": session.language,
            "status": session.status,
            "share_url": self._link + self._invitation(session) if may_host else None,
            "waiting_room": session.waiting_room,
            "editing_locked": session.editing_locked,
            "running_locked": session.running_locked,
            "candidate_keeps": session.candidate_keeps,
            "candidate_name": session.candidate_name if may_host else None,
            "signals": session.signals,
            "rules": session.rules,
            "rubric": rubric_of(session) if may_host else None,
            "thinking_until": session.thinking_until,
            "is_rehearsal": session.rehearsal_of is not None,
            "your_role": role,
            "created_at": session.created_at,
            "starts_at": session.starts_at,
            "clock_started_at": session.clock_started_at,
            "ended_at": session.ended_at,
            "active_users": len(self._people(session, room)),
        }

    def _people(self, session: Any, room: Room | None) -> Mapping[int, str]:
        """Return the names of those who are connected; of people elsewhere a loaded room knows newer news."""
        elsewhere = self._elsewhere.get(session.id, {})
        if room is None:
            return elsewhere
        people = {person.key: person.name for person in room.broadcast.people()}
        return people if room.broadcast.nodes else {**elsewhere, **people}

    def _invitation(self, session: SessionView) -> str:
        expires_at = session.created_at + self._periods(session) * self._lifetime
        return sign_candidate_invitation(self._signer, session, expires_at)

    def _periods(self, session: SessionView) -> int:
        return candidate_periods(session, self._lifetime, self._now)


class _Kept(NamedTuple):
    """A session in JSON, and until when it is shown like that: then its invitation is another."""

    json: bytes
    until: datetime


_MOST_KEPT = 1000  # sessions; of a kilobyte each, as a rule
_kept: OrderedDict[Any, _Kept] = OrderedDict()  # by who signs, the link's beginning, role, row


class _KeptWhole(NamedTuple):
    session: SessionView
    json: bytes
    headers: dict[str, str]
    until: datetime


_MOST_WHOLE = 500  # sessions
_kept_whole: OrderedDict[Any, _KeptWhole] = OrderedDict()


def answer(shown: dict[str, Any], status: int = 200, **headers: str) -> Response:
    """Answer with what this module shows: it has the shape of `SessionRead`, which tests hold it to."""
    return Response(to_json(shown), status, headers, media_type="application/json")


async def to_read(
    request: Request,
    services: SessionParts,
    session: SessionView,
    role: Role,
    fetch: Fetch | None = None,
) -> SessionRead:
    """Return a session as the API shows it to somebody in a role; `fetch` reads within an open transaction."""
    showing = Showing(request, services)
    await showing.look([session.id], fetch)
    return showing.read(session, role)
