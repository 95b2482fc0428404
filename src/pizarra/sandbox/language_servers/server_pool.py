"""Which session has which language server. A few at a time, shared out evenly between interviews.

Whose share has the most makes room for one that has fewer, and else for itself: of its servers that one goes that was
asked longest ago, and rather one that nobody waits for.
"""

import asyncio
import logging
import re
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from pizarra.sandbox.compilers.command import fill_in, run_once
from pizarra.sandbox.isolation.confinement import Stub
from pizarra.sandbox.isolation.payload import SandboxError
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.language_servers.answers import hover, offered
from pizarra.sandbox.language_servers.server import LanguageServer, NoAnswer
from pizarra.sandbox.language_servers.specs import ServerSpec, server_spec
from pizarra.sandbox.languages import LanguageSpec, languages
from pizarra.sandbox.libraries import Libraries
from pizarra.sandbox.limits import MIB, RunLimits, compiler_limits
from pizarra.sandbox.runner.pools import Pools
from pizarra.sandbox.runner.protocol import Assist, Assisted
from pizarra.sandbox.toolchains import on_host

log = logging.getLogger(__name__)

_LIMITS = RunLimits(
    wall_seconds=6 * 3600.0,
    idle_seconds=300.0,
    cpu_seconds=900.0,
    memory_bytes=768 * MIB,
    output_bytes=None,
    processes=128,
    cpus=1.0,
)
_NICE = 5  # programs that people wait for go first
_ANSWER_SECONDS = 6.0
_MAX_WAITING = 4
_WORD = re.compile(r"\w*$")
_MAX_WORD = 200  # characters: no name that is offered is longer
_METHODS = {"completion": "textDocument/completion", "hover": "textDocument/hover"}


@dataclass(slots=True)
class _Place:
    """A session's server of one language, whose share it is, and how many wait for it."""

    server: LanguageServer
    share: str
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class ServerPool:
    """The language servers of this machine."""

    def __init__(self, pools: Pools, libraries: Libraries, *, most: int) -> None:
        self._pools = pools
        self._libraries = libraries
        self._most = most
        self._tools: dict[str, str] = {}  # language → path of its server, as inside the sandbox
        self._places: OrderedDict[tuple[str, str], _Place] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    async def find(self, spec: LanguageSpec) -> str | None:
        """Look for a language's server, run it once, and return its name and version; None when there is none."""
        if spec.language_server is None or not self._most:
            return None
        wanted = server_spec(spec.language_server)
        folder = self._pools.confinement.tools
        there = ((path, on_host(path, folder)) for path in wanted.candidates)
        tool = next((path for path, found in there if found is not None and found.exists()), None)
        if tool is None:
            return None
        try:
            outcome, printed = await run_once(
                self._pools, compiler_limits(20), fill_in(wanted.version, {"tool": tool}, [])
            )
        except SandboxError as error:
            log.warning("%s was not tried: %s", wanted.product, error)
            return None
        number = re.search(r"\d+(\.\d+)+", printed)
        if outcome.exit_code != 0 or number is None:
            log.warning("%s does not start: %s", wanted.product, printed.strip()[:200])
            return None
        self._tools[spec.id] = tool
        return f"{wanted.product} {number[0]}"

    async def answer(self, request: Assist) -> Assisted:
        """Answer a question about a place in a program."""
        spec = languages()[request.language]
        name, tool = spec.language_server, self._tools.get(request.language)
        if name is None or tool is None:
            return _nothing(
                request, f"There is no language server for {spec.name} on this machine."
            )
        key, share = (request.session, name), request.share or request.session
        place = self._place(key, share, lambda: self._new(server_spec(name), tool))
        if place is None or place.waiting >= _MAX_WAITING:
            return _nothing(request, None)
        place.waiting += 1
        try:
            async with place.turn:
                if self._closing:  # they have their memory still
                    await asyncio.wait(self._closing)
                files, at = request.files, (request.line, request.character)
                result = await place.server.ask(_METHODS[request.want], request.path, files, *at)
        except (NoAnswer, SandboxError) as error:
            log.info("no answer about a %s program: %s", spec.name, error)
            return _nothing(request, None)
        finally:
            place.waiting -= 1
        if request.want == "hover":
            return Assisted(assist_id=request.assist_id, hover=hover(result))
        line = (request.files[request.path].split("\n")[request.line : request.line + 1] or [""])[0]
        items, whole = offered(result, word_before(line, request.character))
        return Assisted(assist_id=request.assist_id, items=items, is_whole=whole)

    async def close(self) -> None:
        """Stop all of them."""
        for place in self._places.values():
            await place.server.close()
        self._places.clear()
        if self._closing:
            await asyncio.wait(self._closing)

    def renew(self) -> None:
        """Start anew when asked the next time: programs may import something else."""
        for place in self._places.values():
            self._let_go(place)
        self._places.clear()

    def _place(
        self, key: tuple[str, str], share: str, new: Callable[[], LanguageServer]
    ) -> _Place | None:
        """Return the place of a session's server; None when its share has no room for one now."""
        place = self._places.get(key)
        if place is None:
            if not self._make_room(share):
                return None
            place = self._places[key] = _Place(new(), share)
        self._places.move_to_end(key)
        return place

    def _make_room(self, share: str) -> bool:
        """Make room for one more server of a share; tell whether there is."""
        for key, place in list(self._places.items()):
            if place.waiting == 0 and not place.server.is_alive:
                self._take_away(key)
        if len(self._places) < self._most:
            return True
        taken = Counter(place.share for place in self._places.values())
        most = max(taken.values())
        givers = [share] if taken[share] == most else [who for who in taken if taken[who] == most]
        theirs = [key for key, place in self._places.items() if place.share in givers]
        unused = [key for key in theirs if self._places[key].waiting == 0]
        if not unused and givers == [share]:
            return False  # it waits for answers of all it may have
        self._take_away((unused or theirs)[0])
        return True

    def _take_away(self, key: tuple[str, str]) -> None:
        self._let_go(self._places.pop(key))

    def _let_go(self, place: _Place) -> None:
        task = asyncio.ensure_future(place.server.retire())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _new(self, wanted: ServerSpec, tool: str) -> LanguageServer:
        def new_sandbox() -> Sandbox:
            return self._pools.new(Stub(nice=_NICE), _LIMITS)

        return LanguageServer(
            wanted, tool, new_sandbox, self._settings(wanted), seconds=_ANSWER_SECONDS
        )

    def _settings(self, wanted: ServerSpec) -> dict[str, str]:
        """Return the settings that lie beside a program, with those about libraries."""
        settings = dict(wanted.files)
        found = self._libraries.of(wanted.libraries_of)
        if found.folder:
            where = f"{self._pools.confinement.as_seen(found.inside)}/{found.site}"
            for name, text in wanted.libraries.items():
                settings[name] = settings.get(name, "") + text.replace("{libraries}", where)
        return settings


def word_before(line: str, character: int) -> str:
    """Return what stands of a word before a place, in UTF-16 units; of a very long one, its end."""
    before = line.encode("utf-16-le", "surrogatepass")[: 2 * character].decode(
        "utf-16-le", "ignore"
    )
    typed = _WORD.search(before[-_MAX_WORD:])
    return typed[0] if typed else ""


def _nothing(request: Assist, problem: str | None) -> Assisted:
    return Assisted(assist_id=request.assist_id, problem=problem)
