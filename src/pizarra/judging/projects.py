"""Runs the tests of a project: which files are run beside the answer's, what they read, and what they report.

The report is JUnit's XML, framed on standard output by a word that the process which runs the tests never has. That is
no proof: what is tested runs in the process of its tests, and can have them say what it likes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

from pizarra.judging import harnesses
from pizarra.judging.junit import MOST_REPORT_BYTES
from pizarra.kit.paths import is_portable

PASSED = "passed"  # what is expected of every test

# How tests are run here, without a network: by what a language itself brings. In Java and C++ that is nothing: each
# test is a program, which writes its report to where `XML_OUTPUT_FILE` says, as Bazel and GoogleTest have it; in Java
# it may be a class of JUnit, where the operator has that.
COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "python": (("python", "-m", "unittest"), ("python3", "-m", "unittest")),
    "javascript": (("node", "--test"),),
    "typescript": (("node", "--test"),),
    "java": (("java", "*Test"),),
    "cpp": (("./*_test",),),
}
# Those that begin so may go on as they like.
_PYTEST = (("pytest",), ("python", "-m", "pytest"), ("python3", "-m", "pytest"))
_REPORT = re.compile(r"--junit-?xml(=.*)?", re.DOTALL)
_TEST = {
    "python": re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test)\.py"),
    "javascript": re.compile(r"(?:.*/)?(?:test[-_.][^/]*|[^/]*[-_.]test)\.[cm]?js"),
    "typescript": re.compile(r"(?:.*/)?(?:test[-_.][^/]*|[^/]*[-_.]test)\.[cm]?ts"),
    "java": re.compile(r"(?:[\w$]+/)*(?:Test[\w$]*|[\w$]*Tests?)\.java"),
    "cpp": re.compile(r"(?:.*/)?(?:test[-_.][^/]*|[^/]*[-_.]test)\.(?:cpp|cc|cxx)"),
}
_MAIN = {
    "python": "pizarra_tests.py",
    "javascript": "pizarra_tests.cjs",
    "typescript": "pizarra_tests.ts",
    "java": "PizarraTests.java",
}
_REPORTER = "pizarra_reporter.cjs"
_HEADER = "pizarra_tests.hpp"
_JUNIT = "PizarraJUnit.java"
# A test class of JUnit's; one that has a `main` says itself how it is run.
_OF_JUNIT = re.compile(r"^[ \t]*+import\s++(?:static\s++)?org\.junit\.", re.MULTILINE)
_HAS_MAIN = re.compile(r"\bvoid\s+main\s*\(")
_NO_JUNIT = re.compile(r"\bpackage org\.junit\.\S+ does not exist")
NO_JUNIT = "There is no JUnit in the folder of libraries: pizarra toolchains add java:junit\n"
_NODE = {
    "javascript": '"use strict";\nconst fs = require("node:fs");\nconst os = require("node:os");\n'
    'const { spawnSync } = require("node:child_process");\n',
    "typescript": '// @ts-nocheck\nimport * as fs from "node:fs";\nimport * as os from "node:os";\n'
    'import { spawnSync } from "node:child_process";\n',
}
OURS = frozenset([*_MAIN.values(), _REPORTER, _HEADER, _JUNIT])


@dataclass(frozen=True, slots=True)
class ProjectTests:
    """Tests in one language: the files that they are made of (path → text), which of these are run, and the command
    that the project says, if it says one.
    """

    files: Mapping[str, str]
    run: Sequence[str]
    command: Sequence[str] = ()


def is_test(language: str, path: str) -> bool:
    """Tell whether a file is one that is run, by its name: `test_x.py`, `x.test.js`, `XTest.java`, `x_test.cpp`."""
    pattern = _TEST.get(language)
    return pattern is not None and pattern.fullmatch(path) is not None


def runs(language: str, command: Sequence[str]) -> bool:
    """Tell whether a language's tests are run by a command."""
    given = tuple(command)
    return given in COMMANDS[language] or (
        language == "python" and _words_of_pytest(given) is not None
    )


def _words_of_pytest(command: Sequence[str]) -> list[str] | None:
    """Return what a command gives pytest, but for where it is to report; None: it is another one."""
    for begin in _PYTEST:
        if tuple(command[: len(begin)]) == begin:
            words, kept = iter(command[len(begin) :]), []
            for word in words:
                if (report := _REPORT.fullmatch(word)) is None:
                    kept.append(word)
                elif report[1] is None:
                    next(words, None)  # where to is the next word
            return list(filter(None, kept))
    return None


def programs(language: str, tests: ProjectTests) -> list[ProjectTests]:
    """Return what is run, one after the other: in Java and C++ each test is a program of its own."""
    if language not in ("java", "cpp"):
        return [tests]
    named = [each for each in tests.run if each in tests.files and is_portable(each)]
    return [replace(tests, run=[each]) for each in named if is_test(language, each)]


