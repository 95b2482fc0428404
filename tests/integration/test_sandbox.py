"""Strangers' programs stay inside: each attack from a real run, each defence on.

Each attack prints what it achieved; the test says what it may achieve. The wider set, in all languages and with each
defence removed in turn, belongs to the work on the execution engine.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.harness.orphans import taken_in

from pizarra.sandbox import landlock
from pizarra.sandbox.box import Box
from pizarra.sandbox.confinement import Confinement, Stub
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.payload import Outcome, Payload
from pizarra.sandbox.probe import Machine, probe
from pizarra.sandbox.uids import UidPool

_UID = 61_000 + os.getpid() % 1000  # test processes run side by side
LIMITS = RunLimits(wall_seconds=3, output_bytes=200_000)


@pytest.fixture(scope="module", autouse=True)
def subreaper() -> Iterator[None]:
    """The runner is one; so is this test process, which stands in its place."""
    with taken_in():
        yield


@pytest.fixture(scope="module")  # what holds the cgroups goes by the name of the process: one at a time
def machine() -> Iterator[Machine]:
    """What this machine confines with."""
    found = asyncio.run(probe(first_uid=_UID, tools=None))
    assert found.confinement is not None, found.reason
    yield found
    if found.confinement.cgroups is not None:
        found.confinement.cgroups.close()


@pytest.fixture(scope="module")
def landlocked(machine: Machine) -> Iterator[Confinement]:
    """Tier C, without the help of a cgroup."""
    if landlock.abi() < landlock.NEEDED_ABI:
        pytest.skip("the kernel's Landlock is too old, or not there")
    assert machine.confinement is not None
    found = replace(machine.confinement, bwrap=None, cgroups=None, folders=landlock.make_root(None))
    yield found
    found.close()
    assert found.folders is not None
    assert not found.folders.exists()


@pytest.fixture(params=["cgroup", "rlimits", "landlock"])
def confinement(request: pytest.FixtureRequest, machine: Machine) -> Confinement:
    """Tier A where the machine has it, tiers B and C everywhere."""
    assert machine.confinement is not None
    if request.param == "landlock":
        found: Confinement = request.getfixturevalue("landlocked")
        return found
    if request.param == "rlimits":
        return replace(machine.confinement, cgroups=None)
    if machine.confinement.cgroups is None:
        pytest.skip("no cgroup may be written here")
    return machine.confinement


async def run(
    confinement: Confinement, code: str, limits: RunLimits = LIMITS, stdin: bytes = b""
) -> tuple[Outcome, str, str]:
    output = {"stdout": b"", "stderr": b""}

    def collect(stream: str, data: bytes) -> None:
        output[stream] += data

    box = Box(confinement, limits, Stub(), UidPool(confinement.first_uid))
    await box.start()
    box.write_stdin(stdin, eof=True)
    outcome = await box.run(
        Payload.of_command(["/usr/bin/python3", "-B", "main.py"], {"main.py": code.encode()}), collect
    )
    return outcome, output["stdout"].decode(errors="replace"), output["stderr"].decode(errors="replace")


# (attack, what it prints when it is contained)
CONTAINED = {
    "write the host's core_pattern": ("open('/proc/sys/kernel/core_pattern', 'r+').write('|/x')", "OSError"),
    "write to the root": ("open('/x', 'w')", "OSError"),
    "write to /usr": ("open('/usr/x', 'w')", "OSError"),
    "write to /dev": ("open('/dev/x', 'w')", "OSError"),
    "read /etc/shadow": ("print(open('/etc/shadow').read())", "OSError"),
    "read root's home": ("import os; print(os.listdir('/root'))", "OSError"),
    "read the host through init": ("import os; print(os.listdir('/proc/1/root/home'))", "OSError"),
    "read the memory of init": ("open('/proc/1/mem', 'rb+').read(1)", "OSError"),
    "forge the shim's report": ("import os; print([os.listdir(f'/proc/{pid}/fd') for pid in (2,)])", "OSError"),
    "trace a process": ("import ctypes; c = ctypes.CDLL(None, use_errno=True); assert c.ptrace(16, 1, 0, 0) == -1", ""),
    "become root": ("import os; os.setuid(0)", "OSError"),
    "make a user namespace": (
        "import ctypes; c = ctypes.CDLL(None); print('got it' if c.unshare(0x10000000) == 0 else 'refused')",
        "refused",
    ),
    "mount": ("import ctypes; print(ctypes.CDLL(None).mount(b'x', b'/work', b'tmpfs', 0, 0))", "-1"),
    "load io_uring": ("import ctypes; print(ctypes.CDLL(None).syscall(425, 8, 0))", "-1"),
    "add a key": ("import ctypes; print(ctypes.CDLL(None).syscall(248, b'user', b'a', b'b', 1, -3))", "-1"),
    "bpf": ("import ctypes; print(ctypes.CDLL(None).syscall(321, 0, 0, 0))", "-1"),
    "perf": ("import ctypes; print(ctypes.CDLL(None).syscall(298, 0, 0, -1, -1, 0))", "-1"),
    "userfaultfd": ("import ctypes; print(ctypes.CDLL(None).syscall(323, 0))", "-1"),
    "push characters into a terminal": ("import fcntl; fcntl.ioctl(0, 0x5412, b'x')", "OSError"),
    "open a packet socket": ("import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "OSError"),
    "open a vsock": ("import socket; socket.socket(40, socket.SOCK_STREAM)", "OSError"),
    "open a netlink of the host": (
        "import socket; socket.socket(16, socket.SOCK_RAW, 0).bind((0, 0)); print(len(socket.if_nameindex()))",
        "1",
    ),
    "reach the network": ("import socket; socket.create_connection(('192.0.2.1', 80), 1)", "OSError"),
    "resolve a name": ("import socket; socket.getaddrinfo('example.org', 80)", "OSError"),
    "kill everybody": ("import os, signal; os.kill(-1, signal.SIGKILL)", ""),
}


IN_TIER_C = {"open a netlink of the host": "OSError"}


@pytest.mark.parametrize("name", CONTAINED)
async def test_an_attack_is_contained(confinement: Confinement, name: str) -> None:
    attack, expected = CONTAINED[name]
    code = f"try:\n    {attack}\nexcept OSError:\n    print('OSError')\n"
    _, printed, errors = await run(confinement, code)
    if confinement.folders is not None:  # where no namespace makes it harmless, it is refused
        expected = IN_TIER_C.get(name, expected)
    assert printed.strip() == expected, errors


async def test_nothing_of_the_host_is_inherited(confinement: Confinement, monkeypatch: pytest.MonkeyPatch) -> None:
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


FORKS = """
import os, time
made = 0
try:
    while made < 5000:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
