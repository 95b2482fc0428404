"""Finds out what this machine can confine with, by running the sandbox and attacking it from inside."""

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from pizarra.sandbox.box import Box, SandboxError
from pizarra.sandbox.bubblewrap import Confinement, Program
from pizarra.sandbox.cgroup import V1Factory, V2Factory, find_factory
from pizarra.sandbox.languages import LanguageSpec, languages
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.protocol import Capabilities, Check, LanguageState
from pizarra.sandbox.seccomp import is_supported

_SHIM_INTERPRETERS = ("/usr/bin/python3", "/usr/local/bin/python3")
_PROBE_LIMITS = RunLimits(wall_seconds=10)

# Each line is an attack that must fail. What succeeds is printed.
_ATTACKS = """
import os, socket
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
attempt("write the host's core_pattern", core_pattern)
attempt("write to the root folder", lambda: open("/x", "w"))
attempt("write to /usr", lambda: open("/usr/x", "w"))
attempt("read /etc/shadow", lambda: open("/etc/shadow").read())
attempt("reach the network", network)
attempt("open a vsock socket", lambda: socket.socket(40, 1))
attempt("become root", lambda: os.setuid(0))
attempt("see processes of the host", lambda: 1 / (len([p for p in os.listdir("/proc") if p.isdigit()]) > 8))
print("done")
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
    """What was found: how to confine, and what to tell people."""

    confinement: Confinement | None
    capabilities: Capabilities
    tools: dict[str, str]


async def probe(*, slots: int, queue: int, first_uid: int) -> Machine:
    """Try everything on this machine and return what works."""
    checks: list[Check] = []
    confinement = _find_parts(checks, first_uid)
    if confinement is not None:
        await _attack(confinement, checks)
    failed = next((check for check in checks if not check.ok and check.name != "cgroup"), None)
    states: dict[str, LanguageState] = {}
    tools: dict[str, str] = {}
    for spec in languages().values():
        if failed is not None or confinement is None:
            states[spec.id] = LanguageState(available=False, version=None, reason="no sandbox on this machine")
        else:
            states[spec.id] = await _try_language(spec, confinement, tools)
    usable = confinement if failed is None else None
    tier: str | None = None
    if usable is not None:
        tier = "A" if usable.cgroups is not None else "B"
    capabilities = Capabilities.model_validate(
        {
            "tier": tier,
            "reason": f"{failed.detail} {failed.fix or ''}".strip() if failed else None,
            "checks": checks,
            "languages": states,
            "slots": slots,
            "queue": queue,
        }
    )
    return Machine(usable, capabilities, tools)


def _find_parts(checks: list[Check], first_uid: int) -> Confinement | None:
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
    return Confinement(bwrap, interpreter, cgroups, first_uid if os.geteuid() == 0 else None)


async def _attack(confinement: Confinement, checks: list[Check]) -> None:
    output = bytearray()

    async def collect(_stream: str, data: bytes) -> None:
        output.extend(data)

    program = Program([confinement.shim_interpreter, "-I", "probe.py"], {"probe.py": _ATTACKS.encode()})
    try:
        outcome = await Box(confinement, _PROBE_LIMITS, "probe").run(
            program, b"", keep_stdin_open=False, on_output=collect
        )
    except SandboxError as error:
        message = str(error)
        fix = _CONTAINER_FIX if "mount proc" in message else _USERNS_FIX
        checks.append(Check(name="sandbox", ok=False, detail=f"The sandbox does not start: {message}.", fix=fix))
        return
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


async def _try_language(spec: LanguageSpec, confinement: Confinement, tools: dict[str, str]) -> LanguageState:
    if spec.run is None or spec.toolchain is None or spec.self_test is None:
        reason = f"{spec.name} can be written in this version, not run yet."
        return LanguageState(available=False, version=None, reason=reason)
    tool = next((path for path in spec.toolchain.candidates if Path(path).exists()), None)
    if tool is None:
        reason = f"{spec.name} is not installed. Install it: {spec.toolchain.install}"
        return LanguageState(available=False, version=None, reason=reason)
    version = await _output(confinement, [part.format(tool=tool) for part in spec.toolchain.version], {})
    argv = [part.format(tool=tool, main=spec.main) for part in spec.run.argv]
    printed = await _output(confinement, argv, {spec.main: spec.self_test.code.encode()})
    if printed != spec.self_test.stdout:
        reason = f"{spec.name} failed its self-test: it printed {printed[:200]!r}."
        return LanguageState(available=False, version=version.strip() or None, reason=reason)
    tools[spec.id] = tool
    return LanguageState(available=True, version=version.strip(), reason=None)


async def _output(confinement: Confinement, argv: list[str], files: dict[str, bytes]) -> str:
    output = bytearray()

    async def collect(_stream: str, data: bytes) -> None:
        output.extend(data)

    try:
        await Box(confinement, _PROBE_LIMITS, "probe").run(
            Program(argv, files), b"", keep_stdin_open=False, on_output=collect
        )
    except SandboxError as error:
        return str(error)
    return output.decode(errors="replace")
