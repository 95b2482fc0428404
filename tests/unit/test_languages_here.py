"""Languages as a machine has them: found or said why not, and started with the libraries that there are."""

import asyncio
import json
import os
import shlex
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.harness.confined import machine, subreaper

from pizarra.sandbox.compilers import Build, Diagnostic, Sources
from pizarra.sandbox.compilers.command import explain, fill_in, fill_libraries
from pizarra.sandbox.compilers.interpreted import Interpreted
from pizarra.sandbox.isolation.confinement import TOOLS, Confinement
from pizarra.sandbox.isolation.payload import Payload, ProgramEnd, SandboxError
from pizarra.sandbox.isolation.probe import Machine
from pizarra.sandbox.isolation.uids import UidPool
from pizarra.sandbox.languages import LanguageSpec, heap_mib, language_of, languages
from pizarra.sandbox.libraries import MANIFEST, Libraries
from pizarra.sandbox.limits import MIB, RunLimits, compiler_limits
from pizarra.sandbox.runner import runtimes
from pizarra.sandbox.runner.execution_environment import ExecutionEnvironment
from pizarra.sandbox.runner.pools import Pools
from pizarra.sandbox.runner.protocol import Check
from pizarra.sandbox.runner.runtimes import (
    LanguageRuntime,
    Unusable,
    find_runtime,
    precompile_headers,
)

__all__ = ["machine", "subreaper"]  # fixtures

LIMITS = RunLimits()
TOOL = f"{TOOLS}/tool"
PYTHON, CPP = languages()["python"], languages()["cpp"]


def ended(reason: str = "exited", code: int | None = 0, signal: str | None = None) -> ProgramEnd:
    return ProgramEnd(reason, code, signal, 1, 1)


@pytest.fixture(scope="module")
def tools() -> Iterator[Path]:
    """A folder of toolchains, where the users that sandboxes run as can read."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def here(machine: Machine, tools: Path) -> Confinement:
    assert machine.confinement is not None
    return replace(machine.confinement, tools=tools)


def installed(here: Confinement, script: str, **toolchain: Any) -> LanguageSpec:
    """Return Python with a tool that is a script."""
    assert here.tools is not None
    tool = here.tools / "tool"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    changed = PYTHON.toolchain.model_copy(update={"candidates": [TOOL], **toolchain})
    return PYTHON.model_copy(update={"toolchain": changed})


def printing(text: str, then: str = "") -> str:
    return f"printf %s {shlex.quote(text)}; {then}"


async def found(here: Confinement, spec: LanguageSpec) -> LanguageRuntime:
    pools = Pools(here, UidPool(here.first_uid), max_idle=0)
    try:
        return await find_runtime(spec, pools, compiler_limits(60), Libraries(None))
    finally:
        await pools.close()


# Finding


async def test_the_first_tool_that_is_there_is_taken(here: Confinement) -> None:
    both = ["/nowhere/python3", TOOL, "/bin/false"]
    runtime = await found(here, installed(here, printing("Python 3.11.2"), candidates=both))
    assert (runtime.tool, runtime.version) == (TOOL, "Python 3.11.2")
    assert list(runtime.stub_files) == ["/stub/sitecustomize.py"]


@pytest.mark.parametrize(
    "toolchain",
    [
        {"candidates": ["/nowhere"]},
        {"candidates": []},
        {"requires": ["/nowhere"]},
        {"candidates": ["/opt/pizarra/none"]},
    ],
)
async def test_what_is_not_there_says_how_to_install_it(
    here: Confinement, toolchain: dict[str, Any]
) -> None:
    with pytest.raises(Unusable) as refused:
        await found(here, installed(here, printing("Python 3.11.2"), **toolchain))
    assert str(refused.value) == "Python is not installed. Install it: apt-get install python3"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (printing("command not found", "exit 127"), "Python does not start: command not found."),
        (printing("Python 3.11.2", "exit 1"), "Python does not start: Python 3.11.2."),
        (printing("Python three"), "Python does not start: Python three."),
        ("true", "Python does not start: ."),
        (printing("x" * 500), f"Python does not start: {'x' * 200}."),
        (printing("Python 3.11.2", "kill -SEGV $$"), "ended with SIGSEGV"),
    ],
)
async def test_what_does_not_start_says_what_it_printed(
    here: Confinement, script: str, why: str
) -> None:
    with pytest.raises(Unusable) as refused:
        await found(here, installed(here, script))
    assert why in str(refused.value)
    assert "apt-get install python3" in str(refused.value)


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("Python 3.11.2\n", "Python 3.11.2"),
        ("g++ (Debian 12.2.0-14) 12.2.0\nCopyright 2022", "Python 12.2.0"),
        ("openjdk 21.0.9 2025", "Python 21.0.9"),
        ("v22.4", "Python 22.4"),
    ],
)
async def test_a_version_is_the_first_number_with_a_dot(
    here: Confinement, printed: str, version: str
) -> None:
    assert (await found(here, installed(here, printing(printed)))).version == version


# What a sandbox starts with


def runtime(
    spec: LanguageSpec, libraries: Libraries, tool: str = "/usr/bin/tool"
) -> LanguageRuntime:
    return LanguageRuntime(spec, tool, "1.0", Interpreted(), {"/stub/x": b"x"}, libraries)


def with_libraries(folder: Path, language: str, *names: str) -> Libraries:
    """Return libraries of a language, in a folder as the operator's command makes it."""
    made = folder / f"{language}-1"
    made.mkdir()
    listed = [{"name": name, "version": "1"} for name in names]
    (made / MANIFEST).write_text(json.dumps({"libraries": listed}))
    (folder / language).symlink_to(made.name)
    return Libraries(folder)


