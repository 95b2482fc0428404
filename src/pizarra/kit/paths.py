"""Names of files that every computer can hold; `web/src/session/new-file.ts` tells the same rule to people who type."""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from pizarra.kit.text import visible

_MAX_PATH, _MAX_PART_BYTES = 200, 255
_NO_CHARACTER = re.compile(r'[<>:"|?*\\]')
_NO_PART = re.compile(r"\.{0,2}|.*[. ]| .*")  # empty, dots, or what Windows would cut
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\..*)?", re.IGNORECASE
)

# What is read as soon as a folder is looked at: by Git (whatever holds a HEAD is a repository), shells, editors and
# file managers.
_READ_AT_ONCE = frozenset(
    [
        *(
            "head",
            ".git",
            ".hg",
            ".envrc",
            ".exrc",
            ".vimrc",
            ".nvimrc",
            ".nvim.lua",
            ".dir-locals.el",
            ".directory",
        ),
        *("desktop.ini", "autorun.inf"),
    ]
)
_FOLLOWED = (
    ".lnk",
    ".url",
    ".scf",
    ".desktop",
    ".library-ms",
    ".search-ms",
    ".searchconnector-ms",
    ".website",
)


def is_portable(path: str) -> bool:
    """Tell whether every computer can hold a file of this name: it is relative, and leads nowhere else.

    That is enough for a sandbox, where nobody looks at the folder and the program may write any name itself.
    """
    return (
        0 < len(path) <= _MAX_PATH
        and path.isprintable()
        and _NO_CHARACTER.search(path) is None
        and all(
            _NO_PART.fullmatch(part) is None
            and _RESERVED.fullmatch(part) is None
            and len(part.encode()) <= _MAX_PART_BYTES
            for part in path.split("/")
        )
    )


def is_safe_path(path: str) -> bool:
    """Tell whether a file of this name does no harm on somebody's own computer, where an archive is unpacked.

    Nothing is to run there because somebody looks at the folder or types `*`. What is run here may have any portable
    name.
    """
    *folders, file = [unicodedata.normalize("NFKC", part).casefold() for part in path.split("/")]
    parts = [*folders, file]
    return (
        is_portable(path)
        and not any(folder.startswith(".") for folder in folders)
        and not any(
            part in _READ_AT_ONCE or part.endswith(_FOLLOWED) or part[0] in "-~" for part in parts
        )
        and all(visible(part) and _RESERVED.fullmatch(part) is None for part in parts)
    )


def portable(paths: Iterable[str]) -> Iterator[str]:
    """Yield for each path its name in an archive: itself, or `file-` and its number where a computer could not hold it.

    Nor could some hold two names that differ by case or by how an accent is written, or a file that is a folder too.
    """
    files: set[str] = set()
    written: dict[str, str] = {}  # how files and folders were written first
    names = [_kept(path, files, written) for path in paths]
    for number, name in enumerate(names, 1):  # names are invented once all that stay are known
        yield name or _invented(number, written)


def _kept(path: str, files: set[str], written: dict[str, str]) -> str | None:
    """Return the name that a path keeps, and take note of it; None when it can keep none."""
    if not is_safe_path(path):
        return None
    name = unicodedata.normalize("NFC", path)
    parents = [name[: match.start()] for match in re.finditer("/", name)]
    folders_fit = all(
        written.get(_folded(each), each) == each and each not in files for each in parents
    )
    if not folders_fit or _folded(name) in written:
        return None
    for each in (*parents, name):
        written.setdefault(_folded(each), each)
    files.add(name)
    return name


def _invented(number: int, written: Mapping[str, str]) -> str:
    """Return a name that nothing has; no two numbers share one, whatever is added to them."""
    plain = f"file-{number}"
    names = itertools.chain([plain], (f"{plain}-{again}" for again in itertools.count(2)))
    return next(name for name in names if name not in written)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
