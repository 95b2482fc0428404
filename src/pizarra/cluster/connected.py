"""Who is connected to which process, told to the others by rows: the bus tells those alone who have the room too.

Written now and then, what changed of it, and only while several processes serve.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import BigInteger, Connection, any_, bindparam, delete, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY

from pizarra.cluster.nodes import Nodes
from pizarra.database import Database, Fetch
from pizarra.models import ConnectedPerson, Participant

# A session and a person, by storage's ids.
Place = tuple[int, int]

_C, _P = ConnectedPerson.__table__.c, Participant.__table__.c
_CAME = postgresql.insert(ConnectedPerson).on_conflict_do_nothing()
_WENT = delete(ConnectedPerson).where(
    _C.node_id == bindparam("node"),
    _C.session_id == bindparam("session"),
    _C.participant_id == bindparam("person"),
)
_ELSEWHERE = (
    select(_C.session_id, _P.id, _P.name)
    .join(Participant, _P.id == _C.participant_id)
    .where(_C.session_id == any_(bindparam("keys", type_=ARRAY(BigInteger))))
    .where(_C.node_id != bindparam("node"))
    .order_by(_P.id)
)


class ConnectedPeople:
    """`here` tells who is connected to this process now."""

    def __init__(
        self, database: Database, nodes: Nodes, here: Callable[[], Iterable[Place]]
    ) -> None:
        self._database = database
        self._nodes = nodes
        self._here = here
        self._told: frozenset[Place] = frozenset()

    @property
    def _is_alone(self) -> bool:
        return self._database.is_sqlite or self._nodes.is_alone

    def forget_told(self) -> None:
        """This process's row was deleted, and what it told with it."""
        self._told = frozenset()

    async def tell(self) -> None:
        """Write who came and who went since the last time.

        Raises:
            DATABASE_ERRORS: it is not written, and will be the next time.
        """
        if self._is_alone:
            return
        here = frozenset(self._here())
        came, went = sorted(here - self._told), sorted(self._told - here)
        if came or went:
            await self._database.transact(lambda connection: self._write(connection, came, went))
            self._told = here

    def _write(self, connection: Connection, came: Sequence[Place], went: Sequence[Place]) -> None:
        node = self._nodes.id
        if went:
            rows = [{"node": node, "session": key, "person": who} for key, who in went]
            connection.execute(_WENT, rows)
        if came:
            rows = [
                {"node_id": node, "session_id": key, "participant_id": who} for key, who in came
            ]
            connection.execute(_CAME, rows)

    async def elsewhere(
        self, keys: Sequence[int], fetch: Fetch | None = None
    ) -> Mapping[int, Mapping[int, str]]:
        """Return the names of those who are connected to other processes: by session, by storage's id.

        Raises:
            DATABASE_ERRORS: nobody knows.
        """
        if self._is_alone or not keys:
            return {}
        ask = fetch or self._database.fetch
        found: dict[int, dict[int, str]] = {}
        asked = {"keys": list(keys), "node": self._nodes.id}
        for key, who, name in await ask(_ELSEWHERE, asked):
            found.setdefault(key, {})[who] = name
        return found