def test_without_libraries_nothing_leads_to_any(tmp_path: Path) -> None:
    stub = runtime(PYTHON, Libraries(None)).stub(LIMITS)
    assert stub.argv == ["/usr/bin/tool", "-B", "main.py"]
    assert stub.env == PYTHON.run.env
    assert stub.files == {"/stub/x": b"x"}
    java = runtime(languages()["java"], Libraries(tmp_path)).stub(LIMITS)
    assert java.argv is not None
    assert "." in java.argv, "the class path alone"


def test_with_libraries_programs_find_them(tmp_path: Path) -> None:
    libraries = with_libraries(tmp_path, "python", "numpy")
    stub = runtime(PYTHON, libraries).stub(LIMITS)
    assert stub.env["PYTHONUSERBASE"] == "/opt/libraries/python-1"
    assert stub.env["PYTHONPATH"] == "/stub"
    assert [each.name for each in runtime(PYTHON, libraries).collection.shown] == ["numpy"]


def test_typescript_has_those_of_javascript_and_shows_no_types(tmp_path: Path) -> None:
    libraries = with_libraries(tmp_path, "javascript", "lodash", "@types/lodash")
    for language in ("javascript", "typescript"):
        shown = libraries.of(language).shown
        assert [each.name for each in shown] == ["lodash"]
    assert libraries.of("python").inside == ""


@pytest.mark.parametrize(
    "manifest", [None, "{", "[]", "{}", '{"libraries": 5}', '{"libraries": [{"name": "x"}]}']
)
def test_libraries_that_cannot_be_read_are_there_and_not_named(
    tmp_path: Path, manifest: str | None
) -> None:
    made = tmp_path / "python-2"
    made.mkdir()
    if manifest is not None:
        (made / MANIFEST).write_text(manifest)
    (tmp_path / "python").symlink_to("python-2")
    found = Libraries(tmp_path).of("python")
    assert (found.folder, found.shown) == ("python-2", [])


def test_another_link_is_noticed_once(tmp_path: Path) -> None:
    libraries = with_libraries(tmp_path, "python", "one")
    assert not libraries.look()
    (tmp_path / "python").unlink()
    assert libraries.look()
    assert libraries.of("python").shown == []
    assert not libraries.look()
    assert not Libraries(None).look()


@pytest.mark.parametrize(
    ("memory_mib", "heap"), [(512, 512 - 160), (160, 32), (192, 32), (193, 33), (10, 32)]
)
def test_a_heap_leaves_room_beside_it(memory_mib: int, heap: int) -> None:
    run = PYTHON.run.model_copy(update={"heap_beside": 160})
    assert heap_mib(run, RunLimits(memory_bytes=memory_mib * MIB)) == heap
    assert heap_mib(PYTHON.run, LIMITS) is None


