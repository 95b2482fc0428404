"""From an archive to the questions in it."""

from pizarra.config import Settings
from pizarra.questions.packages.archive import Bounds, PackageError, packages_in, unpack
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
    if sum(len(each) for name, each in files.items() if name.endswith(".yaml")) > _MOST_YAML_BYTES:
        raise PackageError(f"Its YAML is more than {_MOST_YAML_BYTES:,} bytes.")
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
            raise PackageError(f"{error} This is in the package {name}.") from error
    return found
