"""bubblewrap's command line: what a sandbox sees, and what it may use."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

from pizarra.sandbox.cgroup import CgroupFactory
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.seccomp import denylist

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Confinement:
    """What this machine can confine with.

    `uid` is the host uid a sandbox runs as when the runner is root, or None to keep the runner's own.
    """

    bwrap: str
    shim_interpreter: str
    cgroups: CgroupFactory | None
    uid: int | None


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: absolute `argv`, and `files` (relative path → content) placed in `/work`."""

    argv: Sequence[str]
    files: Mapping[str, bytes]
    env: Mapping[str, str] = field(default_factory=dict)


def command(
    confinement: Confinement,
    limits: RunLimits,
    program: Program,
    descriptors: Mapping[str, int],
    inherited: list[int],
) -> list[str]:
    """Return what to execute. Content goes in through descriptors, which are added to `inherited`.

    `descriptors` are the child's ends named info, block and status: where bubblewrap tells its child's pid, what
    it waits for before starting the program, and where the shim reports.
    """

    def given(content: bytes) -> str:
        descriptor = os.memfd_create("pizarra")
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        inherited.append(descriptor)
        return str(descriptor)

    folders = sorted({parent for path in program.files for parent in _parents(path)})
    filter_bytes = denylist(count_memory=confinement.cgroups is None)
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/work",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",  # a pipe would hold output back until the end: people read that as a hang
        **program.env,
    }
    return [
        confinement.bwrap,
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
        *("--clearenv", *(part for name, value in environment.items() for part in ("--setenv", name, value))),
        *("--ro-bind", "/usr", "/usr"),
        *_system_links(),
        *("--ro-bind-try", "/etc/alternatives", "/etc/alternatives"),
        *("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"),
        *("--perms", "0444", "--ro-bind-data", given(_shim_source()), "/shim.py"),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(16 * _MIB), "--tmpfs", "/dev/shm"),  # noqa: S108 - inside the sandbox
        *("--perms", "1777", "--size", str(limits.disk_bytes), "--tmpfs", "/tmp"),  # noqa: S108
        *("--size", str(limits.disk_bytes), "--tmpfs", "/work"),
        *(part for folder in folders for part in ("--dir", f"/work/{folder}")),
        *(
            part
            for path, content in program.files.items()
            for part in ("--perms", "0644", "--file", given(content), f"/work/{path}")
        ),
        *("--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/"),
        *("--chdir", "/work", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--cap-drop", "ALL"),
        *("--seccomp", given(filter_bytes)),
        *("--info-fd", str(descriptors["info"]), "--block-fd", str(descriptors["block"])),
        *("--", confinement.shim_interpreter, "-I", "-S", "/shim.py"),
        json.dumps(
            {
                "argv": list(program.argv),
                "status_fd": descriptors["status"],
                "limits": rlimits(limits, count_memory=confinement.cgroups is None),
            }
        ),
    ]


def rlimits(limits: RunLimits, *, count_memory: bool) -> dict[str, int]:
    """Return rlimit name → value; `count_memory` for machines where no cgroup counts it."""
    values = {
        "NPROC": limits.processes,
        "NOFILE": limits.open_files,
        "FSIZE": limits.disk_bytes,
        "CORE": 0,
        "CPU": int(limits.wall_seconds) + 1,
        "STACK": 64 * _MIB,
    }
    if count_memory:
        values["DATA"] = limits.memory_bytes
        values["STACK"] = 8 * _MIB  # each thread's stack is as large, and counts as data
    return values


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: index + 1]) for index in range(len(parts))]


def _system_links() -> list[str]:
    """Return the arguments that make `/bin`, `/lib` and so on what they are on the host."""
    arguments = []
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = f"/{name}"
        if os.path.islink(path):  # noqa: PTH114 - a string goes on to bubblewrap
            arguments += ["--symlink", os.readlink(path), path]  # noqa: PTH115
        elif os.path.isdir(path):  # noqa: PTH112
            arguments += ["--ro-bind", path, path]
    return arguments


def _shim_source() -> bytes:
    return (resources.files("pizarra.sandbox") / "shim.py").read_bytes()
