"""An installation from a wheel: nothing of the checkout is needed, not even the network."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import httpx2
from tests.harness.ports import free_port, wait_until
from tests.harness.program import clean_environment

from pizarra.migrations import migrate

ROOT = Path(__file__).resolve().parents[2]


def test_a_wheel_serves_the_page_and_brings_its_migrations(
    tmp_path: Path, runner_socket: Path
) -> None:
    programs = Path(sys.executable).parent
    source = tmp_path / "source"  # as a source distribution is: with the page built
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    (source / "PKG-INFO").write_text(distribution("pizarra").read_text("METADATA") or "")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=source,
        check=True,
        capture_output=True,
        timeout=300,
    )
    (wheel,) = tmp_path.glob("pizarra-*.whl")
    fresh = tmp_path / "venv"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(fresh)], check=True, timeout=60
    )
    subprocess.run(
        [
            programs / "uv",
            "pip",
            "install",
            "-q",
            "--offline",
            "--no-deps",
            "--python",
            fresh / "bin/python",
            wheel,
        ],
        check=True,
        timeout=60,
    )
    # What it depends on is here already; our own editable installation is not seen this way.
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    port = free_port()
    environment = {
        **clean_environment(),
        "PYTHONPATH": packages,
        "PIZARRA_DATA_DIR": str(tmp_path / "data"),
        "PIZARRA_PORT": str(port),
        "PIZARRA_RUNNER_SOCKET": str(runner_socket),
    }
    pizarra = str(fresh / "bin/pizarra")
    code = "import pizarra; print(pizarra.__file__)"
    where = subprocess.run(
        [fresh / "bin/python", "-c", code],
        env=environment,
        cwd=os.sep,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert where.startswith(str(fresh)), where
    upgraded = subprocess.run(
        [pizarra, "db", "upgrade"], env=environment, cwd=os.sep, capture_output=True, text=True
    )
    assert f"at revision {migrate.head_revision()}" in upgraded.stdout, upgraded.stderr
    log = tmp_path / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [pizarra, "serve"], env=environment, cwd=os.sep, stdout=out, stderr=out
        )
    try:
        wait_until(
            lambda: b"is ready: " in log.read_bytes() or server.poll() is not None, "the server"
        )
        page = httpx2.get(f"http://127.0.0.1:{port}/")
        assert page.status_code == 200, log.read_text()
        assert "<script" in page.text
        assert httpx2.post(f"http://127.0.0.1:{port}/api/sessions").status_code == 201
    finally:
        server.terminate()
        assert server.wait(20) == 0
