"""Whether programs run here as they do at home: public collections, beside the plain toolchains, byte for byte.

    python benchmarks/corpus/run.py FOLDER… [--most 60]

FOLDER is a checkout of anything that holds programs of one file each. Tried were, on GitHub, TheRenegadeCoder's
sample-programs, TheAlgorithms' Python, JavaScript, TypeScript, Java and C-Plus-Plus, and hanabi1224's
Programming-Language-Benchmarks; they are not part of Pizarra. A program
counts when the plain toolchain builds it, and runs it to its end twice with the same output: what tells the time or
throws dice says nothing. Equal are the bytes on stdout and the exit code; each difference is printed, to be explained.
"""

import argparse
import ast
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import keep  # noqa: E402
from tests.harness.server import server_process  # noqa: E402

_SECONDS = 5  # a program that takes longer at home is left out
_MOST_BYTES = 60_000
_MOST_OUTPUT = 200_000
_TYPESCRIPT = Path(os.environ.get("PIZARRA_CACHE_DIR", "/var/cache/pizarra")) / "typescript"
_TSC = [str(_TYPESCRIPT / "tsc"), "--ignoreConfig", "--outDir", ".", "--target", "es2022"]
_TSC += ["--module", "commonjs", "--skipLibCheck", "--noCheck", "main.ts"]


@dataclass(frozen=True, slots=True)
class Toolchain:
    """How somebody runs a program of one file at home, and what of a collection is one."""

    suffixes: tuple[str, ...]
    main: str
    commands: tuple[tuple[str, ...], ...]
    begins: str  # a program has it; what has not is a library
    needs: str  # what has it needs more than one file


TOOLCHAINS = {
    "python": Toolchain(
        (".py",), "main.py", (("/usr/bin/python3", "-B", "main.py"),), r"\bprint\(", r"(?!)"
    ),
    "javascript": Toolchain(
        (".js", ".mjs"),
        "main.js",
        (("node", "main.js"),),
        r"console\.log|process\.stdout",
        r"""(?:from|require\()\s*["'](?!node:)[^"']*[./@]|\bprompt\(|\bDeno\b""",
    ),
    "typescript": Toolchain(
        (".ts",),
        "main.ts",
        (tuple(_TSC), ("node", "main.js")),
        r"console\.log|process\.stdout",
        r"""(?:from|require\()\s*["'](?!node:)[^"']*[./@]|\bDeno\b""",
    ),
    "java": Toolchain(
        (".java",),
        "{name}",
        (("javac", "-d", ".", "{name}"), ("java", "{class}")),
        r"static void main\(",
        r"import (?:static )?(?!java[.x])",
    ),
    "cpp": Toolchain(
        (".cpp", ".cc"),
        "main.cpp",
        (("g++", "-std=c++20", "-O1", "-pthread", "main.cpp", "-o", "program"), ("./program",)),
        r"\bint main\(",
        r'#include "|\btime\((?:0|NULL|nullptr)\)|random_device',
    ),
}


def programs(folders: Sequence[Path], language: str) -> Iterator[tuple[str, str]]:
    """Yield (where it is from, text) of what looks like a program of one file, in an order that is always the same."""
    chain = TOOLCHAINS[language]
    found = sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix in chain.suffixes
    )
    random.Random(7).shuffle(found)
    for path in found:
        if path.stat().st_size > _MOST_BYTES:
            continue
        text = path.read_text(errors="replace").replace("\r\n", "\n")
        if not re.search(chain.begins, text) or re.search(chain.needs, text):
            continue
        if language == "python" and not _is_alone(text):
            continue
        where = next(path.relative_to(each.parent) for each in folders if each in path.parents)
        yield str(where), text


def _is_alone(text: str) -> bool:
    """Tell whether a Python program imports nothing that does not come with Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    named = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or "."]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    return named <= sys.stdlib_module_names


def at_home(language: str, name: str, text: str) -> tuple[bytes, int] | None:
    """Return what a program prints and its exit code with the plain toolchain; None: it says nothing about us."""
    chain = TOOLCHAINS[language]
    words = _java_words(name, text) if language == "java" else {}
    commands = [[words.get(word, word) for word in command] for command in chain.commands]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, words.get(chain.main, chain.main)).write_text(text)
        outcomes = []
        for command in (*commands, commands[-1]):
            try:
                ended = subprocess.run(
                    command,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=30 if command is not commands[-1] else _SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return None
            if command is commands[-1]:
                outcomes.append((ended.stdout, ended.returncode))
            elif ended.returncode:
                return None
    first, second = outcomes
    return first if first == second and first[1] >= 0 and len(first[0]) < _MOST_OUTPUT else None


def _java_words(name: str, text: str) -> dict[str, str]:
    """Return what stands for the file, which has the public class's name, and for the class whose main is run."""
    begins = text.find("static void main(")
    classes = re.finditer(r"^(?:public |final |abstract )*class (\w+)", text, re.MULTILINE)
    runs = [each[1] for each in classes if each.start() < begins] or [name.partition(".")[0]]
    public = re.search(r"^public (?:final |abstract )*class (\w+)", text, re.MULTILINE)
    package = re.search(r"^package ([\w.]+);", text, re.MULTILINE)
    return {
        "{name}": f"{public[1] if public else runs[-1]}.java",
        "{class}": f"{package[1]}.{runs[-1]}" if package else runs[-1],
    }


def here(client: httpx2.Client, language: str, text: str) -> tuple[bytes, int | None, str]:
    """Return what a program prints, its exit code and how it ended on a server of ours."""
    made = client.post("/api/sessions", json={"language": language, "initial_code": text})
    made.raise_for_status()
    path = f"/api/sessions/{made.json()['session_id']}"
    run = client.post(f"{path}/runs?wait=true", json={"stdin": ""}).raise_for_status().json()
    client.delete(path)
    return run["stdout"].encode(), run["exit_code"], f"{run['status']}: {run['stderr'][-300:]}"


def compare(client: httpx2.Client, folders: Sequence[Path], language: str, most: int) -> list[str]:
    """Run a language's programs on both sides; return one line for each, empty for one that is equal."""
    told: list[str] = []
    for where, text in programs(folders, language):
        if len(told) == most:
            break
        if (home := at_home(language, Path(where).name, text)) is None:
            continue
        stdout, code, how = here(client, language, text)
        line = ""
        if (stdout, code) != home:
            line = f"{where}: exit {home[1]} at home, {code} here ({how})"
            if stdout != home[0]:
                line += f"\n   at home {home[0][:200]!r}\n   here    {stdout[:200]!r}"
            print(f"{language} {line}", flush=True)
        told.append(line)
    return told


def main() -> None:
    """Compare, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=60, help="programs of each language")
    parser.add_argument("--languages", nargs="+", default=list(TOOLCHAINS))
    arguments = parser.parse_args()
    folders = [folder.resolve() for folder in arguments.folders]
    figures = {}
    with (
        tempfile.TemporaryDirectory() as data,
        server_process(Path(data), first_start=True) as server,
        httpx2.Client(base_url=server.url, timeout=120) as client,
    ):
        for language in arguments.languages:
            told = compare(client, folders, language, arguments.most)
            equal = told.count("")
            figures[language] = {"programs": len(told), "equal": equal}
            print(f"{language}: {equal} of {len(told)} equal", flush=True)
    if set(arguments.languages) == set(TOOLCHAINS):
        keep("corpus", 1, figures)


if __name__ == "__main__":
    main()
