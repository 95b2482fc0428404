"""What a program may use, and what becomes of one that wants more: processes, memory, output, time."""

from dataclasses import replace

import pytest
from tests.harness.confined import LIMITS, confinement, landlocked, machine, run, subreaper

from pizarra.config import Settings
from pizarra.sandbox.isolation.confinement import Confinement

__all__ = ["confinement", "landlocked", "machine", "subreaper"]  # fixtures

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


async def test_a_program_may_have_the_threads_of_the_settings_and_no_more(
    confinement: Confinement,
) -> None:
    """Two hundred threads are a usual exercise; a loop that never ends making them is stopped soon after.

    Where no cgroup counts memory their stacks, 8 MiB each, use it up before.
    """
    most = Settings().run_processes
    outcome, printed, errors = await run(
        confinement, THREADS, replace(LIMITS, processes=most, wall_seconds=20)
    )
    assert (outcome.reason, outcome.exit_code) == ("exited", 0), errors
    assert int(printed) in (range(200, most) if confinement.cgroups is not None else range(20, 32))


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


async def test_what_forks_share_is_counted_once(confinement: Confinement) -> None:
    """As on any Linux: twelve children that read their parent's 60 MB need 60 MB."""
    code = (
        "import os, time\nx = bytearray(b'x') * 60_000_000\n"
        "children = []\nfor _ in range(12):\n    children.append(os.fork())\n"
        "    if not children[-1]:\n        time.sleep(1)\n        os._exit(x[0] != 120)\n"
        "print(sum(os.waitpid(child, 0)[1] for child in children))"
    )
    limits = replace(LIMITS, memory_bytes=160 * 1024 * 1024, wall_seconds=20)
    outcome, printed, errors = await run(confinement, code, limits)
    assert (outcome.reason, printed) == ("exited", "0\n"), errors


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


@pytest.mark.parametrize("code", [0, 7])
async def test_time_that_is_up_for_its_children_is_not_up_for_the_program(
    confinement: Confinement, code: int
) -> None:
    """It ended by itself, and what it left behind printed on until the limit of the whole run."""
    program = (
        "import os, sys, time\nif os.fork() == 0:\n    while True:\n        os.write(1, b'child\\n')\n"
        f"        time.sleep(0.05)\nos.write(1, b'parent\\n')\nsys.exit({code})"
    )
    limits = replace(LIMITS, wall_seconds=0.8, children_seconds=60)
    outcome, printed, _ = await run(confinement, program, limits)
    assert (outcome.reason, outcome.exit_code, outcome.signal, outcome.detail) == (
        "exited",
        code,
        None,
        None,
    )
    assert {"child", "parent"} == set(printed.split())


async def test_too_much_output_of_its_children_is_still_told(confinement: Confinement) -> None:
    """What is cut is said to be, whoever printed it."""
    program = "import os\nif os.fork() == 0:\n    while True: print('x' * 10_000)"
    outcome, printed, _ = await run(confinement, program, replace(LIMITS, children_seconds=60))
    assert outcome.reason == "output_limit"
    assert len(printed) == LIMITS.output_bytes


# Children that nobody waits for: the kernel adds what they used to nobody's account.
HIDDEN = """
import os, signal, threading, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
def work():
    while time.process_time() < {each}: pass
def in_a_thread():
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
for _ in range(int(4 / {each})):
    read, write = os.pipe()
    if os.fork() == 0:
        {how}()
        os._exit(0)
    os.close(write)
    os.read(read, 1)
    os.close(read)
print("got it")
"""


@pytest.mark.parametrize("how", ["work", "in_a_thread"])
@pytest.mark.parametrize("each", [0.08, 0.01])
async def test_time_is_counted_that_children_leave_to_nobody(
    confinement: Confinement, each: float, how: str
) -> None:
    limits = replace(LIMITS, cpu_seconds=1, wall_seconds=30)
    outcome, printed, errors = await run(confinement, HIDDEN.format(each=each, how=how), limits)
    assert (outcome.reason, printed) == ("timeout", ""), errors
