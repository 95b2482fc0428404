"""The runs that this process follows: which they are, which have ended, and whether one more may begin."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import ceil

from pizarra.answers.codes import Code
from pizarra.collab.token_bucket import TokenBuckets
from pizarra.config import Settings
from pizarra.errors import Conflict, TooManyRequests
from pizarra.execution.records import RunPlan
from pizarra.models import RunStatus, share_of

_ENDED_KEPT = 10_000


@dataclass(slots=True)
class LiveRun:
    """A run that has not ended."""

    run_id: str
    session_key: int
    room_id: str
    epoch: str
    participant: int | None
    address: str
    share: int
    on_terminal: bool
    recorded_bytes: int = 0  # of what it printed and was told, as the log holds it
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    typing: asyncio.Lock = field(default_factory=asyncio.Lock)
    typed_bytes: int = 0
    resizes: int = 0
    status: RunStatus = RunStatus.QUEUED
    asked_at: float = field(default_factory=time.monotonic)
    turn_at: float | None = None  # when it was compiled or started
    seconds: float | None = None  # how long it ran


class LiveRuns:
    """What each session, invitation, address and person runs here; `clock` tells seconds."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._runs: dict[str, LiveRun] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()  # the newest of those that ended here
        # by session and person
        self._recorded = TokenBuckets(
            settings.person_log_bytes_per_second, settings.person_log_burst_bytes, clock
        )

    def __iter__(self) -> Iterator[LiveRun]:
        """Go through them as they are now: they may end meanwhile."""
        return iter(list(self._runs.values()))

    def get(self, run_id: str) -> LiveRun | None:
        """Return a run; None when it has ended, or is followed elsewhere."""
        return self._runs.get(run_id)

    def is_own(self, run_id: object) -> bool:
        """Tell whether a run is followed here or was, as far as is remembered."""
        return run_id in self._runs or run_id in self._ended

    def before(self, live: LiveRun) -> list[LiveRun]:
        """Return what has the terminal of a run's session, if that run wants it."""
        return [other for other in self if other is not live and _share_terminal(live, other)]

    def begin(self, live: LiveRun) -> None:
        """Add a run; what it may print is taken from what its person may have recorded, until it ends."""
        self._runs[live.run_id] = live
        self._recorded.spend((live.session_key, live.participant), self._settings.run_output_bytes)

    def end(self, live: LiveRun) -> None:
        """Take a run away, and give back what it did not print."""
        unused = self._settings.run_output_bytes - live.recorded_bytes
        self._recorded.spend((live.session_key, live.participant), -unused)
        self._runs.pop(live.run_id, None)
        self._ended[live.run_id] = None
        while len(self._ended) > _ENDED_KEPT:
            self._ended.popitem(last=False)
        live.ended.set()

    def require_one_more(self, plan: RunPlan, address: str, *, replace: bool) -> None:
        """Refuse what would be more than the share of the person, session, invitation or address.

        Raises:
            Conflict: the session runs as many programs as it may.
            TooManyRequests: the invitation or the address does, or the person had as much recorded as they may.
        """
        self._require_recording(plan)
        self._require_in_session(plan, replace=replace)
        limit = self._settings.max_runs_per_invitation
        if sum(live.share == share_of(plan.session) for live in self) >= limit:
            raise TooManyRequests(
                f"{limit} programs of this interview and its rehearsals run. Wait for one to end.",
                bound="max_runs_per_invitation",
                code=Code.TOO_MANY_RUNS,
            )
        limit = self._settings.max_runs_per_address
        if sum(live.address == address for live in self) >= limit:
            raise TooManyRequests(
                f"{limit} programs started from your address are running. Wait for one to end.",
                bound="max_runs_per_address",
                code=Code.TOO_MANY_RUNS,
            )

    def _require_recording(self, plan: RunPlan) -> None:
        wait = self._recorded.spend((plan.session.id, plan.participant), 0)
        if wait > 0:
            raise TooManyRequests(
                f"Your programs printed more than can be recorded at once. Wait {ceil(wait)} s.",
                bound="person_log_burst_bytes",
                code=Code.RECORDING_TOO_FAST,
            )

    def _require_in_session(self, plan: RunPlan, *, replace: bool) -> None:
        limit = self._settings.max_runs_per_session
        mine = [live for live in self if live.session_key == plan.session.id]
        if replace:
            mine = [live for live in mine if not (live.on_terminal and plan.terminal is not None)]
        if len(mine) >= limit:
            raise Conflict(
                f"This session runs {limit} programs already. Stop one, or wait for its end.",
                bound="max_runs_per_session",
                code=Code.SESSION_RUNS_ENOUGH,
            )


def _share_terminal(one: LiveRun, other: LiveRun) -> bool:
    return one.on_terminal and other.on_terminal and one.session_key == other.session_key
