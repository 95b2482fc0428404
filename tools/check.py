"""Lint, types, format and import walls, in Python and in the page. Run by `make check` and `make test`."""

import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hatch_build import node_environment  # noqa: E402 - the path above comes first

BIN = Path(sys.executable).parent
PYTHON_CHECKS: list[tuple[str, list[Path | str]]] = [
    ("lint", [BIN / "ruff", "check", "-q", "."]),
    ("format", [BIN / "ruff", "format", "-q", "--check", "."]),
    ("import walls", [BIN / "lint-imports", "--no-cache"]),
    ("types", [BIN / "mypy", "--no-error-summary"]),
    ("the API's document", [sys.executable, "tools/lint_api.py"]),
]
PAGE_CHECKS: list[tuple[str, list[Path | str]]] = [
    (
        "page: format",
        # What has not changed is not read again: 2 s instead of 12.
        [
            *("npm", "exec", "--", "prettier", "--check", "--log-level", "warn"),
            *("--cache", "--cache-strategy", "content", "."),
        ],
    ),
    ("page: types", ["npm", "exec", "--", "tsc", "--noEmit"]),
    ("page: unit tests", ["npm", "exec", "--", "vitest", "run"]),
]


def main() -> None:
    """Run every check, Python's beside the page's; print the output of those that fail."""
    with node_environment() as environment, ThreadPoolExecutor(2) as side_by_side:

        def failures(folder: Path, checks: list[tuple[str, list[Path | str]]]) -> int:
            return sum(not _passes(*check, folder, environment) for check in checks)

        both = side_by_side.map(failures, (ROOT, ROOT / "web"), (PYTHON_CHECKS, PAGE_CHECKS))
        if sum(both):
            sys.exit(1)


def _passes(
    name: str, command: list[Path | str], folder: Path, environment: Mapping[str, str]
) -> bool:
    started = time.monotonic()
    result = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    passed = result.returncode == 0
    said = "" if passed else f"\n{result.stdout}{result.stderr}"
    seconds = time.monotonic() - started
    print(f"{'✓' if passed else '✗'} {name} ({seconds:.1f} s){said}", flush=True)
    return passed


if __name__ == "__main__":
    main()
