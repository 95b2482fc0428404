"""bubblewrap's command line: what a sandbox sees, and what it may use."""

import marshal
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from pizarra.sandbox.cgroup import CgroupFactory
from pizarra.sandbox.limits import MIB, RunLimits
from pizarra.sandbox.seccomp import denylist

TOOLS = "/opt/pizarra"  # where the folder of toolchains is inside a sandbox
MARSHAL_VERSION = 2  # which every Python reads alike
_PASSWD = b"sandbox:x:1000:1000::/work:/bin/sh\n"
_HOSTS = b"127.0.0.1 localhost\n::1 localhost\n"


@dataclass(frozen=True, slots=True)
class Confinement:
    """What this machine can confine with.

    `first_uid` is the first of the host uids that sandboxes run as when the runner is root, or None to keep the
    runner's own. `tools` is a folder of toolchains that every sandbox sees, read-only, as `/opt/pizarra`.
    """

    bwrap: str
    shim_interpreter: str
    cgroups: CgroupFactory | None
    first_uid: int | None
    tools: Path | None = None


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
    """The child's ends: where bubblewrap tells its child's pid, what it waits for, and the shim's socket."""

    info: int
    block: int
    control: int


def command(
    confinement: Confinement,
    limits: RunLimits,
    stub: Stub,
    descriptors: Descriptors,
    inherited: list[int],
    *,
    terminal: bool,
) -> list[str]:
    """Return what to execute. Content goes in through descriptors, which are added to `inherited`."""

    def given(content: bytes) -> str:
        descriptor = os.memfd_create("pizarra")
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        inherited.append(descriptor)
        return str(descriptor)

    filter_bytes = denylist(count_memory=confinement.cgroups is None)
    files = {"/etc/passwd": _PASSWD, "/etc/hosts": _HOSTS, "/shim.py": shim_source(), **stub.files}
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/work",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color" if terminal else "dumb",
        "PYTHONUNBUFFERED": "1",  # a pipe would hold output back until the end: people read that as a hang
        **stub.env,
    }
    return [
        confinement.bwrap,
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
        *("--clearenv", *(part for name, value in environment.items() for part in ("--setenv", name, value))),
        *("--ro-bind", "/usr", "/usr"),
        *_system_links(),
        *_system_settings(),
        *(("--ro-bind", str(confinement.tools), TOOLS) if confinement.tools is not None else ()),
        *(
            part
            for path, content in files.items()
            for part in ("--perms", "0444", "--ro-bind-data", given(content), path)
        ),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(16 * MIB), "--tmpfs", "/dev/shm"),  # noqa: S108 - inside the sandbox
        *("--perms", "1777", "--size", str(limits.disk_bytes), "--tmpfs", "/tmp"),  # noqa: S108
        *("--size", str(limits.disk_bytes), "--tmpfs", "/work"),
        *("--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/"),
        *("--chdir", "/work", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--cap-drop", "ALL"),
        *("--seccomp", given(filter_bytes)),
        *("--info-fd", str(descriptors.info), "--block-fd", str(descriptors.block)),
        *("--", confinement.shim_interpreter, "-I", "-S", "/shim.py"),
        marshal.dumps(
            {
                "argv": list(stub.argv) if stub.argv is not None else None,
                "control_fd": descriptors.control,
                "limits": rlimits(limits, count_memory=confinement.cgroups is None),
                "terminal": terminal,
                "nice": stub.nice,
            },
            MARSHAL_VERSION,
        ).hex(),
    ]


def rlimits(limits: RunLimits, *, count_memory: bool) -> dict[str, int]:
    """Return rlimit name → value; `count_memory` for machines where no cgroup counts it."""
    values = {
        "NPROC": limits.processes,
        "NOFILE": limits.open_files,
        "FSIZE": limits.disk_bytes,
        "CORE": 0,
        "CPU": int(limits.cpu_seconds) + 1,
        "STACK": 64 * MIB,
    }
    if count_memory:
        values["DATA"] = limits.memory_bytes
        values["STACK"] = 8 * MIB  # each thread's stack is as large, and counts as data
    return values


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


def _system_settings() -> list[str]:
    """Return the arguments for the few files of /etc that toolchains read."""
    java = sorted(str(path) for path in Path("/etc").glob("java*openjdk*"))
    paths = ["/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl/openssl.cnf", *java]
    return [part for path in paths for part in ("--ro-bind-try", path, path)]


@cache
def shim_source() -> bytes:
    """Return the first program inside."""
    return (resources.files("pizarra.sandbox") / "shim.py").read_bytes()
