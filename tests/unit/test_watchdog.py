"""Whatever holds a loop is named, by its own processor time; whoever only waits, or lets others come, is not."""

import asyncio
import logging
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
import uvloop
from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

from pizarra.config import Settings
from pizarra.kit.watchdog import _CALM_LOOKS, _PERIOD_SECONDS, Callbacks, Watchdog
from pizarra.kit.whereabouts import Whereabouts
from pizarra.main import create_app


def spin(seconds: float) -> None:
    """Use the processor."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def backtrack() -> None:
    """Use it inside one call that does not let go of the interpreter: a regular expression of the square."""
    for _ in range(4):  # between two of them the watchdog may look
        re.search(r"(?:a|a)*b", "a" * 19)
        re.search(r"[ ]+$", " " * 5_000 + "x")


async def looked(watchdog: Watchdog, times: int = 4) -> None:
    """Wait until it has looked some times more: by then it has seen what came before."""
    until = watchdog.looks + times
    while watchdog.looks < until:
        await asyncio.sleep(0.01 if times > _CALM_LOOKS else 0.001)  # not so often that it is awake


def holds_during(
    what: Callable[[], None], *, times: int = 1, runner: object = uvloop, after: int = 4
) -> list[float]:
    """Return the holds that were told while a loop ran callbacks."""
    told: list[float] = []

    async def main() -> None:
        watchdog = Watchdog(told.append).start()
        await looked(watchdog, after)
        for _ in range(times):
            asyncio.get_running_loop().call_soon(what)
            await asyncio.sleep(0)
        await looked(watchdog)
        watchdog.stop()

    uvloop.run(main()) if runner is uvloop else asyncio.run(main())
    return told


@pytest.mark.parametrize("runner", [uvloop, asyncio])
def test_what_holds_the_loop_is_named(runner: object, caplog: pytest.LogCaptureFixture) -> None:
    told = holds_during(lambda: spin(0.3), runner=runner)
    assert len(told) == 1
    assert 0.05 <= told[0] < 0.31
    assert "ms of processor time in spin (test_watchdog.py:" in caplog.text


def test_a_call_that_lets_nobody_else_run_is_named(caplog: pytest.LogCaptureFixture) -> None:
    assert len(holds_during(backtrack)) == 1
    assert "backtrack (test_watchdog.py:" in caplog.text


@pytest.mark.parametrize("what", [lambda: spin(0.3), backtrack], ids=["spin", "backtrack"])
def test_what_wakes_a_loop_that_slept_for_long_is_named(what: Callable[[], None]) -> None:
    assert len(holds_during(what, after=_CALM_LOOKS + 10)) == 1


def test_what_ends_in_a_call_that_lets_nobody_run_is_told_once() -> None:
    """The watchdog looks between the two halves of the hold, and then when it is over."""

    def hold() -> None:
        spin(0.2)
        re.search(r"[ ]+$", " " * 12_000 + "x")

    assert len(holds_during(hold)) == 1
    assert len(holds_during(hold, times=3)) == 3


def test_who_waits_or_takes_turns_is_not_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert holds_during(lambda: time.sleep(0.3)) == []
        assert holds_during(lambda: spin(0.01), times=30) == []
    assert caplog.text == ""


@pytest.mark.parametrize("runner", [uvloop, asyncio])
def test_tasks_alike_that_come_in_one_round_are_not_taken_for_one(
    runner: object, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        spin(0.01)

    def crowd() -> None:
        for _ in range(10):
            tasks.add(asyncio.ensure_future(work()))

    tasks = set[asyncio.Future[None]]()
    assert holds_during(crowd, runner=runner) == []
    assert caplog.text == ""


def test_frames_of_many_sockets_that_come_in_one_round_are_not_taken_for_one() -> None:
    def frame() -> None:
        Callbacks.begun += 1
        spin(0.01)

    def crowd() -> None:
        for _ in range(10):
            asyncio.get_running_loop().call_soon(frame)

    assert holds_during(crowd) == []


def test_what_holds_the_loop_among_greenlets_is_named(caplog: pytest.LogCaptureFixture) -> None:
    """A database's driver calls back into greenlets: where they came from is not among their frames."""

    def hold() -> None:
        greenlet(lambda: spin(0.2)).switch()

    assert len(holds_during(hold)) == 1
    assert "in spin (test_watchdog.py:" in caplog.text


def test_one_may_look_at_a_thread_that_switches_between_greenlets() -> None:
    """Two frames of it looked at one after the other, in Python, are of different moments: one may be gone."""
    over, seen = threading.Event(), set[str]()

    def inner(depth: int) -> None:
        if depth:
            inner(depth - 1)
        elif (parent := getcurrent().parent) is not None:
            parent.switch()

    def switching() -> None:
        while not over.is_set():
            one, other = greenlet(inner), greenlet(inner)
            one.switch(5)
            other.switch(9)
            one.switch()
            other.switch()

    thread = threading.Thread(target=switching)
    thread.start()
    with Whereabouts() as whereabouts:
        for _ in range(500):
            assert thread.ident is not None
            seen.update(call.function for call in whereabouts.of(thread.ident))
        over.set()
        thread.join()
        assert whereabouts.of(thread.ident or 0) == []
    assert {"inner", "switching"} <= seen


def test_a_loops_thread_may_end_once_its_watchdog_was_stopped() -> None:
    failed: list[threading.ExceptHookArgs] = []

    async def watch_and_stop() -> None:
        watchdog = Watchdog(lambda _: None).start()
        await looked(watchdog)
        watchdog.stop()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(threading, "excepthook", failed.append)
        for _ in range(3):
            loop = threading.Thread(target=lambda: uvloop.run(watch_and_stop()))
            loop.start()
            loop.join()
        for each in threading.enumerate():
            if each.name == "watchdog":
                each.join()
    assert failed == []


def test_watching_costs_next_to_nothing() -> None:
    """A hundred looks, which is a second's: less than a hundredth of a processor."""

    async def idle() -> float:
        watchdog = Watchdog(lambda _: None).start()
        await looked(watchdog)
        before, asleep = time.process_time(), asyncio.Event()
        asyncio.get_running_loop().call_later(100 * _PERIOD_SECONDS, asleep.set)
        await asleep.wait()
        watchdog.stop()
        return time.process_time() - before

    assert uvloop.run(idle()) < 0.02


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/openapi.json", 200), ("DELETE", "/health", 405)]
)
async def test_the_description_of_the_api_holds_nobody_up(
    tmp_path: Path, method: str, path: str, status: int
) -> None:
    """To make it takes a second: that happens beside the loop, and only for whoever asks for it."""
    app, told = create_app(Settings(data_dir=tmp_path)), list[float]()
    transport = httpx2.ASGITransport(app, client=("127.0.0.1", 50000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        watchdog = Watchdog(told.append).start()
        await looked(watchdog)
        answer = await client.request(method, path)
        await looked(watchdog)
        watchdog.stop()
    assert answer.status_code == status
    assert told == []
