"""Whatever meets a stranger's bytes takes time in proportion to them: a mebibyte of anything, repeated or nested.

Processor time is compared with what a character may cost at the most, at growing sizes: work that grows with the
square is found at the smallest of them, in a second, and nothing here is as slow as one microsecond a character.
"""

import contextlib
import importlib
import json
import pkgutil
import re
import time
from collections.abc import Callable, Iterator

import pytest

import pizarra
from pizarra.collab.wire.codec import MalformedFrame, decode_frame
from pizarra.collab.wire.updates import read_state_vector, summarize_update
from pizarra.execution.output import OutputCollector
from pizarra.judging.comparing import comparator_of, is_number, says_the_same
from pizarra.kit.masking import mask, masked_path
from pizarra.kit.paths import is_portable
from pizarra.kit.text import in_one_line, storable, visible, with_lf
from pizarra.problems.tables import cells_of
from pizarra.questions.packages.archive import PackageError
from pizarra.questions.packages.left_out import about_files
from pizarra.questions.packages.pasted import read_pasted
from pizarra.questions.packages.statements import may_be_script
from pizarra.questions.packages.tex import as_markdown
from pizarra.sandbox.compilers.columns import Lines
from pizarra.sandbox.compilers.gcc import parse_gcc
from pizarra.sandbox.compilers.javac import beside, can_be_files
from pizarra.sandbox.compilers.tsconfig import MAX_BYTES, options_of, remarks_on
from pizarra.sandbox.isolation.payload import ProgramEnd
from pizarra.sandbox.language_servers.rpc import BrokenStream, Decoder
from pizarra.sandbox.language_servers.server_pool import word_before
from pizarra.sandbox.languages import languages
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.remote.believed import believed
from pizarra.sandbox.runner.job import judge
from pizarra.sandbox.runner.streams import RunnerFault
from pizarra.sandbox.runner.uncaught import find_error
from pizarra.spanish import prefers_spanish

SIZES = (8 * 1024, 64 * 1024, 1024 * 1024)
SECONDS_A_CHARACTER = 2e-6
SINGLE = " \t\r\n\0;aZ0_.,:/\\\"'()[]{}<>#@=-+*!é字😀\u2028"
REPEATED = [
    *SINGLE,
    *(
        " \n",
        "a ",
        "a\n",
        "at a",
        "://a:",
        "://a",
        "token=",
        "main ",
        "main\n",
        "package ",
        "package\n",
        "package a\n",
    ),
    *(
        "a.java:1: error: ",
        "a(1,1): ",
        "Error",
        'File "/work/a',
        "/work/",
        "/*",
        "/* ",
        "//",
        "//\n",
        '\\"',
        '"\\',
        ", ",
        "x=(",
        "{[(",
    ),
    # Words that a pattern looks for, with a boundary before each of many.
    *(
        *("ld", ".ld", "ld.", "/ld: ", ".ld:1: ", ".error", "-warning: ", ".Exception"),
        *(
            "\tat a.",
            "\tat a.a(",
            "evalmachine.:1",
            'File "',
            "undefined reference to `",
            "EAGAIN.",
        ),
    ),
]
# What a line ends with: a pattern that finds the beginning of one everywhere looks for it from everywhere.
ENDS = ("", ": In function 'int main()':", ":1:1: error: x", ":1: undefined reference to `main'")


def on_output(text: str) -> None:
    """Take a program's output a few bytes at a time, all of it before anybody takes it."""
    collector, data = OutputCollector(), text.encode()
    for start in range(0, len(data), 61):
        collector.add("stdout", data[start : start + 61])
    collector.finish()
    collector.drain()


def in_error(text: str) -> None:
    """Look for an uncaught error, and for a limit that was met, in what a run keeps of its output."""
    kept = text[-8000:]
    for spec in languages().values():
        if spec.run.error is not None:
            find_error(spec.run.error, kept, {"main.py": b""}, spec.id)
        judge(ProgramEnd("exited", 1, None, 0, 0), spec.run, kept, RunLimits())


def from_gcc(text: str) -> None:
    """Read it as what g++ prints, and as a line whose end is g++'s own."""
    for end in ENDS:
        parse_gcc(text + end, {"main.cpp": text.encode()}, "main.cpp")


def marked(text: str) -> None:
    """Have a hundred messages about the end of one line, and about one that is not there."""
    line = text.replace("\n", " ")
    said = f"main.cpp:1:{len(line.encode())}: error: x\n" * 100
    found = parse_gcc(said, {"main.cpp": line.encode()}, "main.cpp")
    lines = Lines({"main.cpp": line.encode()})
    for each in found:
        lines.text(each.path, each.line)


