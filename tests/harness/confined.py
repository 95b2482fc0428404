"""A sandbox as the runner starts it, in each tier that this machine has, and one Python program in it."""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from pizarra.sandbox.isolation import landlock
from pizarra.sandbox.isolation.confinement import Confinement, Stub
from pizarra.sandbox.isolation.payload import Payload, ProgramEnd
from pizarra.sandbox.isolation.probe import Machine, probe
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.isolation.uids import UidPool
from pizarra.sandbox.limits import RunLimits
from tests.harness.orphans import taken_in

FIRST_UID = 61_000 + os.getpid() % 1000  # test processes run side by side
LIMITS = RunLimits(wall_seconds=3, output_bytes=200_000)


@pytest.fixture(scope="module", autouse=True)
def subreaper() -> Iterator[None]:
    """The runner is one; so is this test process, which stands in its place."""
    with taken_in():
        yield


# what holds the cgroups goes by the name of the process: one at a time
@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """What this machine confines with."""
    found = asyncio.run(probe(first_uid=FIRST_UID, tools=None))
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
) -> tuple[ProgramEnd, str, str]:
    output = {"stdout": b"", "stderr": b""}

    def collect(stream: str, data: bytes) -> None:
        output[stream] += data

    sandbox = Sandbox(confinement, limits, Stub(), UidPool(confinement.first_uid))
    await sandbox.start()
    sandbox.write_stdin(stdin, eof=True)
    outcome = await sandbox.run(
        Payload.of_command(["/usr/bin/python3", "-B", "main.py"], {"main.py": code.encode()}),
        collect,
    )
    return (
        outcome,
        output["stdout"].decode(errors="replace"),
        output["stderr"].decode(errors="replace"),
    )


# Each attack in a process of its own, one after the other: what one opened or broke is not there for the next.
_TOGETHER = """\
import json, os, sys
attacks, found = json.load(sys.stdin), {}
for name, code in attacks.items():
    printed, theirs = os.pipe()
    if os.fork() == 0:
        os.dup2(theirs, 1)
        os.close(theirs)
        os.close(printed)
        try:
            exec(compile(code, name, "exec"), {"__name__": "__main__"})
        except OSError:
            print("OSError")
        except BaseException as error:
            print(repr(error))
        sys.stdout.flush()
        os._exit(0)
    os.close(theirs)
    with open(printed, errors="replace") as stream:
        found[name] = stream.read().strip()
    os.wait()
print(json.dumps(found))
"""


async def attempt(confinement: Confinement, attacks: Mapping[str, str]) -> dict[str, str]:
    """Run attacks in one sandbox; return what each printed: `OSError` when one ended it, any other by its name."""
    limits = replace(LIMITS, wall_seconds=30)
    given = json.dumps(dict(attacks)).encode()
    outcome, printed, errors = await run(confinement, _TOGETHER, limits, given)
    assert outcome.exit_code == 0, (outcome, errors)
    return dict(json.loads(printed))
