"""A compiler that stays loaded: what it says without being asked reaches nobody."""

import asyncio
import gc
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from pizarra.sandbox.compilers import Sources
from pizarra.sandbox.compilers.lanes import Lanes
from pizarra.sandbox.compilers.service import Service
from pizarra.sandbox.compilers.tsc import TypeChecker
from pizarra.sandbox.isolation.payload import Payload
from pizarra.sandbox.isolation.sandbox import Sandbox


def framed(text: str) -> bytes:
    return len(text).to_bytes(4, "big") + text.encode()


class Scripted:
    """Stands where a sandbox does: answers each request as its script says."""

    def __init__(self, number: int, answer: Callable[[int, bytes], bytes]) -> None:
        self.number = number
        self.killed: list[str] = []
        self.is_asked = asyncio.Event()
        self._answer = answer
        self._take: Callable[[str, bytes], None] = lambda _stream, _data: None
        self._over = asyncio.Event()

    async def start(self) -> None:
        pass

    def write_stdin(self, request: bytes) -> None:
        self._take("stdout", self._answer(self.number, request))
        self.is_asked.set()

    def kill(self, reason: str) -> None:
        self.killed.append(reason)
        self._over.set()

    async def run(self, _payload: Payload, take: Callable[[str, bytes], None]) -> Any:
        self._take = take
        take("stdout", framed("ready"))
        await self._over.wait()
        return SimpleNamespace(reason="stopped", exit_code=None)


async def test_what_fails_when_nobody_waits_any_more_is_no_error() -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, about: told.append(about))
    silent = Scripted(1, lambda _number, _request: b"")
    service = Service(
        "a compiler",
        lambda: cast("Sandbox", silent),
        cast("Payload", None),
        seconds=5,
        uses=100,
    )
    asking = asyncio.ensure_future(service.ask(b"anything"))
    await silent.is_asked.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    del asking
    await service.close()  # what it was asked fails
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()
    assert told == []


async def test_what_is_said_beside_an_answer_is_not_the_next_ones() -> None:
    started: list[Scripted] = []

    def answer(number: int, request: bytes) -> bytes:
        extra = framed("for whoever comes next") if request == b"evil" else b""
        return framed(f"{request.decode()} by {number}") + extra

    def new_sandbox() -> Sandbox:
        started.append(Scripted(len(started) + 1, answer))
        return cast("Sandbox", started[-1])

    service = Service("a compiler", new_sandbox, cast("Payload", None), seconds=5, uses=100)
    assert await service.ask(b"good") == b"good by 1"
    assert await service.ask(b"evil") == b"evil by 1"
    assert await service.ask(b"good") == b"good by 2"
    assert (started[0].killed, started[1].killed) == (["stopped"], [])
    await service.close()


async def test_no_file_of_a_session_is_in_the_way_of_the_checkers_own() -> None:
    """A folder named as its configuration ended the type checker, which is everybody's."""
    asked: list[dict[str, Any]] = []

    class Lane:
        async def ask(self, request: bytes, _share: str) -> bytes:
            asked.append(json.loads(request[4:]))
            return b'{"diagnostics": []}'

    checker = TypeChecker(cast("Lanes", Lane()))
    theirs = ("main.ts", "tsconfig.json/x.ts", "lib/tsconfig.json/y.ts", "tsconfig.json.ts")
    files = dict.fromkeys(theirs, b"export {};\n")
    assert await checker.check(Sources("main.ts", files, "s")) == ()
    (told,) = asked
    assert set(told["files"]) == {"main.ts", "lib/tsconfig.json/y.ts", "tsconfig.json.ts"}
    assert await checker.check(Sources("tsconfig.json/x.ts", files, "s")) == ()
    assert len(asked) == 1, "there is nothing to check"
