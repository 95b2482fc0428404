"""A crowd that comes at once is let in, however little of it a server can look up at a time."""

import asyncio
import contextlib
import os
import signal
import socket
from pathlib import Path
from typing import Any

from tests.harness.peer import connect_peer
from tests.harness.prefork import counted, processes, several
from tests.harness.rooms import create, url_of
from tests.harness.server import server_process

PEOPLE = 120
REQUEST = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def test_nobody_is_sent_away_for_want_of_a_connection_to_the_database(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    """Who comes in is looked up, then their room, and there are four connections: all at once would wait for ever."""
    little: dict[str, Any] = {
        "database_pool": 4,
        "database_pool_more": 0,
        "database_pool_seconds": 0.2,
        "max_connections_per_address": 2 * PEOPLE,
        "max_arriving_per_address": 2 * PEOPLE,
        "workers": 1,
    }
    with server_process(tmp_path, postgres_url, runner_socket=runner_socket, **little) as server:
        rooms = [url_of(server, create(server, "")) for _ in range(10)] * (PEOPLE // 10)
        async with contextlib.AsyncExitStack() as stack:
            await asyncio.gather(
                *(stack.enter_async_context(connect_peer(each, control=True)) for each in rooms)
            )
        assert "socket.refused" not in server.log()


def test_whoever_sent_all_of_a_request_is_not_taken_for_slow(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    """Many behind one address come while a process is busy: it takes them in one turn, and reads them in the next."""
    with several(tmp_path, postgres_url, runner_socket, max_arriving_per_address=5) as server:
        for process in processes(server).values():
            os.kill(process, signal.SIGSTOP)
        with contextlib.ExitStack() as stack:
            sockets = []
            for _ in range(PEOPLE):
                connection = stack.enter_context(
                    socket.create_connection(("127.0.0.1", server.port), timeout=20)
                )
                connection.sendall(REQUEST)
                sockets.append(connection)
            for process in processes(server).values():
                os.kill(process, signal.SIGCONT)
            assert [each.recv(15) for each in sockets] == [b"HTTP/1.1 200 OK"] * PEOPLE
        assert counted(server, "pizarra_refusals_total", 'bound="max_arriving_per_address"') == {}
