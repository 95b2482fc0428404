"""A compiler that stays loaded, inside a sandbox of its own. On any doubt it is killed and started anew."""

import asyncio
import logging
from collections.abc import Callable

from pizarra.kit.tasks import retrieve
from pizarra.sandbox.isolation.payload import Payload, SandboxError
from pizarra.sandbox.isolation.sandbox import Sandbox

log = logging.getLogger(__name__)

_READY_SECONDS = 30.0
_MAX_ANSWER = 64 * 1024 * 1024


class ServiceGone(Exception):
    """The service did not answer: it took too long, ran out of memory, or crashed. The message is for people."""


class Service:
    """Sends requests and reads answers, each with its length in four bytes before it."""

    def __init__(
        self,
        name: str,
        new_sandbox: Callable[[], Sandbox],
        payload: Payload,
        *,
        seconds: float,
        uses: int,
    ) -> None:
        self._name = name
        self._new_sandbox = new_sandbox
        self._payload = payload
        self._seconds = seconds
        self._uses = uses
        self._left = 0
        self._sandbox: Sandbox | None = None
        self._running: asyncio.Task[None] | None = None
        self._buffer = bytearray()
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()

    @property
    def is_idle(self) -> bool:
        """Whether it is loaded and nobody uses it."""
        return self._running is not None and not self._running.done() and not self._turn.locked()

    async def ask(self, request: bytes, *, seconds: float | None = None) -> bytes:
        """Return the answer to a request; `seconds` when it must come sooner than usual.

        Raises:
            ServiceGone: there is none.
            SandboxError: it does not start.
        """
        # Whoever asked may lose interest; the answer must be read nevertheless, or the next would get it.
        asking = asyncio.ensure_future(self._ask(request, seconds or self._seconds))
        asking.add_done_callback(retrieve)
        return await asyncio.shield(asking)

    async def _ask(self, request: bytes, seconds: float) -> bytes:
        async with self._turn:
            return await self._ask_once(request, seconds)

    async def _ask_once(self, request: bytes, seconds: float) -> bytes:
        if self._buffer:
            # More than was asked for: what made it say that belongs to whoever asked then, not to who asks now.
            log.warning("%s said more than it was asked, and is started anew", self._name)
            await self._stop()
        await self._ensure_running()
        assert self._sandbox is not None
        self._left -= 1
        self._sandbox.write_stdin(request)
        try:
            return await self._answer(seconds)
        except TimeoutError:
            await self._stop()
            raise ServiceGone(
                f"The compiler took longer than {seconds:g} s and was stopped."
            ) from None
        except BaseException:
            await self._stop()
            raise

    async def start(self) -> None:
        """Start it ahead of the first request.

        Raises:
            SandboxError: it does not start.
        """
        async with self._turn:
            await self._ensure_running()

    async def close(self) -> None:
        """Stop it."""
        await self._stop()

    async def _ensure_running(self) -> None:
        if self._left > 0 and self._running is not None and not self._running.done():
            return
        await self._stop()
        sandbox = self._new_sandbox()
        await sandbox.start()
        self._sandbox = sandbox
        self._buffer.clear()
        self._running = asyncio.get_running_loop().create_task(self._run(sandbox))
        try:
            await self._answer(_READY_SECONDS)
        except (TimeoutError, ServiceGone) as error:
            await self._stop()
            raise SandboxError(f"{self._name} does not start: {error}") from None
        self._left = self._uses

    async def _run(self, sandbox: Sandbox) -> None:
        errors = b""

        def on_output(stream: str, data: bytes) -> None:
            nonlocal errors
            if stream == "stdout":
                self._buffer.extend(data)
                self._news.set()
                if len(self._buffer) > _MAX_ANSWER + 4:
                    sandbox.kill("output_limit")
            else:
                errors = (errors + data)[-500:]

        try:
            outcome = await sandbox.run(self._payload, on_output)
            if outcome.reason != "stopped":
                text = errors.decode(errors="replace")
                log.warning(
                    "%s ended (%s %s): %s", self._name, outcome.reason, outcome.exit_code, text
                )
        except SandboxError as error:
            log.warning("%s failed: %s", self._name, error)
        finally:
            self._news.set()

    async def _answer(self, seconds: float) -> bytes:
        async with asyncio.timeout(seconds):
            while True:
                if len(self._buffer) >= 4:
                    size = int.from_bytes(self._buffer[:4], "big")
                    if size > _MAX_ANSWER:
                        raise ServiceGone("The compiler's answer is too large.")
                    if len(self._buffer) >= 4 + size:
                        answer = bytes(self._buffer[4 : 4 + size])
                        del self._buffer[: 4 + size]
                        return answer
                if self._running is None or self._running.done():
                    raise ServiceGone("The compiler ran out of memory or crashed.")
                self._news.clear()
                await self._news.wait()

    async def _stop(self) -> None:
        running, self._running = self._running, None
        self._left = 0
        sandbox, self._sandbox = self._sandbox, None
        if running is not None and sandbox is not None:
            sandbox.kill("stopped")
            # whoever is cancelled here must end: a runner that ends waits for them
            await asyncio.wait({running})
