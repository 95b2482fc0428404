"""The Python that a distribution ships, beside the one that was found: built with profiles, which that may not be.

Both run the same files, since wheels are of a minor version: what differs is the interpreter alone.
"""

import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEBIANS = Path("/usr/bin/python3")


@cache
def debians() -> tuple[str, Mapping[str, str]] | None:
    """Return Debian's interpreter and its environment; None where it is the same, or of another version."""
    if not DEBIANS.exists() or DEBIANS.resolve() == Path(sys.executable).resolve():
        return None
    asked = [str(DEBIANS), "-c", "import sys; print(*sys.version_info[:2])"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    if version != [str(each) for each in sys.version_info[:2]]:
        return None
    packages = sysconfig.get_path("purelib")
    return str(DEBIANS), {
        "PYTHONPATH": f"{packages}:{ROOT / 'src'}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
