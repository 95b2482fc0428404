"""Workers that dial in: real ones as processes, and one that says whatever a test wants."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import websockets
from pydantic import BaseModel
from websockets.asyncio.client import ClientConnection

from pizarra.sandbox.remote.greeting import PATH
from pizarra.sandbox.runner.protocol import PROTOCOL, Capabilities, LanguageState
from tests.harness.ports import wait_until
from tests.harness.program import Program, clean_environment, pizarra
from tests.harness.server import ServerProcess
from tests.harness.watchdogs import WATCHDOGS


def environment_of(server: ServerProcess) -> dict[str, str]:
    """Return what tells a command which installation a server's is."""
    url = {"DATABASE_URL": server.database_url} if server.database_url else {}
    return {"PIZARRA_DATA_DIR": str(server.data_dir), **url}


def make_token(server: ServerProcess, folder: Path, name: str) -> Path:
    """Have the command line make a token; return the file it is in."""
    made = pizarra("worker-token", "create", name, environment=environment_of(server))
    assert made.returncode == 0, made.stderr
    path = folder / f"{name}.token"
    path.touch(mode=0o600)
    path.write_text(made.stdout)
    return path


class WorkerProcess:
    """`pizarra worker --server …`."""

    def __init__(
        self, servers: Sequence[str], token_file: Path, *options: str, slots: int = 2
    ) -> None:
        self._log = token_file.parent / f"{token_file.stem}-{uuid4().hex[:8]}.log"
        self._log.touch()
        WATCHDOGS.follow(self._log)
        named = [part for server in servers for part in ("--server", server)]
        small = ("--warm", "2", "--language-servers", "0", "--slots", str(slots))
        arguments = ["worker", *named, "--token-file", str(token_file), *small, *options]
        self._process = Program(arguments, clean_environment(), self._log, self._log)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        """Return its exit status once it has ended."""
        return self._process.wait(seconds)

    def stop(self) -> None:
        """End it if it runs."""
        if self.runs:
            self.send_signal(signal.SIGCONT)
            self.send_signal(signal.SIGKILL)
            self.wait()

    def log(self) -> str:
        """Return what it wrote."""
        return self._log.read_text(errors="replace")


def metric(text: str, name: str, **labels: str) -> float:
    """Return one of a server's figures; 0 where it has none."""
    wanted = ",".join(f'{label}="{value}"' for label, value in labels.items())
    line = f"{name}{{{wanted}}} " if wanted else f"{name} "
    found = [each for each in text.splitlines() if each.startswith(line)]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


def wait_for_workers(server: ServerProcess, count: int, seconds: float = 90) -> None:
    """Wait until so many workers are ready, and have tried out what the tests run."""
    import httpx2

    with httpx2.Client(base_url=server.url, timeout=30) as client:

        def are_there() -> bool:
            told = client.get("/metrics").text
            return metric(told, "pizarra_workers", state="ready") == count

        wait_until(are_there, f"{count} workers", seconds)


class FakeWorker:
    """A worker in a test's hands. `told` is what the web process said, newest last."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.told: list[dict[str, Any]] = []
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for frame in self.socket:
                async with self._news:
                    self.told.append(json.loads(frame))
                    self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def say(self, message: BaseModel | Mapping[str, Any] | bytes) -> None:
        """Send a message, or what is none."""
        if isinstance(message, bytes):
            await self.socket.send(message)
        elif isinstance(message, BaseModel):
            await self.socket.send(message.model_dump_json().encode())
        else:
            await self.socket.send(json.dumps(message).encode())

    async def hear(self, kind: str, *, seconds: float = 20) -> dict[str, Any]:
        """Return the next message of a kind, taken out of what was told."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(
                lambda: any(each["type"] == kind for each in self.told) or self._reader.done()
            )
            found = next(each for each in self.told if each["type"] == kind)
            self.told.remove(found)
            return found

    async def goodbye(self, seconds: float = 20) -> tuple[int | None, str | None]:
        """Wait until the web process hangs up; return the code and the reason."""
        async with asyncio.timeout(seconds):
            await self.socket.wait_closed()
        return self.socket.close_code, self.socket.close_reason

    async def greet(self, **changed: Any) -> Self:
        """Say hello as a worker that runs everything."""
        await self.hear("hello")
        greeting = {"type": "greeting", "worker": uuid4().hex, "version": "1", **changed}
        await self.say({"oldest": PROTOCOL, "newest": PROTOCOL, **greeting})
        return self

    async def offer(self, *languages: str, slots: int = 4, queue: int = 4) -> Self:
        """Say what it runs, and wait until it is taken."""
        able = {name: LanguageState(available=True, version="1", reason=None) for name in languages}
        await self.say(
            Capabilities(
                tier="A",
                reason=None,
                checks=[],
                languages=able,
                slots=slots,
                queue=queue,
                resting=4,
            )
        )
        await self.hear("warm")
        return self


@contextlib.asynccontextmanager
async def fake_worker(server: ServerProcess, token: str) -> AsyncIterator[FakeWorker]:
    """Give a connection that shows a token, and has said nothing yet."""
    address = f"ws://127.0.0.1:{server.port}{PATH}{uuid4().hex}"
    headers = {"Authorization": f"Bearer {token}"}
    async with websockets.connect(
        address, additional_headers=headers, compression=None, max_size=None, ping_interval=None
    ) as socket:
        yield FakeWorker(socket)
