"""The article's snippets, as its reader types them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from tests.harness.peer import connect_peer
from tests.harness.ports import free_port, wait_until
from tests.harness.program import clean_environment
from tests.harness.watchdogs import WATCHDOGS

from pizarra.collab.wire.codec import decode_frame
from pizarra.config import Settings
from pizarra.http.asgi import OnDemand
from pizarra.main import create_app

# The article's text; `app.main` is `pizarra.main` here.
SNIPPET = """
from fastapi.testclient import TestClient
from pizarra.main import app

client = TestClient(app)


def test_create_session():
    response = client.post("/api/sessions", json={"language": "python", "initial_code": "# Test"})
    assert response.status_code == 201
"""


def test_its_reader_types_it_and_runs_pytest(tmp_path: Path) -> None:
    """In a folder of their own, with nothing prepared; what was started with it ends with it."""
    (tmp_path / "test_api.py").write_text(SNIPPET)
    home, data = tmp_path / "home", tmp_path / "data"
    home.mkdir()
    environment = {**clean_environment(), "HOME": str(home), "PIZARRA_DATA_DIR": str(data)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "test_api.py"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert (data / "pizarra.db").exists()


@pytest.fixture
def app(settings: Settings) -> Iterator[OnDemand]:
    """`pizarra.main.app`, on a data directory of this test."""
    lazy = OnDemand(lambda: create_app(settings))
    yield lazy
    lazy.stop()


def test_create_session(app: OnDemand) -> None:
    client = TestClient(app)
    response = client.post("/api/sessions", json={"language": "python", "initial_code": "# Test"})
    assert response.status_code == 201
    made = response.json()
    assert client.get(f"/api/sessions/{made['session_id']}/files/main.py").text == "# Test"
    with client.websocket_connect(f"/ws/{made['room_id']}") as socket:
        (message,) = decode_frame(socket.receive_bytes())
        assert message.payload
    # Its owner only as the test client itself: what comes through a proxy, or by another name, is a stranger.
    for headers in (
        {"x-forwarded-for": "testclient"},
        {"host": "pizarra.example.org"},
        {"origin": "http://evil"},
    ):
        assert client.get("/api/sessions", headers=headers).status_code == 401, headers


@pytest.mark.parametrize("presented", ["Bearer", "Bearer x.y.z", "Bearer pzt_revoked"])
def test_a_bad_bearer_header_closes_the_socket_with_its_code(app: OnDemand, presented: str) -> None:
    client = TestClient(app)
    room = client.post("/api/sessions").json()["room_id"]
    with client.websocket_connect(f"/ws/{room}", headers={"authorization": presented}) as socket:
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_bytes()
        assert ended.value.code == 4401


def test_with_a_lifespan(app: OnDemand) -> None:
    with TestClient(app) as client:
        assert client.post("/api/sessions", json={"language": None}).status_code == 201
        assert client.get("/openapi.json").json() == app.openapi()


def test_importing_reads_and_opens_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, pizarra.main\n"
        "assert 'alembic' not in sys.modules\n"
        "import threading; assert threading.active_count() == 1\n"
    )
    environment = {**clean_environment(), "HOME": str(tmp_path), "PIZARRA_PORT": "no number"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command", [["pizarra.main:app"], ["--factory", "pizarra.main:create_app"]]
)
async def test_uvicorn_by_hand(command: list[str], tmp_path: Path, runner_socket: Path) -> None:
    port = free_port()
    environment = {
        **clean_environment(),
        "PIZARRA_DATA_DIR": str(tmp_path),
        "PIZARRA_RUNNER_SOCKET": str(runner_socket),
    }
    with (tmp_path / "log").open("wb") as log:
        WATCHDOGS.follow(tmp_path / "log")
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--port", str(port), *command],
            env=environment,
            stdout=log,
            stderr=log,
            cwd=os.sep,
        )
    try:
        url = f"127.0.0.1:{port}"
        wait_until(lambda: _is_healthy(f"http://{url}"), "uvicorn")
        body = {"initial_code": "x = 1\n"}
        made = httpx2.post(f"http://{url}/api/sessions", json=body).json()
        room = f"ws://{url}/ws/{made['room_id']}"
        async with connect_peer(room) as one, connect_peer(room) as two:
            number = await one.insert(0, "y" * 70_000)
            await one.wait_acknowledged(number)
            await two.wait_text("y" * 70_000 + "x = 1\n")
        async with connect_peer(f"ws://{url}/ws/{'0' * 32}", sync=False) as stranger:
            assert await stranger.wait_closed() == 4404
    finally:
        server.terminate()
        server.wait(10)


def _is_healthy(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health").status_code == 200
    except httpx2.TransportError:
        return False


def test_what_the_table_names_exists() -> None:
    """`docs/article.md` says which test shows what."""
    root = Path(__file__).resolve().parents[2]
    rows = [
        line
        for line in (root / "docs/article.md").read_text().splitlines()
        if line.startswith("| ")
    ]
    named = [
        match
        for line in rows
        if (match := re.search(r"`(tests/[\w/]+\.py)::(test_\w+)` \|$", line))
    ]
    heads = sum(line.endswith("| evidencia |") for line in rows)
    assert len(named) == len(rows) - 2 * heads > 30
    missing = [
        match[0]
        for match in named
        if not re.search(
            rf"^(async )?def {match[2]}\(", (root / match[1]).read_text(), re.MULTILINE
        )
    ]
    assert missing == []
