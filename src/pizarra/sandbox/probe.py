"""Finds out what this machine can confine with, by running the sandbox and attacking it from inside."""

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pizarra.sandbox.box import Box
from pizarra.sandbox.bubblewrap import Confinement, Stub
from pizarra.sandbox.cgroup import V1Factory, V2Factory, find_factory
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.payload import Payload, SandboxError
from pizarra.sandbox.protocol import Check
from pizarra.sandbox.seccomp import is_supported
from pizarra.sandbox.uids import UidPool

_SHIM_INTERPRETERS = ("/usr/bin/python3", "/usr/local/bin/python3")
_PROBE_LIMITS = RunLimits(wall_seconds=10)
_OPTIONAL = ("cgroup", "toolchains")  # without these programs still run

# Each line is an attack that must fail. What succeeds is printed.
_ATTACKS = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, action):
    try:
        action()
    except Exception:
        return
    print(name)
def core_pattern():
    open("/proc/sys/kernel/core_pattern", "r+").write("x")
def network():
    socket.create_connection(("192.0.2.1", 9), 0.2)
def call(function, *arguments):
    if function(*arguments) == -1:
        raise OSError(ctypes.get_errno())
def many_processes():
    for _ in range(500):
        if os.fork() == 0:
            import time
            time.sleep(5)
            os._exit(0)
attempt("write the host's core_pattern", core_pattern)
attempt("write to the root folder", lambda: open("/x", "w"))
attempt("write to /usr", lambda: open("/usr/x", "w"))
attempt("read /etc/shadow", lambda: open("/etc/shadow").read())
attempt("reach the network", network)
attempt("open a vsock socket", lambda: socket.socket(40, 1))
attempt("become root", lambda: os.setuid(0))
attempt("make a user namespace", lambda: call(libc.unshare, 0x10000000))
attempt("mount something", lambda: call(libc.mount, b"x", b"/work", b"tmpfs", 0, 0))
attempt("trace its own init", lambda: call(libc.ptrace, 16, 1, 0, 0))
attempt("use io_uring", lambda: call(libc.syscall, 425, 8, 0))
attempt("open the memory of its init", lambda: open("/proc/1/mem", "r+b"))
attempt("fill the memory-backed /dev", lambda: open("/dev/x", "w"))
attempt("see processes of the host", lambda: 1 / (len([p for p in os.listdir("/proc") if p.isdigit()]) > 8))
attempt("start any number of processes", many_processes)
print("done", flush=True)
os._exit(0)
"""

_CONTAINER_FIX = (
    "In a container, start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined (never --privileged)."
)
_USERNS_FIX = (
    "Allow unprivileged user namespaces: sysctl -w kernel.unprivileged_userns_clone=1 (Debian), or on Ubuntu an "
    "AppArmor profile: profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }. " + _CONTAINER_FIX
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What was found: how to confine (None: not at all), and what was tried."""

    confinement: Confinement | None
    checks: list[Check]

    @property
    def tier(self) -> Literal["A", "B"] | None:
        """A with cgroups, B without; None when programs must not be run here."""
        if self.confinement is None:
            return None
        return "A" if self.confinement.cgroups is not None else "B"

    @property
    def reason(self) -> str | None:
        """Why nothing is run here, and what to do."""
        failed = next((check for check in self.checks if not check.ok and check.name not in _OPTIONAL), None)
        return f"{failed.detail} {failed.fix or ''}".strip() if failed else None


async def probe(*, first_uid: int, tools: Path | None) -> Machine:
    """Try everything on this machine and return what works."""
    checks: list[Check] = []
    confinement = _find_parts(checks, first_uid, tools)
    if confinement is not None and not await _withstands(confinement, checks):
        if confinement.cgroups is not None:
            confinement.cgroups.close()
        confinement = None
    return Machine(confinement, checks)


def _find_parts(checks: list[Check], first_uid: int, tools: Path | None) -> Confinement | None:
    if not sys.platform.startswith("linux") or not is_supported():
        detail = f"Programs are confined on Linux on x86-64 and arm64; this is {sys.platform} on {platform.machine()}."
        checks.append(Check(name="platform", ok=False, detail=detail, fix="Run `pizarra serve` on such a machine."))
        return None
    checks.append(Check(name="platform", ok=True, detail=f"Linux {platform.release()} on {platform.machine()}"))
    bwrap = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")
    if bwrap is None:
        checks.append(
            Check(
                name="bubblewrap",
                ok=False,
                detail="bubblewrap is not installed, so programs cannot be confined and are not run.",
                fix="Install it: apt-get install bubblewrap",
            )
        )
        return None
    checks.append(Check(name="bubblewrap", ok=True, detail=bwrap))
    interpreter = next((path for path in _SHIM_INTERPRETERS if Path(path).exists()), None)
    if interpreter is None:
        checks.append(
            Check(
                name="interpreter",
                ok=False,
                detail="There is no Python that a confined user can reach.",
                fix="Install it: apt-get install python3",
            )
        )
        return None
    cgroups: V1Factory | V2Factory | None = find_factory()
    if cgroups is not None:
        checks.append(Check(name="cgroup", ok=True, detail=f"version {cgroups.version}, writable"))
    else:
        checks.append(
            Check(
                name="cgroup",
                ok=False,
                detail="No cgroup may be written: memory is limited per process instead of per run.",
                fix="Run as root, or under systemd with Delegate=yes.",
            )
        )
    if tools is not None and not _can_be_seen(tools):
        fix = "Name another with PIZARRA_CACHE_DIR, then run: pizarra toolchains"
        checks.append(Check(name="toolchains", ok=False, detail=f"Sandboxes cannot look into {tools}.", fix=fix))
        tools = None
    return Confinement(bwrap, interpreter, cgroups, first_uid if os.geteuid() == 0 else None, tools)


def _can_be_seen(folder: Path) -> bool:
    """Tell whether the users that sandboxes run as can look into a folder."""
    if not folder.is_dir():
        return False
    if os.geteuid() != 0:
        return os.access(folder, os.R_OK | os.X_OK)
    return all(each.stat().st_mode & 0o1 for each in (folder, *folder.resolve().parents))


async def _withstands(confinement: Confinement, checks: list[Check]) -> bool:
    """Tell whether a sandbox starts and contains a program that tries to get out."""
    output = bytearray()
    argv = [confinement.shim_interpreter, "-I", "probe.py"]
    payload = Payload.of_command(argv, {"probe.py": _ATTACKS.encode()})
    try:
        box = Box(confinement, _PROBE_LIMITS, Stub(), UidPool(confinement.first_uid))
        await box.start()
        outcome = await box.run(payload, lambda _stream, data: output.extend(data))
    except SandboxError as error:
        message = str(error)
        fix = _CONTAINER_FIX if "mount proc" in message else _USERNS_FIX
        checks.append(Check(name="sandbox", ok=False, detail=f"The sandbox does not start: {message}.", fix=fix))
        return False
    lines = output.decode(errors="replace").split("\n")
    got_through = [line for line in lines if line and line != "done"]
    if "done" not in lines:
        detail = f"The sandbox's self-test did not finish ({outcome.reason})."
        checks.append(Check(name="sandbox", ok=False, detail=detail, fix="Run `pizarra doctor` and report its output."))
    elif got_through:
        detail = f"A confined program was able to {', '.join(got_through)}."
        checks.append(Check(name="sandbox", ok=False, detail=detail, fix="Do not run programs on this machine."))
    else:
        checks.append(Check(name="sandbox", ok=True, detail="starts, and contained every attack of the self-test"))
    return checks[-1].ok
