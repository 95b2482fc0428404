"""A web process's runners without machines: what each is told is kept, and a test says what it answers."""

import asyncio
from typing import Any

from pydantic import BaseModel

from pizarra.config import Settings
from pizarra.execution.limits import pipe_limits
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.link import RunnerLink
from pizarra.sandbox.runner.protocol import (
    Capabilities,
    LanguageState,
    Limits,
    ProgramEnded,
    ProgramOutput,
    RunEvent,
    RunState,
    StartRun,
)
from pizarra.sandbox.runner.settings import RunnerSettings
from pizarra.sandbox.runner.streams import RunStream

LIMITS: Limits = pipe_limits(Settings())


class Fleet:
    """A web process with workers, each of which keeps what it is told."""

    def __init__(
        self,
        *names: str,
        queue_seconds: float = 120,
        client: RunnerClient | None = None,
        **able: Any,
    ) -> None:
        self.queue_seconds = queue_seconds
        self.client = client or RunnerClient(RunnerSettings(), LIMITS, None, embedded=False)
        self.told: dict[str, list[BaseModel]] = {}
        self.links: dict[str, RunnerLink] = {}
        for name in names:
            self.join(name, **able)

    def join(self, name: str, **able: Any) -> None:
        """A worker dials in."""
        told: list[BaseModel] = []
        link = RunnerLink(
            self.client, told.append, key=name, name=name, queue_seconds=self.queue_seconds
        )
        link.receive(capabilities(**able))
        self.told[name], self.links[name] = told, link
        self.client.join(link)

    def start(self, run_id: str = "r", **changed: Any) -> RunStream:
        """Ask for a run."""
        return self.client.submit(request(run_id, **changed))

    def where(self, run_id: str = "r") -> list[str]:
        """Return who was told to begin a run."""
        return [
            name
            for name, told in self.told.items()
            for message in told
            if isinstance(message, StartRun) and message.run_id == run_id
        ]


def capabilities(*, slots: int = 4, queue: int = 4, languages: Any = ("python",)) -> Capabilities:
    """Return what a worker says that it can do."""
    able = {name: LanguageState(available=True, version="1", reason=None) for name in languages}
    return Capabilities(
        tier="A", reason=None, checks=[], languages=able, slots=slots, queue=queue, resting=2
    )


def request(run_id: str, **changed: Any) -> StartRun:
    """Return a request for a run."""
    return StartRun(
        **{
            "run_id": run_id,
            "language": "python",
            "main": "main.py",
            "files": {"main.py": ""},
            "stdin": "",
            "keep_stdin_open": True,
            "terminal": None,
            "limits": LIMITS,
            "share": run_id,
            **changed,
        }
    )


def said(run_id: str, data: bytes) -> ProgramOutput:
    """Return what a worker says when a program prints."""
    return ProgramOutput.model_construct(run_id=run_id, stream="stdout", data=data)


def running(run_id: str) -> RunState:
    """Return what it says when a program begins."""
    return RunState(run_id=run_id, status="running")


def ended(run_id: str) -> ProgramEnded:
    """Return what it says when one ends."""
    return ProgramEnded.without_program(run_id, "exited")


def take_all(link: RunnerLink, events: list[Any]) -> None:
    """Have a worker say so much."""
    for event in events:
        link.receive(event)


async def all_of(stream: RunStream) -> list[RunEvent]:
    """Return what happens in a run until its end."""
    async with asyncio.timeout(5):
        return [event async for event in stream]
