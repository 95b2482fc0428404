"""Settings of the core, the bus, the doors and the runner, each set low: what is beyond it is turned away, and counted.

What an HTTP request meets is in `tests/integration/test_low_settings.py`.
"""

import asyncio
import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.harness.core import ZOE, Typist, connect, limits, turns
from tests.harness.moved_time import in_moved_time

from pizarra.cluster.siblings import Siblings
from pizarra.collab.hub import Hub
from pizarra.collab.presence import Presence
from pizarra.collab.state.integrated_state import IntegratedState
from pizarra.collab.state.ownership import Ownership
from pizarra.collab.wire.codec import MalformedFrame, var_bytes, var_uint
from pizarra.collab.wire.updates import summarize_update
from pizarra.composition import build_bus, build_services, runner_settings
from pizarra.config import Settings
from pizarra.errors import Busy, Unavailable
from pizarra.execution.limits import pipe_limits, terminal_limits
from pizarra.http.metrics import Metrics
from pizarra.kit.clock import utc_now
from pizarra.models import InterviewSession
from pizarra.questions.importing import read_archive
from pizarra.questions.packages.archive import PackageError
from pizarra.sandbox.runner.settings import RunnerSettings
from pizarra.services import Services
from pizarra.test_cases.instants import instants_to_try
from pizarra.timeline.read.documents import read_in_turn

MIB = 2**20


def services_of(folder: Path, **settings: Any) -> Services:
    """Return the parts of a server, none of them started."""
    return build_services(Settings(data_dir=folder, **settings), utc_now, Metrics(), Siblings())


# Runs


@pytest.mark.parametrize(
    ("setting", "value", "field"),
    [
        ("run_memory_bytes", 64 * MIB, "memory_bytes"),
        ("run_disk_bytes", MIB, "disk_bytes"),
        ("run_output_bytes", 1024, "output_bytes"),
        ("run_processes", 4, "processes"),
        ("run_files", 64, "files"),
        ("run_cpu_seconds", 1.0, "cpu_seconds"),
        ("run_children_seconds", 0.0, "children_seconds"),
    ],
)
def test_a_run_may_take_what_the_settings_say_on_pipes_and_on_a_terminal(
    setting: str, value: Any, field: str
) -> None:
    """What a sandbox does with it is in `tests/integration/test_sandbox_limits.py`."""
    for limits_of in (pipe_limits, terminal_limits):
        usual, low = limits_of(Settings()), limits_of(Settings(**{setting: value}))
        assert getattr(low, field) == value
        assert low.model_copy(update={field: getattr(usual, field)}) == usual


@pytest.mark.parametrize(
    ("setting", "value", "field"),
    [
        ("runner_cache_bytes", MIB, "cache_bytes"),
        ("compile_memory_bytes", 256 * MIB, "compile_memory_bytes"),
        ("compile_seconds", 1.0, "compile_seconds"),
        ("sandbox_dir", Path("/mnt/tier-c"), "sandbox_dir"),
        ("sandbox", "landlock", "sandbox"),
        ("runner_first_uid", 70_000, "first_uid"),
        ("max_language_servers", 0, "language_servers"),
    ],
)
def test_a_runner_is_started_with_what_the_settings_say(
    setting: str, value: Any, field: str
) -> None:
    usual, low = runner_settings(Settings()), runner_settings(Settings(**{setting: value}))
    assert getattr(low, field) == value
    assert low.model_copy(update={field: getattr(usual, field)}) == usual
    told = RunnerSettings.model_validate_json(low.model_dump_json())  # as it reaches the process
    assert told == low


async def test_tests_are_tried_on_so_many_instants(tmp_path: Path) -> None:
    services = services_of(tmp_path, max_test_instants=3)
    most = services.evaluator.limits.instants
    assert instants_to_try(1000, range(100, 110), ended=True, most=most) == [64, 109, 1000]
    await services.database.dispose()


# Rooms


def test_a_presence_is_no_longer_than_may_be() -> None:
    async def story() -> None:
        bounds, (zoe, _) = limits(max_presence_bytes=100), connect(ZOE)
        here = Presence(Ownership({}, 3, 9), bounds.presence_bytes, bounds.connections)

        def say(clock: int, size: int) -> None:
            text = json.dumps({"cursor": "x" * (size - len('{"cursor": ""}'))}).encode()
            assert len(text) == size
            here.receive(zoe, b"\x01\x05" + var_uint(clock) + var_bytes(text))

        say(1, 100)
        assert here.has_changes
        with pytest.raises(MalformedFrame) as refused:
            say(2, 101)
        assert refused.value.bound == "max_presence_bytes"

    in_moved_time(story())


