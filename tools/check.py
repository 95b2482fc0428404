"""Lint, types, format and import walls, in Python and in the page. Run by `make check` and `make test`."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hatch_build import node_environment  # noqa: E402 - the path above comes first

BIN = Path(sys.executable).parent
PYTHON_CHECKS = [
    ("lint", [BIN / "ruff", "check", "-q", "."]),
    ("format", [BIN / "ruff", "format", "-q", "--check", "."]),
    ("import walls", [BIN / "lint-imports", "--no-cache"]),
    ("types", [BIN / "mypy", "--no-error-summary"]),
]
PAGE_CHECKS = [
    ("page: format", ["npm", "exec", "--", "prettier", "--check", "--log-level", "warn", "."]),
    ("page: types", ["npm", "exec", "--", "tsc", "--noEmit"]),
    ("page: unit tests", ["npm", "exec", "--", "vitest", "run"]),
]


def main() -> None:
    """Run every check; print the output of those that fail."""
    failed = False
    with node_environment() as environment:
        for folder, checks in ((ROOT, PYTHON_CHECKS), (ROOT / "web", PAGE_CHECKS)):
            for name, command in checks:
                started = time.monotonic()
                result = subprocess.run(
                    [str(part) for part in command],
                    cwd=folder,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                mark = "✓" if result.returncode == 0 else "✗"
                print(f"{mark} {name} ({time.monotonic() - started:.1f} s)", flush=True)
                if result.returncode != 0:
                    failed = True
                    print(result.stdout + result.stderr)
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
