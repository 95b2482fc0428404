"""A run is begun once, wherever it runs; a runner is believed about what it was given, and no more than that."""

import asyncio
from typing import Any, Literal

import pytest
from pydantic import BaseModel
from tests.harness.fleet import (
    LIMITS,
    Fleet,
    all_of,
    capabilities,
    ended,
    running,
    said,
    take_all,
)
from tests.harness.moved_time import in_moved_time

from pizarra.sandbox.outcome import DiagnosticFound
from pizarra.sandbox.runner import link as link_module
from pizarra.sandbox.runner.link import RunnerLink, RunnerUnavailable
from pizarra.sandbox.runner.protocol import (
    OUTPUT_WINDOW,
    Busy,
    Credit,
    Format,
    Formatted,
    Load,
    Prepare,
    Prepared,
    ProgramEnded,
    RunChecked,
    RunState,
    StartRun,
    StopRun,
    WriteStdin,
)
from pizarra.sandbox.runner.streams import RunnerFault


async def test_busy_is_tried_elsewhere_with_all_that_was_typed() -> None:
    fleet = Fleet("a", "b")
    stream = fleet.start()
    (first,) = fleet.where()
    await fleet.client.write_stdin("r", "early\n", eof=False)
    fleet.links[first].receive(Busy(run_id="r"))
    second = next(name for name in fleet.told if name != first)
    assert fleet.where() == sorted([first, second])
    assert [type(each) for each in fleet.told[second]] == [StartRun, WriteStdin]
    fleet.links[first].receive(ended("r"))  # it has no say any more
    fleet.links[second].receive(running("r"))
    fleet.links[second].receive(ended("r"))
    assert [type(each) for each in await all_of(stream)] == [RunState, ProgramEnded]


async def test_what_is_to_be_formatted_waits_for_a_runner_that_starts() -> None:
    """A server says that it is ready seconds before its runner is: who asked then was told to try again."""
    fleet = Fleet()
    asked = asyncio.create_task(fleet.client.format("python", "main.py", "x  = 1", "r"))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not asked.done()
    fleet.join("a")
    async with asyncio.timeout(5):
        while not fleet.told["a"]:
            await asyncio.sleep(0)
    (told,) = fleet.told["a"]
    assert isinstance(told, Format)
    fleet.links["a"].receive(Formatted(format_id=told.format_id, text="x = 1\n"))
    assert (await asked).text == "x = 1\n"


async def test_everybody_busy_is_an_end() -> None:
    fleet = Fleet("a", "b", "c", "d")
    stream = fleet.start()
    for _ in range(3):
        fleet.links[stream.tried[-1]].receive(Busy(run_id="r"))
    (end,) = await all_of(stream)
    assert isinstance(end, ProgramEnded)
    assert (end.status, end.detail) == ("sandbox_error", "The queue is full: try again.")
    assert len(fleet.where()) == len(set(fleet.where())) == 3


async def test_what_is_handed_back_goes_to_nobody_who_does_not_run_its_language() -> None:
    """One that was connected for another language got it, said nothing, and was held to have lost the program."""
    fleet = Fleet("a")
    fleet.join("b", languages=("javascript",))
    stream = fleet.start()
    assert fleet.where() == ["a"]
    fleet.links["a"].receive(Busy(run_id="r"))
    assert fleet.where() == ["a"]
    (end,) = await all_of(stream)
    assert isinstance(end, ProgramEnded)
    assert end.detail == "The queue is full: try again."


async def test_who_stops_what_is_handed_back_has_it_stopped() -> None:
    fleet = Fleet("a", "b")
    stream = fleet.start()
    (first,) = fleet.where()
    await fleet.client.stop_run("r")
    fleet.links[first].receive(Busy(run_id="r"))
    (end,) = await all_of(stream)
    assert isinstance(end, ProgramEnded)
    assert end.status == "stopped"
    assert fleet.where() == [first]


