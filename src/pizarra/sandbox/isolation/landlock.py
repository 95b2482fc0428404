"""Tier C: Landlock and seccomp alone, for machines without user namespaces, by explicit choice of the operator.

Weaker than bubblewrap: no pid, network or mount namespace, so no sockets at all, no System V IPC, files on the host's
disk in a folder that is measured ten times a second, names and sizes of the host's files visible. What it takes inside
is in `shim.py`.
"""

import asyncio
import ctypes
import os
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pizarra.sandbox.isolation import confinement as shared
from pizarra.sandbox.isolation.confinement import (
    LIBRARIES,
    MODULES,
    STUBS,
    TOOLS,
    Confinement,
    Descriptors,
    Stub,
)
from pizarra.sandbox.isolation.seccomp import denylist
from pizarra.sandbox.limits import RunLimits

NEEDED_ABI = 6  # the first that keeps signals inside: Linux 6.12
_CREATE_RULESET, _VERSION = 444, 1
_PREFIX = "pizarra-sandboxes-"
_READABLE = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")


def abi() -> int:
    """Return the version of Landlock that the kernel speaks; 0 for none."""
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, _VERSION)))


def make_root(parent: Path | None) -> Path:
    """Return a new folder for the folders of this runner's sandboxes; what a runner that was killed left is removed.

    Raises:
        OSError: it cannot be made.
    """
    for left in Path(parent or tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        about = left.lstat()
        if (
            about.st_uid == os.geteuid()
            and stat.S_ISDIR(about.st_mode)
            and not Path(f"/proc/{pid}").exists()
        ):
            subprocess.run(["rm", "-rf", "--", str(left)], check=False)
    root = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    root.chmod(0o711)
    return root


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one sandbox, on the host's disk."""

    path: Path

    @classmethod
    def make(cls, confinement: Confinement, uid: int | None, stub: Stub) -> "Folder":
        """Make it, with a stub's files in it.

        Raises:
            OSError: it cannot be made.
        """
        folder = cls(Path(tempfile.mkdtemp(dir=confinement.folders)))
        folder.path.chmod(0o711)
        for name in ("work", "temporary"):
            (folder.path / name).mkdir(mode=0o700)
            if uid is not None:
                os.chown(folder.path / name, uid, uid)
        if confinement.libraries is not None:
            (folder.path / MODULES.lstrip("/")).symlink_to(
                confinement.libraries / "javascript/node_modules"
            )
        for path, content in stub.files.items():
            target = folder.path / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return folder

    async def remove(self) -> None:
        """Remove it with everything in it; every process of the sandbox is gone."""
        # Not by our own hands: a tree may be deeper than Python recurses, and its folders closed to their owner.
        for command in (["rm", "-rf"], ["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            if self.path.exists():
                process = await asyncio.create_subprocess_exec(
                    *command, "--", str(self.path), stderr=asyncio.subprocess.DEVNULL
                )
                await process.wait()


def command(
    confinement: Confinement,
    limits: RunLimits,
    stub: Stub,
    descriptors: Descriptors,
    inherited: list[int],
    *,
    folder: Folder,
    terminal: bool,
) -> tuple[list[str], dict[str, str]]:
    """Return what to execute, and its environment. Content goes in through descriptors added to `inherited`."""
    names = {STUBS: f"{folder.path}{STUBS}"} | (
        {TOOLS: str(confinement.tools)} if confinement.tools else {}
    )
    names |= {LIBRARIES: str(confinement.libraries)} if confinement.libraries else {}
    readable = [*_READABLE, *shared.system_settings(), *names.values()]
    values = shared.rlimits(limits, count_memory=confinement.cgroups is None)
    if confinement.first_uid is None:
        values["NPROC"] += _tasks_of(os.geteuid())  # the kernel counts all of a user's together
    rules: dict[str, Any] = {
        "readable": [path for path in readable if Path(path).exists()],
        "writable": [f"{folder.path}/work", f"{folder.path}/temporary"],
        "devices": [path for path in _DEVICES if Path(path).exists()],
        "filter": denylist(
            count_memory=confinement.cgroups is None,
            shares_kernel=True,
            shares_uid=confinement.first_uid is None,
        ),
        "disk_bytes": limits.disk_bytes,
        "files": limits.files,
        "names": names,
        "info_fd": descriptors.info,
        "block_fd": descriptors.block,
    }
    environment = shared.environment(stub, terminal=terminal, work=f"{folder.path}/work")
    for inside, path in names.items():
        environment = {name: value.replace(inside, path) for name, value in environment.items()}
    shim = shared.in_memory(shared.shim_source(), inherited)
    argv = [confinement.shim_interpreter, "-I", "-S", f"/proc/self/fd/{shim}"]
    more = {"rlimits": values, "work": f"{folder.path}/work", "landlock": rules}
    argv.append(
        shared.shim_config(confinement, limits, stub, descriptors, terminal=terminal, **more)
    )
    return argv, {**environment, "TMPDIR": f"{folder.path}/temporary"}


def _tasks_of(uid: int) -> int:
    """Return how many processes and threads a user has."""
    tasks = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if process.stat().st_uid == uid:
                    tasks += len(list((process / "task").iterdir()))
            except OSError:
                continue
    return tasks
