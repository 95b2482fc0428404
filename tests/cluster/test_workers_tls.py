"""A worker that dials over TLS, through the nginx that the Kubernetes manifests put before each web process."""

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
import yaml  # type: ignore[import-untyped]
from tests.harness.authority import Authority
from tests.harness.ports import free_port, wait_until
from tests.harness.program import pizarra
from tests.harness.server import ServerProcess, server_process
from tests.harness.workers import WorkerProcess, environment_of, make_token, metric

MANIFESTS = Path(__file__).resolve().parents[2] / "deploy/kubernetes/web.yaml"
PUBLIC = "pizarra.example.org"


def settings_of_nginx() -> str:
    """Return what the manifests configure it with."""
    (found,) = (
        each["data"]["default.conf"]
        for each in yaml.safe_load_all(MANIFESTS.read_text())
        if each["kind"] == "ConfigMap" and each["metadata"]["name"] == "worker-tls"
    )
    return str(found)


@contextlib.contextmanager
def tls_before(server: ServerProcess, folder: Path, authority: Authority) -> Iterator[str]:
    """Give the address of what ends TLS before a server; its ports and its files alone are other ones."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("no nginx: apt-get install nginx")
    port = free_port()
    certificate, key = authority.issue("localhost")
    text = settings_of_nginx()
    for old, new in {
        "8443": port,
        "127.0.0.1:8000": f"127.0.0.1:{server.port}",
        "/etc/tls/tls.crt": certificate,
        "/etc/tls/tls.key": key,
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, str(new))
    kept = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{each}_temp_path {folder}/{each};" for each in kept)
    inside = f"pid {folder}/pid;\nevents {{}}\nhttp {{ access_log off; {places}\n{text}}}\n"
    (folder / "nginx.conf").write_text(inside)
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(nginx, "-g", "daemon off; master_process off;"),
                *("-e", "stderr", "-c", str(folder / "nginx.conf")),
            ],
            stdout=log,
            stderr=log,
        )

    def listens() -> bool:
        assert process.poll() is None, (folder / "nginx.log").read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    try:
        wait_until(listens, "nginx", seconds=20)
        yield f"https://localhost:{port}"
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def working(worker: WorkerProcess) -> Iterator[WorkerProcess]:
    """Give a worker, and end it."""
    try:
        yield worker
    finally:
        worker.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server as the manifests set it up: known by a name, behind a proxy, run by workers alone."""
    (tmp_path / "data").mkdir()
    behind: dict[str, Any] = {
        "public_url": f"https://{PUBLIC}",
        "trusted_proxies": "127.0.0.1",
        "runner": "workers",
    }
    with server_process(tmp_path / "data", **behind) as running:
        yield running


@pytest.fixture
def program(server: ServerProcess) -> Iterator[httpx2.Client]:
    """Somebody who uses the API."""
    at = environment_of(server)
    made = pizarra("user", "add", "root", "--admin", environment=at)
    assert made.returncode == 0, made.stderr
    token = pizarra("token", "create", "root", "test", "--scope", "admin", environment=at)
    assert token.returncode == 0, token.stderr
    headers = {"host": PUBLIC, "authorization": f"Bearer {token.stdout.strip()}"}
    with httpx2.Client(base_url=server.url, headers=headers, timeout=120) as client:
        yield client


def workers(program: httpx2.Client) -> float:
    """Return how many are connected and ready."""
    return metric(program.get("/metrics").text, "pizarra_workers", state="ready")


def test_programs_run_on_a_worker_behind_tls(
    server: ServerProcess, program: httpx2.Client, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "authority")
    token = make_token(server, tmp_path, "far")
    with tls_before(server, tmp_path, authority) as address:
        trusting = WorkerProcess([address], token, "--ca-file", str(authority.certificate))
        with working(trusting):
            wait_until(lambda: workers(program) == 1, "the worker", seconds=90)
            body = {"initial_code": "print(input() * 2)\n"}
            session = program.post("/api/sessions", json=body).json()["session_id"]
            asked = {"stdin": "ñ"}
            run = program.post(f"/api/sessions/{session}/runs?wait=true", json=asked).json()
            assert (run["status"], run["stdout"]) == ("exited", "ññ\n")
            # What is not a worker's does not pass.
            trust = ssl.create_default_context(cafile=authority.certificate)
            other = httpx2.get(f"{address}/health", verify=trust)
            assert other.status_code == 404
            revoked = pizarra("worker-token", "revoke", "far", environment=environment_of(server))
            assert revoked.returncode == 0, revoked.stderr
            assert trusting.wait(20) == 1
            assert "the worker's token was revoked" in trusting.log()


def test_a_worker_shows_its_token_to_nobody_whose_certificate_is_not_good(
    server: ServerProcess, program: httpx2.Client, tmp_path: Path
) -> None:
    authority, stranger = Authority(tmp_path / "authority"), Authority(tmp_path / "stranger")
    token = make_token(server, tmp_path, "far")
    with tls_before(server, tmp_path, authority) as address:
        for options in ((), ("--ca-file", str(stranger.certificate))):
            with working(WorkerProcess([address], token, *options)) as doubting:
                wait_until(
                    lambda it=doubting: "certificate" in it.log().lower(),  # type: ignore[misc]
                    "what is wrong",
                    seconds=60,
                )
                assert doubting.runs, "it tries again: certificates are renewed"
        assert workers(program) == 0
        listed = pizarra("worker-token", "list", environment=environment_of(server))
        assert "never" in listed.stdout