@pytest.mark.parametrize("had_begun", [False, True])
async def test_a_runner_that_goes_takes_its_runs_with_it_and_none_is_begun_again(
    *, had_begun: bool
) -> None:
    fleet = Fleet("a", "b")
    stream = fleet.start()
    (first,) = fleet.where()
    if had_begun:
        fleet.links[first].receive(running("r"))
    fleet.client.leave(fleet.links[first])
    end = (await all_of(stream))[-1]
    assert isinstance(end, ProgramEnded)
    assert end.status == "sandbox_error"
    assert fleet.where() == [first]
    fleet.links[first].receive(said("r", b"late"))  # of a connection that is gone


async def test_the_same_worker_on_a_new_connection_has_not_the_old_ones_runs() -> None:
    fleet = Fleet("a")
    stream = fleet.start()
    fleet.join("a")
    assert isinstance((await all_of(stream))[-1], ProgramEnded)
    assert len(fleet.client.workers) == 1
    fleet.links["a"].receive(running("r"))


async def test_a_worker_has_no_say_about_others_runs() -> None:
    fleet = Fleet("a", "b")
    mine, other = fleet.start("r1"), fleet.start("r2")
    places = {run: fleet.where(run)[0] for run in ("r1", "r2")}
    for run in places:
        for name, link in fleet.links.items():
            if name != places[run]:
                link.receive(running(run))
                link.receive(said(run, b"not mine"))
                link.receive(Busy(run_id=run))
                link.receive(ended(run))
    for run in places:
        fleet.links[places[run]].receive(ended(run))
    assert [type(each) for each in await all_of(mine)] == [ProgramEnded]
    assert [type(each) for each in await all_of(other)] == [ProgramEnded]


async def test_nothing_comes_after_the_end() -> None:
    fleet = Fleet("a")
    stream = fleet.start()
    for event in (running("r"), ended("r"), said("r", b"late"), ended("r"), Busy(run_id="r")):
        fleet.links["a"].receive(event)
    assert [type(each) for each in await all_of(stream)] == [RunState, ProgramEnded]


async def test_compilers_are_believed_where_they_were_asked() -> None:
    fleet = Fleet("a", "b")
    heard: list[Prepared] = []
    fleet.client.on_prepared = heard.append
    sources = {"language": "python", "main": "main.py", "files": {}, "share": "s"}
    await fleet.client.prepare(Prepare(prepare_id="room", **sources))
    asked = next(name for name, told in fleet.told.items() if told)
    found = DiagnosticFound(
        path="x",
        line=1,
        column=1,
        end_line=1,
        end_column=1,
        severity="error",
        message="",
        source="",
    )
    answer = Prepared(prepare_id="room", diagnostics=[found])
    for name, link in fleet.links.items():
        if name != asked:
            link.receive(answer)
        link.receive(Prepared(prepare_id="another room", diagnostics=[found]))
    assert heard == []
    fleet.links[asked].receive(answer)
    fleet.links[asked].receive(answer)
    assert heard == [answer]


async def test_what_is_checked_late_is_told_once_and_of_ones_own_runs() -> None:
    fleet = Fleet("a", "b")
    heard: list[RunChecked] = []
    fleet.client.on_checked = heard.append
    fleet.start()
    (mine,) = fleet.where()
    checked = RunChecked(run_id="r", diagnostics=[])
    fleet.links[mine].receive(checked)  # before its end
    fleet.links[mine].receive(ended("r"))
    for name, link in fleet.links.items():
        if name != mine:
            link.receive(checked)
    assert heard == []
    fleet.links[mine].receive(checked)
    fleet.links[mine].receive(checked)
    assert heard == [checked]


@pytest.mark.parametrize(
    "lies",
    [
        [running("r"), running("r")],
        [running("r"), RunState(run_id="r", status="queued", position=1)],
        [running("r"), Busy(run_id="r")],
        [said("r", b"x" * (LIMITS.output_bytes * 2))],
        [said("r", b"")],
        [said("r", b"x") for _ in range(5000)],
    ],
    ids=["twice", "back", "handed back", "too much", "empty", "too many"],
)
async def test_no_runner_says_that(lies: list[Any]) -> None:
    fleet = Fleet("a")
    stream = fleet.start()
    with pytest.raises(RunnerFault):
        take_all(fleet.links["a"], lies)
    fleet.client.leave(fleet.links["a"])
    assert isinstance((await all_of(stream))[-1], ProgramEnded)


