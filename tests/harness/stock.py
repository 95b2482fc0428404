"""The stock y-websocket provider in Node, as other programs use it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from hatch_build import node_environment

_SCRIPT = Path(__file__).resolve().parent.parent / "node" / "client.mjs"


class StockClient:
    """One Node process with one provider."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    async def call(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Run one command in the client and return its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._turn:
            self._process.stdin.write(
                json.dumps({"command": command, **arguments}).encode() + b"\n"
            )
            return dict(json.loads(await self._process.stdout.readline()))

    async def wait(
        self, condition: Callable[[dict[str, Any]], bool], seconds: float = 10.0
    ) -> dict[str, Any]:
        """Wait until the client's state meets `condition`; return it."""
        state: dict[str, Any] = {}
        try:
            async with asyncio.timeout(seconds):
                while not condition(state := await self.call("state")):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"the client is at {state}") from None
        return state

    async def wait_text(self, text: str, seconds: float = 10.0) -> None:
        """Wait until the client's document reads `text`."""
        await self.wait(lambda state: bool(state["text"] == text), seconds)


@contextlib.asynccontextmanager
async def stock_client(
    server_url: str, room: str, token: str | None = None
) -> AsyncIterator[StockClient]:
    """Give a running client."""
    with node_environment() as environment:
        process = await asyncio.create_subprocess_exec(
            "node",
            str(_SCRIPT),
            server_url,
            room,
            *([token] if token else []),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
        )
        try:
            yield StockClient(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
