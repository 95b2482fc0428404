"""Fills the folder of libraries: the next one is made whole beside it, then the links move."""

import fcntl
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from pizarra.sandbox.libraries import LANGUAGES, MANIFEST, clients, target_of
from pizarra.sandbox.libraries.clients import Entry, Order
from pizarra.sandbox.libraries.sealing import seal, seal_link
from pizarra.sandbox.libraries.wanted import LibraryError
from pizarra.sandbox.toolchains import point

_FRESH = ".new-"
_LOCK = ".lock"


def add(
    folder: Path, wanted: Mapping[str, list[str]], tell: Callable[[str], None], *, from_source: bool
) -> None:
    """Install libraries beside those that are there, which keep their versions. All of them, or none.

    Raises:
        LibraryError: something failed, and nothing has changed.
    """

    def order(language: str, kept: list[Entry]) -> Order:
        tell(f"installing for {language}: {', '.join(wanted[language])}")
        return Order(kept, wanted[language], from_source)

    _change(folder, list(wanted), order)


def remove(folder: Path, wanted: Mapping[str, list[str]], tell: Callable[[str], None]) -> None:
    """Take libraries away, with what only they needed.

    Raises:
        LibraryError: one of them is not there, or something failed; nothing has changed.
    """

    def order(language: str, kept: list[Entry]) -> Order:
        names = {clients.name_of(language, each) for each in wanted[language]}
        if missing := names - {each.key for each in kept}:
            raise LibraryError(
                f"{', '.join(sorted(missing))} is not among the libraries of {language}"
            )
        tell(f"removing from {language}: {', '.join(sorted(names))}")
        return Order([each for each in kept if each.key not in names], [], from_source=False)

    _change(folder, list(wanted), order)


def installed(folder: Path, language: str) -> list[Entry]:
    """Return what is there for a language, as it was asked for."""
    name = target_of(folder, language)
    try:
        manifest = (
            json.loads((folder / name / MANIFEST).read_bytes()) if name else {"libraries": []}
        )
        return [Entry(**each) for each in manifest["libraries"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        fix = f"remove {folder / language}, and add what was there"
        raise LibraryError(f"the list of libraries cannot be read ({error}): {fix}") from error


def _change(folder: Path, languages: list[str], order: Callable[[str, list[Entry]], Order]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        with _alone(folder), ExitStack() as stack:
            made = {
                language: stack.enter_context(_fresh(folder, language, order))
                for language in languages
            }
            for language, name in made.items():
                _move_link(folder, language, name)
            _forget(folder)
            seal_link(folder)
    except OSError as error:
        raise LibraryError(f"{folder} cannot be changed: {error.strerror or error}") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LibraryError(
                "another `pizarra toolchains` is at work: try again when it is done"
            ) from None
        yield


@contextmanager
def _fresh(
    folder: Path, language: str, order: Callable[[str, list[Entry]], Order]
) -> Iterator[str]:
    """Give the name of a new folder with the libraries; it goes away again unless a link leads there at the end."""
    before = folder / (target_of(folder, language) or ".nothing")
    made = Path(tempfile.mkdtemp(prefix=_FRESH, dir=folder))
    name = f"{language}-{made.name.removeprefix(_FRESH)}"
    try:
        filled = clients.fill(language, made, before, order(language, installed(folder, language)))
        about = {"site": filled.site, "libraries": [asdict(each) for each in filled.entries]}
        (made / MANIFEST).write_text(json.dumps(about))
        seal(made)
        made.rename(folder / name)
        yield name if filled.entries else ""
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if target_of(folder, language) != name:
            shutil.rmtree(folder / name, ignore_errors=True)


def _move_link(folder: Path, language: str, name: str) -> None:
    link = folder / language
    if not name:
        link.unlink(missing_ok=True)
        return
    point(link, name)
    seal_link(link)


def _forget(folder: Path) -> None:
    """Remove what no link leads to, but for what programs may still run from: the latest of each language before."""
    for language in LANGUAGES:
        current = target_of(folder, language)
        others = [each for each in folder.glob(f"{language}-*") if each.name != current]
        for each in sorted(others, key=lambda path: path.stat().st_ctime)[:-1]:
            shutil.rmtree(each, ignore_errors=True)
    for each in folder.glob(f"{_FRESH}*"):  # of one that was killed; we are alone
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)
