"""The proxies of `deploy/proxies/`, started as they are: what belongs to a session goes to one of two servers."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.peer import connect_peer
from tests.harness.ports import free_port, wait_until
from tests.harness.rooms import create, join
from tests.harness.server import ServerProcess

from pizarra.config import Settings

ROOT = Path(__file__).resolve().parents[2] / "deploy/proxies"
COMMANDS = {
    "nginx.conf": ("nginx", "-g", "daemon off; master_process off;", "-e", "stderr", "-c"),
    "haproxy.cfg": ("haproxy", "-db", "-f"),
    "Caddyfile": ("caddy", "run", "--adapter", "caddyfile", "--config"),
}
READS = 'pizarra_http_request_seconds_count{method="GET",route="/api/sessions/{session_id}/files/{path:path}"}'
SESSIONS = 40  # at most, until both servers have one


@contextlib.contextmanager
def proxy(name: str, folder: Path, servers: tuple[ServerProcess, ServerProcess]) -> Iterator[int]:
    """Give the port of an example, whose servers and port alone are other ones."""
    program, *options = COMMANDS[name]
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        pytest.skip(f"no {program}: apt-get install {program}")
    text, port = (ROOT / name).read_text(), free_port()
    for old, new in zip((8001, 8002, 8080), (*(each.port for each in servers), port), strict=True):
        assert str(old) in text
        text = text.replace(str(old), str(new))
    if program == "nginx":  # where it keeps things; the rest is as it is
        kept = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{each}_temp_path {folder}/{each};" for each in kept)
        text = text.replace("http {", f"pid {folder}/pid;\nhttp {{ access_log off; {places}", 1)
    (folder / name).write_text(text)
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(
            [found, *options, str(folder / name)],
            stdout=log,
            stderr=log,
            env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin"},
        )

    def answers() -> bool:
        assert process.poll() is None, (folder / "proxy.log").read_text()
        with contextlib.suppress(httpx2.HTTPError):
            return httpx2.get(f"http://127.0.0.1:{port}/health").status_code == 200
        return False

    try:
        wait_until(answers, program, seconds=20)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def counted(server: ServerProcess, sample: str) -> int:
    lines = httpx2.get(f"{server.url}/metrics").text.splitlines()
    return sum(int(float(line.rpartition(" ")[2])) for line in lines if line.startswith(sample))


@pytest.mark.parametrize("name", COMMANDS)
async def test_what_belongs_to_a_session_goes_to_one_server(
    name: str, tmp_path: Path, two_servers: tuple[ServerProcess, ServerProcess]
) -> None:
    with proxy(name, tmp_path, two_servers) as port:
        async with contextlib.AsyncExitStack() as stack:
            made = 0
            rooms = (0, 0)
            while made < 6 or (0 in rooms and made < SESSIONS):
                made += 1
                session: dict[str, Any] = create(two_servers[0], "x")
                address = f"http://127.0.0.1:{port}/api/sessions/{session['session_id']}"
                for person in ("Ann", "Bob"):
                    token = join(two_servers[0], session, name=person)
                    url = f"ws://127.0.0.1:{port}/ws/{session['room_id']}"
                    await stack.enter_async_context(connect_peer(url, token=token))
                    read = httpx2.get(
                        f"{address}/files/main.py", headers={"authorization": f"Bearer {token}"}
                    )
                    assert read.text == "x"
                rooms = (
                    counted(two_servers[0], "pizarra_rooms "),
                    counted(two_servers[1], "pizarra_rooms "),
                )
            assert sum(rooms) == made  # were people of one apart, it would be in both
            assert 0 not in rooms
            assert tuple(counted(each, READS) for each in two_servers) == tuple(
                2 * each for each in rooms
            )
        assert_body_is_bounded(f"http://127.0.0.1:{port}")


def assert_body_is_bounded(url: str) -> None:
    """What is too large for any route is refused; who is larger than the server allows, by one or the other."""
    most = max(Settings().max_body_bytes, Settings().max_package_bytes)
    assert most == 8 * 1024 * 1024
    with httpx2.Client() as client:
        refused = client.post(f"{url}/api/sessions", content=b" " * (most + 1))
    assert refused.status_code == 413


async def test_who_is_gone_is_not_asked(
    tmp_path: Path, two_servers: tuple[ServerProcess, ServerProcess]
) -> None:
    first, second = two_servers
    sessions = [create(first, "x") for _ in range(8)]
    tokens = [join(first, session) for session in sessions]
    with proxy("nginx.conf", tmp_path, two_servers) as port:
        second.kill()
        for session, token in zip(sessions, tokens, strict=True):
            url = f"ws://127.0.0.1:{port}/ws/{session['room_id']}"
            async with connect_peer(url, token=token) as peer:
                assert str(peer.text) == "x"
