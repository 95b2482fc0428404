"""bubblewrap's command line: what a sandbox sees, and what it may use."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

from pizarra.sandbox.isolation import confinement as shared
from pizarra.sandbox.isolation.confinement import (
    LIBRARIES,
    MODULES,
    TOOLS,
    WORK,
    Confinement,
    Descriptors,
    Stub,
)
from pizarra.sandbox.isolation.proc import covers
from pizarra.sandbox.isolation.seccomp import denylist
from pizarra.sandbox.isolation.streams import readable
from pizarra.sandbox.limits import MIB, RunLimits

_PASSWD = b"sandbox:x:1000:1000::/work:/bin/sh\n"
_HOSTS = b"127.0.0.1 localhost\n::1 localhost\n"


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
    assert confinement.bwrap is not None

    def given(content: bytes) -> str:
        return str(shared.in_memory(content, inherited))

    filter_bytes = denylist(count_memory=confinement.cgroups is None)
    files = {
        "/etc/passwd": _PASSWD,
        "/etc/hosts": _HOSTS,
        "/shim.py": shared.shim_source(),
        **stub.files,
    }
    environment = shared.environment(stub, terminal=terminal)
    return [
        confinement.bwrap,
        *(
            "--unshare-all",
            "--unshare-user",
            "--disable-userns",
            "--die-with-parent",
            "--new-session",
        ),
        *(
            "--clearenv",
            *(part for name, value in environment.items() for part in ("--setenv", name, value)),
        ),
        *("--ro-bind", "/usr", "/usr"),
        *_system_links(),
        *(part for path in shared.system_settings() for part in ("--ro-bind-try", path, path)),
        *(("--ro-bind", str(confinement.tools), TOOLS) if confinement.tools is not None else ()),
        *_libraries(confinement),
        *(
            part
            for path, content in files.items()
            for part in ("--perms", "0444", "--ro-bind-data", given(content), path)
        ),
        *("--proc", "/proc", "--dev", "/dev"),
        *_covers(limits, given),
        *("--perms", "1777", "--size", str(16 * MIB), "--tmpfs", "/dev/shm"),  # noqa: S108 - inside the sandbox
        *("--perms", "1777", "--size", str(limits.disk_bytes), "--tmpfs", "/tmp"),  # noqa: S108
        *("--size", str(limits.disk_bytes), "--tmpfs", WORK),
        *("--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/"),
        *(
            "--chdir",
            WORK,
            "--uid",
            "1000",
            "--gid",
            "1000",
            "--hostname",
            "sandbox",
            "--cap-drop",
            "ALL",
        ),
        *("--seccomp", given(filter_bytes)),
        *("--info-fd", str(descriptors.info), "--block-fd", str(descriptors.block)),
        *("--", confinement.shim_interpreter, "-I", "-S", "/shim.py"),
        shared.shim_config(confinement, limits, stub, descriptors, terminal=terminal),
    ]


def _libraries(confinement: Confinement) -> list[str]:
    """Return the arguments that show libraries, and where Node finds those that are there when a program asks."""
    if confinement.libraries is None:
        return []
    bind = ["--ro-bind-try", str(confinement.libraries), LIBRARIES]
    return [*bind, "--symlink", f"{LIBRARIES}/javascript/node_modules", MODULES]


def _covers(limits: RunLimits, given: Callable[[bytes], str]) -> list[str]:
    """Return the arguments that hide what `/proc` tells of everybody else."""
    shown, closed, folders = covers(limits.memory_bytes)
    arguments = []
    for path, content in shown.items():
        arguments += ["--perms", "0444", "--ro-bind-data", given(content), path]
    for path in closed:
        arguments += ["--ro-bind", "/dev/null", path]  # a device where devices do not work
    for path in folders:
        arguments += ["--tmpfs", path, "--remount-ro", path]
    return arguments


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


def stopped_child(pid: int) -> int | None:
    """Stop a bubblewrap that has not told, and return its child, if it has one yet."""
    os.kill(pid, signal.SIGSTOP)
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    return int(children[0]) if children else None


async def told_pid(descriptor: int) -> int | None:
    """Return the pid that bubblewrap tells before it starts anything, or None."""
    told = b""
    os.set_blocking(descriptor, False)
    try:
        while True:
            await readable(descriptor)
            part = os.read(descriptor, 4096)
            if not part:
                return int(json.loads(told)["child-pid"])
            told += part
    except (ValueError, KeyError):
        return None
    finally:
        os.close(descriptor)
