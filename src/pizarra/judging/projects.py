"""Runs the tests of a project: which files are run beside the answer's, what they read, and what they report.

The report is JUnit's XML, framed on standard output by a word that the process which runs the tests never has. That is
no proof: what is tested runs in the process of its tests, and can have them say what it likes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from pizarra.judging import harnesses
from pizarra.judging.junit import MOST_REPORT_BYTES
from pizarra.kit.paths import is_portable

PASSED = "passed"  # what is expected of every test

# How tests are run here, without a network: by what a language itself brings.
COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "python": (("python", "-m", "unittest"), ("python3", "-m", "unittest")),
    "javascript": (("node", "--test"),),
    "typescript": (("node", "--test"),),
}
_TEST = {
    "python": re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test)\.py"),
    "javascript": re.compile(r"(?:.*/)?(?:test[-_.][^/]*|[^/]*[-_.]test)\.[cm]?js"),
    "typescript": re.compile(r"(?:.*/)?(?:test[-_.][^/]*|[^/]*[-_.]test)\.[cm]?ts"),
}
_MAIN = {
    "python": "pizarra_tests.py",
    "javascript": "pizarra_tests.cjs",
    "typescript": "pizarra_tests.ts",
}
_REPORTER = "pizarra_reporter.cjs"
_NODE = {
    "javascript": '"use strict";\nconst fs = require("node:fs");\nconst os = require("node:os");\n'
    'const { spawnSync } = require("node:child_process");\n',
    "typescript": '// @ts-nocheck\nimport * as fs from "node:fs";\nimport * as os from "node:os";\n'
    'import { spawnSync } from "node:child_process";\n',
}
OURS = frozenset([*_MAIN.values(), _REPORTER])


@dataclass(frozen=True, slots=True)
class ProjectTests:
    """Tests in one language: the files that they are made of (path → text), and which of these are run."""

    files: Mapping[str, str]
    run: Sequence[str]


def is_test(language: str, path: str) -> bool:
    """Tell whether a file is one that is run, by its name: `test_x.py`, `x.test.js`."""
    pattern = _TEST.get(language)
    return pattern is not None and pattern.fullmatch(path) is not None


def with_tests(
    language: str, path: str, files: Mapping[str, str], tests: ProjectTests, seconds: float
) -> tuple[str, dict[str, str]]:
    """Return the file to run, and every file, for an answer with its main file at `path`: its folder's and the tests'.

    Where both have a file of a name, or a folder of one, the tests' counts.
    """
    folder = path.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    main = _MAIN[language]
    ours = {name: text for name, text in tests.files.items() if is_portable(name)}
    runs = [name for name in tests.run if name in ours]
    ours[main] = _harness(language, runs, seconds)
    if language != "python":
        ours[_REPORTER] = _source(_REPORTER)
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


def _harness(language: str, runs: Sequence[str], seconds: float) -> str:
    if language == "python":
        source, listed = _source("pizarra_tests.py.txt"), json.dumps(list(runs))
    else:
        loads = ", ".join(
            f"[{json.dumps(each)}, () => import({json.dumps('./' + each)})]" for each in runs
        )
        source, listed = _source("pizarra_tests.js"), ""
        source = f"{_NODE[language]}const FILES = [{loads}];\n{source}"
    return (
        source.replace("__FILES__", listed, 1)
        .replace("__SECONDS__", f"{seconds:g}", 1)
        .replace("__MOST_BYTES__", str(MOST_REPORT_BYTES - 1024), 1)
    )


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
