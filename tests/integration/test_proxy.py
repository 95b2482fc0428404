"""README's nginx, word for word and with TLS, in front of a server: what it forwards is what people get."""

import contextlib
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.actors import PASSWORD, setup_secret
from tests.harness.authority import Authority
from tests.harness.peer import connect_peer
from tests.harness.ports import free_port, wait_until
from tests.harness.server import ServerProcess, server_process

from pizarra.config import Settings

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
FROM = "127.0.0.5"  # where people are
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    {block}
  }}
}}
"""


def block(readme: str) -> str:
    """Return the lines that a README has for nginx."""
    return (ROOT / readme).read_text().split("```nginx\n", 1)[1].split("```", 1)[0]


@contextlib.contextmanager
def nginx(folder: Path, server: ServerProcess, port: int, authority: Authority) -> Iterator[None]:
    """Inside, README's proxy answers at `port` for a server."""
    assert PROGRAM is not None
    certificate, key = authority.issue("localhost")
    lines = block("README.md").replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
    place = {"folder": folder, "port": port, "certificate": certificate, "key": key}
    (folder / "nginx.conf").write_text(CONFIGURATION.format(block=lines, **place))
    errors = folder / "error.log"
    process = subprocess.Popen(
        [PROGRAM, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(errors)]
    )

    def answers() -> bool:
        assert process.poll() is None, errors.read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
        return False

    try:
        wait_until(answers, "nginx")
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.skipif(PROGRAM is None, reason="no nginx: apt-get install nginx")
async def test_readmes_proxy(tmp_path: Path, runner_socket: Path) -> None:
    port, authority = free_port(), Authority(tmp_path / "authority")
    settings: dict[str, Any] = {
        # Without a public URL: so scheme, host and port are what the proxy says.
        "trusted_proxies": "127.0.0.1",
        "runner_socket": runner_socket,
        "log_format": "json",
    }
    trusted = ssl.create_default_context(cafile=authority.certificate)
    with (
        server_process(tmp_path, **settings) as server,
        nginx(tmp_path, server, port, authority),
        httpx2.Client(
            base_url=f"https://localhost:{port}",
            transport=httpx2.HTTPTransport(verify=trusted, local_address=FROM),
            timeout=30,
        ) as ana,
    ):
        assert "<!doctype html>" in ana.get("/").text.lower()
        assert ana.get("/api/sessions").status_code == 401  # behind a proxy nobody is the owner
        first = {"name": "ana", "display_name": "Ana", "password": PASSWORD}
        welcome = ana.post("/api/welcome", json={"token": setup_secret(server), **first})
        assert welcome.status_code == 204, welcome.text
        (cookie,) = [each for each in welcome.headers.get_list("set-cookie") if "sign-in" in each]
        assert cookie.startswith("__Host-")  # bound to TLS, which ends at the proxy
        assert "; Secure" in cookie
        assert welcome.headers["strict-transport-security"]

        most = Settings().max_body_bytes
        largest = b'{"initial_code": "print(42)\\n"}'.ljust(most)
        json = {"content-type": "application/json"}
        made = ana.post("/api/sessions", content=largest, headers=json)
        assert made.status_code == 201, made.text
        session = made.json()
        assert session["share_url"].startswith(f"https://localhost:{port}/j/")
        assert ana.post("/api/sessions", content=largest + b" ", headers=json).status_code == 413
        run = ana.post(f"/api/sessions/{session['session_id']}/runs?wait=true")
        assert run.json()["stdout"] == "42\n"

        token = session["share_url"].rpartition("/")[2]
        joined = ana.post("/api/join", json={"token": token, "name": "Zoë"}).json()
        room = f"wss://localhost:{port}/ws/{session['room_id']}"
        here: dict[str, Any] = {"host": "127.0.0.1", "ssl": trusted, "local_addr": (FROM, 0)}
        async with connect_peer(room, token=joined["access_token"], **here) as zoe:
            await zoe.wait_acknowledged(await zoe.insert(0, "x" * 100_000 + "\n"))
        text = ana.get(f"/api/sessions/{session['session_id']}/files/main.py").text
        assert text == "x" * 100_000 + "\nprint(42)\n"
        log = server.log()
    assert f'"address": "{FROM}"' in log
    assert '"address": "127.0.0.1"' not in log
