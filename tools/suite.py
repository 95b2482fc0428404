"""Runs the whole suite. Run by `make test`; with paths, runs the tests in these.

Three tests at a time share what machine there is, with the servers, compilers and browsers that they start: one may
miss a moment that another took. So what failed is asked once more, one after the other with nothing beside it, and is
named when it passes then: it has to be mended all the same, but it is no reason to hold a change back. What fails twice
has failed.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Browsers are asked last, and never beside the others: they would take each other's time.
PARTS = (
    ("tests/unit", "tests/integration", "tests/invariants", "tests/cluster"),
    ("tests/browser",),
)
MOST_ASKED_AGAIN = 30  # that more fail is no accident
_SIDE_BY_SIDE = ("-n", "3", "--dist", "worksteal", "--durations", "20")
_ALONE = ("--last-failed", "--last-failed-no-failures", "none")
_SOME_FAILED = 1  # pytest's exit status


def main() -> None:
    """Run every part, whatever became of the one before; exit with 1 when a test failed twice, or too many once."""
    parts = (tuple(sys.argv[1:]),) if sys.argv[1:] else PARTS
    passed = [_passes(each) for each in parts]
    if not all(passed):
        sys.exit(1)


def _passes(paths: Sequence[str]) -> bool:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as cache:  # of its own: others' failures are not in it
        status = _pytest(cache, *_SIDE_BY_SIDE, *paths)
        failed = _failed(cache) if status == _SOME_FAILED else []
        if 0 < len(failed) <= MOST_ASKED_AGAIN:
            _tell("failed beside others, and asked once more, alone:", failed)
            status = _pytest(cache, *_ALONE, *paths)
            if status == 0:
                _tell("passed alone, and not beside others:", failed)
    print(f"{' '.join(paths)}: {time.monotonic() - started:.0f} s", flush=True)
    return status == 0


def _pytest(cache: str, *arguments: str) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={cache}", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _failed(cache: str) -> list[str]:
    noted = Path(cache) / "v" / "cache" / "lastfailed"
    return list(json.loads(noted.read_text())) if noted.exists() else []


def _tell(what: str, tests: list[str]) -> None:
    print(f"\n{what}", *tests, sep="\n  ", flush=True)


if __name__ == "__main__":
    main()
