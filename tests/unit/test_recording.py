"""What a program prints is on the record before anybody sees it, or the run is followed no further."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from tests.harness.moved_time import in_moved_time

from pizarra.collab.journal import EventEntry, JournalUnavailable
from pizarra.execution.live_runs import LiveRun
from pizarra.execution.recording import RunRecorder
from pizarra.sandbox.runner.protocol import ProgramEnded, ProgramOutput


class Log:
    """A log that is away for a while."""

    def __init__(self) -> None:
        self.is_away = False
        self.text = ""

    async def append(
        self, _key: int, _epoch: str, batch: Sequence[EventEntry], **_more: bool
    ) -> int:
        """Keep what was printed, if it is there."""
        if self.is_away:
            raise JournalUnavailable
        self.text += "".join(each.told.to_data()["text"] for each in batch)
        return 1


class Recorder(RunRecorder):
    """One whose runs' ends, which are another table's, go nowhere."""

    async def record_end(self, live: LiveRun, ended: ProgramEnded) -> str:
        """Forget it."""
        return ended.status


def recorder_on(log: Log) -> tuple[RunRecorder, LiveRun]:
    nothing: Any = None
    hub: Any = SimpleNamespace(loaded=lambda _room_id: None)
    recorder = Recorder(nothing, log, hub, nothing)  # type: ignore[arg-type]
    live = LiveRun("r", 1, "room", "e", None, address="", share=1, on_terminal=False)
    return recorder, live


def printed(data: bytes) -> ProgramOutput:
    return ProgramOutput.model_construct(run_id="r", stream="stdout", data=data)


def test_what_is_printed_bit_by_bit_is_all_there() -> None:
    async def story() -> None:
        log = Log()
        recorder, live = recorder_on(log)

        async def events() -> AsyncIterator[Any]:
            for letter in b"no line end":
                yield printed(bytes((letter,)))
                await asyncio.sleep(0.005)
            yield ProgramEnded.without_program("r", "stopped")

        assert await recorder.follow(live, events()) == "stopped"  # type: ignore[arg-type]
        assert log.text == "no line end"

    in_moved_time(story())


@pytest.mark.parametrize("more", [True, False], ids=["and more comes", "and it ends"])
def test_what_could_not_be_recorded_in_the_background_is_no_silence(*, more: bool) -> None:
    async def story() -> None:
        log = Log()
        recorder, live = recorder_on(log)

        async def events() -> AsyncIterator[Any]:
            log.is_away = True
            yield printed(b"first ")
            await asyncio.sleep(60)  # it was tried again for a while
            log.is_away = False
            if more:
                yield printed(b"second\n")
            yield ProgramEnded.without_program("r", "stopped")

        with pytest.raises(JournalUnavailable):
            await recorder.follow(live, events())  # type: ignore[arg-type]
        assert log.text == "", "the second without the first would be another program's output"

    in_moved_time(story())


def test_a_log_that_is_away_for_a_moment_loses_nothing() -> None:
    async def story() -> None:
        log = Log()
        recorder, live = recorder_on(log)

        async def events() -> AsyncIterator[Any]:
            log.is_away = True
            yield printed(b"first ")
            await asyncio.sleep(0.2)
            log.is_away = False
            yield printed(b"second\n")
            yield ProgramEnded.without_program("r", "stopped")

        await recorder.follow(live, events())  # type: ignore[arg-type]
        assert log.text == "first second\n"

    in_moved_time(story())
