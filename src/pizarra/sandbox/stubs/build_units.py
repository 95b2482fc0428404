"""Compiles C++ as a person would, unit by unit, and links what fits the main file: python3 build_units.py JSON COMMAND…

The JSON has `main`, `others` (more sources), `artifact` and `linkers` (arguments to try; the last explains best).
What another file declares decides whether it is linked, never its text: one that has a `main` of its own is another
program, one that somebody includes is compiled there, one that cannot be compiled is left out. If all together do not
link, the linker takes of the others what it needs, as from a library.
"""

import json
import os
import subprocess
import sys

OBJECTS = ".pizarra-objects"
AT_ONCE = 2


def main() -> None:
    """Build one program; what is said goes to stderr."""
    about, command = json.loads(sys.argv[1]), sys.argv[2:]
    os.makedirs(OBJECTS)
    units = [about["main"], *about["others"]]
    objects = {path: f"{OBJECTS}/{number}.o" for number, path in enumerate(units)}
    said = compile_all(command, objects)
    mine = objects[about["main"]]
    if not os.path.exists(mine):
        leave(said[about["main"]], 1)
    others = [path for path in about["others"] if path not in included(about["main"], mine)]
    good = [path for path in others if os.path.exists(objects[path])]
    helpers = [path for path in good if not has_main(objects[path])]
    helpers = [
        path
        for path in helpers
        if not any(path in included(each, objects[each]) for each in helpers)
    ]
    code, complaints = link(command, about, mine, [objects[path] for path in helpers])
    for path, name in objects.items():
        complaints = complaints.replace(name, path)
    told = "".join(
        said[path]
        for path in [about["main"], *helpers, *(path for path in others if path not in good)]
    )
    leave(told + complaints.replace(f"{os.getcwd()}/", ""), code)


def compile_all(command: list[str], objects: dict[str, str]) -> dict[str, str]:
    """Compile every unit; return what the compiler said of each."""
    waiting = list(objects.items())
    running: dict[str, tuple] = {}  # type: ignore[type-arg]
    said: dict[str, str] = {}
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            path, name = waiting.pop(0)
            source = f"./{path}" if path[0] in "-@" else path
            argv = [*command, "-c", source, "-o", name, "-MMD", "-MF", f"{name}.d"]
            output = open(f"{name}.txt", "wb")
            running[path] = (subprocess.Popen(argv, stderr=output), name, output)
        path, (process, name, output) = next(iter(running.items()))
        process.wait()
        output.close()
        del running[path]
        said[path] = read(f"{name}.txt")
    return said


def included(path: str, name: str) -> set[str]:
    """Return what a unit includes."""
    return set(read(f"{name}.d").replace("\\\n", " ").split()) - {path}


def has_main(name: str) -> bool:
    """Tell whether a unit defines the function that a program starts with."""
    symbols = subprocess.run(
        ["nm", "-g", "--defined-only", name], capture_output=True, text=True, check=False
    ).stdout
    return any(line.endswith(" T main") for line in symbols.splitlines())


def link(command: list[str], about: dict, mine: str, helpers: list[str]) -> tuple[int, str]:  # type: ignore[type-arg]
    """Return the linker's exit code, and what it said."""
    library = f"{OBJECTS}/others.a"
    if helpers:
        subprocess.run(["ar", "rcs", library, *helpers], check=True)
    fast, *_, plain = about["linkers"]
    for linker, objects in (
        (fast, helpers),
        (fast, [library] if helpers else None),
        (plain, helpers),
    ):
        if objects is None:
            continue
        argv = [*command, mine, *objects, "-o", about["artifact"], *([linker] if linker else [])]
        done = subprocess.run(argv, stderr=subprocess.PIPE, check=False)
        if done.returncode == 0:
            break
    return done.returncode, done.stderr.decode(errors="replace")


def read(name: str) -> str:
    """Return a file's text; nothing when it is not there."""
    try:
        with open(name, errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def leave(said: str, code: int) -> None:
    """Say it, and end."""
    sys.stderr.write(said)
    sys.exit(code)


main()
