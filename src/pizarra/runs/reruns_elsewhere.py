"""Reruns that other processes know: they are in nobody's log, so whoever is asked for one asks the others for it.

It goes over the bus, so an answer may be lost, as what is kept for ten minutes may be gone: then there is none.
"""

import asyncio
import json
from collections import Counter
from typing import Protocol

from pizarra.cluster.bus import ClusterBus
from pizarra.execution.schemas import RunRead
from pizarra.kit.ids import is_public_id, new_public_id

ASK, TOLD, STOP = "rerun.ask", "rerun.told", "rerun.stop"
_ANSWER_SECONDS = 1.0
# asked for at once by one person: whoever makes numbers up keeps nobody from theirs
_MOST_OF_ONE = 4
_MOST_ASKED = 1000  # by all; who asks for more is told at once that there is none


class Known(Protocol):
    """The reruns of this process."""

    def read(self, run_id: str, session_key: int, who: str) -> RunRead | None:
        """Return one; None when it is no rerun of this session that `who` asked for."""
        ...

    async def stop(self, run_id: str) -> None:
        """End one."""
        ...


class RerunsElsewhere:
    """Asks other processes for reruns, and answers them."""

    def __init__(self, bus: ClusterBus, known: Known) -> None:
        self._bus = bus
        self._known = known
        self._asked: dict[str, asyncio.Future[RunRead]] = {}
        self._asking: Counter[str] = Counter()  # how many of them for whom
        self._stopping: set[asyncio.Task[None]] = set()

    async def read(
        self, run_id: str, session_key: int, who: str, *, stop: bool = False
    ) -> RunRead | None:
        """Return a rerun of another process as the API shows it, and `stop` it; None when nobody says to have it."""
        bus = self._bus
        if not is_public_id(run_id) or not (bus.is_heard and bus.is_open):
            return None
        if len(self._asked) >= _MOST_ASKED or self._asking[who] >= _MOST_OF_ONE:
            return None
        number = new_public_id()
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        self._asking[who] += 1
        about = {"run": run_id, "session": session_key, "who": who}
        bus.publish(STOP if stop else ASK, number, json.dumps(about).encode())
        try:
            return await asyncio.wait_for(answer, _ANSWER_SECONDS)
        except TimeoutError:
            return None
        finally:
            del self._asked[number]
            self._asking -= Counter((who,))  # of nobody who asks for none anything is kept

    def hear(self, node: str, kind: str, number: str, payload: bytes) -> None:
        """Another process asks for a rerun, or tells of one.

        Raises:
            ValueError, KeyError: it is not what a process of this version writes.
        """
        if kind == TOLD:
            answer = self._asked.get(number)
            if answer is not None and not answer.done():
                answer.set_result(RunRead.model_validate_json(payload))
            return
        if kind not in (ASK, STOP):
            return  # of a newer version
        about = json.loads(payload)
        found = self._known.read(about["run"], about["session"], about["who"])
        if found is None:
            return
        if kind == STOP:
            task = asyncio.ensure_future(self._known.stop(about["run"]))
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)
        self._bus.publish(TOLD, number, found.model_dump_json().encode(), [node])