except OSError:
    pass
print(made)
"""
THREADS = """
import threading, time
made = 0
try:
    while made < 5000:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        made += 1
except RuntimeError:
    pass
print(made, flush=True)
import os
os._exit(0)
"""


@pytest.mark.parametrize("code", [FORKS, THREADS], ids=["forks", "threads"])
async def test_processes_are_counted(confinement: Confinement, code: str) -> None:
    outcome, printed, _ = await run(confinement, code)
    assert outcome.reason == "exited"
    assert 10 < int(printed) < 64


HOARDERS = {
    "private memory": "x = bytearray(b'x') * 1_500_000_000",
    "many processes": (
        "import os\nfor _ in range(12):\n    if os.fork() == 0:\n        x = bytearray(b'x') * 120_000_000\n"
        "        import time; time.sleep(60)\nos.wait()"
    ),
    "memfd": (
        "import os\nfd = os.memfd_create('x')\nfor _ in range(1500): os.write(fd, b'x' * 1_000_000)\nprint('got it')"
    ),
    "shared memory": "import mmap\nm = mmap.mmap(-1, 1_500_000_000)\nm.write(b'x' * 1_500_000_000)\nprint('got it')",
    "files in memory": (
        "n = 0\nfor folder in ('/tmp', '/work', '/dev/shm'):\n    for i in range(40):\n"
        "        try:\n            with open(f'{folder}/{i}', 'wb') as f:\n"
        "                for _ in range(10): f.write(b'x' * 1_000_000); n += 1\n        except OSError: pass\n"
        "print('got it' if n > 200 else n)"
    ),
}


@pytest.mark.parametrize("name", HOARDERS)
async def test_memory_is_limited(confinement: Confinement, name: str) -> None:
    limits = replace(LIMITS, memory_bytes=128 * 1024 * 1024, wall_seconds=30)
    outcome, printed, errors = await run(confinement, HOARDERS[name], limits)
    assert "got it" not in printed
    assert outcome.reason == "memory" or "Error" in errors or printed.strip().isdigit()


async def test_a_flood_of_output_is_cut(confinement: Confinement) -> None:
    outcome, printed, _ = await run(confinement, "while True: print('x' * 10_000)")
    assert outcome.reason == "output_limit"
    assert len(printed) == LIMITS.output_bytes


STUBBORN = {
    "endless": "while True: pass",
    "ignores signals": (
        "import signal, time\nfor number in (2, 15): signal.signal(number, signal.SIG_IGN)\ntime.sleep(60)"
    ),
    "stops itself": "import os, signal\nos.kill(0, signal.SIGSTOP)",
    "stops everybody": "import os, signal\nos.kill(-1, signal.SIGSTOP)\nimport time; time.sleep(60)",
    "double fork": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n"
        "    if os.fork() == 0:\n        time.sleep(60)\n    os._exit(0)\ntime.sleep(60)"
    ),
}


@pytest.mark.parametrize("name", STUBBORN)
async def test_the_wall_limit_holds(confinement: Confinement, name: str) -> None:
    outcome, _, _ = await run(confinement, STUBBORN[name], replace(LIMITS, wall_seconds=0.7))
    assert outcome.reason == "timeout"
    assert outcome.duration_ms < 3000


async def test_an_orphan_does_not_keep_the_run_open(confinement: Confinement) -> None:
    code = "import os, time\nif os.fork() == 0:\n    time.sleep(60)\nelse:\n    print('done', flush=True)"
    outcome, printed, _ = await run(confinement, code)
    assert (outcome.reason, outcome.exit_code, printed) == ("exited", 0, "done\n")
    assert outcome.duration_ms < 2000


async def test_killing_the_shim_is_the_programs_own_end(confinement: Confinement) -> None:
    if confinement.folders is not None:
        pytest.skip("in tier C a program cannot reach the shim: test_landlock.py")
    outcome, _, _ = await run(confinement, "import os, signal\nos.kill(-1, signal.SIGKILL)\nimport time; time.sleep(9)")
    assert (outcome.reason, outcome.exit_code, outcome.signal) == ("exited", None, "SIGKILL")


async def test_exit_status_cannot_be_confused_with_a_signal(confinement: Confinement) -> None:
    exited, _, _ = await run(confinement, "import sys; sys.exit(137)")
    killed, _, _ = await run(confinement, "import os; os.kill(os.getpid(), 9)")
    assert (exited.exit_code, exited.signal) == (137, None)
    assert (killed.exit_code, killed.signal) == (None, "SIGKILL")


async def test_links_planted_in_the_work_folder_lead_nowhere_on_the_host(confinement: Confinement) -> None:
    """The work folder lives in the sandbox's memory only: there is nothing on the host to follow a link from."""
    before = set(Path("/tmp").iterdir())
    outcome, _, _ = await run(
        confinement, "import os; os.symlink('/etc/shadow', 'main.py.link'); os.symlink('/', 'root')"
    )
    assert outcome.exit_code == 0
    assert {path.name for path in set(Path("/tmp").iterdir()) - before if "main" in path.name} == set()


