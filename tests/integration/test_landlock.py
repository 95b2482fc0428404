"""Tier C alone: what bubblewrap's namespaces do elsewhere, Landlock, seccomp and the shim do here.

The attacks that every tier contains are in `test_sandbox.py`.
"""

import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness.confined import LIMITS, landlocked, machine, run, subreaper
from tests.harness.orphans import living
from tests.harness.ports import wait_until

from pizarra.sandbox.isolation import confinement as shared
from pizarra.sandbox.isolation import landlock
from pizarra.sandbox.isolation.confinement import Confinement, Stub
from pizarra.sandbox.isolation.payload import Payload
from pizarra.sandbox.isolation.probe import probe
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.isolation.uids import UidPool

__all__ = ["landlocked", "machine", "subreaper"]  # fixtures

REFUSED = "try:\n    {}\n    print('got it')\nexcept OSError as error:\n    print('refused')\n"
LIBC = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"


async def refuses(confinement: Confinement, attack: str) -> None:
    _, printed, errors = await run(confinement, REFUSED.format(attack))
    assert printed == "refused\n", errors


@pytest.mark.parametrize("target", ["os.getppid()", "RUNNER", "1"])
async def test_no_signal_leaves_the_sandbox(landlocked: Confinement, target: str) -> None:
    """The shim, which could be stopped by it; the runner; the machine's init."""
    await refuses(
        landlocked, f"import os; os.kill({target.replace('RUNNER', str(os.getpid()))}, 0)"
    )


async def test_services_of_the_host_cannot_be_reached(
    landlocked: Confinement, tmp_path: Path
) -> None:
    path = Path("/tmp") / f"pizarra-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as named, socket.socket(socket.AF_UNIX) as abstract:
        named.bind(str(path))
        path.chmod(0o777)
        abstract.bind(f"\0{path}")
        for listener in (named, abstract):
            listener.listen()
        try:
            for address in (repr(str(path)), repr(f"\0{path}")):
                await refuses(
                    landlocked, f"import socket; socket.socket(socket.AF_UNIX).connect({address})"
                )
        finally:
            path.unlink()


SHARED = {
    "another process's limits": "assert libc.prlimit(1, 7, None, ctypes.create_string_buffer(16)) == 0 or 1 / 0",
    "another process's priority": "os.setpriority(os.PRIO_USER, 0, 19)",
    "System V shared memory": "assert libc.shmget(1234, 100, 0o1600) >= 0",
    "System V messages": "assert libc.msgget(1234, 0o1600) >= 0",
    "System V semaphores": "assert libc.semget(1234, 1, 0o1600) >= 0",
    "events of the host's files": "assert libc.inotify_init() >= 0",
    "names of the host's files": "os.listdir('/home')",
    "files of everybody": "open('/tmp/x', 'w')",
    "shared memory of everybody": "open('/dev/shm/x', 'w')",
    "the host's processes": "os.listdir('/proc')",
    "another process's memory": "open('/proc/1/environ').read()",
    "the host's network state": "open('/proc/net/tcp').read()",
    "a device": "os.mknod('x', 0o20600, os.makedev(1, 1))",
}


@pytest.mark.parametrize("name", SHARED)
async def test_what_the_kernel_shares_is_refused(landlocked: Confinement, name: str) -> None:
    attempt = f"try:\n    {SHARED[name]}\n    print('got it')\n"
    code = LIBC + attempt + "except (OSError, AssertionError, ArithmeticError): print('refused')"
    _, printed, errors = await run(landlocked, code)
    assert printed == "refused\n", errors


async def test_files_on_the_hosts_disk_are_measured(landlocked: Confinement) -> None:
    code = (
        "import os, time\nfor i in range(9):\n    with open(f'{i}', 'wb') as f:\n        f.write(b'x' * 10_000_000)\n"
        "print('written', flush=True)\ntime.sleep(5)\nprint('got it')"
    )
    outcome, printed, _ = await run(landlocked, code)
    assert "got it" not in printed
    assert (outcome.reason, outcome.detail) == ("memory", "Its files took more than 64 MiB.")


