"""`tools/suite.py`: a test that others disturbed is asked once more and named; one that fails twice has failed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).resolve().parents[2] / "tools" / "suite.py"
TESTS = """
import os, pathlib
def test_disturbed():
    seen = pathlib.Path(__file__).with_name("seen")
    first = not seen.exists()
    seen.touch()
    assert not first
def test_calm():
    assert "PYTEST_XDIST_WORKER" in os.environ  # side by side, and not asked again
"""
BROKEN = "def test_broken():\n    assert False\n"
MANY = (
    "import pytest\n@pytest.mark.parametrize('n', range(31))\ndef test_many(n):\n    assert n < 0\n"
)


@pytest.mark.parametrize(
    ("tests", "status", "told"),
    [
        (TESTS, 0, "passed alone, and not beside others:\n  test_it.py::test_disturbed"),
        (TESTS + BROKEN, 1, "asked once more, alone:\n  test_it.py::test_"),
        (MANY, 1, "31 failed"),
        ("\n", 1, "no tests ran"),
    ],
)
def test_what_fails_is_asked_once_more(tmp_path: Path, tests: str, status: int, told: str) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text(tests)
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    # Of all that is installed these tests need this: the rest takes longer to load than they do.
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"}
    ran = subprocess.run(
        [sys.executable, SUITE, tmp_path],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    assert told in ran.stdout
    assert ("once more" in ran.stdout) == (tests in (TESTS, TESTS + BROKEN))
    assert ("passed alone" in ran.stdout) == (tests == TESTS)
