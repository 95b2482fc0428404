"""From an archive to the questions in it, and from files that somebody edited to the question that they are."""

from collections.abc import Mapping

from pizarra.config import Settings
from pizarra.problems.images import read_image
from pizarra.questions.packages.archive import (
    Bounds,
    PackageError,
    check_path,
    packages_in,
    unpack,
)
from pizarra.questions.packages.reading import Read, read_package

_MOST_PACKAGES = 100
_MOST_YAML_BYTES = 256 * 1024  # of one archive: it is read at 70 to 100 KiB a second


def read_archive(archive: bytes, settings: Settings) -> list[Read]:
    """Return every question of an archive.

    Raises:
        PackageError: one of its packages is refused, or the archive is.
    """
    bounds = Bounds(settings.max_package_files, settings.max_package_unpacked_bytes)
    files = unpack(archive, bounds)
    _check_yaml(files)
    packages = packages_in(files)
    if len(packages) > _MOST_PACKAGES:
        raise PackageError(
            f"There are {len(packages):,} packages in it: send {_MOST_PACKAGES} at most."
        )
    found = []
    for name, files in sorted(packages.items()):
        try:
            found.append(read_package(files, settings))
        except PackageError as error:
            if not name:
                raise
            said = f"{error} This is in the package {name}."
            raise PackageError(said, bound=error.bound) from error
    return found


def read_edited(texts: Mapping[str, str], images: Mapping[str, str], settings: Settings) -> Read:
    """Return the question of one package, whose files came as texts; it keeps the pictures that it had.

    Raises:
        PackageError: it is refused.
    """
    if len(texts) > settings.max_package_files:
        raise PackageError(
            f"The package has more than {settings.max_package_files:,} files.",
            bound="max_package_files",
        )
    for path in texts:
        check_path(path)
    if "problem.yaml" not in texts:
        raise PackageError("There is no problem.yaml in it: a package is a folder that has one.")
    files = {path: text.encode() for path, text in texts.items()}
    _check_yaml(files)
    pictures = {f"statement/{name}": read_image(name, each) for name, each in images.items()}
    return read_package(files | pictures, settings)


def _check_yaml(files: Mapping[str, bytes]) -> None:
    if sum(len(each) for name, each in files.items() if name.endswith(".yaml")) > _MOST_YAML_BYTES:
        raise PackageError(f"Its YAML is more than {_MOST_YAML_BYTES:,} bytes.")
