"""Two versions on one database: a program and the next, whose migration the old one may go on with, or may not."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.cluster.test_nodes import rows
from tests.harness.pair import KEY
from tests.harness.peer import Peer, connect_peer
from tests.harness.ports import wait_until
from tests.harness.program import clean_environment
from tests.harness.rooms import create, text_of
from tests.harness.server import ServerProcess, server_process

from pizarra.migrations.migrate import head_revision

ROOT = Path(__file__).resolve().parents[2]
NEXT = f"{int(head_revision()) + 1:04}"

MIGRATION = f'''\
"""Where each process serves."""

import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{head_revision()}"
branch_labels = None
depends_on = None
{{says}}


def upgrade() -> None:
    """Nowhere yet."""
    op.add_column("nodes", sa.Column("region", sa.String(20), nullable=True))
    op.add_column("sessions", sa.Column("region", sa.String(20), nullable=False, server_default="here"))
    op.create_table("regions", sa.Column("name", sa.String(20), primary_key=True))


def downgrade() -> None:
    """Nowhere."""
    op.drop_table("regions")
    op.drop_column("sessions", "region")
    op.drop_column("nodes", "region")
'''
COLUMN = "    key_hash: Mapped[str] = mapped_column(String(32))\n"
REGION = '    region: Mapped[str | None] = mapped_column(String(20), default="there")\n'


def next_version(folder: Path, says: str) -> Path:
    """Return the source of a Pizarra that is one migration ahead, and writes what the migration adds."""
    source = folder / "src"
    # With what is compiled, which goes by the times of the sources: else each of its starts takes seconds more.
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("static"))
    versions = source / "pizarra/migrations/versions"
    (versions / f"{NEXT}_regions.py").write_text(MIGRATION.format(says=says))
    model = source / "pizarra/models/node.py"
    before = model.read_text()
    assert COLUMN in before
    model.write_text(before.replace(COLUMN, COLUMN + REGION))
    return source


async def migrate_with(source: Path, database_url: str) -> None:
    """`pizarra db upgrade` of the next version."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "pizarra",
        "db",
        "upgrade",
        "--database-url",
        database_url,
        env={**clean_environment(), "PYTHONPATH": str(source)},
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
    assert f"revision {NEXT}" in told.decode()


def settings_of(runner_socket: Path) -> dict[str, Any]:
    """Return what both versions are started with."""
    return {
        "secret_key": KEY,
        "runner_socket": runner_socket,
        "node_beat_seconds": 0.2,
        "follow_seconds": 0.2,
        "readiness_seconds": 0.05,
    }


def ready(server: ServerProcess) -> httpx2.Response:
    """Ask whether it is ready."""
    return httpx2.get(f"{server.url}/health/ready")


async def write_until(stop: asyncio.Event, peer: Peer) -> str:
    """Write, each letter once the one before was acknowledged; return what was written."""
    written = ""
    while not stop.is_set():
        letter = "abcdefghij"[len(written) % 10]
        await peer.wait_acknowledged(await peer.insert(len(written), letter))
        written += letter
    return written


async def test_a_version_serves_with_the_next_one(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    """The old one goes on while the new one migrates and starts, and is started again though it is behind."""
    source = next_version(tmp_path, f'oldest_program = "{head_revision()}"')
    settings = settings_of(runner_socket)
    with server_process(folder_of(tmp_path, "old"), postgres_url, **settings) as old:
        session = create(old, "")
        path = f"/{session['room_id']}"
        stop = asyncio.Event()
        async with connect_peer(f"{old.ws_url}{path}") as writer:
            writing = asyncio.create_task(write_until(stop, writer))
            await migrate_with(source, postgres_url)
            assert ready(old).status_code == 200
            new = ServerProcess(folder_of(tmp_path, "new"), postgres_url, **settings)
            new.run_from(source)
            await asyncio.to_thread(new.start)
            try:
                assert ready(new).status_code == 200
                async with connect_peer(f"{new.ws_url}{path}") as newcomer:
                    await newcomer.wait_for(lambda: len(str(newcomer.text)) > 0)
                    stop.set()
                    written = await writing
                    await newcomer.wait_text(written)
                    await newcomer.wait_acknowledged(await newcomer.insert(len(written), "-new"))
                    await writer.wait_text(f"{written}-new")
                    await writer.wait_acknowledged(await writer.insert(0, "old-"))
                    await newcomer.wait_text(f"old-{written}-new")
                found = await rows(postgres_url, "SELECT region FROM nodes ORDER BY started_at")
                assert [each["region"] for each in found] == [None, "there"]
                await asyncio.to_thread(restart, old)
                assert f"the database is ahead, at revision {NEXT}" in old.log()
                assert ready(old).status_code == 200
                assert text_of(old, session) == f"old-{written}-new"
                assert old.terminate() == 0
                assert ready(new).status_code == 200
            finally:
                new.stop()


async def test_a_version_says_that_the_next_ones_database_is_not_its_own(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    """A migration that lets nobody go on: who is in stays in, the proxy sends no more, a start is refused."""
    source = next_version(tmp_path, "")
    settings = settings_of(runner_socket)
    with server_process(folder_of(tmp_path, "old"), postgres_url, **settings) as old:
        session = create(old, "")
        async with connect_peer(f"{old.ws_url}/{session['room_id']}") as peer:
            await migrate_with(source, postgres_url)
            wait_until(lambda: ready(old).status_code == 503, "what it says of itself", seconds=10)
            assert f"is at revision {NEXT}, and this program needs" in ready(old).text
            await peer.wait_acknowledged(await peer.insert(0, "still"))
        old.kill()
        with pytest.raises(RuntimeError, match="newer than this program"):
            old.start()


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (f'oldest_program = "{head_revision()}"', "the servers that run may go on"),
        ("", "Stop the server, make a backup"),
    ],
)
def test_the_next_version_does_not_serve_before_the_migration(
    tmp_path: Path, runner_socket: Path, postgres_url: str, says: str, told: str
) -> None:
    source = next_version(tmp_path, says)
    settings = settings_of(runner_socket)
    new = ServerProcess(folder_of(tmp_path, "new"), postgres_url, **settings)
    new.run_from(source)
    with pytest.raises(RuntimeError, match="pizarra db upgrade") as refused:
        new.start()
    assert told in str(refused.value)


def folder_of(parent: Path, name: str) -> Path:
    """Return a new data directory."""
    folder = parent / name
    folder.mkdir()
    return folder


def restart(server: ServerProcess) -> None:
    """`kill -9`, and start again."""
    server.kill()
    server.start()
