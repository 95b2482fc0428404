"""Which session has which language server. A few at a time: whoever was asked longest ago makes room."""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from pizarra.sandbox.box import Box
from pizarra.sandbox.compilers.command import fill_in, run_once
from pizarra.sandbox.confinement import Stub
from pizarra.sandbox.language_servers.answers import hover, offered
from pizarra.sandbox.language_servers.server import LanguageServer, NoAnswer
from pizarra.sandbox.language_servers.specs import ServerSpec, server_spec
from pizarra.sandbox.languages import LanguageSpec, languages
from pizarra.sandbox.limits import MIB, RunLimits, compiler_limits
from pizarra.sandbox.payload import SandboxError
from pizarra.sandbox.pools import Pools
from pizarra.sandbox.protocol import Assist, Assisted
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
_METHODS = {"completion": "textDocument/completion", "hover": "textDocument/hover"}


@dataclass(slots=True)
class _Place:
    """A session's server of one language, and who waits for it."""

    server: LanguageServer
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class LanguageServers:
    """The language servers of this machine."""

    def __init__(self, pools: Pools, *, most: int) -> None:
        self._pools = pools
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
            return _nothing(request, f"There is no language server for {spec.name} on this machine.")
        place = self._place((request.session, name), lambda: self._new(server_spec(name), tool))
        if place.waiting >= _MAX_WAITING:
            return _nothing(request, None)
        place.waiting += 1
        try:
            async with place.turn:
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
        before = line.encode("utf-16-le")[: 2 * request.character].decode("utf-16-le", "ignore")
        typed = _WORD.search(before)
        items, whole = offered(result, typed[0] if typed else "")
        return Assisted(assist_id=request.assist_id, items=items, is_whole=whole)

    async def close(self) -> None:
        """Stop all of them."""
        for place in self._places.values():
            await place.server.close()
        self._places.clear()
        if self._closing:
            await asyncio.wait(self._closing)

    def _place(self, key: tuple[str, str], new: Callable[[], LanguageServer]) -> _Place:
        place = self._places.get(key)
        if place is None:
            self._make_room()
            place = self._places[key] = _Place(new())
        self._places.move_to_end(key)
        return place

    def _make_room(self) -> None:
        for key, place in list(self._places.items()):
            if len(self._places) < self._most and place.server.is_alive:
                continue
            if place.waiting == 0:
                del self._places[key]
                task = asyncio.ensure_future(place.server.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    def _new(self, wanted: ServerSpec, tool: str) -> LanguageServer:
        def new_box() -> Box:
            return self._pools.new(Stub(nice=_NICE), _LIMITS)

        return LanguageServer(wanted, tool, new_box, seconds=_ANSWER_SECONDS)


def _nothing(request: Assist, problem: str | None) -> Assisted:
    return Assisted(assist_id=request.assist_id, problem=problem)
