"""The web process's end of all that runs programs: this machine's runner, and the workers that dialled in."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from uuid import uuid4

from pizarra.sandbox.outcome import TerminalSize
from pizarra.sandbox.runner.choice import choose, home
from pizarra.sandbox.runner.embedded import EmbeddedRunner
from pizarra.sandbox.runner.link import AWAY, MOST_OUTBOX, RunnerLink, RunnerUnavailable, lost
from pizarra.sandbox.runner.protocol import (
    Assist,
    Assisted,
    CancelPrepare,
    Capabilities,
    Format,
    Formatted,
    Limits,
    Prepare,
    Prepared,
    ProgramEnded,
    Resize,
    RunChecked,
    StartRun,
    WriteStdin,
)
from pizarra.sandbox.runner.settings import RunnerSettings
from pizarra.sandbox.runner.streams import RunStream
from pizarra.sandbox.runner.together import together

_READY_SECONDS = 20.0
_WORKER_SECONDS = 3.0  # a worker whose web process starts again has dialled it by then
_MOST_TRIES = 3  # runners that a run is sent to, one after the other
_MOST_PREPARED = 10_000
_NO_ROOM = "The queue is full: try again."


class RunnerClient:
    """Every runner of this process, as one. Which of them gets something, `choice.py` says."""

    def __init__(
        self,
        settings: RunnerSettings,
        terminal_limits: Limits,
        socket_path: Path | None,
        *,
        embedded: bool = True,
    ) -> None:
        """Make one that starts a runner with `settings`, or meets the one that serves `socket_path`.

        It keeps sandboxes ready for programs on terminals, which have `terminal_limits`. Unless it is `embedded`, only
        workers run programs.
        """
        self.terminal_limits = terminal_limits
        self.on_prepared: Callable[[Prepared], None] = lambda _prepared: None
        self.on_checked: Callable[[RunChecked], None] = lambda _checked: None
        self.on_held: Callable[[], None] = lambda: None
        self.on_sent: Callable[[str], None] = lambda _name: None  # a run was sent to a runner
        self._embedded = (
            EmbeddedRunner(self, settings, terminal_limits, socket_path) if embedded else None
        )
        self._workers: dict[str, RunnerLink] = {}
        self._streams: dict[str, tuple[RunStream, RunnerLink | None]] = {}
        self._prepared: OrderedDict[str, RunnerLink] = OrderedDict()
        self._news = asyncio.Condition()
        self._telling: asyncio.Task[None] | None = None

    @property
    def links(self) -> Iterator[RunnerLink]:
        """Every runner that has said what it can do."""
        embedded = self._embedded
        if embedded is not None and embedded.is_there and embedded.link.capabilities is not None:
            yield embedded.link
        yield from self._workers.values()

    @property
    def workers(self) -> list[RunnerLink]:
        """The workers on other machines."""
        return list(self._workers.values())

    @property
    def capabilities(self) -> Capabilities | None:
        """What can be done by one runner or another, or None while all are starting or away."""
        return together([link.capabilities for link in self.links if link.capabilities is not None])

    @property
    def restarts(self) -> int:
        """How often this machine's runner was lost."""
        return self._embedded.restarts if self._embedded is not None else 0

    @property
    def active_runs(self) -> int:
        """Runs queued or running."""
        return len(self._streams)

    def start(self) -> None:
        """Begin to supervise."""
        if self._embedded is not None:
            self._embedded.start()

    def expect_end(self) -> None:
        """This process was told to end: a runner that ends too, told by the same signal, is not started again."""
        if self._embedded is not None:
            self._embedded.expect_end()

    async def stop(self) -> None:
        """Hang up: the runner kills its sandboxes and ends; workers kill what they ran for this process."""
        for link in self.workers:
            self.leave(link)
        if self._embedded is not None:
            await self._embedded.stop()

    # Workers come and go

    def join(self, link: RunnerLink) -> None:
        """A worker dialled in, and has said what it can do."""
        if (before := self._workers.get(link.key)) is not None:
            self.leave(before)  # it was cut off, and that one does not know yet
        self._workers[link.key] = link
        self.changed(link)

    def leave(self, link: RunnerLink) -> None:
        """A worker is gone."""
        if self._workers.get(link.key) is link:
            del self._workers[link.key]
        link.lose()

    # From runners

    def changed(self, link: RunnerLink) -> None:
        """A runner said what it can do, or how much it has to do."""
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    def prepared(self, link: RunnerLink, event: Prepared) -> None:
        """A compiler said something; only whoever was asked is believed."""
        if self._prepared.get(event.prepare_id) is link:
            del self._prepared[event.prepare_id]
            self.on_prepared(event)

    def handed_back(self, link: RunnerLink, stream: RunStream) -> None:
        """A runner did not begin a run, and will not: another one may."""
        self._streams[stream.run_id] = (stream, None)
        if stream.is_stopping:
            stream.put(ProgramEnded.without_program(stream.run_id, "stopped"))
            return
        others = [
            each
            for each in self.links
            if each.key not in stream.tried and each.offers(stream.request.language)
        ]
        chosen = self._choose(others, stream.request)
        if chosen is None or len(stream.tried) >= _MOST_TRIES:
            detail = AWAY if link.load.draining else _NO_ROOM
            stream.put(ProgramEnded.without_program(stream.run_id, "sandbox_error", detail=detail))
        else:
            self._begin(stream, chosen)

    # Runs

    async def require(self, language: str) -> Capabilities:
        """Return the capabilities, having waited for a starting runner and for the language to be tried out.

        Raises:
            RunnerUnavailable: there is no sandbox, or all runners are away or full.
        """

        def is_known() -> bool:
            found = self.capabilities
            return found is not None and (
                found.tier is None
                or language not in found.languages
                or not found.languages[language].starting
            )

        try:
            await self._hear(is_known)
        except TimeoutError:
            if self._embedded is None:
                raise RunnerUnavailable(
                    "No worker that runs programs is connected to this server. Try again in a moment."
                ) from None
            raise RunnerUnavailable(
                "The runner does not start. The server's log says why."
            ) from None
        capabilities = self.capabilities
        if capabilities is None:
            raise RunnerUnavailable(AWAY)
        if capabilities.tier is None:
            raise RunnerUnavailable(
                f"Programs cannot be run on this machine. {capabilities.reason}"
            )
        able = [link for link in self.links if link.offers(language)]
        if able and all(link.is_full for link in able):
            slots, waiting = sum(link.slots for link in able), sum(link.waiting for link in able)
            raise RunnerUnavailable(
                f"All {slots} sandboxes are busy and {waiting} runs wait. Try again in a moment.",
                bound="runner_queue",
            )
        return capabilities

    async def _hear(self, is_so: Callable[[], bool]) -> None:
        """Wait for what runners may yet tell, as long as one that starts may take; then it is a TimeoutError."""
        has_own = self._embedded is not None or self._workers
        async with asyncio.timeout(_READY_SECONDS if has_own else _WORKER_SECONDS), self._news:
            await self._news.wait_for(is_so)

    def submit(self, request: StartRun) -> RunStream:
        """Ask for a run at once; what happens to it comes out of the stream."""
        stream = RunStream(request, self._confirm, self._forget)
        self._streams[stream.run_id] = (stream, None)
        chosen = self._choose(list(self.links), request)
        if chosen is None:
            stream.put(lost(stream.run_id))
        else:
            self._begin(stream, chosen)
        return stream

    def _choose(self, links: list[RunnerLink], request: StartRun) -> RunnerLink | None:
        able = [link for link in links if link.offers(request.language)]
        ready = [link for link in able if not link.is_full]
        return choose(ready or able or links, request.share or request.run_id)

    def _begin(self, stream: RunStream, link: RunnerLink) -> None:
        self._streams[stream.run_id] = (stream, link)
        self.on_sent(link.name)
        link.begin(stream)

    def _confirm(self, stream: RunStream, cost: int) -> None:
        _, link = self._streams.get(stream.run_id, (stream, None))
        if link is not None and link.has(stream):
            link.confirm(stream, cost)

    def _forget(self, stream: RunStream) -> None:
        _, link = self._streams.pop(stream.run_id, (stream, None))
        if link is not None:
            link.forget(stream)

    def _tell_run(self, told: WriteStdin | Resize) -> None:
        stream, link = self._streams.get(told.run_id, (None, None))
        if stream is not None:
            stream.keep(told)
            if link is not None:
                link.send(told)

    async def write_stdin(self, run_id: str, text: str, *, eof: bool) -> None:
        """Give a run more input."""
        self._tell_run(WriteStdin(run_id=run_id, text=text, eof=eof))

    async def resize(self, run_id: str, size: TerminalSize) -> None:
        """Tell a run's program how large its terminal is."""
        self._tell_run(Resize(run_id=run_id, size=size))

    async def stop_run(self, run_id: str) -> None:
        """End a run; its stream then yields `ProgramEnded`."""
        stream, link = self._streams.get(run_id, (None, None))
        if stream is not None:
            stream.is_stopping = True
            if link is not None:
                link.stop(stream)

    # What is asked besides

    def _home(self, language: str, share: str) -> RunnerLink | None:
        links = [link for link in self.links if not link.load.draining]
        able = [link for link in links if link.offers(language)]
        return home(able or links, share)

    async def prepare(self, request: Prepare) -> None:
        """Have something compiled that may be run soon; `on_prepared` hears what the compiler says."""
        link = self._home(request.language, request.share)
        if link is None or link.outbox() > MOST_OUTBOX:
            return  # the run compiles it
        if self._prepared.get(request.prepare_id, link) is not link:
            self.cancel_prepare(request.prepare_id)
        self._prepared[request.prepare_id] = link
        for oldest in list(islice(self._prepared, max(0, len(self._prepared) - _MOST_PREPARED))):
            del self._prepared[oldest]
        link.send(request)

    def cancel_prepare(self, prepare_id: str) -> None:
        """Compile it no further."""
        link = self._prepared.pop(prepare_id, None)
        if link is not None:
            link.send(CancelPrepare(prepare_id=prepare_id))

    async def format(self, language: str, path: str, text: str, share: str) -> Formatted:
        """Have a text formatted in a sandbox, when it is the turn of `share`, and once a starting runner is there.

        Raises:
            RunnerUnavailable: the runner is away, or does not answer.
        """
        request = Format(
            format_id=uuid4().hex, language=language, path=path, text=text, share=share
        )
        with contextlib.suppress(TimeoutError):
            await self._hear(lambda: self._home(language, share) is not None)
        return await self._require_home(language, share).format(request, request.format_id)

    async def assist(self, request: Assist) -> Assisted:
        """Ask a language server.

        Raises:
            RunnerUnavailable: the runner is away, or does not answer.
        """
        link = self._require_home(request.language, request.share or request.session)
        return await link.assist(request, request.assist_id)

    def _require_home(self, language: str, share: str) -> RunnerLink:
        link = self._home(language, share)
        if link is None:
            raise RunnerUnavailable(AWAY)
        return link