HIDING = {
    "in a folder that is closed": "os.mkdir('a', 0)",
    "very deep": "[(os.mkdir('d' * 200), os.chdir('d' * 200)) for _ in range(30)]",
}


@pytest.mark.parametrize("name", HIDING)
async def test_files_cannot_hide(landlocked: Confinement, name: str) -> None:
    code = f"import os, time\n{HIDING[name]}\ntime.sleep(5)\nprint('got it')"
    outcome, printed, _ = await run(landlocked, code)
    assert "got it" not in printed
    assert outcome.reason == "memory"
    assert (outcome.detail or "").startswith("It made a folder that cannot be measured")
    assert landlocked.folders is not None
    assert list(landlocked.folders.iterdir()) == []


async def test_nobody_survives_by_forking_on(landlocked: Confinement) -> None:
    """Each process lives for a moment only: whoever kills them one by one never catches the last."""
    code = (
        "import os\nos.setsid()\nif os.fork() == 0:\n    while True:\n        if os.fork() != 0: os._exit(0)\n"
        "print('done', flush=True)"
    )
    outcome, _, _ = await run(landlocked, code, replace(LIMITS, wall_seconds=2))
    assert outcome.reason == "exited"
    assert landlocked.first_uid is None or _processes_of(landlocked.first_uid) == []


_RUNNER = """
import asyncio, sys
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.isolation.confinement import Stub
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.isolation.payload import Payload
from pizarra.sandbox.isolation.probe import probe
from pizarra.sandbox.isolation.uids import UidPool

async def main(by: str, uid: int) -> None:
    machine = await probe(first_uid=uid, tools=None, by=by)
    uids = UidPool(uid)
    waiting, running = (Sandbox(machine.confinement, RunLimits(), Stub(), uids) for _ in range(2))
    await waiting.start()
    await running.start()
    code = b"import os\\nif os.fork() == 0: os.setsid()\\nprint('on', flush=True)\\nwhile True: pass"
    files = {"main.py": code}
    await running.run(Payload.of_command(["/usr/bin/python3", "main.py"], files), lambda *_: print("on", flush=True))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.mark.parametrize("by", ["bubblewrap", "landlock"])
def test_nothing_outlives_a_runner_that_is_killed(by: str) -> None:
    """Neither the program nor a sandbox that waits for one."""
    if os.geteuid() != 0:
        pytest.skip("its processes are told from others by their uid")
    if by == "landlock" and landlock.abi() < landlock.NEEDED_ABI:
        pytest.skip("the kernel's Landlock is too old, or not there")
    uid = 62_000 + os.getpid() % 1000
    runner = subprocess.Popen([sys.executable, "-c", _RUNNER, by, str(uid)], stdout=subprocess.PIPE)
    assert runner.stdout is not None
    assert runner.stdout.readline() == b"on\n"
    assert len(living(uid, uid + 1)) >= 5
    runner.kill()
    runner.wait()
    runner.stdout.close()
    wait_until(lambda: living(uid, uid + 1) == [], "the end of its sandboxes", seconds=10)


async def test_a_signal_that_is_not_noticed_is_sent_again(
    landlocked: Confinement, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python sees a signal that comes right before it waits in a system call only when the next one comes."""
    source, handler = shared.shim_source(), b"_signal.signal(_signal.SIGTERM, leave)"
    assert source.count(handler) == 1
    deaf = b"_signal.signal(_signal.SIGTERM, lambda *_: _signal.signal(_signal.SIGTERM, leave))"
    monkeypatch.setattr(shared, "shim_source", lambda: source.replace(handler, deaf))
    sandbox = Sandbox(landlocked, LIMITS, Stub(), UidPool(landlocked.first_uid))
    await sandbox.start()
    started = time.monotonic()
    await sandbox.close()
    assert time.monotonic() - started < 1
    assert landlocked.first_uid is None or _processes_of(landlocked.first_uid) == []


