"""Packages that lie in folders or archives of this computer, for the command line."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from pizarra.config import Settings
from pizarra.questions.packages.archive import IGNORED, Bounds, PackageError, packages_in, unpack
from pizarra.questions.packages.documents import read_yaml
from pizarra.questions.packages.reading import Read, read_package

_ENTRY_BYTES = 2048  # of a file in an archive, at most, beside what is in it


def starter_folder() -> Path:
    """Return where the questions lie that come with the program."""
    return Path(__file__).parent / "starters"


class Package(NamedTuple):
    """A package and the question in it; `name` is its folder's, empty at the root of an archive."""

    name: str
    files: dict[str, bytes]
    read: Read


def read_place(place: Path, settings: Settings) -> list[Package]:
    """Return the packages of an archive or a folder.

    Raises:
        PackageError: one is refused, or there is none. OSError: it cannot be read.
    """
    bounds = Bounds(settings.max_package_files, settings.max_package_unpacked_bytes)
    if place.is_dir():
        packages = {path.name: _files(path, bounds) for path in _folders(place)}
        if not packages:
            raise PackageError(
                "There is no problem.yaml in it: a package is a folder that has one."
            )
    else:
        if place.stat().st_size > bounds.unpacked_bytes + _ENTRY_BYTES * bounds.files:
            raise PackageError("The package has too many files, or is too large.")
        packages = packages_in(unpack(place.read_bytes(), bounds))
    found = []
    for name, files in sorted(packages.items()):
        try:
            found.append(Package(name, files, read_package(files, settings)))
        except PackageError as error:
            if not name:
                raise
            raise PackageError(f"{error} This is in the package {name}.") from error
    return found


def _folders(place: Path) -> Iterator[Path]:
    if (place / "problem.yaml").is_file():
        yield place
        return
    for path in sorted(place.iterdir()):
        if path.is_dir() and not path.is_symlink() and (path / "problem.yaml").is_file():
            yield path


def _files(folder: Path, bounds: Bounds) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    room = bounds.unpacked_bytes
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if IGNORED & set(path.relative_to(folder).parts):
            continue
        if path.is_symlink():
            raise PackageError(
                f"The package has a symbolic link, {name[:80]}: put the file itself there."
            )
        if not path.is_file():
            continue
        room -= path.stat().st_size
        if len(found) >= bounds.files or room < 0:
            raise PackageError("The package has too many files, or is too large.")
        found[name] = path.read_bytes()
    return found


def require_different(ids: Iterable[str | None]) -> None:
    """Refuse packages of which two ask for one id: the second would take the place of the first.

    Raises:
        PackageError: two do.
    """
    known: set[str] = set()
    for each in ids:
        if each is not None and each in known:
            raise PackageError(
                f"Two packages have the same `uuid`, {UUID(each)}: take it out of the problem.yaml of the copy."
            )
        known.update([each] if each is not None else [])


def id_of(package: Package) -> str | None:
    """Return the id that a package asks for, made of its `uuid`; None where it names none."""
    named = str(read_yaml(package.files["problem.yaml"], "problem.yaml").get("uuid") or "")
    if not named:
        return None
    try:
        return UUID(named).hex
    except ValueError:
        return uuid5(NAMESPACE_URL, named).hex


def id_in(library: str, package: Package) -> str:
    """Return the id of a package that is synchronized with a library: its own, or one made of its folder's name."""
    return id_of(package) or uuid5(NAMESPACE_URL, f"pizarra:{library}/{package.name}").hex