def in_tsconfig(text: str) -> None:
    """Read it as a session's options, in text and outside; beyond its limit it is not read at all."""
    for before in ("", '"', "/*", '{"compilerOptions":'):
        options_of({"tsconfig.json": (before + text).encode()[:MAX_BYTES]})
        options_of({"tsconfig.json": (before + text).encode()})


def from_language_server(text: str) -> None:
    """Read what a server inside the sandbox writes, 4 KiB at a time."""
    body = text.encode()
    stream = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    for data in (body, stream):
        decoder = Decoder()
        try:
            for start in range(0, len(data), 4096):
                decoder.feed(data[start : start + 4096])
        except BrokenStream:
            pass


def as_frame(text: str) -> None:
    """Read the bytes as everything that a socket may carry."""
    for read in (decode_frame, summarize_update, read_state_vector):
        with contextlib.suppress(MalformedFrame):
            read(text.encode())


def as_statement(text: str) -> None:
    """Read it as a statement in LaTeX, and look for what would be a script."""
    as_markdown(text)
    for begun in ("", "<"):
        may_be_script(begun + text)
    for begun in ("", "a|b\n-|-\n", "> a|b\n> -|-\n"):
        cells_of(begun + text)


def as_signature(text: str) -> None:
    """Read it as a pasted signature, of which no more is looked at than a line may have."""
    line = text.replace("\n", " ")[:500]
    for begun in ("", "def f(", "f(a)->"):
        with contextlib.suppress(PackageError):
            read_pasted(begun + line)


def as_worker(text: str) -> None:
    """Read it as a message of a worker, and as what is said in one."""
    for message in (text, json.dumps({"type": "said", "text": text})):
        with contextlib.suppress(RunnerFault):
            believed(message.encode())


def as_paths(text: str) -> None:
    """Read it as the path of a package's file."""
    list(about_files([f"data/secret/{text}", f"data/secret/{text}.in"], set()))


READERS: dict[str, Callable[[str], object]] = {
    "a test's output": lambda text: says_the_same((text + "x").encode(), text.encode()),
    "a test's numbers": lambda text: says_the_same(
        (text + "x").encode(), text.encode(), comparator_of("numbers", 1e-6)
    ),
    "a number": lambda text: (is_number((text + "x").encode()), is_number(text.encode())),
    "a program's output": on_output,
    "storable text": storable,
    "line ends": with_lf,
    "a line of the log": mask,
    "a path of the log": lambda text: masked_path(f"/{text}"),
    "a name": visible,
    "a word for the log": in_one_line,
    "a file's name": is_portable,
    "the languages that somebody reads": prefers_spanish,
    "the word before a caret": lambda text: word_before(text, len(text)),
    "what g++ prints": from_gcc,
    "places in a long line": marked,
    "a tsconfig.json": in_tsconfig,
    "an uncaught error": in_error,
    "what a language server writes": from_language_server,
    "a frame": as_frame,
    "a statement": as_statement,
    "what a worker says": as_worker,
    "a pasted signature": as_signature,
    "a path of a package": as_paths,
}

FEWER = {  # what is slow by itself, and cares for little
    "places in a long line": ["a", "é", "😀"],
    "a program's output": ["a", "é", "\0"],
    "a name": [*" \t\0a,é字😀\u2028", "a ", "\u200d", "a\u200d", "\u202e"],
    "a word for the log": [*" \0a\\é😀\u2028", "a\0", "\u202e"],
    "a statement": [
        *(" ", "\n", "<", "< ", "< /", "<a on", "%", "-", "\\", "javascript :", "data:"),
        *("\\begin{verbatim}[", "\\includegraphics[", "\\illustration{a}", "\\emph{", "\\item "),
    ],
    "a path of the log": ["/", "j/", "a", "0" * 32 + ".", "0" * 32 + "%25", "pza_", "%25"],
    "a line of the log": [
        "0" * 32 + ".",
        "0" * 32 + "%25",
        "25",
        "pza_",
        "%25",
        "a",
        " ",
        ":",
        "=",
        "://a:",
        "://a",
        "token=",
        'token="',
        "@",
    ],
}