async def test_a_place_that_is_told_without_end_is_not_kept() -> None:
    fleet = Fleet("a")
    stream = fleet.start()
    for _ in range(5000):
        fleet.links["a"].receive(RunState(run_id="r", status="queued", position=1))
    take_all(fleet.links["a"], [running("r"), ended("r")])
    kinds = [type(each) for each in await all_of(stream)]
    assert (len(kinds), kinds[-2:]) == (2002, [RunState, ProgramEnded])


async def test_credit_is_given_for_what_was_dealt_with() -> None:
    fleet = Fleet("a")
    stream = fleet.start()
    started = fleet.told["a"][0]
    assert isinstance(started, StartRun)
    assert started.window == OUTPUT_WINDOW
    piece = b"x" * 50_000
    for _ in range(4):
        fleet.links["a"].receive(said("r", piece))
    events = aiter(stream)
    for _ in range(3):
        await anext(events)
    assert not [each for each in fleet.told["a"] if isinstance(each, Credit)]
    await anext(events)
    (credit,) = (each for each in fleet.told["a"] if isinstance(each, Credit))
    assert OUTPUT_WINDOW // 2 <= credit.cost < OUTPUT_WINDOW


async def test_a_run_that_nobody_follows_is_ended() -> None:
    fleet = Fleet("a")
    stream = fleet.start()
    stream.close()
    assert isinstance(fleet.told["a"][-1], StopRun)
    assert fleet.client.active_runs == 0
    other = fleet.start("other")
    fleet.links["a"].receive(ended("other"))
    other.close()
    assert sum(isinstance(each, StopRun) for each in fleet.told["a"]) == 1


async def test_a_worker_that_does_not_end_a_run_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link_module, "STOP_SECONDS", 0.01)
    fleet = Fleet("a")
    stream = fleet.start()
    fleet.links["a"].receive(running("r"))
    await fleet.client.stop_run("r")
    end = (await all_of(stream))[-1]
    assert isinstance(end, ProgramEnded)
    assert end.status == "stopped"
    await fleet.client.stop_run("r")  # once more, though it has ended
    monkeypatch.setattr(link_module, "GRACE_SECONDS", 0.01)
    short = fleet.start("goes on", limits=LIMITS.model_copy(update={"wall_seconds": 0.01}))
    fleet.links["a"].receive(running("goes on"))
    end = (await all_of(short))[-1]
    assert isinstance(end, ProgramEnded)
    assert end.status == "sandbox_error"
    assert sum(isinstance(each, StopRun) for each in fleet.told["a"]) == 2


async def test_a_run_waits_as_long_as_the_server_says_however_often_it_is_told() -> None:
    fleet = Fleet("a", "b", queue_seconds=0.2)
    stream = fleet.start()
    first, second = stream.tried[0], "ab".replace(stream.tried[0], "")
    told = 0

    def say() -> None:
        nonlocal told
        told += 1
        if not stream.has_ended:
            if told == 5:
                fleet.links[first].receive(Busy(run_id="r"))
            name = first if told < 5 else second
            fleet.links[name].receive(RunState(run_id="r", status="queued", position=told))
            asyncio.get_running_loop().call_later(0.01, say)

    say()
    end = (await all_of(stream))[-1]
    assert isinstance(end, ProgramEnded)
    assert end.status == "sandbox_error"
    assert end.detail == "It waited too long for a free sandbox, and was not begun. Run it again."
    assert told > 5
    assert isinstance(fleet.told[second][-1], StopRun)
    # Once it has begun it has the time that a run has.
    other = fleet.start("other")
    fleet.links[other.tried[0]].receive(RunState(run_id="other", status="queued", position=1))
    fleet.links[other.tried[0]].receive(running("other"))
    third = fleet.start("third")
    fleet.links[third.tried[0]].receive(RunState(run_id="third", status="queued", position=1))
    await all_of(third)
    assert not other.has_ended


