"""Strangers' programs stay inside: each attack from a real run, each defence on.

Each attack prints what it achieved; the test says what it may achieve. The wider set, in all languages and with each
defence removed in turn, belongs to the work on the execution engine.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.harness.confined import (
    FIRST_UID,
    LIMITS,
    attempt,
    confinement,
    landlocked,
    machine,
    run,
    subreaper,
)
from tests.harness.libraries import open_folder
from tests.harness.orphans import cgroups, mounts
from tests.integration.test_sandbox_limits import FORKS, STUBBORN

from pizarra.sandbox.isolation.confinement import Confinement, Stub
from pizarra.sandbox.isolation.probe import Machine, self_test
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.isolation.uids import UidPool

__all__ = ["confinement", "landlocked", "machine", "subreaper"]  # fixtures

_ENDS_ALL = "kill everybody"
CONTAINED = {
    "write the host's core_pattern": (
        "open('/proc/sys/kernel/core_pattern', 'r+').write('|/x')",
        "OSError",
    ),
    "write to the root": ("open('/x', 'w')", "OSError"),
    "write to /usr": ("open('/usr/x', 'w')", "OSError"),
    "write to /dev": ("open('/dev/x', 'w')", "OSError"),
    "read /etc/shadow": ("print(open('/etc/shadow').read())", "OSError"),
    "read root's home": ("import os; print(os.listdir('/root'))", "OSError"),
    "read the host through init": ("import os; print(os.listdir('/proc/1/root/home'))", "OSError"),
    "read the memory of init": ("open('/proc/1/mem', 'rb+').read(1)", "OSError"),
    "forge the shim's report": (
        "import os; print([os.listdir(f'/proc/{pid}/fd') for pid in (2,)])",
        "OSError",
    ),
    "trace a process": (
        "import ctypes; c = ctypes.CDLL(None, use_errno=True); assert c.ptrace(16, 1, 0, 0) == -1",
        "",
    ),
    "become root": ("import os; os.setuid(0)", "OSError"),
    "make a user namespace": (
        "import ctypes; c = ctypes.CDLL(None); print('got it' if c.unshare(0x10000000) == 0 else 'refused')",
        "refused",
    ),
    "mount": (
        "import ctypes; print(ctypes.CDLL(None).mount(b'x', b'/work', b'tmpfs', 0, 0))",
        "-1",
    ),
    "load io_uring": ("import ctypes; print(ctypes.CDLL(None).syscall(425, 8, 0))", "-1"),
    "add a key": (
        "import ctypes; print(ctypes.CDLL(None).syscall(248, b'user', b'a', b'b', 1, -3))",
        "-1",
    ),
    "bpf": ("import ctypes; print(ctypes.CDLL(None).syscall(321, 0, 0, 0))", "-1"),
    "perf": ("import ctypes; print(ctypes.CDLL(None).syscall(298, 0, 0, -1, -1, 0))", "-1"),
    "userfaultfd": ("import ctypes; print(ctypes.CDLL(None).syscall(323, 0))", "-1"),
    "push characters into a terminal": ("import fcntl; fcntl.ioctl(0, 0x5412, b'x')", "OSError"),
    "open a packet socket": (
        "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "OSError",
    ),
    "open a vsock": ("import socket; socket.socket(40, socket.SOCK_STREAM)", "OSError"),
    "open a netlink of the host": (
        "import socket; socket.socket(16, socket.SOCK_RAW, 0).bind((0, 0)); print(len(socket.if_nameindex()))",
        "1",
    ),
    "reach the network": (
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
        "OSError",
    ),
    "resolve a name": ("import socket; socket.getaddrinfo('example.org', 80)", "OSError"),
    # What sandboxes share must not tell one of another
    "watch files of the system": (
        "import ctypes; c = ctypes.CDLL(None); "
        "print(c.inotify_init1(0), c.syscall(300, 0, 0), c.syscall(451, 0, 0, 0, 0))",
        "-1 -1 -1",
    ),
    "be told of a folder": (
        "import fcntl, os; fcntl.fcntl(os.open('/usr', 0), 1026, 1)",
        "OSError",
    ),
    "lease a file": (
        "import fcntl, os; print(fcntl.fcntl(os.open('/usr/bin/env', 0), 1025))",
        "OSError",
    ),
    "lock a file of the system": (
        "import fcntl; f, g = map(open, ['/usr/bin/env'] * 2); fcntl.flock(f, 2); fcntl.flock(g, 6); print('free')",
        "free",
    ),
    "lock a device": (
        "import fcntl, struct; lock = struct.pack('hhqqi4x', 1, 0, 0, 0, 0); "
        "f, g = open('/dev/null', 'w'), open('/dev/null', 'a'); "
        "fcntl.fcntl(f, 37, lock); fcntl.fcntl(g, 37, lock); print('free')",
        "free",
    ),
    "ask whether a file was read": (
        "import os; os.preadv(os.open('/usr/bin/env', 0), [bytearray(1)], 0, os.RWF_NOWAIT)",
        "OSError",
    ),
    "see how busy the machine is": (
        "print(open('/proc/loadavg').read()[:4], set(open('/proc/stat').readline().split()[1:]), "
        "open('/proc/uptime').read()[-5:])",
        "0.00 {'0'} 0.00",
    ),
    "see the machine's memory": (
        "print(open('/proc/meminfo').readline().split())",
        "['MemTotal:', '262144', 'kB']",
    ),
    "see what presses": (
        "import os; print(os.listdir('/proc/pressure'), os.listdir('/proc/sys/fs'))",
        "[] []",
    ),
    "see others' locks": ("open('/proc/locks').read()", "OSError"),
    "list mounts": (
        "import ctypes; c = ctypes.CDLL(None, use_errno=True); "
        "print({(c.syscall(n, 0, 0, 0, 0, 0), ctypes.get_errno()) for n in (457, 458, 467)})",
        "{(-1, 1)}",
    ),
    _ENDS_ALL: ("import os, signal; os.kill(-1, signal.SIGKILL)", ""),
}


IN_TIER_C = {
    **dict.fromkeys(
        ("open a netlink of the host", "see how busy the machine is", "see the machine's memory"),
        "OSError",
    ),
    "see what presses": "OSError",
}


async def test_every_attack_is_contained(confinement: Confinement) -> None:
    expected = {name: printed for name, (_, printed) in CONTAINED.items()}
    if confinement.folders is not None:  # where no namespace makes it harmless, it is refused
        expected |= IN_TIER_C
    attacks = {name: code for name, (code, _) in CONTAINED.items()}
    alone = attacks.pop(_ENDS_ALL)
    found = await attempt(confinement, attacks)
    _, printed, errors = await run(confinement, alone)
    assert {**found, _ENDS_ALL: printed} == expected, errors


async def test_to_touch_a_device_does_nothing(confinement: Confinement) -> None:
    """Everybody may write to it, so a time that is set would be seen by every other sandbox.

    To set it is granted without being done (`seccomp.py`), in every tier. Only where Landlock stands alone and programs
    have the runner's own uid is it refused: there it could be done to the runner's own files.
    """
    code = (
        "import os\nold = os.stat('/dev/null')\ntry:\n    os.utime('/dev/null', (1, 1))\n    print('granted')\n"
        "except PermissionError:\n    print('refused')\nnew = os.stat('/dev/null')\n"
        "print(new.st_mtime_ns == old.st_mtime_ns, new.st_ino == old.st_ino)"
    )
    _, printed, errors = await run(confinement, code)
    is_refused = confinement.folders is not None and confinement.first_uid is None
    assert printed.split() == ["refused" if is_refused else "granted", "True", "True"], errors


async def test_nothing_of_the_host_is_inherited(
    confinement: Confinement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "s3cret")
    code = (
        "import os, json\n"
        "fds = [int(fd) for fd in os.listdir('/proc/self/fd')]\n"
        "try: pids = [pid for pid in os.listdir('/proc') if pid.isdigit()]\n"
        "except PermissionError: pids = []\n"
        "extra = len([fd for fd in fds if fd > 3])\n"
        "print(json.dumps([sorted(os.environ), extra, len(pids), os.getuid(), os.uname().nodename]))\n"
    )
    _, printed, errors = await run(confinement, code)
    assert printed, errors
    names, extra_fds, processes, uid, host = json.loads(printed)
    assert "SECRET" not in names
    assert extra_fds == 0
    assert processes <= 4
    if confinement.folders is None:
        assert uid == 1000
        assert host == "sandbox"


async def test_the_hosts_loopback_is_not_the_programs(confinement: Confinement) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        code = (
            f"import socket\ntry:\n    socket.create_connection(('127.0.0.1', {port}), 1)\n    print('got it')\n"
            "except OSError: print('OSError')"
        )
        _, printed, _ = await run(confinement, code)
    assert printed == "OSError\n"


TELL_SIGNALS = """
import signal
numbers = (number for number in range(1, 32) if number not in (9, 19))
print([n for n in numbers if signal.getsignal(n) != signal.SIG_DFL], signal.pthread_sigmask(signal.SIG_BLOCK, ()))
"""


async def test_what_the_runner_ignores_and_blocks_is_not_inherited(
    confinement: Confinement,
) -> None:
    """A server that is started in the background ignores SIGINT; ours ignores more. exec passes all of it on."""
    numbers = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}
    before = {
        number: signal.signal(number, signal.SIG_IGN)
        for number in numbers
        if 0 < number < signal.SIGRTMIN
    }
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        outcome, printed, _ = await run(confinement, TELL_SIGNALS)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for number, handler in before.items():
            signal.signal(number, handler)
    assert outcome.exit_code == 0
    assert printed == "[2, 13, 25] set()\n"  # the three that Python itself sees to, at home too


async def test_killing_the_shim_is_the_programs_own_end(confinement: Confinement) -> None:
    if confinement.folders is not None:
        pytest.skip("in tier C a program cannot reach the shim: test_landlock.py")
    outcome, _, _ = await run(
        confinement, "import os, signal\nos.kill(-1, signal.SIGKILL)\nimport time; time.sleep(9)"
    )
    assert (outcome.reason, outcome.exit_code, outcome.signal) == ("exited", None, "SIGKILL")


async def test_exit_status_cannot_be_confused_with_a_signal(confinement: Confinement) -> None:
    exited, _, _ = await run(confinement, "import sys; sys.exit(137)")
    killed, _, _ = await run(confinement, "import os; os.kill(os.getpid(), 9)")
    assert (exited.exit_code, exited.signal) == (137, None)
    assert (killed.exit_code, killed.signal) == (None, "SIGKILL")


async def test_links_planted_in_the_work_folder_lead_nowhere_on_the_host(
    confinement: Confinement,
) -> None:
    """The work folder lives in the sandbox's memory only: there is nothing on the host to follow a link from."""
    before = set(Path("/tmp").iterdir())
    outcome, _, _ = await run(
        confinement, "import os; os.symlink('/etc/shadow', 'main.py.link'); os.symlink('/', 'root')"
    )
    assert outcome.exit_code == 0
    assert {
        path.name for path in set(Path("/tmp").iterdir()) - before if "main" in path.name
    } == set()


