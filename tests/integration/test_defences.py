"""Each defence of the sandbox is needed: without it, the attack that it stops succeeds.

The attacks are those of `test_sandbox.py`, where every defence is on. Here one is taken away at a time; only what the
test's own machine cannot be harmed by is tried.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.harness.confined import LIMITS, confinement, machine, run, subreaper

from pizarra.sandbox.isolation import bubblewrap
from pizarra.sandbox.isolation import confinement as shared
from pizarra.sandbox.isolation.confinement import Confinement
from pizarra.sandbox.limits import MIB

__all__ = ["confinement", "machine", "subreaper"]  # fixtures

Weaken = Callable[[pytest.MonkeyPatch], None]


def without(*dropped: str) -> Weaken:
    """Leave out an option and its values: `--opt value` as one string."""

    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        whole = bubblewrap.command

        def command(*arguments: Any, **options: Any) -> list[str]:
            argv = whole(*arguments, **options)
            end = argv.index("--")
            for each in dropped:
                wanted = each.split()
                starts = [at for at in range(end) if argv[at : at + len(wanted)] == wanted]
                assert starts, f"{each} is not in use"
                for at in reversed(starts):
                    # A descriptor's number is not known here: `--seccomp` alone takes its value along.
                    extra = 1 if each == "--seccomp" else 0
                    del argv[at : at + len(wanted) + extra]
            return argv

        monkeypatch.setattr(bubblewrap, "command", command)

    return weaken


def sharing(*kept: str) -> Weaken:
    """Share a namespace with the host instead of making a new one."""

    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        whole = bubblewrap.command
        names = [
            f"--unshare-{name}"
            for name in ("ipc", "pid", "net", "uts", "cgroup")
            if name not in kept
        ]

        def command(*arguments: Any, **options: Any) -> list[str]:
            argv = whole(*arguments, **options)
            at = argv.index("--unshare-all")
            return [*argv[:at], *names, *argv[at + 1 :]]

        monkeypatch.setattr(bubblewrap, "command", command)

    return weaken


def without_limit(name: str) -> Weaken:
    """Set one rlimit less."""

    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        whole = shared.rlimits

        def rlimits(*arguments: Any, **options: Any) -> dict[str, int]:
            values = whole(*arguments, **options)
            del values[name]
            return values

        monkeypatch.setattr(shared, "rlimits", rlimits)

    return weaken


def other_shim(old: str, new: str) -> Weaken:
    """Change the first program inside."""

    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        source = shared.shim_source()
        assert old.encode() in source
        monkeypatch.setattr(
            shared, "shim_source", lambda: source.replace(old.encode(), new.encode())
        )

    return weaken


LIBC = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"

# attack → (what is taken away, the program, what it prints when it succeeds)
ATTACKS: dict[str, tuple[Weaken, str, str]] = {
    "write to the root": (without("--remount-ro /"), "open('/x', 'w'); print('got it')", "got it"),
    "write to /dev": (
        without("--remount-ro /dev"),
        "open('/dev/x', 'w'); print('got it')",
        "got it",
    ),
    "see the host's processes": (
        sharing("pid"),
        "import os\nprint('got it' if len([p for p in os.listdir('/proc') if p.isdigit()]) > 8 else '')",
        "got it",
    ),
    "see the host's network": (
        sharing("net"),
        "routes, sockets = (len(open(f'/proc/net/{name}').readlines()) for name in ('route', 'tcp'))\n"
        "print('got it' if routes + sockets > 2 else '')",
        "got it",
    ),
    "use io_uring": (
        without("--seccomp"),
        LIBC
        + "print('got it' if libc.syscall(425, 8, ctypes.create_string_buffer(256)) >= 0 else ctypes.get_errno())",
        "got it",
    ),
    "trace a process": (
        without("--seccomp"),
        LIBC + "pid = os.fork()\nif pid == 0:\n    import time; time.sleep(5); os._exit(0)\n"
        "print('got it' if libc.ptrace(16, pid, 0, 0) == 0 else '')\nos.kill(pid, 9)",
        "got it",
    ),
    "open a vsock": (
        without("--seccomp"),
        "import socket\ntry: socket.socket(40, 1); print('got it')\n"
        "except OSError as error: print('got it' if error.errno == 1 else error)",
        "got it",
    ),
    "use userfaultfd or keys": (
        without("--seccomp"),
        LIBC
        + "print('got it' if libc.syscall(250, 0, -3, 0, 0, 0) >= 0 or ctypes.get_errno() not in (1, 38) else '')",
        "got it",
    ),
    "hear what others open": (
        without("--seccomp"),
        LIBC
        + "heard = libc.inotify_init1(0)\nlibc.inotify_add_watch(heard, b'/usr/bin/env', 0x20)\n"
        "if heard >= 0:\n    open('/usr/bin/env').close()\n    print('got it' if os.read(heard, 99) else '')",
        "got it",
    ),
    "see how many files are open": (
        without("--tmpfs /proc/sys/fs", "--remount-ro /proc/sys/fs"),
        "import os\nprint('got it' if os.path.exists('/proc/sys/fs/file-nr') else '')",
        "got it",
    ),
    "make user namespaces": (
        without("--seccomp", "--disable-userns"),
        LIBC + "print('got it' if libc.unshare(0x10000000) == 0 else ctypes.get_errno())",
        "got it",
    ),
    "forge the shim's report": (
        other_shim("PR_SET_DUMPABLE, 0, 0, 0, 0", "PR_SET_DUMPABLE, 1, 0, 0, 0"),
        "import os\nprint('got it' if os.listdir('/proc/2/fd') else '')",
        "got it",
    ),
    "fill the memory with files": (
        without(f"--size {LIMITS.disk_bytes}"),
        "for i in range(3):\n    with open(f'/tmp/{i}', 'wb') as f:\n"
        "        for _ in range(50): f.write(b'x' * 1_000_000)\nprint('got it')",
        "got it",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_without_its_defence_an_attack_succeeds(
    machine: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    weaken, code, expected = ATTACKS[name]
    _, whole, _ = await run(machine.confinement, code, LIMITS)
    assert "got it" not in whole
    weaken(monkeypatch)
    _, weakened, errors = await run(machine.confinement, code, LIMITS)
    assert weakened.strip() == expected, errors


async def test_without_a_process_limit_forks_go_on(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_limit("NPROC")(monkeypatch)
    code = (
        "import os, time\nmade = 0\ntry:\n    while made < 200:\n        if os.fork() == 0:\n"
        "            time.sleep(9)\n            os._exit(0)\n        made += 1\nexcept OSError: pass\nprint(made)"
    )
    # Two hundred processes take a busy machine longer than a program may run otherwise.
    patient = replace(LIMITS, wall_seconds=60, cpu_seconds=30)
    _, printed, _ = await run(_without_cgroup(machine.confinement), code, patient)
    assert int(printed) == 200


async def test_without_memory_limits_memory_is_taken(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_limit("DATA")(monkeypatch)
    monkeypatch.setattr("pizarra.sandbox.isolation.watch.Watch._memory", lambda self: 0)
    code = "x = bytearray(b'x') * 500_000_000\nprint('got it')"
    _, printed, _ = await run(_without_cgroup(machine.confinement), code, LIMITS)
    assert printed == "got it\n"
    assert LIMITS.memory_bytes < 500 * MIB


async def test_without_a_group_of_its_own_a_program_stops_what_watches_it(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Piston's bug: `kill -STOP 0` froze the supervisor. Here the shim would never report the end."""
    code = "import os, signal\nif os.fork() == 0:\n    os.kill(0, signal.SIGSTOP)\nimport time; time.sleep(0.1)"
    quick = type(LIMITS)(wall_seconds=1.5)
    outcome, _, _ = await run(
        machine.confinement, "import os, signal\nos.kill(os.getppid(), 0)\nprint(1)", quick
    )
    assert outcome.reason == "exited"
    other_shim("os.setsid()", "pass")(monkeypatch)
    outcome, _, _ = await run(machine.confinement, code, quick)
    assert outcome.reason == "timeout"  # the watch in the runner does not depend on anything inside


def _without_cgroup(confinement: Confinement) -> Confinement:
    return replace(confinement, cgroups=None)
