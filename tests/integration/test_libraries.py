"""Libraries that the operator gives programs: from files made here, since no registry may be within reach."""

import asyncio
import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness import libraries as made
from tests.harness.application import application
from tests.harness.confined import attempt, confinement, landlocked, machine, subreaper
from tests.harness.fresh import embed
from tests.harness.libraries import OFFLINE, open_folder
from tests.harness.ports import wait_until
from tests.harness.program import Program, clean_environment, pizarra
from tests.harness.runner import run_program
from tests.integration.test_attack_table import SHELLS

from pizarra.config import Settings
from pizarra.sandbox.isolation import landlock
from pizarra.sandbox.isolation.confinement import LIBRARIES, Confinement
from pizarra.sandbox.languages import languages
from pizarra.sandbox.libraries import Libraries
from pizarra.sandbox.runner.protocol import (
    Assist,
    Assisted,
    Capabilities,
    encode,
    event_adapter,
    read_message,
)

__all__ = ["confinement", "landlocked", "machine", "subreaper"]  # fixtures

_UID = 57_000 + os.getpid() % 1000


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a library for every language."""
    with open_folder() as folder:
        made.add_all(folder, tmp_path_factory.mktemp("sources"))
        yield folder


@contextmanager
def runner(folder: Path, libraries: Path, *more: str) -> Iterator[Path]:
    """A real runner that gives programs these libraries."""
    path = folder / "s"
    arguments = [
        *("worker", "--socket", str(path), "--warm", "2", "--language-servers", "1"),
        *("--libraries-dir", str(libraries), "--first-uid", str(_UID), *more),
    ]
    log = folder / "log"
    process = Program(arguments, clean_environment(), log, log)
    try:
        wait_until(path.exists, "the runner", seconds=60)
        yield path
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


@pytest.fixture(scope="module", params=["bubblewrap", "landlock"])
def socket(
    request: pytest.FixtureRequest, filled: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A runner of the strongest tier there is, and one of tier C."""
    if request.param == "landlock" and landlock.abi() < landlock.NEEDED_ABI:
        pytest.skip("the kernel's Landlock is too old, or not there")
    with runner(tmp_path_factory.mktemp("r"), filled, "--sandbox", request.param) as path:
        yield path