def measure(read: Callable[[str], object], unit: str, what: str) -> None:
    for size in SIZES:
        text = unit * (size // len(unit))
        started = time.process_time()
        read(text)
        spent = time.process_time() - started
        assert spent < 0.05 + SECONDS_A_CHARACTER * size, (
            f"{what}: {size:,} characters of {unit!r} took {spent:.2f} s"
        )


@pytest.mark.parametrize("what", READERS)
def test_a_mebibyte_of_anything_takes_linear_time(what: str) -> None:
    for unit in FEWER.get(what, REPEATED):
        measure(READERS[what], unit, what)


# Modules that are programs of their own: they run somewhere else, or do something when they are loaded.
PROGRAMS = (
    "pizarra.__main__",
    "pizarra.judging.harnesses",
    "pizarra.migrations.",
    "pizarra.questions.starters",
    "pizarra.sandbox.isolation.shim",
    "pizarra.sandbox.stubs",
)
ANY = [*map(chr, range(9, 14)), *map(chr, range(32, 127)), *"é😀\u2028", "\r\n", "a ", "()", "{}"]
SHORT = {"pizarra.judging.projects._TEST"}  # matched whole, against names of at most 200 characters


def patterns_of(kept: object) -> Iterator[re.Pattern[str]]:
    """Yield the patterns for text that a variable holds, alone or among others."""
    if isinstance(kept, re.Pattern) and isinstance(kept.pattern, str):
        yield kept
    elif isinstance(kept, dict):
        for each in kept.values():
            yield from patterns_of(each)
    elif isinstance(kept, (list, tuple, set, frozenset)):
        for each in kept:
            yield from patterns_of(each)


def test_every_regular_expression_is_linear_whoever_uses_it() -> None:
    """Also those of a module that nobody thought of above."""
    patterns: dict[re.Pattern[str], str] = {}
    for module in pkgutil.walk_packages(pizarra.__path__, "pizarra."):
        if not module.name.startswith(PROGRAMS):
            for name, kept in vars(importlib.import_module(module.name)).items():
                for pattern in patterns_of(kept):
                    patterns.setdefault(pattern, f"{module.name}.{name}")
    assert len(patterns) > 50
    for pattern, place in patterns.items():
        for unit in () if place in SHORT else ANY:
            started = time.process_time()
            pattern.search(unit * (16 * 1024 // len(unit)))
            spent = time.process_time() - started
            assert spent < 0.1, f"{place}: 16 KiB of {unit!r} took {spent:.2f} s"


def test_a_stack_trace_costs_no_more_with_many_files() -> None:
    """Java names packages and files, not folders: each place may be any file's."""
    files = {f"{number}/{'a/' * 40}B.java": b"" for number in range(2000)}
    error = languages()["java"].run.error
    assert error is not None
    printed = 'Exception in thread "main" x\n' + "".join(
        f"\tat a{number}.B.c(B.java:1)\n" for number in range(400)
    )
    started = time.process_time()
    assert find_error(error, printed, files, "java") == ()
    assert time.process_time() - started < 0.15
    (found,) = find_error(error, printed + "\tat a.a.B.c(B.java:7)\n", files, "java")
    assert (found.path, found.line) == (next(iter(files)), 7)


@pytest.mark.parametrize("nested", ["[", '{"a":', '[{"a":'])
def test_nested_json_is_refused_at_once(nested: str) -> None:
    def read(text: str) -> None:
        with pytest.raises((ValueError, RecursionError)):
            json.loads(text)

    measure(read, nested, "nested JSON")
    measure(in_tsconfig, nested, "a nested tsconfig.json")


def test_options_are_read_as_people_write_them() -> None:
    text = b"""{ // strict
      "compilerOptions": { "strict": true, /* , } */ "jsxFactory": "a//b", "jsx": "react", // ,
      }, "include": ["a,]", ], }"""
    honoured = {"strict": True, "jsxFactory": "a//b", "jsx": "react"}
    assert options_of({"tsconfig.json": text}) == honoured
    full = text + b" " * (MAX_BYTES - len(text))
    assert (options_of({"tsconfig.json": full}), remarks_on({"tsconfig.json": full})) == (
        honoured,
        (),
    )
    assert options_of({"tsconfig.json": full + b" "}) == {}
    (remark,) = remarks_on({"tsconfig.json": full + b" "})
    assert (remark.path, remark.message) == (
        "tsconfig.json",
        "This file has more than 64 KiB: its options are not used.",
    )


@pytest.mark.parametrize("depth", [1, 64, 65, 900])
def test_a_package_costs_once_however_many_classes_it_has(depth: int) -> None:
    package = ".".join("a" * depth)

    def build(text: str) -> None:
        classes = {f"{package}.C{number}": b"" for number in range(len(text) // 10)}
        assert can_be_files(classes) == (depth <= 64)
        if depth <= 64:
            beside(classes, {"Main.java": b"", "a": b""})

    measure(build, "class A{} ", f"a package of {depth} folders")


def test_files_in_the_way_of_a_class_give_way() -> None:
    files = {"a": b"", "a/b/C.class": b"old", "a/b/C.class/x": b"", "a/b/d": b"", "ab": b""}
    assert beside({"a.b.C": b"new"}, files) == {"a/b/C.class": b"new", "a/b/d": b"", "ab": b""}
    assert not can_be_files({f"a.{'ñ' * 125}": b""})
    assert can_be_files({"C" * 249: b""})
