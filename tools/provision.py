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
    """A program, or a file, the Debian package that has it, and what does not work without it."""

    program: str
    package: str
    without: str
    # a program, and its package, that will do where the package is not to be had
    otherwise: str | None = None

    def is_met(self) -> bool:
        """Tell whether the program is there."""
        if shutil.which(self.program) or Path("/usr/sbin", self.program).exists():
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
    Need(
        "chromium-headless-shell",
        "chromium-headless-shell",
        "browser tests take longer, or are skipped",
        otherwise="chromium",
    ),
    Need("firefox-esr", "firefox-esr", "no story is told in Firefox"),
    Need("WebKitWebDriver", "webkit2gtk-driver", "no story is told in WebKit"),
    Need("Xvfb", "xvfb", "no story is told in WebKit"),
    Need("postgres", "postgresql", "tests use the PostgreSQL of a Python wheel"),
    Need("nginx", "nginx", "README's proxy is not tried"),
    Need("haproxy", "haproxy", "its example in deploy/proxies is not tried"),
    Need("caddy", "caddy", "its example in deploy/proxies is not tried"),
    Need("redis-server", "redis-server", "the bus between processes is tried on PostgreSQL alone"),
]
GENERATORS = [
    *RUN,
    Need("go", "golang-go", "no client in Go is compiled"),
    Need(
        "/usr/share/gocode/src/gopkg.in/validator.v2/validator.go",
        "golang-gopkg-validator.v2-dev",
        "the client in Go takes its one module from Go's proxy",
    ),
]
VENV = [Need("python3-venv", "python3-venv", "no virtual environment can be made")]
PURPOSES = {"run": RUN, "test": TEST, "generators": GENERATORS, "venv": VENV}


def may_install() -> bool:
    """Tell whether this is root on a Debian-like system."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_get(*arguments: str) -> bool:
    """Run apt-get; tell whether it worked."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-y", "-qq", "--no-install-recommends", *arguments]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        print(result.stderr.strip()[-500:], file=sys.stderr)
    return result.returncode == 0


def install(needs: list[Need]) -> list[Need]:
    """Install Debian packages, all at once or, when one is not to be had, each by itself; return what is missing."""
    apt_get("update")
    if apt_get("install", *(need.package for need in needs)):
        return []
    missing = [need for need in needs if not apt_get("install", need.package)]
    for need in missing:
        if need.otherwise is not None and shutil.which(need.otherwise) is None:
            apt_get("install", need.otherwise)
    return missing


def main() -> None:
    """Meet the needs of a purpose."""
    purpose = sys.argv[1]
    missing = [need for need in PURPOSES[purpose] if not need.is_met()]
    if not missing:
        return
    if may_install():
        print(f"installing {', '.join(need.package for need in missing)}", flush=True)
        missing = install(missing)
    for need in missing:
        print(
            f"missing: {need.package} ({need.without}). Install it: apt-get install {need.package}",
            file=sys.stderr,
        )
    if purpose == "venv" and missing:
        sys.exit(1)


if __name__ == "__main__":
    main()
