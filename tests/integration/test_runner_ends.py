"""A runner ends with its web process, whatever it is about to do."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.harness.confined import LIMITS, machine, subreaper
from tests.harness.orphans import living
from tests.harness.ports import wait_until

from pizarra.sandbox.isolation import bubblewrap
from pizarra.sandbox.isolation.confinement import Confinement, Descriptors, Stub
from pizarra.sandbox.isolation.probe import Machine
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.isolation.uids import UidPool

__all__ = ["machine", "subreaper"]  # fixtures

_UID = 58_000 + os.getpid() % 1000
_SECONDS = 15  # a sandbox that does not become ready is given up after twenty


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def test_it_ends_while_it_tries_out_the_machine() -> None:
    """Its first sandbox is held up: nobody listens to the web process yet, and nothing goes on by itself."""
    ours, theirs = socket.socketpair()
    command = [
        sys.executable,
        "-m",
        "pizarra",
        "worker",
        "--fd",
        str(theirs.fileno()),
        "--first-uid",
        str(_UID),
    ]
    with theirs:
        runner = subprocess.Popen(command, pass_fds=[theirs.fileno()], cwd="/")
    try:
        held: list[int] = []

        def hold() -> bool:
            held.extend(child for child in children(runner.pid) if name(child) == "bwrap")
            for child in held:
                os.kill(child, signal.SIGSTOP)
            return bool(held)

        wait_until(hold, "its first sandbox", seconds=60)
        ours.close()
        assert runner.wait(_SECONDS) == 0
        wait_until(lambda: living(_UID) == [], "the end of its sandboxes", seconds=10)
    finally:
        if runner.poll() is None:
            runner.kill()
            runner.wait()


def test_it_ends_though_something_holds_it_up() -> None:
    """Its event loop, say: only the kernel can end it then."""
    code = "from pizarra.sandbox.runner.ending import end_in_any_case\nend_in_any_case(1)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == -signal.SIGALRM


def half_made(confinement: Confinement) -> int:
    """A sandbox whose runner is gone before it was told which process it is; its pid, from outside."""
    reader, info = os.pipe()
    block, writer = os.pipe()
    theirs = [info, block]
    descriptors = Descriptors(info, block, block)
    command = bubblewrap.command(confinement, LIMITS, Stub(), descriptors, theirs, terminal=False)
    os.close(reader)
    before = children(os.getpid())
    outer = subprocess.Popen(command, pass_fds=theirs, start_new_session=True)
    for descriptor in (*theirs, writer):
        os.close(descriptor)
    assert outer.wait(_SECONDS) == -signal.SIGPIPE
    (child,) = set(children(os.getpid())) - set(before)  # what loses its parent becomes ours
    return child


async def test_the_next_ends_what_a_killed_one_left_half_made(
    tmp_path: Path, machine: Machine
) -> None:
    """bubblewrap's child waits for a parent that is gone; a sandbox of somebody who lives goes on."""
    assert machine.confinement is not None
    left = half_made(machine.confinement)
    alive = Sandbox(machine.confinement, LIMITS, Stub(), UidPool(machine.confinement.first_uid))
    await alive.start()
    command = ["-m", "pizarra", "worker", "--socket", str(tmp_path / "s"), "--first-uid", str(_UID)]
    runner = subprocess.Popen([sys.executable, *command])
    try:
        wait_until(lambda: os.waitpid(left, os.WNOHANG) == (left, signal.SIGKILL), "its end")
        assert alive.is_alive
    finally:
        runner.terminate()
        await alive.close()
        assert runner.wait(_SECONDS) in (0, -signal.SIGTERM)