def leftovers() -> dict[str, Any]:
    """What a run could leave behind on this machine."""
    slots = subprocess.run(["pgrep", "-u", str(_UID)], capture_output=True, text=True, check=False).stdout
    return {
        "processes": slots.split(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "mounts": Path("/proc/self/mounts").read_text(),
        "cgroups": sorted(str(path) for path in Path("/sys/fs/cgroup").glob(f"*/**/pizarra-{os.getpid()}/box-*")),
    }


async def settled(before: dict[str, Any]) -> dict[str, Any]:
    """What is left once the kernel has collected what was killed: on a busy machine it takes a moment."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(30):
            while leftovers()["processes"] != before["processes"]:
                await asyncio.sleep(0.02)
    return leftovers()


async def test_nothing_is_left_after_runs_of_every_kind(confinement: Confinement) -> None:
    await run(confinement, "print(1)")
    before = leftovers()
    quick = replace(LIMITS, wall_seconds=0.5)
    for code in ("print(1)", "1/0", FORKS, *STUBBORN.values(), "while True: print('x' * 10_000)"):
        await run(confinement, code, quick)
    assert await settled(before) == before


async def test_nothing_is_left_of_sandboxes_that_nobody_waits_for(confinement: Confinement) -> None:
    """Killed at any instant of its start, bubblewrap must not leave its child behind."""
    await run(confinement, "print(1)")
    before = leftovers()
    for step in range(40):
        box = Box(confinement, LIMITS, Stub(), UidPool(confinement.first_uid))
        starting = asyncio.ensure_future(box.start())
        await asyncio.sleep(step * 0.0005)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        await box.close()
    after = await settled(before)
    assert after.pop("descriptors") <= before.pop("descriptors")
    assert after == before
