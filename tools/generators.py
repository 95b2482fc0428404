"""Has stock generators make clients of our OpenAPI document; each compiles, and does a session, a run and a timeline.

`make generators` tries all of them and notes in `tests/generators/tried.txt` with what. The suite tries the quick ones
always, and the costly ones when the document has another shape than that. They come from the package registries; three
of them need Java, and for Go its compiler. What is missing is said, and is a failure where `CI` is set.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.harness.server import server_process  # noqa: E402 - the path above comes first

DOCUMENT = ROOT / "web" / "openapi.json"
PROGRAMS = ROOT / "tests" / "generators"
TRIED = PROGRAMS / "tried.txt"
PAGE = ROOT / "web" / "node_modules" / ".bin"
# Debian's package of the one module that the Go client needs, for machines without Go's proxy.
GO_MODULE = Path("/usr/share/gocode/src/gopkg.in/validator.v2")
_WORDS = {"description", "summary", "title", "example", "examples", "info"}


class Missing(Exception):
    """A generator cannot be tried on this machine."""


def shape() -> str:
    """Return a hash of what generators make something of: the document without its prose, and what is tried with it."""
    document = json.dumps(_without_words(json.loads(DOCUMENT.read_text())), sort_keys=True)
    tried = [path.read_bytes() for path in sorted(PROGRAMS.iterdir()) if path != TRIED]
    return hashlib.sha256(b"".join([document.encode(), *tried])).hexdigest()


def _without_words(part: Any, *, named: bool = False) -> Any:
    """Leave out what explains. The keys of `properties` are names: one of them may be `title`."""
    if isinstance(part, dict):
        return {
            key: _without_words(value, named=key == "properties" and not named)
            for key, value in part.items()
            if named or key not in _WORDS
        }
    if isinstance(part, list):
        return [_without_words(each) for each in part]
    return part


def run(
    *command: object,
    cwd: Path,
    path: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a command; what it says is shown when it fails."""
    places = os.pathsep.join([*([str(path)] if path else []), os.environ["PATH"]])
    result = subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env={**os.environ, **(environment or {}), "PATH": places},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise RuntimeError((result.stdout + result.stderr)[-3000:])


