"""Fixtures of the whole suite."""

import logging
import os
import signal
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import pytest

from pizarra.config import Settings
from pizarra.kit.garbage import collect_seldom
from tests.harness.application import Application, application
from tests.harness.fresh import embed
from tests.harness.ports import wait_until
from tests.harness.postgres import Postgres, postgres
from tests.harness.program import Program, clean_environment
from tests.harness.server import WARM, ServerProcess, server_process
from tests.harness.watchdogs import PROVOKED, WATCHDOGS

# Nobody here speaks TLS, and every HTTP client would read the system's certificates: 50 ms each.
for each in (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
):  # kept for `test_generators.py`, and for xdist's workers
    os.environ.setdefault(f"PIZARRA_TEST_{each}", os.environ.pop(each, ""))
os.environ["SSL_CERT_DIR"] = os.devnull

# What a shell starts in the background ignores ^C, and so would every program that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("whatever the machine", deadline=None)
hypothesis.settings.load_profile("whatever the machine")

SMALL_LIMITS: dict[str, Any] = {
    "max_text_bytes": 10_000,
    "max_connections_per_room": 60,
    "snapshot_updates": 20,
    "max_branches": 5,
}


# What is about the database itself, and every promise of `tests/invariants`, is tried on both.
ON_BOTH = (
    "invariants/",
    "test_migrations",
    "test_failures",
    "test_database_url",
    "test_packing",
    "test_sealing",
    "test_log",
    "test_erasing",
)

# One test there takes a minute. Begun last it would have all processes but one wait for it.
BEGUN_FIRST = ("test_openapi", "test_ordinary_user")

logging.getLogger("pizarra.kit.watchdog").addHandler(WATCHDOGS)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try each test on one of the two databases, half of them on each; `PIZARRA_TEST_DATABASES=both`: all on both.

    They come in a random order, but for those that take long.
    """
    items.sort(key=lambda each: each.path.stem not in BEGUN_FIRST)
    if os.environ.get("PIZARRA_TEST_DATABASES") == "both" or any(
        "::" in each for each in config.args
    ):
        return
    left_out = [each for each in items if not _is_tried_on(each)]
    config.hook.pytest_deselected(items=left_out)
    gone = set(left_out)
    items[:] = [each for each in items if each not in gone]


def _is_tried_on(item: pytest.Item) -> bool:
    given = (
        item.callspec.params
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else {}
    )
    database = {given.get("database_url"), given.get("shared_server")} & {"sqlite", "postgres"}
    is_of_one = any(each.args[0] == "database_url" for each in item.iter_markers("parametrize"))
    if not database or is_of_one or any(name in str(item.path) for name in ON_BOTH):
        return True
    name = item.nodeid.replace("sqlite", "").replace("postgres", "")
    return database == {("sqlite", "postgres")[zlib.crc32(name.encode()) % 2]}


@pytest.fixture(scope="session", autouse=True)
def little_garbage() -> None:
    """Leave what pytest keeps alone, as `serve` leaves what it imported: an application here is not to blame for it."""
    collect_seldom()


@pytest.fixture(autouse=True)
def no_loop_was_held(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test during which a server, a runner or an application held its event loop."""
    yield
    said = WATCHDOGS.news()
    assert said == [] or request.node.originalname in PROVOKED, said


@pytest.fixture(scope="session")
def cluster() -> Iterator[Postgres]:
    """A PostgreSQL of this test process."""
    with postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of a database without rows: None for the embedded one."""
    if request.param == "sqlite":
        yield None
        return
    running: Postgres = request.getfixturevalue("cluster")
    with running.lend() as url:
        yield url


@pytest.fixture(scope="session")
def runner_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real runner, shared by the applications of this test process."""
    path = tmp_path_factory.mktemp("r") / "s"
    written = path.with_name("log")
    written.touch()
    arguments = ["worker", "--socket", str(path), "--warm", str(WARM)]
    process = Program(arguments, clean_environment(), Path(os.devnull), written)
    WATCHDOGS.follow(written)
    try:
        wait_until(path.exists, "the runner", seconds=60)
        yield path
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


@pytest.fixture
def settings(tmp_path: Path, database_url: str | None, runner_socket: Path) -> Settings:
    """Settings of a fresh installation."""
    if database_url is None:
        embed(tmp_path)
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        runner_socket=runner_socket,
        log_level="warning",
    )


@pytest.fixture
async def running(settings: Settings, request: pytest.FixtureRequest) -> AsyncIterator[Application]:
    """The application, started. Whatever a test has it record must have the shape of its kind."""
    async with application(settings) as started:
        yield started
        if request.node.get_closest_marker("odd_entries") is None:
            assert await started.misfits() == []


@pytest.fixture
async def client(running: Application) -> AsyncIterator[httpx2.AsyncClient]:
    """The owner, on this computer."""
    async with running.client() as owner:
        yield owner


@pytest.fixture(scope="session")
def sqlite_server(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server on SQLite that nobody kills, with limits small enough to reach."""
    with server_process(
        tmp_path_factory.mktemp("server"), runner_socket=runner_socket, **SMALL_LIMITS
    ) as process:
        yield process


@pytest.fixture(scope="session")
def postgres_server(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path, cluster: Postgres
) -> Iterator[ServerProcess]:
    """The same on PostgreSQL."""
    folder, url = tmp_path_factory.mktemp("server"), cluster.create_migrated()
    with server_process(folder, url, runner_socket=runner_socket, **SMALL_LIMITS) as process:
        yield process


@pytest.fixture(params=["sqlite", "postgres"])
def shared_server(request: pytest.FixtureRequest) -> ServerProcess:
    """A server that the tests of this process share: they must not kill it or stop its database."""
    running: ServerProcess = request.getfixturevalue(f"{request.param}_server")
    return running


@pytest.fixture
def server(
    tmp_path: Path, database_url: str | None, runner_socket: Path
) -> Iterator[ServerProcess]:
    """`pizarra serve`, as a process."""
    with server_process(tmp_path, database_url, runner_socket=runner_socket) as process:
        yield process
