"""Holds `web/openapi.json` to Spectral's rules for OpenAPI. What was found good once is not looked at again."""

import hashlib
import subprocess
import sys
from pathlib import Path

CODEGEN = Path(__file__).resolve().parent.parent / "web" / "codegen"
SPECTRAL = CODEGEN / "node_modules" / ".bin" / "spectral"
GOOD = CODEGEN / "node_modules" / ".api-is-good"
INPUTS = (
    CODEGEN.parent / "openapi.json",
    CODEGEN / ".spectral.yaml",
    CODEGEN / "package-lock.json",
)


def main() -> int:
    """Return 1 when Spectral finds anything; it says what."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in INPUTS)).hexdigest()
    if GOOD.exists() and GOOD.read_text() == digest:
        return 0
    if not SPECTRAL.exists():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=CODEGEN, check=True, stdout=sys.stderr)
    lint = [
        str(SPECTRAL),
        "lint",
        "--ruleset",
        ".spectral.yaml",
        "--fail-severity",
        "hint",
        "../openapi.json",
    ]
    if subprocess.run(lint, cwd=CODEGEN, check=False).returncode != 0:
        return 1
    GOOD.write_text(digest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
