"""Finds out what this machine can confine with, by running the sandbox and attacking it from inside."""

import asyncio
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pizarra.sandbox.isolation import landlock, refusals
from pizarra.sandbox.isolation.cgroup import V1Factory, V2Factory, find_factory
from pizarra.sandbox.isolation.confinement import Confinement, Method, Stub
from pizarra.sandbox.isolation.payload import Payload, SandboxError
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.isolation.seccomp import is_supported
from pizarra.sandbox.isolation.uids import UidPool
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.runner.protocol import Check

_SHIM_INTERPRETERS = ("/usr/bin/python3", "/usr/local/bin/python3")
_PROBE_LIMITS = RunLimits(wall_seconds=10)
_TRIES = 3  # of a sandbox that does not start, or not to its end: the machine may be short of something for a moment
_PAUSE_SECONDS = 0.5
_OPTIONAL = ("cgroup", "toolchains", "libraries")  # without these programs still run

_DONE = "done"
# Each line is an attack that must fail. What succeeds is printed.
_ATTACKS = """
import ctypes, os, socket, sys
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
attempt("hear which files others open", lambda: call(libc.inotify_init1, 0))
attempt("open the memory of its init", lambda: open("/proc/1/mem", "r+b"))
attempt("fill the memory-backed /dev", lambda: open("/dev/x", "w"))
attempt("see processes of the host", lambda: 1 / (len([p for p in os.listdir("/proc") if p.isdigit()]) > 8))
if host := sys.argv[1]:  # a process outside, where no namespace hides it
    attempt("reach a service of the host", lambda: socket.socket(socket.AF_UNIX))
    attempt("signal a process of the host", lambda: os.kill(int(host), 0))
attempt("start any number of processes", many_processes)
print("done", flush=True)
os._exit(0)
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """What was found: how to confine (None: not at all), and what was tried."""

    confinement: Confinement | None
    checks: list[Check]

    @property
    def tier(self) -> Literal["A", "B", "C"] | None:
        """A with cgroups, B without, C without namespaces; None when programs must not be run here."""
        if self.confinement is None:
            return None
        if self.confinement.folders is not None:
            return "C"
        return "A" if self.confinement.cgroups is not None else "B"

    @property
    def reason(self) -> str | None:
        """Why nothing is run here, and what to do."""
        failed = next(
            (check for check in self.checks if not check.ok and check.name not in _OPTIONAL), None
        )
        return f"{failed.detail} {failed.fix or ''}".strip() if failed else None


async def probe(
    *,
    first_uid: int,
    tools: Path | None,
    by: Method = "bubblewrap",
    folders: Path | None = None,
    libraries: Path | None = None,
) -> Machine:
    """Try everything on this machine and return what works.

    `by` is the operator's choice: it is never replaced by a weaker one. `folders` is where tier C keeps files.
    """
    checks: list[Check] = []
    confinement = _find_parts(checks, first_uid, tools, by, folders, libraries)
    if confinement is None:
        return Machine(None, checks)
    withstands = False
    try:
        check = await self_test(confinement)
        checks.append(check)
        withstands = check.ok
    finally:  # it may be cancelled
        if not withstands:
            confinement.close()
    return Machine(confinement if withstands else None, checks)


def _find_parts(
    checks: list[Check],
    first_uid: int,
    tools: Path | None,
    by: Method,
    folders: Path | None,
    libraries: Path | None,
) -> Confinement | None:
    if not sys.platform.startswith("linux") or not is_supported():
        detail = f"Programs are confined on Linux on x86-64 and arm64; this is {sys.platform} on {platform.machine()}."
        checks.append(
            Check(
                name="platform",
                ok=False,
                detail=detail,
                fix="Run `pizarra serve` on such a machine.",
            )
        )
        return None
    checks.append(
        Check(
            name="platform", ok=True, detail=f"Linux {platform.release()} on {platform.machine()}"
        )
    )
    bwrap = (
        shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin") if by == "bubblewrap" else None
    )
    checks.append(_bubblewrap(bwrap) if by == "bubblewrap" else _landlock())
    if not checks[-1].ok:
        return None
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
    checks.append(_cgroup(cgroups := find_factory()))
    if tools is not None and not _can_be_seen(tools):
        fix = "Name another with PIZARRA_CACHE_DIR, then run: pizarra toolchains"
        checks.append(_hidden("toolchains", tools, fix))
        tools = None
    if libraries is not None and not _can_be_seen(_there_of(libraries)):
        fix = "Name another with PIZARRA_LIBRARIES_DIR."
        checks.append(_hidden("libraries", libraries, fix))
        libraries = None
    root = None
    if by == "landlock":
        try:
            root = landlock.make_root(folders)
        except OSError as error:
            fix = "Name a folder that may be written with PIZARRA_SANDBOX_DIR."
            checks.append(
                Check(
                    name="folders",
                    ok=False,
                    detail=f"Programs have no place for files: {error}.",
                    fix=fix,
                )
            )
            return None
    first = first_uid if os.geteuid() == 0 else None
    return Confinement(bwrap, interpreter, cgroups, first, tools, root, libraries)


def _cgroup(cgroups: V1Factory | V2Factory | None) -> Check:
    if cgroups is not None:
        return Check(name="cgroup", ok=True, detail=f"version {cgroups.version}, writable")
    return Check(
        name="cgroup",
        ok=False,
        detail="No cgroup may be written: memory is limited per process instead of per run.",
        fix="Run as root, or under systemd with Delegate=yes.",
    )


def _hidden(name: str, folder: Path, fix: str) -> Check:
    return Check(name=name, ok=False, detail=f"Sandboxes cannot look into {folder}.", fix=fix)


def _bubblewrap(path: str | None) -> Check:
    if path is not None:
        return Check(name="bubblewrap", ok=True, detail=path)
    detail = "bubblewrap is not installed, so programs cannot be confined and are not run."
    return Check(
        name="bubblewrap", ok=False, detail=detail, fix="Install it: apt-get install bubblewrap"
    )


def _landlock() -> Check:
    version = landlock.abi()
    if version >= landlock.NEEDED_ABI:
        detail = f"version {version}; chosen with PIZARRA_SANDBOX=landlock, and weaker than bubblewrap (tier C)"
        return Check(name="landlock", ok=True, detail=detail)
    detail = f"Landlock is {f'of version {version}' if version else 'not there'}; {landlock.NEEDED_ABI} is needed."
    fix = "Use Linux 6.12 or newer with Landlock enabled (lsm=landlock,…), or take PIZARRA_SANDBOX=landlock away."
    return Check(name="landlock", ok=False, detail=detail, fix=fix)


def _there_of(folder: Path) -> Path:
    """Return what there is of a folder that may not be made yet."""
    return next((each for each in (folder, *folder.absolute().parents) if each.exists()), folder)


def _can_be_seen(folder: Path) -> bool:
    """Tell whether the users that sandboxes run as can look into a folder."""
    if not folder.is_dir():
        return False
    if os.geteuid() != 0:
        return os.access(folder, os.R_OK | os.X_OK)
    return all(each.stat().st_mode & 0o1 for each in (folder, *folder.resolve().parents))


async def self_test(confinement: Confinement) -> Check:
    """Tell whether a sandbox starts and contains a program that tries to get out."""
    output = bytearray()  # of all tries: what got through once is not forgotten
    failed = await _attack(confinement, output)
    for _ in range(_TRIES - 1):
        if failed is not None:
            await asyncio.sleep(_PAUSE_SECONDS)
            failed = await _attack(confinement, output)
    if failed is not None:
        return failed
    if got_through := [
        line for line in output.decode(errors="replace").split("\n")[:-1] if line != _DONE
    ]:
        return Check(
            name="sandbox",
            ok=False,
            detail=f"A confined program was able to {', '.join(got_through)}.",
            fix="Do not run programs on this machine.",
        )
    return Check(
        name="sandbox", ok=True, detail="starts, and contained every attack of the self-test"
    )


async def _attack(confinement: Confinement, output: bytearray) -> Check | None:
    """Run the attacks to their end and collect what they print; return why that was not possible."""
    outside = str(os.getpid()) if confinement.folders is not None else ""
    argv = [confinement.shim_interpreter, "-I", "probe.py", outside]
    payload = Payload.of_command(argv, {"probe.py": _ATTACKS.encode()})
    try:
        sandbox = Sandbox(confinement, _PROBE_LIMITS, Stub(), UidPool(confinement.first_uid))
        await sandbox.start()
        outcome = await sandbox.run(payload, lambda _stream, data: output.extend(data))
    except SandboxError as error:
        return Check(
            name="sandbox",
            ok=False,
            detail=f"The sandbox does not start: {error}.",
            fix=refusals.fix(str(error), refusals.look()),
        )
    if f"{_DONE}\n".encode() in output:
        return None
    return Check(
        name="sandbox",
        ok=False,
        detail=f"The sandbox's self-test did not finish ({outcome.reason}).",
        fix="Run `pizarra doctor` and report its output.",
    )