def environment_with(folder: Path, lock: str) -> Path:
    """Return the programs of a Python environment with what one of our locks names.

    Raises:
        Missing: it was never fetched, and the registry cannot be reached.
    """
    uv = Path(sys.executable).with_name("uv")
    settings = {"UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(folder / "venv")}
    run(uv, "venv", "-q", "-p", sys.executable, folder / "venv", cwd=folder, environment=settings)
    install = (uv, "pip", "install", "-q", "--require-hashes", "-r", PROGRAMS / lock)
    try:
        run(*install, "--offline", cwd=folder, environment=settings)  # from uv's cache
    except RuntimeError:
        try:
            run(*install, cwd=folder, environment=settings)
        except RuntimeError as error:
            raise Missing(f"what {lock} names cannot be fetched: {error}") from None
    return folder / "venv" / "bin"


def python_client(folder: Path, url: str) -> None:
    """openapi-python-client."""
    programs = environment_with(folder, "openapi-python-client.lock")
    options = ("--path", DOCUMENT, "--output-path", folder / "made", "--meta", "none")
    run(programs / "openapi-python-client", "generate", *options, cwd=folder, path=programs)
    made = {"PYTHONPATH": str(folder)}
    run(programs / "python", PROGRAMS / "python_client.py", url, cwd=folder, environment=made)


def typescript_types(folder: Path, url: str) -> None:
    """openapi-typescript: what `make types` had it make for the page."""
    shutil.copy(ROOT / "web" / "src" / "api.gen.ts", folder / "made.d.ts")
    _compile_and_run(folder, "types.ts", url)


def openapi_python(folder: Path, url: str) -> None:
    """openapi-generator, `python`."""
    programs = _generate(folder, "python")
    made = {"PYTHONPATH": str(folder / "made")}
    run(programs / "python", PROGRAMS / "openapi_python.py", url, cwd=folder, environment=made)


def openapi_typescript_fetch(folder: Path, url: str) -> None:
    """openapi-generator, `typescript-fetch`."""
    _generate(folder, "typescript-fetch")
    _compile_and_run(folder, "fetch.ts", url)


def openapi_go(folder: Path, url: str) -> None:
    """openapi-generator, `go`."""
    if shutil.which("go") is None:
        raise Missing("there is no Go compiler")
    _generate(
        folder,
        "go",
        "--git-host=example.com",
        "--git-user-id=x",
        "--git-repo-id=pizarra",
        "--additional-properties=enumClassPrefix=true,useOneOfDiscriminatorLookup=true",
    )
    made, module = (
        folder / "made",
        "module example.com/pizarra\n\ngo 1.19\n\nrequire gopkg.in/validator.v2 v2.0.1\n",
    )
    shutil.rmtree(made / "test", ignore_errors=True)
    if GO_MODULE.exists():
        shutil.copytree(GO_MODULE, folder / "validator")
        (folder / "validator" / "go.mod").write_text("module gopkg.in/validator.v2\n")
        module += "\nreplace gopkg.in/validator.v2 => ../validator\n"
    (made / "go.mod").write_text(module)
    (made / "try").mkdir()
    shutil.copy(PROGRAMS / "main.go", made / "try")
    run("go", "run", "-mod=mod", "./try", url, cwd=made)


def _generate(folder: Path, kind: str, *options: str) -> Path:
    """Have openapi-generator make a client in `made`; return the programs of the environment that it came with."""
    if shutil.which("java") is None:
        raise Missing("there is no Java")
    shared = folder.parent / "openapi-generator"
    if not shared.exists():
        shared.mkdir()
        environment_with(shared, "openapi-generator.lock")
    (jar,) = (shared / "venv").glob("lib/python3.*/site-packages/*/openapi-generator.jar")
    command = ("java", "-XX:TieredStopAtLevel=1", "-jar", jar, "generate", "-i", DOCUMENT)
    run(*command, "-g", kind, "-o", folder / "made", *options, cwd=folder)
    return shared / "venv" / "bin"


def _compile_and_run(folder: Path, program: str, url: str) -> None:
    shutil.copy(PROGRAMS / program, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    options = ("--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom")
    modules = ("--module", "esnext", "--moduleResolution", "bundler")
    run(PAGE / "tsc", *options, *modules, program, cwd=folder)
    bundle = ("--format", "esm", "--platform", "node", "--file", "out.mjs")
    run(PAGE / "rolldown", program, *bundle, cwd=folder)
    run("node", "out.mjs", url, cwd=folder)


Generator = Callable[[Path, str], None]
QUICK: tuple[Generator, ...] = (python_client, typescript_types)
COSTLY: tuple[Generator, ...] = (openapi_python, openapi_typescript_fetch, openapi_go)


def attempt(generators: Sequence[Generator], folder: Path, url: str) -> list[str]:
    """Try generators with a server; print what came of it, and return what failed."""
    failures = []
    for generator in generators:
        mine = folder / generator.__name__
        mine.mkdir()
        started = time.monotonic()
        try:
            generator(mine, url)
            print(f"✓ {generator.__doc__} ({time.monotonic() - started:.1f} s)", flush=True)
        except Missing as reason:
            said = f"{generator.__doc__} not tried: {reason}"
            failures += [said] if "CI" in os.environ else []
            print(f"· {said}", flush=True)
        except RuntimeError as error:
            failures.append(f"{generator.__doc__}\n{error}")
            print(f"✗ {failures[-1]}", flush=True)
    return failures


def main() -> int:
    """Try all, and note with what; return 1 when one fails."""
    os.environ["CI"] = "true"  # nothing is noted that was not tried
    with tempfile.TemporaryDirectory() as name, server_process(Path(name)) as server:
        failures = attempt((*QUICK, *COSTLY), Path(name), server.url)
    if not failures:
        TRIED.write_text(f"{shape()}\n")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
