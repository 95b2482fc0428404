"""Attacks and languages with the service running as somebody who is not root: no uid slots, perhaps no cgroups."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pizarra.sandbox.toolchains import default_folder

ROOT = Path(__file__).resolve().parents[2]
_SOMEBODY = 59_999

Suite = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def suite() -> Iterator[Suite]:
    """What runs some of these tests as somebody who is not root."""
    if os.geteuid() != 0:
        pytest.skip("the whole suite runs as an ordinary user already")
    # An interpreter in root's home cannot be started by others; the system's runs the same packages.
    interpreter = shutil.which("python3", path="/usr/bin")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    printed = subprocess.run(
        [interpreter or "false", "--version"], capture_output=True, text=True, check=False
    ).stdout
    if f" {version}." not in printed:
        pytest.skip(f"the system has no Python {version}")
    if any(not parent.stat().st_mode & 0o1 for parent in (ROOT, *ROOT.parents)):
        pytest.skip("others cannot look into this folder")
    home = Path("/tmp") / f"pizarra-somebody-{os.getpid()}"
    home.mkdir(mode=0o700)
    os.chown(home, _SOMEBODY, _SOMEBODY)
    (home / ".cache").mkdir()
    (home / ".cache/pizarra").symlink_to(default_folder())  # toolchains take a minute to install
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    assert interpreter is not None

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [
                interpreter,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                f"--basetemp={home}/t",
                *arguments,
            ],
            cwd=ROOT,
            env={
                "HOME": str(home),
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": f"{ROOT}/src:{packages}:{ROOT}",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            user=_SOMEBODY,
            group=_SOMEBODY,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    yield run
    shutil.rmtree(home, ignore_errors=True)


def _passed(result: "subprocess.CompletedProcess[str]") -> None:
    # The first failure says why; a list of the rest follows.
    told = result.stdout[:4000] + " […] " + result.stdout[-2000:] + result.stderr[-1000:]
    assert result.returncode == 0, told
    assert " passed" in result.stdout


def test_attacks_are_contained_without_root(suite: Suite) -> None:
    files = (
        str(ROOT / "tests/integration" / name)
        for name in ("test_sandbox.py", "test_sandbox_limits.py", "test_landlock.py")
    )
    _passed(suite(*files, "-k", "not cgroup"))


def test_languages_run_without_root(suite: Suite) -> None:
    """With the memory that this machine has: a JVM takes a part of it when it starts, however little it may have."""
    result = suite(
        str(ROOT / "tests/integration/test_languages.py"),
        "-k",
        "input_output_and_exit_code or threads",
    )
    _passed(result)
    assert "6 passed" in result.stdout, result.stdout
