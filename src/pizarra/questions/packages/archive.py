"""A ZIP archive from a stranger, read into memory within bounds: nothing of it ever touches the disk."""

import io
import stat
import zipfile
from dataclasses import dataclass

_READ = 64 * 1024
_ENTRY = b"PK\x01\x02"
# `zipfile` unpacks what else it knows (bzip2, LZMA) in one piece, however large that is.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class PackageError(Exception):
    """It cannot be imported; the message says why, for whoever sent it, and `bound` which setting refuses, if one."""

    def __init__(self, message: str, *, bound: str | None = None) -> None:
        super().__init__(message)
        self.bound = bound


class Remark(str):
    """What is said of something that was left out, or is otherwise here; for whoever sent it."""

    __slots__ = ()


# What tools leave beside the files that somebody wrote.
IGNORED = frozenset({".git", "__pycache__", "node_modules", "__MACOSX", ".DS_Store"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an archive may hold: files, and bytes once it is unpacked."""

    files: int
    unpacked_bytes: int


def unpack(archive: bytes, bounds: Bounds) -> dict[str, bytes]:
    """Return path → content of every file in an archive.

    Raises:
        PackageError: it is no archive, is too large, or holds what leads out of it.
    """
    # Each entry of the directory takes half a KiB once it is read; folders are entries too.
    if archive.count(_ENTRY) > 2 * bounds.files:
        raise PackageError(
            f"The package has more than {bounds.files:,} files.", bound="max_package_files"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            members = [each for each in opened.infolist() if not each.is_dir()]
            if len(members) > bounds.files:
                raise PackageError(
                    f"The package has {len(members):,} files: {bounds.files:,} are too many already.",
                    bound="max_package_files",
                )
            return _contents(opened, members, bounds)
    except PackageError:
        raise
    except (
        Exception
    ) as error:  # of what a stranger sent: `zipfile` lets out whatever its parts raise
        raise PackageError("This is no ZIP archive that can be read.") from error


def _contents(
    opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], bounds: Bounds
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    room = bounds.unpacked_bytes
    for member in members:
        _check(member)
        if member.filename in found:  # programs differ in which of them they take
            raise PackageError(f"The package has two files of one name: {member.filename[:80]}")
        if IGNORED & set(member.filename.split("/")):
            continue
        parts = []
        with opened.open(member) as file:  # what it says of its size may be a lie
            while part := file.read(_READ):
                room -= len(part)
                if room < 0:
                    raise PackageError(
                        f"Unpacked the package has more than {bounds.unpacked_bytes:,} bytes.",
                        bound="max_package_unpacked_bytes",
                    )
                parts.append(part)
        found[member.filename] = b"".join(parts)
    return found


def _check(member: zipfile.ZipInfo) -> None:
    name = member.filename
    shown = name[:80]
    if member.flag_bits & 1:
        raise PackageError("The package is encrypted.")
    if member.compress_type not in _METHODS:
        raise PackageError(
            f"The package has a file compressed in a way that is not taken, {shown}: use deflate."
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise PackageError(f"The package has a symbolic link, {shown}: put the file itself there.")
    check_path(name)


def check_path(name: str) -> None:
    """Refuse the path of a file that would lie elsewhere than in its package.

    Raises:
        PackageError: it would, or is too long.
    """
    parts, shown = name.split("/"), name[:80]
    if name.startswith("/") or "\\" in name or "\0" in name or ".." in parts or ":" in parts[0]:
        raise PackageError(f"The package has a file that leads out of it: {shown}")
    if len(name) > 300 or len(parts) > 12:
        raise PackageError(f"The package has a name that is too long: {shown}")


def packages_in(files: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Return each package of an archive: its folder → its files; at the root there is one without a name.

    Raises:
        PackageError: there is none.
    """
    if "problem.yaml" in files:
        return {"": files}
    packages: dict[str, dict[str, bytes]] = {
        path.partition("/")[0]: {}
        for path in files
        if path.count("/") == 1 and path.endswith("/problem.yaml")
    }
    if not packages:
        raise PackageError("There is no problem.yaml in it: a package is a folder that has one.")
    for path, content in files.items():
        folder, _, rest = path.partition("/")
        if folder in packages and rest:
            packages[folder][rest] = content
    return packages