def test_a_command_is_filled_in_and_what_is_empty_left_out() -> None:
    argv = ["{tool}", "-O1", "{headers}", "-I{folder}", "{sources}", "{libraries}"]
    values = {"tool": "g++", "headers": "", "folder": "x", "libraries": ""}
    assert fill_in(argv, values, ["a.cpp", "b.cpp"]) == ["g++", "-O1", "-Ix", "a.cpp", "b.cpp"]
    assert fill_libraries("-isystem{libraries}/include", "/l") == {
        "libraries": "-isystem/l/include"
    }
    assert fill_libraries("-isystem{libraries}/include", "") == {"libraries": ""}


@pytest.mark.parametrize(
    ("over", "said"),
    [
        (ended("timeout", None), "longer than 10 s"),
        (ended("memory", None), "more than 512 MiB"),
        (ended("output_limit", None), "printed too much"),
        (ended("exited", None, "SIGSEGV"), "ended with SIGSEGV"),
        (ended("stopped", 3), "ended with 3"),
    ],
)
def test_why_a_compiler_gave_nothing_is_said(over: ProgramEnd, said: str) -> None:
    assert said in explain(over, RunLimits(wall_seconds=10, memory_bytes=512 * MIB))


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("main.py", "python"),
        ("a/B.JAVA", "java"),
        ("x.h", "cpp"),
        ("x.tsx", "typescript"),
        ("x.mjs", "javascript"),
        ("py", None),
        (".py", "python"),
        ("x.", None),
        ("x.txt", None),
        ("", None),
        ("a.py/b", None),
    ],
)
def test_a_files_language_is_its_extensions(path: str, language: str | None) -> None:
    known = language_of(path)
    assert (known.id if known is not None else None) == language


# Headers ahead of time


def header_of(runtime: LanguageRuntime, folder: Path) -> list[str]:
    """Return what was made of a header, beside its lock."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def compiler(tmp_path: Path, script: str) -> LanguageRuntime:
    """Return C++ with a compiler that is a script; the file it is to make is its last argument."""
    tool = tmp_path / "g++"
    tool.write_text(f"#!/bin/sh\nfor last; do :; done\n{script}\n")
    tool.chmod(0o755)
    return LanguageRuntime(CPP, str(tool), "g++ 12.2.0", Interpreted(), {}, Libraries(None))


async def test_a_header_is_compiled_once_and_nothing_else_is_left(tmp_path: Path) -> None:
    folder, counted = tmp_path / "tools", tmp_path / "count"
    folder.mkdir()
    cpp = compiler(tmp_path, f'echo x >> {counted}; echo made > "$last"')
    for _ in range(3):
        await precompile_headers(cpp, folder)
    assert counted.read_text() == "x\n"
    plain, made = header_of(cpp, folder)
    assert (plain + ".gch", Path(made).name) == (made, "stdc++.h.gch")
    assert (folder / made).read_text() == "made\n"
    assert (folder / plain).read_text() == "#include_next <bits/stdc++.h>\n"
    other = LanguageRuntime(CPP, cpp.tool, "g++ 13.1", Interpreted(), {}, Libraries(None))
    await precompile_headers(other, folder)
    assert len(header_of(other, folder)) == 4, "each version has its own"


async def test_a_compiler_that_fails_leaves_no_header(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "tools"
    folder.mkdir()
    cpp = compiler(tmp_path, "echo no such header >&2; exit 1")
    await precompile_headers(cpp, folder)
    assert "no such header" in caplog.text
    assert [Path(each).name for each in header_of(cpp, folder)] == ["stdc++.h"]


async def test_a_folder_that_cannot_be_written_is_said_and_holds_nothing_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As where the image is mounted read-only: the languages work, and C++ compiles its headers each time."""
    (tmp_path / "tools").touch()
    await precompile_headers(compiler(tmp_path, "exit 1"), tmp_path / "tools" / "below")
    assert "was not precompiled" in caplog.text


@pytest.mark.parametrize(("old_seconds", "compiles"), [(0, False), (100, False), (200, True)])
async def test_who_compiles_it_already_is_waited_for_unless_they_died(
    tmp_path: Path, old_seconds: int, compiles: bool
) -> None:
    folder = tmp_path / "tools"
    folder.mkdir()
    cpp = compiler(tmp_path, 'echo made > "$last"')
    lock = folder / f".lock-{runtimes._headers(CPP, cpp.version)}"  # noqa: SLF001 - as another runner has it
    lock.touch()
    then = time.time() - old_seconds
    os.utime(lock, (then, then))
    await precompile_headers(cpp, folder)
    assert any(each.endswith(".gch") for each in header_of(cpp, folder)) is compiles
    assert lock.exists() is not compiles


