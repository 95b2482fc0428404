"""Installs what the system must provide, where it may (Debian, root); otherwise names it in one line and goes on.

Runs before anything is installed, so it uses nothing but the standard library.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Need:
    """A program, the Debian package that has it, and what does not work without it."""

    program: str
    package: str
    without: str

    def is_met(self) -> bool:
        """Tell whether the program is there."""
        if shutil.which(self.program) is not None:
            return True
        # Debian keeps PostgreSQL's server programs out of PATH.
        return any(Path("/usr/lib/postgresql").glob(f"*/bin/{self.program}"))


RUN = [
    Need("bwrap", "bubblewrap", "programs cannot be run"),
    Need("node", "nodejs", "JavaScript and TypeScript use the Node.js of a Python wheel"),
    Need("g++", "g++", "C++ is not run"),
    Need("mold", "mold", "C++ is linked more slowly"),
    Need("javac", "default-jdk-headless", "Java is not run"),
]
TEST = [
    *RUN,
    Need("chromium-headless-shell", "chromium-headless-shell", "browser tests take Chromium, or are skipped"),
    Need("postgres", "postgresql", "tests use the PostgreSQL of a Python wheel"),
    Need("redis-server", "redis-server", "nothing yet; a later version scales out with it"),
]
VENV = [Need("python3-venv", "python3-venv", "no virtual environment can be made")]
PURPOSES = {"run": RUN, "test": TEST, "venv": VENV}


def may_install() -> bool:
    """Tell whether this is root on a Debian-like system."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> bool:
    """Install Debian packages; tell whether it worked."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for attempt in (["apt-get", "update", "-qq"], command):
        result = subprocess.run(attempt, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        print(result.stderr.strip()[-500:], file=sys.stderr)
    return result.returncode == 0


def main() -> None:
    """Meet the needs of a purpose."""
    purpose = sys.argv[1]
    missing = [need for need in PURPOSES[purpose] if not need.is_met()]
    if not missing:
        return
    packages = [need.package for need in missing]
    if may_install():
        print(f"installing {', '.join(packages)}", flush=True)
        if install(packages):
            return
    for need in missing:
        print(f"missing: {need.package} ({need.without}). Install it: apt-get install {need.package}", file=sys.stderr)
    if purpose == "venv":
        sys.exit(1)


if __name__ == "__main__":
    main()
