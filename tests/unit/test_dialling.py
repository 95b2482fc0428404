"""Which addresses a worker dials: those that the names it was told of have now."""

import asyncio
import contextlib
import socket
from typing import Any, cast

import pytest

from pizarra.kit.ids import new_public_id
from pizarra.sandbox.remote import dialer
from pizarra.sandbox.remote.addresses import Server
from pizarra.sandbox.remote.connection import connect
from pizarra.sandbox.remote.dialer import Dialer, Dialling
from pizarra.sandbox.runner.runner import Runner

FIRST, SECOND = "127.0.0.1", "127.0.0.2"


async def test_an_address_that_a_name_has_no_more_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As of a web process that was replaced: each had a line that was dialled for ever, whoever has its address now."""
    monkeypatch.setattr(dialer, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(dialer, "_LONGEST_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(dialer, "_FIRST_RETRY_SECONDS", 0.01)
    dialled = {FIRST: asyncio.Semaphore(0), SECOND: asyncio.Semaphore(0)}
    named = [FIRST]

    def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dialled[writer.get_extra_info("sockname")[0]].release()
        writer.transport.abort()

    async with await asyncio.start_server(hang_up, (FIRST, SECOND), 0, family=socket.AF_INET) as it:
        ports = {place.getsockname()[0]: place.getsockname()[1] for place in it.sockets}

        async def resolve(*_asked: Any, **_how: Any) -> list[Any]:
            return [(socket.AF_INET, 0, 0, "", (each, ports[each])) for each in named]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        server = Server("pizarra.example.org", 80, is_secure=False)
        dialling = Dialling([server], "pzw_abc", 1.0, None, new_public_id())
        made = Dialer(cast("Runner", None), dialling)  # which meets nobody
        working = asyncio.create_task(made.work())
        try:
            async with asyncio.timeout(20):
                await dialled[FIRST].acquire()
                named[:] = [SECOND]
                for _ in range(5):  # by then the last call of the other line is over
                    await dialled[SECOND].acquire()
                while not dialled[FIRST].locked():
                    await dialled[FIRST].acquire()
                for _ in range(20):
                    await dialled[SECOND].acquire()
                assert dialled[FIRST].locked(), "nobody dialled it"
                named[:] = [FIRST]
                await dialled[FIRST].acquire()  # it is somebody's again
        finally:
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working


async def test_a_server_that_hangs_up_at_once_is_none() -> None:
    """Nobody asks a line's task what went wrong: whatever else is raised would end it in silence."""

    def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with await asyncio.start_server(hang_up, FIRST, 0) as it:
        port = it.sockets[0].getsockname()[1]
        server = Server("pizarra.example.org", port, is_secure=False)
        with pytest.raises(ConnectionError, match="it hung up"):
            await connect(server, (FIRST, port), "/ws/worker.0", "pzw_abc", None)