async def test_a_runner_that_ends_takes_its_compiler_with_it(tmp_path: Path) -> None:
    folder, begun = tmp_path / "tools", tmp_path / "begun"
    folder.mkdir()
    cpp = compiler(tmp_path, f"echo $$ > {begun}; exec sleep 60")
    compiling = asyncio.create_task(precompile_headers(cpp, folder))
    async with asyncio.timeout(10):
        while not begun.exists() or not begun.read_text().strip():
            await asyncio.sleep(0.01)
    compiling.cancel()
    await asyncio.gather(compiling, return_exceptions=True)
    assert not Path(f"/proc/{begun.read_text().strip()}").exists()
    assert [Path(each).name for each in header_of(cpp, folder)] == ["stdc++.h"]


async def test_a_language_without_headers_makes_none(tmp_path: Path) -> None:
    await precompile_headers(runtime(PYTHON, Libraries(None)), tmp_path)
    assert list(tmp_path.iterdir()) == []


# A machine without a sandbox


async def test_without_a_sandbox_nothing_is_run_and_everybody_is_told() -> None:
    machine = Machine(
        None, [Check(name="bubblewrap", ok=False, detail="It is not there.", fix="Install it.")]
    )
    environment = ExecutionEnvironment(machine, max_idle=4, cache_bytes=1000)
    await environment.open()
    assert set(environment.states) == set(languages())
    for state in environment.states.values():
        assert (state.available, state.starting) == (False, False)
        assert state.reason == "no sandbox on this machine"
    assert (machine.tier, machine.reason) == (None, "It is not there. Install it.")
    assert environment.spec("python") is None
    assert not environment.compiles("cpp")
    assert environment.is_built("cpp", Sources("main.cpp"))
    environment.keep_ready(LIMITS)
    environment.look_at_libraries()
    await environment.close()


# With what a language has to say


class Checking(Interpreted):
    """A compiler that is asked, and answers as a test says."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    async def check(self, sources: Sources) -> tuple[Diagnostic, ...]:
        """Return something to say."""
        self.asked += 1
        if self.fails:
            raise SandboxError("no room")
        return (Diagnostic(sources.main, 1, 1, "warning", "hm"),)

    async def build(self, sources: Sources, *, hurry: bool) -> Build:
        """Return what it is run from."""
        self.asked += 1
        return Build(Payload.of_command(["true"], {}), is_final=not hurry)


def checking() -> tuple[ExecutionEnvironment, Checking]:
    """Return an environment that has one language, and its compiler."""
    environment = ExecutionEnvironment(Machine(None, []), max_idle=4, cache_bytes=100_000)
    made = Checking()
    known = LanguageRuntime(CPP, "g++", "g++ 12", made, {}, Libraries(None))
    environment._runtimes["cpp"] = known  # noqa: SLF001 - as its self-test would find it
    return environment, made


async def test_a_program_is_checked_once(caplog: pytest.LogCaptureFixture) -> None:
    environment, made = checking()
    one, other = Sources("a.cpp", {"a.cpp": b"1"}), Sources("a.cpp", {"a.cpp": b"2"})
    for sources in (one, one, other, one):
        assert [each.message for each in await environment.check("cpp", sources)] == ["hm"]
    assert made.asked == 2
    made.fails = True
    third = Sources("a.cpp", {"a.cpp": b"3"})
    assert await environment.check("cpp", third) == ()
    made.fails = False
    assert len(await environment.check("cpp", third)) == 1, "a check that failed is no answer"


async def test_so_many_checks_are_remembered() -> None:
    environment, made = checking()
    for number in range(1001):
        await environment.check("cpp", Sources("a", {"a": str(number).encode()}))
    await environment.check("cpp", Sources("a", {"a": b"1000"}))
    assert made.asked == 1001
    await environment.check("cpp", Sources("a", {"a": b"0"}))
    assert made.asked == 1002


async def test_a_program_is_built_once_and_whoever_was_stopped_tries_again() -> None:
    environment, made = checking()
    sources = Sources("a.cpp", {"a.cpp": b"1"})
    assert not environment.is_built("cpp", sources)
    await environment.build("cpp", sources, hurry=True)
    assert not environment.is_built("cpp", sources), "what is not final is not kept"
    await asyncio.gather(*(environment.build("cpp", sources, hurry=False) for _ in range(3)))
    assert environment.is_built("cpp", sources)
    assert made.asked == 2