def test_pieces_at_one_place_are_as_many_as_may_be() -> None:
    """So many of two authors, half by each: each of one's is compared with each of the other's.

    Where everybody puts one, 71 come to no more: 71 × 70 / 2 are the last below 50 × 50.
    """
    siblings = IntegratedState().siblings
    bounds = limits(max_pieces_per_place=100)
    let_in = 0
    for client in range(2, 400):
        summary = summarize_update(Typist(client).type("x"), bounds.update_pieces)
        if siblings.would_exceed(summary, bounds.pieces_per_place):
            break
        siblings.add(summary)
        let_in += 1
    assert let_in == 71


async def test_so_many_readers_of_earlier_instants_wait(tmp_path: Path) -> None:
    services = services_of(tmp_path, max_reads_waiting=1)
    one, other, rehearsal = (
        InterviewSession(id=key, public_id=f"{key}", room_id=f"{key}", rehearsal_of=of, head=1)
        for key, of in ((1, None), (2, None), (3, 1))
    )
    hub: Hub = services.hub
    async with services.database.read() as db, hub.cold_reads.turn(1), hub.cold_reads.turn(2):
        waiting = asyncio.ensure_future(read_in_turn(db, hub, one, 1))
        await turns()
        for session in (one, rehearsal):  # which have one share
            with pytest.raises(Busy, match="Others are reading this session's earlier") as refused:
                await read_in_turn(db, hub, session, 1)
            assert refused.value.bound == "max_reads_waiting"
        waiting_too = asyncio.ensure_future(read_in_turn(db, hub, other, 1))
        await turns()
        assert not any(each.done() for each in (waiting, waiting_too))
        for each in (waiting, waiting_too):
            each.cancel()
        await asyncio.gather(waiting, waiting_too, return_exceptions=True)
    await services.database.dispose()


# The bus


class Driver:
    """PostgreSQL's end of the bus."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def execute(self, _statement: str, messages: list[str]) -> None:
        """Take notifications."""
        self.told += messages


@pytest.mark.parametrize("redis_url", [None, "redis://127.0.0.1:1/0"], ids=["PostgreSQL", "Redis"])
@pytest.mark.parametrize(
    ("setting", "most", "sizes", "dropped"),
    [
        ("max_bus_message_bytes", 8 * 1024, (7_000, 9_000, 7_000), 1),
        ("max_bus_waiting_bytes", 64 * 1024, (7_000,) * 12, 3),
    ],
)
async def test_what_the_bus_has_no_room_for_is_dropped_and_counted(
    tmp_path: Path,
    redis_url: str | None,
    setting: str,
    most: int,
    sizes: tuple[int, ...],
    dropped: int,
) -> None:
    services, metrics = services_of(tmp_path), Metrics()
    counted = Counter[str]()
    metrics.bus_messages.add = lambda *labels: counted.update(labels)  # type: ignore[method-assign]
    chosen: dict[str, Any] = {setting: most, "redis_url": redis_url}
    settings = Settings(**chosen)
    bus: Any = build_bus(settings, services.database, services.nodes, services.signer, metrics)
    if redis_url is None:
        bus._driver = Driver()  # noqa: SLF001 - where the network would be
    else:
        bus.is_open = True
    for number, size in enumerate(sizes):
        bus.publish("entries", f"session {number}", b"x" * size)
    assert counted["dropped"] == dropped
    if redis_url is None:
        await bus._flushing  # noqa: SLF001
        assert counted["published"] == len(bus._driver.told) == len(sizes) - dropped  # noqa: SLF001
        bus.publish("entries", "later", b"x" * 7_000)
        assert counted["dropped"] == dropped, "what was sent does not wait any more"
        await bus._flushing  # noqa: SLF001
    await services.database.dispose()


# Doors


async def test_so_many_passwords_wait_to_be_checked(tmp_path: Path) -> None:
    services = services_of(tmp_path, max_sign_ins_waiting=1)
    checking = [asyncio.ensure_future(services.passwords.matches(None, "x")) for _ in range(3)]
    await asyncio.sleep(0)  # two are looked at, and one waits
    with pytest.raises(Unavailable, match="Too many people are signing in") as refused:
        await services.passwords.matches(None, "x")
    assert refused.value.bound == "max_sign_ins_waiting"
    with pytest.raises(Unavailable):
        await services.passwords.hash("a new one")
    assert await asyncio.gather(*checking) == [False] * 3
    assert await services.passwords.matches(None, "x") is False
    await services.database.dispose()


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_a_package_unpacks_to_so_much() -> None:
    bomb = archive_of({"problem.yaml": b"name: x", "data/zeros": bytes(MIB)})
    assert len(bomb) < 10_000
    with pytest.raises(PackageError, match="more than 1,048,576 bytes") as refused:
        read_archive(bomb, Settings(max_package_unpacked_bytes=MIB))
    assert refused.value.bound == "max_package_unpacked_bytes"
    (read,) = read_archive(bomb, Settings(max_package_unpacked_bytes=2 * MIB))
    assert read.content.title == "x"
