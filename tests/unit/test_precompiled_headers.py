"""A large header is compiled ahead once, whoever shares the folder, and nothing of an attempt that failed is left."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from pizarra.sandbox.compilers.interpreted import Interpreted
from pizarra.sandbox.languages import languages
from pizarra.sandbox.libraries import Libraries
from pizarra.sandbox.runner.runtimes import LanguageRuntime, precompile_headers

HEADER = "bits/stdc++.h"
# Stands for g++: notes that it was called, and writes what it was given to where it was told.
COMPILER = """#!/bin/sh
echo "$@" >> {notes}
while [ $# -gt 0 ]; do
  case "$1" in -x) source="$3" ;; -o) target="$2" ;; esac
  shift
done
{then}
"""


class Machine:
    """A folder that runners share, and a compiler."""

    def __init__(self, folder: Path, then: str = 'cat "$source" > "$target"') -> None:
        self.folder = folder / "shared"
        self.folder.mkdir()
        self._notes = folder / "notes"
        self.tool = folder / "g++"
        self.tool.write_text(COMPILER.format(notes=self._notes, then=then))
        self.tool.chmod(0o755)

    async def precompile(self, version: str = "g++ 13.2.0") -> None:
        """Do as a runner that starts."""
        spec, tool = languages()["cpp"], str(self.tool)
        runtime = LanguageRuntime(spec, tool, version, Interpreted(), {}, Libraries(None))
        await precompile_headers(runtime, self.folder)

    @property
    def calls(self) -> list[str]:
        """What the compiler was called with."""
        return self._notes.read_text().splitlines() if self._notes.exists() else []

    def holds(self) -> list[str]:
        """Return what lies in the folder, but for folders and without the part that a version makes."""
        paths = (each.relative_to(self.folder) for each in self.folder.rglob("*") if each.is_file())
        return sorted("/".join(each.parts[1:]) or each.name for each in paths)


def has_ended(pid: int) -> bool:
    """Tell whether a process is gone, or waits for nothing but its parent's word."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


WHOLE = [HEADER, f"{HEADER}.gch"]


async def test_it_is_compiled_once_and_led_on_to_where_it_is_included_again(
    tmp_path: Path,
) -> None:
    machine = Machine(tmp_path)
    for _ in range(3):
        await machine.precompile()
    (call,) = machine.calls
    assert "-x c++-header" in call
    assert machine.holds() == WHOLE, "neither its source nor its lock"
    (plain,) = machine.folder.rglob("stdc++.h")
    assert plain.read_text() == f"#include_next <{HEADER}>\n"
    assert plain.with_name("stdc++.h.gch").read_text() == f"#include <{HEADER}>\n"


async def test_another_compiler_has_its_own(tmp_path: Path) -> None:
    """A header that another version compiled is none to it, and a warning at each compilation."""
    machine = Machine(tmp_path)
    for version in ("g++ 13.2.0", "g++ 14.1.0", "g++ 13.2.0"):
        await machine.precompile(version)
    assert len(machine.calls) == 2
    assert len(list(machine.folder.iterdir())) == 2


async def test_of_two_who_start_at_once_one_does_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 'sleep 0.05; cat "$source" > "$target"')
    await asyncio.gather(machine.precompile(), machine.precompile())
    assert len(machine.calls) == 1
    assert machine.holds() == WHOLE


@pytest.mark.parametrize(("age", "compiled"), [(0, False), (110, False), (130, True)])
async def test_whoever_died_at_it_is_forgotten_after_two_minutes(
    tmp_path: Path, age: int, compiled: bool
) -> None:
    machine = Machine(tmp_path, "exit 1")
    await machine.precompile()
    (name,) = (each.name for each in machine.folder.iterdir())
    lock = machine.folder / f".lock-{name}"
    lock.touch()
    os.utime(lock, (time.time() - age,) * 2)
    await machine.precompile()
    assert len(machine.calls) == 1 + compiled
    assert lock.exists() != compiled, "who lives has its lock"


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("echo no room >&2; exit 1", "no room"),
        ('echo half > "$target"; kill -9 $$', "was not precompiled"),
        ("exit 0", "was not precompiled"),  # and wrote nothing
    ],
)
async def test_what_failed_is_said_and_leaves_nothing_behind(
    tmp_path: Path, then: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine(tmp_path, then)
    await machine.precompile()
    assert said in caplog.text
    assert machine.holds() == [HEADER]
    machine.tool.write_text(COMPILER.format(notes=tmp_path / "n", then='cp "$source" "$target"'))
    await machine.precompile()
    assert machine.holds() == WHOLE, "it may be tried again"


async def test_without_a_compiler_the_runner_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine(tmp_path)
    machine.tool.unlink()
    await machine.precompile()
    assert "was not precompiled" in caplog.text
    assert machine.holds() == [HEADER]


async def test_a_runner_that_ends_meanwhile_leaves_no_lock_and_no_compiler(tmp_path: Path) -> None:
    """What compiles is a program that the compiler starts. It went on, and left a file of its own for ever."""
    noted = tmp_path / "pid"
    inner = f'sh -c \'echo $$ > {noted}; sleep 20; echo late > "$0"\' "$target"'
    machine = Machine(tmp_path, f"{inner}; true")
    doing = asyncio.create_task(machine.precompile())
    async with asyncio.timeout(10):
        while not noted.exists() or not noted.read_text().strip():
            await asyncio.sleep(0.005)
    doing.cancel()
    await asyncio.wait([doing], timeout=5)
    assert doing.cancelled(), "it waits for what was not ended"
    assert machine.holds() == [HEADER]
    async with asyncio.timeout(5):
        while not has_ended(int(noted.read_text())):
            await asyncio.sleep(0.005)
