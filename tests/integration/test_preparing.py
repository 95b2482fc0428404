"""Programs are compiled while people type: what one link's people type delays nobody else's marks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from tests.harness.application import Application

from pizarra.sandbox.runner.protocol import (
    MAX_MESSAGE_BYTES,
    Capabilities,
    Prepare,
    Prepared,
    encode,
    event_adapter,
    read_message,
)

_ROOMS = 10  # five seconds each, were they to be waited for
_SECONDS = 25
SLOW = """template<int N, int M> struct G {
  static constexpr long v = G<N-1, M>::v + G<N-1, M + (1 << N)>::v;
};
template<int M> struct G<0, M> { static constexpr long v = M; };
int main() { return G<24, %d>::v; }
"""


def prepare(number: int, share: str, code: str) -> bytes:
    program = {"main": "main.cpp", "files": {"main.cpp": code}}
    return encode(Prepare(prepare_id=f"{share} {number}", language="cpp", share=share, **program))


@asynccontextmanager
async def peer_of(
    socket: Path,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to a runner that knows C++."""
    reader, writer = await asyncio.open_unix_connection(str(socket), limit=MAX_MESSAGE_BYTES)
    try:
        while (message := await read_message(reader)) is not None:
            told = event_adapter.validate_json(message)
            if isinstance(told, Capabilities) and not told.languages["cpp"].starting:
                assert told.languages["cpp"].available
                break
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def test_who_types_what_compiles_slowly_delays_nobody_else(runner_socket: Path) -> None:
    async with peer_of(runner_socket) as (reader, writer):
        for number in range(_ROOMS):
            writer.write(prepare(number, "guilty", SLOW % number))
        for number in range(2):  # the second finds the other lane busy for longer
            writer.write(prepare(number, "other", f"int main() {{ return nope_{number}; }}\n"))
        async with asyncio.timeout(_SECONDS):
            marks: list[str] = []
            while len(marks) < 2:
                message = await read_message(reader)
                assert message is not None
                match event_adapter.validate_json(message):
                    case Prepared(prepare_id=prepare_id, diagnostics=[found]):
                        assert "nope_" in found.message
                        marks.append(prepare_id)
                    case _:
                        continue
    assert marks == ["other 0", "other 1"]


async def test_a_rehearsal_has_its_sessions_share(
    running: Application, client: httpx2.AsyncClient
) -> None:
    session = (await client.post("/api/sessions")).json()
    token = session["share_url"].rpartition("/")[2]
    rehearsal = (await client.post("/api/rehearsals", json={"token": token})).json()
    hub = running.services.hub
    rooms = [await hub.room(each["room_id"]) for each in (session, rehearsal)]
    assert [each.share for each in rooms] == [rooms[0].key] * 2
    assert rooms[0].key != rooms[1].key
