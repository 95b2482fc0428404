"""One language server in a sandbox, with the files of one session open in it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from pizarra.sandbox.compilers.command import fill_in
from pizarra.sandbox.isolation.payload import Payload, SandboxError
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.language_servers.rpc import BrokenStream, Decoder, encode
from pizarra.sandbox.language_servers.specs import ServerSpec

log = logging.getLogger(__name__)

_START_SECONDS = 15.0
_METHOD_NOT_FOUND = -32601


class NoAnswer(Exception):
    """The server did not answer: it is stopped, and the next question starts another."""


class _Ended(NoAnswer):
    """It ended while it was asked."""


class LanguageServer:
    """Answers questions about one file at a time; the others lie beside it, or are open in it once they changed."""

    def __init__(
        self,
        spec: ServerSpec,
        tool: str,
        new_sandbox: Callable[[], Sandbox],
        settings: Mapping[str, str],
        *,
        seconds: float,
    ) -> None:
        self.spec = spec
        self._tool = tool
        self._new_sandbox = new_sandbox
        self._settings = settings
        self._seconds = seconds
        self._sandbox: Sandbox | None = None
        self._running: asyncio.Task[None] | None = None
        self._decoder = Decoder()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._given: Mapping[str, str] = {}  # what lies on its disk
        self._open: dict[str, str] = {}  # path → text, as the server knows it
        self._version = 0
        self._read = asyncio.Event()  # set once it has told of the first file that it read
        self._is_retired = False
        self._starting = asyncio.Lock()

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._running is not None and not self._running.done()

    async def ask(
        self, method: str, path: str, files: Mapping[str, str], line: int, character: int
    ) -> Any:
        """Ask about a place in a file; lines count from 0, characters in UTF-16 units.

        Raises:
            NoAnswer: it crashed, or took too long. SandboxError: it does not start.
        """
        if self.is_alive and self._is_outdated(path, files):
            await self.close()
        ran_before = self.is_alive
        try:
            return await self._ask(method, path, files, line, character)
        except _Ended:
            if not ran_before:
                raise  # it cannot stand this question
        return await self._ask(method, path, files, line, character)

    async def _ask(
        self, method: str, path: str, files: Mapping[str, str], line: int, character: int
    ) -> Any:
        try:
            is_behind = await self._bring_up_to_date(path, files)
            document = {"uri": self._uri(path)}
            place = {"textDocument": document, "position": {"line": line, "character": character}}
            is_reading = self.spec.publishes and not self._read.is_set()
            answer = await self._request(method, place, self._seconds)
            if _is_empty(answer) and (is_behind or is_reading):
                if is_reading:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._read.wait(), self._seconds)
                answer = await self._request(method, place, self._seconds)
            return answer
        except NoAnswer:
            await self.close()
            raise

    async def _bring_up_to_date(self, path: str, files: Mapping[str, str]) -> bool:
        """Start it if it does not run, and show it what changed; tell whether it may need a moment to catch up."""
        is_new = not self.is_alive
        if is_new:
            await self._start(files)
        known = {**self._given, **self._open}
        others = [name for name, text in files.items() if name != path and text != known[name]]
        for name in (*others, path):
            self._show(name, files[name])
        return is_new or bool(others)

    def _is_outdated(self, path: str, files: Mapping[str, str]) -> bool:
        """Tell whether only a new one sees what there is: a file came or went, or another one changed."""
        if files.keys() | {path} != self._given.keys() | {path}:
            return True
        return not self.spec.rereads and any(
            files[name] != text for name, text in self._given.items() if name != path
        )

    async def close(self) -> None:
        """Stop it."""
        running, self._running = self._running, None
        if running is not None and self._sandbox is not None:
            self._sandbox.kill("stopped")
            await asyncio.wait({running})
        self._sandbox = None

    async def retire(self) -> None:
        """Stop it for good: who waits for it gets no answer, and nobody starts it again."""
        self._is_retired = True
        await self.close()
        async with self._starting:  # what was being started is gone too
            pass

    def _require_place(self) -> None:
        if self._is_retired:
            raise NoAnswer(f"The place of {self.spec.product} is another's.")

    async def _start(self, files: Mapping[str, str]) -> None:
        self._require_place()
        async with self._starting:
            sandbox = self._new_sandbox()
            await sandbox.start()
            try:
                self._require_place()
            except NoAnswer:
                await sandbox.close()
                raise
            self._sandbox = sandbox
        self._decoder, self._waiting, self._open, self._given = Decoder(), {}, {}, files
        self._read.clear()
        given = {**self._settings, **files}
        payload = Payload.of_command(
            fill_in(self.spec.argv, {"tool": self._tool}, []),
            {path: text.encode("utf-8", "replace") for path, text in given.items()},
        )
        self._running = asyncio.get_running_loop().create_task(self._run(sandbox, payload))
        about = {
            "processId": None,
            "rootUri": f"file://{sandbox.work}",
            "workspaceFolders": [{"uri": f"file://{sandbox.work}", "name": "work"}],
            "capabilities": {
                "general": {"positionEncodings": ["utf-16"]},
                "textDocument": {
                    "hover": {"contentFormat": ["plaintext"]},
                    "completion": {"completionItem": {"snippetSupport": False}},
                },
            },
            "initializationOptions": self.spec.options,
        }
        await self._request("initialize", about, _START_SECONDS)
        self._send({"method": "initialized", "params": {}})

    async def _run(self, sandbox: Sandbox, payload: Payload) -> None:
        try:
            outcome = await sandbox.run(payload, self._take)
            if outcome.reason != "stopped":
                log.info("%s ended: %s %s", self.spec.product, outcome.reason, outcome.detail or "")
        except SandboxError as error:
            log.warning("%s failed: %s", self.spec.product, error)
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(_Ended(f"{self.spec.product} stopped."))

    def _take(self, stream: str, data: bytes) -> None:
        if stream != "stdout":
            return
        try:
            for message in self._decoder.feed(data):
                self._on_message(message)
        except BrokenStream as error:
            log.warning("%s wrote %s", self.spec.product, error)
            if self._sandbox is not None:
                self._sandbox.kill("stopped")

    def _on_message(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        if "method" in message:
            if message["method"] == "textDocument/publishDiagnostics":
                self._read.set()
            if number is not None:
                self._send({"id": number, **self._reply(message)})
            return
        answer = self._waiting.get(number) if isinstance(number, int) else None
        if answer is not None and not answer.done():
            if "error" in message:
                answer.set_result(None)  # "content modified", say: nothing to offer just now
            else:
                answer.set_result(message.get("result"))

    @staticmethod
    def _reply(message: dict[str, Any]) -> dict[str, Any]:
        """Return what a server gets that asks us something: it has our settings already."""
        method, params = message["method"], message.get("params")
        if method == "workspace/configuration":
            items = params.get("items") if isinstance(params, dict) else None
            return {"result": [None] * (len(items) if isinstance(items, list) else 0)}
        if method in (
            "client/registerCapability",
            "client/unregisterCapability",
            "window/workDoneProgress/create",
        ):
            return {"result": None}
        return {"error": {"code": _METHOD_NOT_FOUND, "message": "not supported"}}

    def _show(self, path: str, text: str) -> None:
        self._version += 1
        uri, known = self._uri(path), self._open.get(path)
        self._open[path] = text
        if known is None:
            language = self.spec.language_ids.get(
                path.rpartition(".")[2].lower(), self.spec.language_ids["*"]
            )
            document = {"uri": uri, "languageId": language, "version": self._version, "text": text}
            self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        elif known != text:
            document = {"uri": uri, "version": self._version}
            changes = [{"text": text}]
            self._send(
                {
                    "method": "textDocument/didChange",
                    "params": {"textDocument": document, "contentChanges": changes},
                }
            )

    async def _request(self, method: str, params: dict[str, Any], seconds: float) -> Any:
        self._number += 1
        number = self._number
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._send({"id": number, "method": method, "params": params})
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            raise NoAnswer(f"{self.spec.product} took longer than {seconds:g} s.") from None
        finally:
            self._waiting.pop(number, None)

    def _send(self, message: dict[str, Any]) -> None:
        if self._sandbox is not None:
            self._sandbox.write_stdin(encode(message))

    def _uri(self, path: str) -> str:
        assert self._sandbox is not None
        return f"file://{self._sandbox.work}/{quote(path)}"


def _is_empty(answer: Any) -> bool:
    return not (answer.get("items", True) if isinstance(answer, dict) else answer)
