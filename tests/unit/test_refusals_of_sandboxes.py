"""Whoever may make no sandbox is told the one setting that lets them: tried with what bubblewrap really says."""

from pathlib import Path

import pytest

from pizarra.sandbox.isolation.refusals import PROFILE, Surroundings, fix, look

ROOT = Path(__file__).resolve().parents[2]
# The first two were said in containers of Podman (tools/try_images.py), the others stand in bubblewrap's source.
HOSTNAME = "bwrap: Can't set hostname to sandbox: Operation not permitted"
PROC = "bwrap: Can't mount proc on /proc: Operation not permitted"
NAMESPACE = (
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow "
    "non-privileged user namespaces. On e.g. debian this can be enabled with "
    "'sysctl kernel.unprivileged_userns_clone=1'."
)
UID_MAP = "bwrap: setting up uid map: Permission denied"
MOUNT = "bwrap: Failed to make / slave: Permission denied"
FILTERED = Surroundings(in_container=True, is_filtered=True)


@pytest.mark.parametrize(
    ("said", "around", "names"),
    [
        (PROC, Surroundings(covered=("/proc/acpi", "/proc/kcore")), "/proc/acpi, /proc/kcore…"),
        (PROC, FILTERED, "procMount: Unmasked with hostUsers: false"),
        (HOSTNAME, FILTERED, f"--security-opt seccomp={PROFILE}"),
        (NAMESPACE, FILTERED, "localhostProfile: pizarra-worker.json"),
        (NAMESPACE, Surroundings(namespaces=0), "user.max_user_namespaces=15000"),
        (NAMESPACE, Surroundings(allows_unprivileged=False), "unprivileged_userns_clone=1"),
        (UID_MAP, Surroundings(restricts_namespaces=True), "deploy/apparmor/pizarra-bwrap"),
        (
            MOUNT,
            Surroundings(in_container=True, is_filtered=True, apparmor="docker-default"),
            "docker-default refuses it",
        ),
        (NAMESPACE, Surroundings(), "deploy/README.md"),
    ],
)
def test_the_one_setting_is_named(said: str, around: Surroundings, names: str) -> None:
    told = fix(said, around)
    assert names in told
    assert "PIZARRA_SANDBOX=landlock" in told
    assert "unconfined --security-opt seccomp=unconfined" not in told
    for path in ("deploy/container/pizarra-worker.json", "deploy/apparmor/pizarra-bwrap"):
        assert path not in told or (ROOT / path).exists()


def test_what_holds_a_process_is_read_from_the_kernel(tmp_path: Path) -> None:
    files = {
        "proc/self/status": "Name:\tpizarra\nSeccomp:\t2\n",
        "proc/self/cgroup": "0::/kubepods/burstable/pod1\n",
        "proc/self/mountinfo": (
            "1 0 0:5 / / rw - overlay overlay rw\n"
            "2 1 0:6 / /proc rw - proc proc rw\n"
            "3 2 0:7 / /proc/kcore rw - tmpfs tmpfs rw\n"
        ),
        "proc/self/attr/current": "cri-containerd.apparmor.d (enforce)\n",
        "proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
        "proc/sys/kernel/unprivileged_userns_clone": "0\n",
        "proc/sys/user/max_user_namespaces": "0\n",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    assert look(tmp_path) == Surroundings(
        in_container=True,
        is_filtered=True,
        covered=("/proc/kcore",),
        apparmor="cri-containerd.apparmor.d",
        restricts_namespaces=True,
        namespaces=0,
        allows_unprivileged=False,
    )
    assert look(tmp_path / "nowhere") == Surroundings()
