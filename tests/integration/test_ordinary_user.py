"""The same attacks, with the service running as somebody who is not root: no uid slots, perhaps no cgroups."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_SOMEBODY = 59_999


def test_attacks_are_contained_without_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    if os.geteuid() != 0:
        pytest.skip("the whole suite runs as an ordinary user already")
    # An interpreter in root's home cannot be started by others; the system's runs the same packages.
    interpreter = shutil.which("python3", path="/usr/bin")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    printed = subprocess.run([interpreter or "false", "--version"], capture_output=True, text=True, check=False).stdout
    if f" {version}." not in printed:
        pytest.skip(f"the system has no Python {version}")
    if any(not parent.stat().st_mode & 0o1 for parent in (ROOT, *ROOT.parents)):
        pytest.skip("others cannot look into this folder")
    home = Path("/tmp") / f"pizarra-somebody-{os.getpid()}"
    home.mkdir(mode=0o700)
    os.chown(home, _SOMEBODY, _SOMEBODY)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    assert interpreter is not None
    try:
        result = subprocess.run(
            [
                *(interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={home}/t"),
                *(str(ROOT / "tests" / "integration" / name) for name in ("test_sandbox.py", "test_landlock.py")),
                *("-k", "not cgroup"),
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
    finally:
        shutil.rmtree(home, ignore_errors=True)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]
    assert " passed" in result.stdout