async def test_a_planted_link_is_not_collected(landlocked: Confinement) -> None:
    """The shim that reads artifacts is behind the same walls as the program: a link leads nowhere."""
    secret = Path("/tmp") / f"pizarra-secret-{os.getpid()}"
    secret.mkdir()
    (secret / "x").write_text("s3cret")
    code = (
        f"import os; os.symlink({str(secret)!r}, 'dir'); os.symlink({str(secret / 'x')!r}, 'file')"
    )
    try:
        sandbox = Sandbox(landlocked, LIMITS, Stub(), UidPool(landlocked.first_uid))
        await sandbox.start()
        argv = ["/usr/bin/python3", "main.py"]
        files = {"main.py": code.encode()}
        outcome = await sandbox.run(
            Payload.of_command(
                argv, files, collect=("dir/x", "file", "main.py"), collect_bytes=1000
            ),
            lambda *_: None,
        )
        assert dict(outcome.collected) == {"main.py": code.encode()}
    finally:
        (secret / "x").unlink()
        secret.rmdir()


async def test_the_runners_own_files_keep_their_modes(
    landlocked: Confinement, tmp_path: Path
) -> None:
    """Landlock does not guard modes; it matters where programs have the runner's own uid."""
    own = replace(landlocked, first_uid=None)
    target = tmp_path / "secret"
    target.touch(mode=0o600)
    if os.geteuid() == 0:
        pytest.skip("as root programs never have the runner's uid; test_ordinary_user.py runs this")
    await refuses(own, f"import os; os.chmod({str(target)!r}, 0o666)")
    await refuses(own, f"import os; os.utime({str(target)!r})")
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("dropped", "attack"),
    [
        ("3, 3  # scopes", "import os; os.kill(os.getppid(), 0)"),
        (
            'refuse_calls(config["landlock"]["filter"])',
            "import socket; socket.socket(socket.AF_UNIX)",
        ),
        (
            'confine(config["landlock"], [f"/proc/{os.getpid()}/fd"])',
            "import os; os.listdir('/proc')",
        ),
    ],
    ids=["signals", "sockets", "processes"],
)
async def test_without_its_wall_an_attack_succeeds(
    landlocked: Confinement, monkeypatch: pytest.MonkeyPatch, dropped: str, attack: str
) -> None:
    if "scopes" in dropped and landlocked.first_uid is None:
        pytest.skip("it would kill whatever else this user runs")
    source = shared.shim_source()
    assert dropped.encode() in source
    instead = (
        b"3, 1  # scopes" if "scopes" in dropped else b"LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)"
    )
    monkeypatch.setattr(shared, "shim_source", lambda: source.replace(dropped.encode(), instead))
    _, printed, errors = await run(
        landlocked, REFUSED.format(attack), replace(LIMITS, wall_seconds=1.5)
    )
    assert printed == "got it\n", errors


def test_what_a_killed_runner_left_is_removed(tmp_path: Path) -> None:
    dead = tmp_path / "pizarra-sandboxes-999999999-x"
    (dead / "box" / "work").mkdir(parents=True)
    ours = landlock.make_root(tmp_path)
    again = landlock.make_root(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([ours, again])  # the living keep theirs


async def test_a_kernel_without_landlock_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pizarra.sandbox.isolation.landlock.abi", lambda: 4)
    found = await probe(first_uid=60_000, tools=None, by="landlock")
    assert found.tier is None
    assert "Landlock is of version 4; 6 is needed." in (found.reason or "")


def _processes_of(uid: int) -> list[str]:
    return subprocess.run(
        ["pgrep", "-u", str(uid)], capture_output=True, text=True, check=False
    ).stdout.split()
