"""bubblewrap's command line: what a sandbox sees, and what it may use."""

import json
import os

from pizarra.sandbox import confinement as shared
from pizarra.sandbox.confinement import TOOLS, WORK, Confinement, Descriptors, Stub
from pizarra.sandbox.limits import MIB, RunLimits
from pizarra.sandbox.seccomp import denylist
from pizarra.sandbox.streams import readable

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
    files = {"/etc/passwd": _PASSWD, "/etc/hosts": _HOSTS, "/shim.py": shared.shim_source(), **stub.files}
    environment = shared.environment(stub, terminal=terminal)
    return [
        confinement.bwrap,
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
        *("--clearenv", *(part for name, value in environment.items() for part in ("--setenv", name, value))),
        *("--ro-bind", "/usr", "/usr"),
        *_system_links(),
        *(part for path in shared.system_settings() for part in ("--ro-bind-try", path, path)),
        *(("--ro-bind", str(confinement.tools), TOOLS) if confinement.tools is not None else ()),
        *(
            part
            for path, content in files.items()
            for part in ("--perms", "0444", "--ro-bind-data", given(content), path)
        ),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(16 * MIB), "--tmpfs", "/dev/shm"),  # noqa: S108 - inside the sandbox
        *("--perms", "1777", "--size", str(limits.disk_bytes), "--tmpfs", "/tmp"),  # noqa: S108
        *("--size", str(limits.disk_bytes), "--tmpfs", WORK),
        *("--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/"),
        *("--chdir", WORK, "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--cap-drop", "ALL"),
        *("--seccomp", given(filter_bytes)),
        *("--info-fd", str(descriptors.info), "--block-fd", str(descriptors.block)),
        *("--", confinement.shim_interpreter, "-I", "-S", "/shim.py"),
        shared.shim_config(confinement, limits, stub, descriptors, terminal=terminal),
    ]


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
