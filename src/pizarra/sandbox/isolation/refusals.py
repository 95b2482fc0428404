"""Why a machine or a container lets nobody make a sandbox, and the exact setting that does.

What bubblewrap says names the call that failed; what the kernel tells of this process says who refused it.
"""

from dataclasses import dataclass
from pathlib import Path

PROFILE = "deploy/container/pizarra-worker.json"
_WEAKER = (
    "Where this may not be had, PIZARRA_SANDBOX=landlock runs programs with weaker walls, "
    "which SECURITY.md describes."
)
_MARKS = ("/run/.containerenv", "/.dockerenv")
_FILTERED = 2  # of `Seccomp:` in /proc/self/status


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds this process, as far as the kernel tells."""

    in_container: bool = False
    is_filtered: bool = False  # by seccomp
    covered: tuple[str, ...] = ()  # what is mounted over parts of /proc
    apparmor: str = ""  # its profile here; empty without AppArmor
    restricts_namespaces: bool = False  # Ubuntu's restriction
    namespaces: int | None = None  # how many user namespaces there may be; None: not told
    allows_unprivileged: bool = True  # Debian's old switch


def look(root: Path = Path("/")) -> Surroundings:
    """Return what holds this process; `root` is where /proc is."""
    own = root / "proc/self"
    kernel = root / "proc/sys"
    mounts = [line.split()[4] for line in _lines(own / "mountinfo")]
    limit = _word(kernel / "user/max_user_namespaces")
    return Surroundings(
        in_container=any((root / mark.lstrip("/")).exists() for mark in _MARKS)
        or "/kubepods" in _text(own / "cgroup")
        or any(mount.startswith("/var/run/secrets/kubernetes.io") for mount in mounts),
        is_filtered=f"Seccomp:\t{_FILTERED}" in _text(own / "status"),
        covered=tuple(sorted({mount for mount in mounts if mount.startswith("/proc/")})),
        apparmor=_word(own / "attr/current").removesuffix(" (enforce)"),
        restricts_namespaces=_word(kernel / "kernel/apparmor_restrict_unprivileged_userns") == "1",
        namespaces=int(limit) if limit.isdigit() else None,
        allows_unprivileged=_word(kernel / "kernel/unprivileged_userns_clone") != "0",
    )


def fix(said: str, around: Surroundings) -> str:
    """Return the setting that mends what bubblewrap says."""
    wrong = said.lower()
    if "mount proc" in wrong:
        return _of_proc(around)
    is_held = around.apparmor not in ("", "unconfined")
    if is_held and "permission denied" in wrong:  # seccomp says "Operation not permitted"
        return _of_apparmor(around)
    if around.in_container and around.is_filtered:
        return (
            f"The container's seccomp profile refuses it. Give it ours, {PROFILE}: Docker and Podman "
            f"--security-opt seccomp={PROFILE}; Kubernetes seccompProfile: {{type: Localhost, "
            f"localhostProfile: pizarra-worker.json}}, with the file in /var/lib/kubelet/seccomp on "
            f"each node. Never --privileged. {_WEAKER}"
        )
    if around.namespaces == 0:
        return f"Allow user namespaces: sysctl -w user.max_user_namespaces=15000. {_WEAKER}"
    if not around.allows_unprivileged:
        return (
            "Allow unprivileged user namespaces: sysctl -w kernel.unprivileged_userns_clone=1. "
            f"{_WEAKER}"
        )
    if around.restricts_namespaces:
        return (
            "AppArmor lets no program without a profile make user namespaces "
            "(kernel.apparmor_restrict_unprivileged_userns=1). Load the one for bubblewrap: "
            "cp deploy/apparmor/pizarra-bwrap /etc/apparmor.d/ && "
            f"apparmor_parser -r /etc/apparmor.d/pizarra-bwrap. {_WEAKER}"
        )
    return (
        "Allow unprivileged user namespaces here. In a container: its seccomp profile must be "
        f"{PROFILE}, nothing may cover /proc, and AppArmor must let it mount; deploy/README.md has "
        f"the lines for Docker, Podman and Kubernetes. Never --privileged. {_WEAKER}"
    )


def _of_proc(around: Surroundings) -> str:
    where = f" ({', '.join(around.covered[:3])}…)" if around.covered else ""
    return (
        f"Parts of /proc are covered here{where}, so the kernel lets nobody mount another. Uncover them: "
        "Docker --security-opt systempaths=unconfined; Podman --security-opt unmask=ALL; Kubernetes "
        "procMount: Unmasked with hostUsers: false; systemd: leave out ProtectKernelTunables=, "
        f"ProtectKernelLogs=, ProtectControlGroups= and ProtectProc=. Never --privileged. {_WEAKER}"
    )


def _of_apparmor(around: Surroundings) -> str:
    return (
        f"The AppArmor profile {around.apparmor} refuses it. Load ours on the host, "
        "apparmor_parser -r deploy/apparmor/pizarra-worker, and name it: Docker and Podman "
        "--security-opt apparmor=pizarra-worker; Kubernetes appArmorProfile: {type: Localhost, "
        f"localhostProfile: pizarra-worker}}. {_WEAKER}"
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _lines(path: Path) -> list[str]:
    return _text(path).splitlines()


def _word(path: Path) -> str:
    return _text(path).strip().strip("\0")