async def test_a_worker_that_says_nothing_of_a_run_is_parted_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link_module, "ACKNOWLEDGE_SECONDS", 0.01)
    fleet, silence = Fleet(), asyncio.Event()
    told: list[BaseModel] = []
    link = RunnerLink(fleet.client, told.append, key="a", name="a", on_silence=silence.set)
    link.receive(capabilities(slots=200))
    fleet.client.join(link)
    streams = [fleet.start(str(number)) for number in range(16)]
    assert link.is_full, "nobody else's run is sent to who has not answered so many"
    for end in [(await all_of(stream))[-1] for stream in streams]:
        assert isinstance(end, ProgramEnded)
        assert end.status == "sandbox_error"
    async with asyncio.timeout(5):
        await silence.wait()


@pytest.mark.parametrize("status", ["compiling", "running"])
async def test_a_worker_that_lets_a_program_go_on_beyond_its_time_is_parted_from(
    monkeypatch: pytest.MonkeyPatch, status: Literal["compiling", "running"]
) -> None:
    monkeypatch.setattr(link_module, "GRACE_SECONDS", 0.01)
    monkeypatch.setattr(link_module, "COMPILE_SECONDS", 0.01)
    fleet, silence = Fleet(), asyncio.Event()
    told: list[BaseModel] = []
    link = RunnerLink(fleet.client, told.append, key="a", name="a", on_silence=silence.set)
    link.receive(capabilities())
    fleet.client.join(link)
    stream = fleet.start(limits=LIMITS.model_copy(update={"wall_seconds": 0.01}))
    link.receive(RunState(run_id="r", status=status))
    end = (await all_of(stream))[-1]
    assert isinstance(end, ProgramEnded)
    assert end.status == "sandbox_error"
    async with asyncio.timeout(5):
        await silence.wait()


def test_what_may_be_compiled_for_long_is_waited_for() -> None:
    async def story() -> None:
        fleet, silence = Fleet(), asyncio.Event()
        told: list[BaseModel] = []
        link = RunnerLink(
            fleet.client,
            told.append,
            key="a",
            name="a",
            on_silence=silence.set,
            compile_seconds=300,
        )
        link.receive(capabilities())
        fleet.client.join(link)
        stream = fleet.start()
        link.receive(RunState(run_id="r", status="compiling"))
        await asyncio.sleep(310)
        assert not stream.has_ended
        await asyncio.wait_for(silence.wait(), 30)
        assert stream.has_ended

    in_moved_time(story())


async def test_what_a_worker_was_given_counts_whatever_it_says() -> None:
    fleet = Fleet("liar", "honest", slots=4, queue=100)
    for number in range(12):
        fleet.start(str(number), share="one session's")
        for link in fleet.links.values():
            link.receive(RunState(run_id=str(number), status="queued", position=1))
            link.receive(Load(computing=0, waiting=0))
    given = [sum(isinstance(each, StartRun) for each in told) for told in fleet.told.values()]
    assert min(given) >= 4, given


async def test_full_is_said_before_anything_is_sent() -> None:
    fleet = Fleet("a", "b", slots=1, queue=2)
    await fleet.client.require("python")
    for link in fleet.links.values():
        link.receive(Load(computing=1, waiting=2))
    with pytest.raises(RunnerUnavailable, match="All 2 sandboxes are busy and 4 runs wait") as full:
        await fleet.client.require("python")
    assert full.value.bound == "runner_queue"
    fleet.links["b"].receive(Load(computing=1, waiting=1))
    await fleet.client.require("python")
    assert fleet.start().tried == ["b"]


async def test_a_language_is_sent_to_who_has_it_and_otherwise_refused() -> None:
    fleet = Fleet("a")
    fleet.join("b", languages=("cpp",))
    assert fleet.start("one", language="cpp").tried == ["b"]
    assert fleet.start("two").tried == ["a"]
    found = await fleet.client.require("cobol")
    assert found.problem_with("cobol") == "The runner does not know this language."
    assert found.problem_with("cpp") is None


async def test_one_that_ends_is_given_nothing() -> None:
    fleet = Fleet("a", "b")
    fleet.links["a"].receive(Load(computing=0, waiting=0, draining=True))
    for number in range(8):
        assert fleet.start(f"r{number}").tried == ["b"]


async def test_without_a_worker_there_is_a_sentence() -> None:
    with pytest.raises(RunnerUnavailable, match="No worker that runs programs is connected"):
        await Fleet().client.require("python")
