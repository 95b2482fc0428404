"""Python's libraries, by pip: for the Python that programs run with, which need not be the one that runs Pizarra."""

import re
import subprocess
import sys
from importlib import metadata, util
from pathlib import Path

from pizarra.sandbox.languages import languages
from pizarra.sandbox.libraries.clients.order import (
    LOCAL,
    Entry,
    Filled,
    Order,
    keep_files,
    run_client,
)
from pizarra.sandbox.libraries.wanted import LibraryError, is_file

_QUIET = (
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "--no-warn-script-location",
    "--retries",
    "1",
)
_MISSING = r"No matching distribution found for (?P<name>[^\s(]+)"
_NAME = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(?P<extras>\[.*?\])?")


def name_of(source: str) -> str:
    """Return a library's name as Python compares names; of a file, what its name begins with."""
    if is_file(source) or source.startswith(f"{LOCAL}/"):
        source = Path(source).name
        source = source.split("-")[0] if source.endswith(".whl") else re.sub(r"-\d.*", "", source)
    match = _NAME.match(source)
    return re.sub(r"[-_.]+", "-", match["name"] if match else source).lower()


def fill(fresh: Path, before: Path, order: Order) -> Filled:
    """Install into `lib/pythonX.Y/site-packages`; only ready-made wheels, whose making runs nothing, if not otherwise
    asked."""
    sources = keep_files(fresh, before, order.sources(name_of))
    if not sources:
        return Filled([])
    python = _python()
    site = _site(python, fresh)
    if util.find_spec("pip") is None:
        raise LibraryError(
            f"pip is not installed beside Pizarra. Install it: {sys.executable} -m ensurepip"
        )
    argv = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        *_QUIET,
        "--target",
        str(site),
    ]
    argv += [] if order.from_source else ["--only-binary", ":all:"]
    run_client("pip", [*argv, *(_given(each) for each in sources.values())], fresh, _MISSING)
    found = {
        name_of(each.metadata["Name"]): each for each in metadata.distributions(path=[str(site)])
    }
    entries = []
    for key, source in sources.items():
        if (there := found.get(key)) is None:
            raise LibraryError(f"{source} installs nothing that is called {key}")
        kept = (
            source if source.startswith(f"{LOCAL}/") else f"{key}{_extras(source)}=={there.version}"
        )
        entries.append(Entry(key, there.metadata["Name"], there.version, kept))
    return Filled(entries, str(site.relative_to(fresh)))


def _given(source: str) -> str:
    return f"./{source}" if source.startswith(f"{LOCAL}/") else source


def _extras(source: str) -> str:
    match = _NAME.match(source)
    return (match["extras"] or "") if match else ""


def _python() -> str:
    candidates = languages()["python"].toolchain.candidates
    for each in candidates:
        if Path(each).exists():
            return each
    raise LibraryError(
        f"there is no Python for programs: {languages()['python'].toolchain.install}"
    )


def _site(python: str, base: Path) -> Path:
    """Return where that Python looks for a user's libraries below `base`."""
    ask = "import site; print(site.getusersitepackages())"
    done = subprocess.run(
        [python, "-c", ask],
        env={"PYTHONUSERBASE": str(base)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LibraryError(f"{python} does not start: {done.stderr.strip()[-300:]}")
    return Path(done.stdout.strip())