TS = "import { twice, version } from 'tinyjs';\nconst x: number = twice(21);\nconsole.log(x, version);"
JAVA = (
    "import tiny.Tiny;\npublic class Main { public static void main(String[] a) { "
    'System.out.println(Tiny.twice(21) + " " + Tiny.VERSION); } }'
)
# name → (language, code, files beside it, path, what it prints)
PROGRAMS: dict[str, tuple[str, str, dict[str, str], str | None, str]] = {
    "python": (
        "python",
        "import tinypy\nprint(tinypy.twice(21), tinypy.version)",
        {},
        None,
        "42 1.2\n",
    ),
    "python's own children": (
        "python",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import tinypy; print(tinypy.version)'])",
        {},
        None,
        "1.2\n",
    ),
    "another file of python": (
        "python",
        "",
        {"tools/other.py": "import tinypy\nprint(tinypy.version)"},
        "tools/other.py",
        "1.2\n",
    ),
    "a file that is called as the library": (
        "python",
        "import tinypy\nprint(tinypy.version)",
        {"tinypy.py": "version = 'mine'"},
        None,
        "mine\n",
    ),
    "a library called as a part of python does not win": (
        "python",
        "import json, sys\nprint('site-packages' in json.__file__, sys.path[0])",
        {},
        None,
        "False /work\n",
    ),
    "require": ("javascript", "console.log(require('tinyjs').twice(21))", {}, None, "42\n"),
    "import": (
        "javascript",
        "",
        {"main.mjs": "import { twice } from 'tinyjs'; console.log(twice(21))"},
        "main.mjs",
        "42\n",
    ),
    "require from a folder": (
        "javascript",
        "",
        {"a/b/c.js": "console.log(require('tinyjs').version)"},
        "a/b/c.js",
        "3.4.5\n",
    ),
    "the program's own node_modules": (
        "javascript",
        "console.log(require('tinyjs'))",
        {"node_modules/tinyjs/index.js": "module.exports = 'mine'"},
        None,
        "mine\n",
    ),
    "typescript": ("typescript", TS, {}, None, "42 3.4.5\n"),
    "typescript with top-level await": ("typescript", f"{TS}\nawait 1;", {}, None, "42 3.4.5\n"),
    "java": ("java", JAVA, {}, None, "42 5.6\n"),
    "java's own class of that name": (
        "java",
        JAVA,
        {
            "tiny/Tiny.java": 'package tiny; public class Tiny { public static String VERSION = "mine"; '
            "public static int twice(int x) { return -x; } }"
        },
        None,
        "-21 mine\n",
    ),
    "c++": (
        "cpp",
        "#include <bits/stdc++.h>\n#include <tiny/tiny.hpp>\nint main() { std::cout << twice(21) << std::endl; }",
        {},
        None,
        "42\n",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
async def test_a_program_uses_a_library(socket: Path, name: str) -> None:
    language, code, files, path, expected = PROGRAMS[name]
    ended, printed, errors = await run_program(socket, language, code, files=files, path=path)
    if "sys.path[0]" in code:
        printed = printed.replace(printed.split()[-1], "/work")
    assert (printed, ended.exit_code, ended.status) == (expected, 0, "exited"), errors
    assert ended.diagnostics == []


@pytest.mark.parametrize("language", SHELLS)
async def test_who_kills_everybody_kills_themselves_in_every_language(
    socket: Path, language: str
) -> None:
    """Each runs behind Landlock alone, too."""
    script = "echo hello; kill -9 -1; echo still here"
    ended, printed, _ = await run_program(socket, language, SHELLS[language], stdin=script)
    assert printed.startswith("hello\n")
    assert ended.status == "exited"


async def test_types_of_a_library_are_checked(socket: Path) -> None:
    code = "import { twice } from 'tinyjs';\nconst x: string = twice(21);\nconsole.log(x);"
    ended, printed, _ = await run_program(socket, "typescript", code, with_types=True)
    assert printed == "42\n"
    assert [(each.line, each.message[:7]) for each in ended.diagnostics] == [(2, "TS2322:")]


# language → (a program, what may follow its last word)
QUESTIONS = {
    "python": "import tinypy\ntinypy.tw",
    "typescript": "import * as tiny from 'tinyjs';\ntiny.tw",
    "cpp": "#include <tiny/tiny.hpp>\nint main() { return tw",
}


@pytest.mark.parametrize("language", QUESTIONS)
async def test_the_editor_knows_a_library(socket: Path, language: str) -> None:
    main, code = languages()[language].main, QUESTIONS[language]
    last = code.split("\n")[-1]

    def question() -> Assist:
        return Assist(
            assist_id=uuid.uuid4().hex,
            session="one",
            language=language,
            path=main,
            files={main: code},
            line=code.count("\n"),
            character=len(last),
            want="completion",
        )

    asked, offered = False, set()
    async with asyncio.timeout(120):
        reader, writer = await asyncio.open_unix_connection(str(socket))
        try:
            while (message := await read_message(reader)) is not None:
                event = event_adapter.validate_json(message)
                if isinstance(event, Capabilities) and not event.languages[language].starting:
                    if event.languages[language].language_server is None:
                        pytest.skip("the language server is not installed")
                    if not asked:
                        writer.write(encode(question()))
                    asked = True
                elif isinstance(event, Assisted):
                    offered = {each.label.strip().split("(")[0] for each in event.items}
                    if offered:
                        break
                    # Too late, as a first answer is on a busy machine: whoever types on asks again.
                    writer.write(encode(question()))
        finally:
            writer.close()
    assert "twice" in offered


def listed(folder: Path) -> str:
    done = pizarra("toolchains", "list", "--libraries-dir", folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.partition("\n")[2]


def test_what_is_there_is_listed(filled: Path) -> None:
    assert listed(filled).splitlines() == [
        "  Python: tinypy 1.2",
        "  JavaScript and TypeScript: tinyjs 3.4.5",
        "  Java: tinyjar 5.6",
        "  C++: tinycpp",
    ]
    assert not list(filled.rglob("ran")), "a script of an npm package ran"


async def test_the_api_tells_before_anybody_joins(
    socket: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    embed(tmp_path)
    settings = Settings(data_dir=tmp_path, runner_socket=socket, log_level="warning")
    async with application(settings) as running, running.client() as owner, asyncio.timeout(60):
        while True:
            found = {each["id"]: each for each in (await owner.get("/api/languages")).json()}
            if not any(each["starting"] for each in found.values()):
                break
            await asyncio.sleep(0.05)
        told = (await owner.get("/health/ready")).json()["runner"]["detail"]
    assert ("tier C" in told) is ("landlock" in request.node.name)
    assert {name: each["libraries"] for name, each in found.items()} == {
        "python": [{"name": "tinypy", "version": "1.2"}],
        "javascript": [{"name": "tinyjs", "version": "3.4.5"}],
        "typescript": [{"name": "tinyjs", "version": "3.4.5"}],
        "java": [{"name": "tinyjar", "version": "5.6"}],
        "cpp": [{"name": "tinycpp", "version": ""}],
    }


async def test_a_running_server_uses_what_comes_and_goes(tmp_path: Path) -> None:
    """From the next program on, though sandboxes wait with what there was when they began."""
    code = (
        "try:\n    import tinypy\n    print(tinypy.version)\nexcept ImportError:\n    print('none')"
    )

    def change(verb: str, word: str) -> None:
        done = pizarra("toolchains", verb, word, "--libraries-dir", libraries, environment=OFFLINE)
        assert done.returncode == 0, done.stderr

    async def printed() -> str:
        ended, out, errors = await run_program(path, "python", code)
        assert ended.exit_code == 0, errors
        return out

    with open_folder() as libraries, runner(tmp_path, libraries) as path:
        assert [await printed(), await printed()] == ["none\n"] * 2
        change("add", f"python:{made.wheel(tmp_path)}")
        assert [await printed(), await printed()] == ["1.2\n"] * 2
        change("add", f"python:{made.wheel(tmp_path, version='1.3')}")
        assert await printed() == "1.3\n"
        change("remove", "python:TinyPy")
        assert await printed() == "none\n"


def state(folder: Path) -> dict[str, str]:
    return {
        each.name: str(each.readlink()) if each.is_symlink() else "" for each in folder.iterdir()
    }


REFUSALS = {
    "no such library": (["python:no-such-library"], "pip knows no library 'no-such-library'"),
    "one of two": (
        ["cpp:HEADERS", "python:no-such-library"],
        "pip knows no library 'no-such-library'",
    ),
    "no wheel": (["python:WHEEL"], "tinybad.whl"),
    "no package": (["javascript:TGZ"], "is no packed npm package"),
    "no jar": (["java:JAR"], "is no jar"),
    "no headers": (["cpp:EMPTY"], "there are no header files"),
    "no file": (["java:/nowhere/x.jar"], "there is no file /nowhere/x.jar"),
    "no language": (["cobol:x"], "The languages are python, javascript, typescript, java, cpp"),
    "no name": (["python:"], "names no library"),
    "an option": (["python:--pre"], "is no name of a library"),
    "a place on the net": (["javascript:https://x.example/y"], "there is no file"),
    "no alias": (["java:nothing"], "Write group:artifact"),
    "what needs another": (["python:NEEDS"], "pip knows no library 'no-such-library'"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_fails_changes_nothing_and_says_why(filled: Path, tmp_path: Path, name: str) -> None:
    words, why = REFUSALS[name]
    bad = {each: tmp_path / f"tinybad.{each.lower()}" for each in ("WHEEL", "TGZ", "JAR")}
    bad["WHEEL"] = tmp_path / "tinybad.whl"
    for path in bad.values():
        path.write_bytes(b"nothing")
    (tmp_path / "empty").mkdir()
    bad |= {"EMPTY": tmp_path / "empty", "HEADERS": made.headers(tmp_path)}
    bad["NEEDS"] = made.wheel(tmp_path, name="needs", requires="no-such-library")
    for placeholder, path in bad.items():
        words = [word.replace(f":{placeholder}", f":{path}") for word in words]
    before = state(filled)
    done = pizarra("toolchains", "add", *words, "--libraries-dir", filled, environment=OFFLINE)
    assert done.returncode == 1, done.stdout
    assert why in done.stderr
    assert done.stderr.endswith("Nothing has changed.\n")
    assert "Traceback" not in done.stderr
    assert state(filled) == before


def test_a_registry_out_of_reach_is_said_to_be() -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "no_proxy": "*"}
    with open_folder() as folder:
        done = pizarra(
            "toolchains",
            "add",
            "python:no-such-library",
            "--libraries-dir",
            folder,
            environment=nowhere,
        )
    assert done.returncode == 1
    assert "pip cannot reach its registry" in done.stderr


# What a program tries with a file of a library, and what it prints when it is contained.
ATTACKS = {
    "write": ("open(path, 'r+').write('x')", "OSError"),
    "make a file beside it": ("open(folder + '/x', 'w')", "OSError"),
    "remove it": ("os.unlink(path)", "OSError"),
    "rename it": ("os.rename(path, folder + '/y')", "OSError"),
    "put another in its place": ("os.rename(folder, folder + '-old')", "OSError"),
    "link it": ("os.symlink('/etc/passwd', folder + '/z')", "OSError"),
    "make it its own": ("os.chmod(path, 0o777)", "OSError"),
    "hear of it": ("import ctypes; print(ctypes.CDLL(None).inotify_init1(0))", "-1"),
    "be told of it": ("import fcntl; fcntl.fcntl(os.open(folder, 0), 1026, 1)", "OSError"),
    "lease it": ("import fcntl; fcntl.fcntl(os.open(path, 0), 1024, 0)", "OSError"),
    "lock it": (
        "import fcntl; f, g = open(path), open(path); fcntl.flock(f, 2); fcntl.flock(g, 6); print('free')",
        "free",
    ),
    "lock a part": (
        "import fcntl, struct; lock = struct.pack('hhqqi4x', 0, 0, 0, 0, 0); f, g = open(path), open(path); "
        "fcntl.fcntl(f, 37, lock); fcntl.fcntl(g, 37, lock); print('free')",
        "free",
    ),
    "ask whether it was read": (
        "os.preadv(os.open(path, 0), [bytearray(1)], 0, os.RWF_NOWAIT)",
        "OSError",
    ),
    "see that it was read": (
        "old = os.stat(path).st_atime_ns; open(path).read(); os.listdir(folder); "
        "print(os.stat(path).st_atime_ns - old)",
        "0",
    ),
}


async def test_programs_neither_change_a_library_nor_talk_through_it(
    confinement: Confinement, filled: Path
) -> None:
    confined = replace(confinement, libraries=filled)
    collection = Libraries(filled).of("python")
    folder = confined.as_seen(f"{collection.inside}/{collection.site}")
    begin = f"import os\nfolder = {folder!r}\npath = folder + '/tinypy.py'\nassert os.path.isfile(path)\n"
    host = filled / collection.folder / collection.site
    before = {each: each.stat() for each in (host, host / "tinypy.py")}
    found = await attempt(confined, {name: begin + code for name, (code, _) in ATTACKS.items()})
    assert found == {name: printed for name, (_, printed) in ATTACKS.items()}
    for each, about in before.items():
        now = each.stat()
        assert (now.st_mtime_ns, now.st_atime_ns, now.st_ctime_ns, now.st_mode) == (
            about.st_mtime_ns,
            about.st_atime_ns,
            about.st_ctime_ns,
            about.st_mode,
        )


async def test_a_folder_that_nobody_can_look_into_stops_no_program(tmp_path: Path) -> None:
    """Its parent is closed: programs run, and have no libraries."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert LIBRARIES.startswith("/")
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's sandboxes see what that user sees")
    with runner(tmp_path, closed / "libraries") as path:
        ended, printed, _ = await run_program(path, "python", "print(6)")
    assert (ended.exit_code, printed) == (0, "6\n")
