"""Whatever is run, it ends in a way that has a name, and nothing is left of it.

`PIZARRA_TEST_RUNS=2000` makes the campaign long, `PIZARRA_TEST_EXAMPLES=500` the search for odd programs.
"""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.harness.orphans import cgroups, mounts, taken_in, zombies

from pizarra.kit.paths import is_safe_path
from pizarra.sandbox.isolation.probe import probe
from pizarra.sandbox.outcome import TerminalSize
from pizarra.sandbox.runner.execution_environment import ExecutionEnvironment
from pizarra.sandbox.runner.job import Job, execute
from pizarra.sandbox.runner.protocol import Limits, ProgramEnded, StartRun
from pizarra.sandbox.toolchains import default_folder

_UID = 62_000 + os.getpid() % 1000 * 40  # test processes run side by side
_RUNS = int(os.environ.get("PIZARRA_TEST_RUNS", "14"))
_EXAMPLES = int(os.environ.get("PIZARRA_TEST_EXAMPLES", "20"))
_LIMITS = Limits(
    wall_seconds=1.0,
    idle_seconds=0.8,
    cpu_seconds=1,
    children_seconds=0.5,
    memory_bytes=128 * 2**20,
    processes=64,
    output_bytes=20_000,
    disk_bytes=16 * 2**20,
    files=1000,
)
ENDINGS = {"exited", "compile_error", "timeout", "memory", "output_limit", "stopped"}
MAINS = {
    "python": "main.py",
    "javascript": "main.js",
    "typescript": "main.ts",
    "java": "Main.java",
    "cpp": "main.cpp",
}


class Machine:
    """An environment on an event loop of its own."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self.environment = self._runner.run(self._open())

    async def _open(self) -> ExecutionEnvironment:
        found = await probe(first_uid=_UID, tools=default_folder())
        environment = ExecutionEnvironment(found, max_idle=4, cache_bytes=2**24)
        await environment.open()
        return environment

    def run(self, *requests: StartRun) -> list[ProgramEnded]:
        """Run programs at the same time; return how they ended."""

        async def together() -> list[ProgramEnded]:
            return await asyncio.gather(
                *(execute(Job(each, lambda _: None), self.environment) for each in requests)
            )

        return self._runner.run(together())

    def rest(self) -> None:
        """Let everything that waits go."""

        async def let_go() -> None:
            assert self.environment.pools is not None
            pools = self.environment.pools
            async with asyncio.timeout(10):
                # the sweeper, two compilers, the type checker, and this
                while not pools.is_settled or len(asyncio.all_tasks()) > 5:
                    await asyncio.sleep(0.02)
            await pools.let_go()

        self._runner.run(let_go())

    def close(self) -> None:
        self._runner.run(self.environment.close())
        confinement = self.environment.machine.confinement
        if confinement is not None and confinement.cgroups is not None:
            confinement.cgroups.close()
        self._runner.close()


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Everything this machine has for running programs."""
    before = leftovers()["processes"]
    with taken_in():
        found = Machine()
        yield found
        found.close()
    after = leftovers()
    assert set(after["processes"]) <= set(before)
    assert after["cgroups"] == []


def leftovers() -> dict[str, Any]:
    """What runs could leave behind."""
    everybody = subprocess.run(
        ["ps", "-eo", "uid,pid,args"], capture_output=True, text=True, check=True
    ).stdout
    slots = [
        line for line in everybody.splitlines()[1:] if _UID <= int(line.split()[0]) < _UID + 40
    ]
    return {
        "processes": slots + sorted(zombies()),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "mounts": mounts(),
        "cgroups": cgroups(),
    }


def request(language: str, code: str, *, terminal: bool = False, **more: Any) -> StartRun:
    fields = {
        "run_id": "r",
        "main": MAINS[language],
        "files": {MAINS[language]: code, **more.pop("files", {})},
        "stdin": "",
        "keep_stdin_open": False,
        "terminal": TerminalSize() if terminal else None,
        "limits": _LIMITS,
        **more,
    }
    return StartRun(language=language, **fields)


PROGRAMS = [
    ("python", "print(1)"),
    ("python", "1/0"),
    ("python", "import os\nfor _ in range(30): os.fork()\nimport time; time.sleep(30)"),
    (
        "python",
        "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        import time; time.sleep(30)",
    ),
    ("python", "import os; os.kill(-1, 9)"),
    ("javascript", "setTimeout(() => {}, 60000); console.log(1)"),
    ("javascript", "require('child_process').spawn('sleep', ['60'], { detached: true }).unref()"),
    ("typescript", "let x: string = 1; console.log(x)"),
    ("typescript", "let = = 1"),
    (
        "java",
        "public class Main { public static void main(String[] a) { new Thread(() -> { while (true); }).start(); } }",
    ),
    ("java", "class Main { int x = y; }"),
    ("cpp", "#include <cstdlib>\nint main() { abort(); }"),
    ("cpp", "#include <iostream>\nint main() { for (;;) std::cout << 1; }"),
    ("cpp", "int main( {}"),
]


def test_many_runs_leave_nothing_behind(machine: Machine) -> None:
    def some(start: int, count: int) -> None:
        for at in range(start, start + count, 4):
            batch = [PROGRAMS[index % len(PROGRAMS)] for index in range(at, at + 4)]
            for ended in machine.run(*(request(*each, terminal=at % 8 == 0) for each in batch)):
                assert ended.status in ENDINGS, ended

    some(0, len(PROGRAMS) + 2)  # once each: what is loaded on first use is loaded
    machine.rest()
    before = leftovers()
    some(0, _RUNS)
    machine.rest()
    assert leftovers() == before


names = st.text(min_size=1, max_size=30).filter(is_safe_path)
texts = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200).map(lambda data: data.decode("utf-8", errors="surrogateescape")),
    st.sampled_from([code for _, code in PROGRAMS]),
)


@settings(max_examples=_EXAMPLES, suppress_health_check=list(HealthCheck))
@given(
    language=st.sampled_from(list(MAINS)),
    code=texts,
    stdin=texts,
    files=st.dictionaries(names, texts, max_size=3),
    terminal=st.booleans(),
)
def test_any_bytes_have_a_defined_ending(
    machine: Machine, language: str, code: str, stdin: str, files: dict[str, str], terminal: bool
) -> None:
    files = {path: text for path, text in files.items() if not path.startswith("main")}
    clean = {path: _storable(text) for path, text in files.items()}
    (ended,) = machine.run(
        request(language, _storable(code), stdin=_storable(stdin), files=clean, terminal=terminal)
    )
    assert ended.status in ENDINGS, ended
    if ended.status == "exited":
        assert (ended.exit_code is None) != (ended.signal is None)


def _storable(text: str) -> str:
    return text.encode("utf-8", errors="replace").decode()