def with_tests(
    language: str, path: str, files: Mapping[str, str], tests: ProjectTests, seconds: float
) -> tuple[str, dict[str, str]]:
    """Return the file to run, and every file, for an answer with its main file at `path`: its folder's and the tests'.

    Where both have a file of a name, or a folder of one, the tests' counts.
    """
    folder = path.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    ours = {name: text for name, text in tests.files.items() if is_portable(name)}
    run = [name for name in tests.run if name in ours]
    main, harness = _harness(language, run, tests.command, seconds, ours)
    ours |= harness
    if language == "cpp":
        # The other tests are programs: nothing of them is linked, and to compile them takes its time.
        ours = {
            name: text for name, text in ours.items() if name == main or not is_test(language, name)
        }
        files = {name: text for name, text in files.items() if name != f"{prefix}main.cpp"}
    folders = {around for name in ours for around in _folders_of(name)}
    mine = {}
    for name, text in files.items():
        short = name.removeprefix(prefix)
        if not name.startswith(prefix) or short in ours or short in folders:
            continue
        if not any(around in ours for around in _folders_of(short)):
            mine[short] = text
    return main, {**mine, **ours}


def _folders_of(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


@cache
def _source(name: str) -> str:
    return (resources.files(harnesses) / name).read_text()


def _harness(
    language: str,
    run: Sequence[str],
    command: Sequence[str],
    seconds: float,
    files: Mapping[str, str],
) -> tuple[str, dict[str, str]]:
    """Return the file to run, and those of ours."""
    beside: dict[str, str] = {}
    bounds = {"__SECONDS__": f"{seconds:g}", "__MOST_BYTES__": str(MOST_REPORT_BYTES - 1024)}
    if language == "cpp":
        # Its `main` stays the program's; what is before it has another process go on to it.
        [main] = run
        # The library's header comes first, and from no other one: then it is the compiled one that is taken.
        ours = f'#include <bits/stdc++.h>\n#include "{"../" * main.count("/")}{_HEADER}"'
        text = f'{ours}\n#line 1 "{main}"\n{files[main]}'
        return main, {main: text, _HEADER: _filled(_source(_HEADER), bounds)}
    if language == "java":
        [test] = run
        name = test.removesuffix(".java").replace("/", ".")
        is_junits = _OF_JUNIT.search(files[test]) and not _HAS_MAIN.search(files[test])
        named = {"__TEST__": name, "__MAIN__": _JUNIT[:-5] if is_junits else name}
        source = _source("PizarraTests.java")
        beside = {_JUNIT: _source(_JUNIT)} if is_junits else {}
    elif language == "python":
        words = _words_of_pytest(command)
        named = {"__FILES__": json.dumps(list(run)), "__PYTEST__": repr(words)}
        source = _source("pizarra_tests.py.txt")
    else:
        loads = ", ".join(
            f"[{json.dumps(each)}, () => import({json.dumps('./' + each)})]" for each in run
        )
        named = {}
        source = f"{_NODE[language]}const FILES = [{loads}];\n{_source('pizarra_tests.js')}"
    main = _MAIN[language]
    if language in _NODE:
        beside = {_REPORTER: _source(_REPORTER)}
    return main, {main: _filled(source, named | bounds), **beside}


def _filled(source: str, values: Mapping[str, str]) -> str:
    """Put values where their names stand; what a value holds itself, such as a file's name, is left as it is."""
    return re.sub("|".join(values), lambda found: values[found[0]], source)


def lacks(language: str, complaint: str) -> str:
    """Return what to add where a compiler complained that what runs the tests is not there; else nothing."""
    return NO_JUNIT if language == "java" and _NO_JUNIT.search(complaint) else ""


@dataclass(frozen=True, slots=True)
class Framed:
    """What was framed: the report, and whether the tests were ended because they took too long."""

    how: Literal["done", "timeout"]
    report: bytes


def report_in(output: bytes, word: str) -> tuple[Framed | None, bytes]:
    """Return what is framed by `word` in what was printed, and the rest of that."""
    begin, stop = b"\x1f" + word.encode() + b" ", b"\x1f" + word.encode() + b" .\n"
    start = output.find(begin)
    head = output.find(b"\n", start)
    close = output.find(stop, head)
    how = output[start + len(begin) : head]
    if start < 0 or head < 0 or close < 0 or how not in (b"done", b"timeout"):
        return None, output
    framed = Framed("timeout" if how == b"timeout" else "done", output[head + 1 : close])
    return framed, output[:start] + output[close + len(stop) :]
