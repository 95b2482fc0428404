"""What a machine can confine with, and what every sandbox starts with, whichever way it is confined."""

import contextlib
import marshal
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pizarra.sandbox.isolation.cgroup import CgroupFactory
from pizarra.sandbox.limits import MIB, RunLimits

Method = Literal["bubblewrap", "landlock"]
TOOLS = "/opt/pizarra"  # where the folder of toolchains is inside a sandbox
LIBRARIES = "/opt/libraries"  # where the folder of libraries is inside a sandbox
MODULES = "/node_modules"  # where Node looks for libraries last of all, from any folder
STUBS = "/stub"  # where a stub's files are
WORK = "/work"  # where the program's files are, and its working folder
_BESIDE = 32  # a cgroup refuses first: it tells that it did
MARSHAL_VERSION = 2  # which every Python reads alike


@dataclass(frozen=True, slots=True)
class Confinement:
    """What this machine can confine with.

    `bwrap` is bubblewrap's path; None means Landlock (tier C), with the programs' files under `folders`. `first_uid` is
    the first of the host uids that sandboxes run as when the runner is root, or None to keep the runner's own. `tools`
    is a folder of toolchains that every sandbox sees, read-only, as `/opt/pizarra`; `libraries` one of libraries for
    programs, as `/opt/libraries`.
    """

    bwrap: str | None
    shim_interpreter: str
    cgroups: CgroupFactory | None
    first_uid: int | None
    tools: Path | None = None
    folders: Path | None = None
    libraries: Path | None = None

    def as_seen(self, path: str) -> str:
        """Return where a sandbox finds what is in the folder of libraries: in tier C folders have the host's names."""
        if self.folders is None or self.libraries is None:
            return path
        return path.replace(LIBRARIES, str(self.libraries), 1)

    def close(self) -> None:
        """Give back what was made on this machine."""
        if self.cgroups is not None:
            self.cgroups.close()
        if self.folders is not None:
            with contextlib.suppress(OSError):
                self.folders.rmdir()


@dataclass(frozen=True, slots=True)
class Stub:
    """What a sandbox starts with: a program that loads a runtime ahead of time, or nothing yet (`argv` of None).

    `files` (absolute path → content) are beside it, read-only.
    """

    argv: Sequence[str] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    nice: int = 0


@dataclass(frozen=True, slots=True)
class Descriptors:
    """The child's ends: where it tells the pid that everything is under, what it waits for, and the shim's socket."""

    info: int
    block: int
    control: int


def environment(stub: Stub, *, terminal: bool, work: str = WORK) -> dict[str, str]:
    """Return the variables of a program; nothing else is inherited."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": work,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color" if terminal else "dumb",
        "PYTHONUNBUFFERED": "1",  # a pipe would hold output back until the end: people read that as a hang
        **stub.env,
    }


def shim_config(
    confinement: Confinement,
    limits: RunLimits,
    stub: Stub,
    descriptors: Descriptors,
    *,
    terminal: bool,
    **more: Any,
) -> str:
    """Return the shim's one argument."""
    config = {
        "argv": list(stub.argv) if stub.argv is not None else None,
        "control_fd": descriptors.control,
        "rlimits": rlimits(limits, count_memory=confinement.cgroups is None),
        "terminal": terminal,
        "nice": stub.nice,
        "linger": limits.children_seconds,
        "work": WORK,
        "landlock": None,
        **more,
    }
    return marshal.dumps(config, MARSHAL_VERSION).hex()


def rlimits(limits: RunLimits, *, count_memory: bool) -> dict[str, int]:
    """Return rlimit name → value; `count_memory` for machines where no cgroup counts memory and time."""
    values = {
        "NPROC": limits.processes + (0 if count_memory else _BESIDE),
        "NOFILE": limits.open_files,
        "FSIZE": limits.disk_bytes,
        "CORE": 0,
        "STACK": 64 * MIB,
    }
    if count_memory:
        # Where a cgroup counts, the watch alone looks at the time: this makes clocks of processor time go by ticks.
        values["CPU"] = int(limits.cpu_seconds) + 1
        values["DATA"] = limits.memory_bytes
        values["STACK"] = 8 * MIB  # each thread's stack is as large, and counts as data
    return values


def system_settings() -> list[str]:
    """Return the few files of /etc that toolchains read."""
    java = sorted(str(path) for path in Path("/etc").glob("java*openjdk*"))
    return ["/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl/openssl.cnf", *java]


def in_memory(content: bytes, inherited: list[int]) -> int:
    """Return a descriptor that reads `content`, for a child to inherit."""
    descriptor = os.memfd_create("pizarra")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    inherited.append(descriptor)
    return descriptor


@cache
def shim_source() -> bytes:
    """Return the first program inside."""
    return (resources.files("pizarra.sandbox.isolation") / "shim.py").read_bytes()