def leftovers() -> dict[str, Any]:
    """What a run could leave behind on this machine."""
    slots = subprocess.run(
        ["pgrep", "-u", str(FIRST_UID)], capture_output=True, text=True, check=False
    ).stdout
    return {
        "processes": slots.split(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "mounts": mounts(),
        "cgroups": cgroups(),
    }


async def test_the_name_of_a_sandbox_counts_nothing(machine: Machine) -> None:
    """A program can read it, and would know how many programs others ran."""
    assert machine.confinement is not None
    if machine.confinement.cgroups is None:
        pytest.skip("no cgroup may be written here")
    names = set()
    for _ in range(2):
        _, printed, _ = await run(machine.confinement, "print(open('/proc/self/cgroup').read())")
        names |= set(re.findall(r"/box-([0-9a-f]{16})\n", printed))
        assert str(os.getpid()) not in re.findall(r"[0-9]+", printed)
    assert len(names) == 2


async def settled(before: dict[str, Any]) -> dict[str, Any]:
    """What is left once the kernel has collected what was killed: on a busy machine it takes a moment."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(30):
            while not _is_no_more(leftovers(), before):
                await asyncio.sleep(0.02)
    return leftovers()


def _is_no_more(after: dict[str, Any], before: dict[str, Any]) -> bool:
    """What a test before this one let go of meanwhile may be less."""
    fewer = after["descriptors"] <= before["descriptors"]
    return fewer and {**after, "descriptors": 0} == {**before, "descriptors": 0}


async def test_nothing_is_left_after_runs_of_every_kind(confinement: Confinement) -> None:
    await run(confinement, "print(1)")
    before = leftovers()
    quick = replace(LIMITS, wall_seconds=0.5)
    for code in ("print(1)", "1/0", FORKS, *STUBBORN.values(), "while True: print('x' * 10_000)"):
        await run(confinement, code, quick)
    assert _is_no_more(await settled(before), before)


async def test_nothing_is_left_of_sandboxes_that_nobody_waits_for(confinement: Confinement) -> None:
    """Killed at any instant of its start, bubblewrap must not leave its child behind."""
    await run(confinement, "print(1)")
    before = leftovers()
    for step in range(40):
        sandbox = Sandbox(confinement, LIMITS, Stub(), UidPool(confinement.first_uid))
        starting = asyncio.ensure_future(sandbox.start())
        await asyncio.sleep(step * 0.0005)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        await sandbox.close()
    after = await settled(before)
    assert _is_no_more(after, before), (after, before)


async def test_a_machine_that_is_short_of_something_for_a_moment_is_tried_again(
    machine: Machine,
) -> None:
    """A self-test that could not start once would leave a server without runs until its next start."""
    assert machine.confinement is not None
    with open_folder() as folder:
        tried, starts = folder / "tried", folder / "bwrap"
        tried.touch()
        tried.chmod(0o666)
        starts.write_text(
            f"#!/bin/sh\necho . >> {tried}\n[ $(wc -l < {tried}) -gt 1 ] || exit 1\n"
            f'exec {machine.confinement.bwrap} "$@"\n'
        )
        starts.chmod(0o755)
        check = await self_test(replace(machine.confinement, bwrap=str(starts)))
        assert check.ok, check.detail
        assert tried.read_text() == ".\n.\n"
