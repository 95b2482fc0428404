"""What an operator asks for: `python:numpy,pandas==2.3 javascript:lodash java:junit cpp:/path/to/headers`."""

import re
from pathlib import Path

from pizarra.sandbox.languages import languages
from pizarra.sandbox.libraries import LANGUAGES, home_of

_BETWEEN = re.compile(r",(?![^\[]*\])(?!\s*[<>=!~])")  # not in `name[a,b]`, nor in `name>=1,<2`
_FILE = re.compile(r"[/\\]|\.(whl|tgz|tar\.gz|zip|jar)$")
_FORMS = {
    "python": re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w,. -]+\])?\s*([<>=!~]=?=?[\w.*+!<>=~, -]+)?"),
    "javascript": re.compile(r"(@[a-z0-9~-][\w.~-]*/)?[A-Za-z0-9~][\w.~-]*(@[\w.^~<>=*+ -]+)?"),
    "java": re.compile(r"[A-Za-z0-9][\w.-]*(:[\w.-]+(:[\w.+-]+)?)?"),
}


class LibraryError(RuntimeError):
    """Libraries could not be installed, and nothing has changed; the message says why and what to do."""


def read_wanted(words: list[str]) -> dict[str, list[str]]:
    """Return what is wanted by language; files are made absolute.

    Raises:
        LibraryError: a word is not understood, or names a file that is not there.
    """
    wanted: dict[str, list[str]] = {}
    for word in words:
        language, colon, names = word.partition(":")
        home = home_of(language)
        if home not in LANGUAGES or not colon:
            known = [each for each in languages() if home_of(each) in LANGUAGES]
            raise LibraryError(
                f"{word!r} begins with no language: write python:numpy, say. The languages are {', '.join(known)}"
            )
        found = [part.strip() for part in _BETWEEN.split(names) if part.strip()]
        if not found:
            raise LibraryError(f"{word!r} names no library: write {language}:name")
        wanted.setdefault(home, []).extend(_one(home, each) for each in found)
    return wanted


def is_file(source: str) -> bool:
    """Tell whether it is a file or folder of this machine, not a name."""
    return Path(source).is_absolute()


def _one(language: str, source: str) -> str:
    scoped = language == "javascript" and source.startswith("@")
    if language == "cpp" or (_FILE.search(source) and not scoped):
        path = Path(source).expanduser().absolute()
        if not path.exists():
            raise LibraryError(f"there is no file {path}")
        if path.is_dir() is not (language == "cpp"):
            kind = (
                "a folder of header files"
                if language == "cpp"
                else "a file: a wheel, a packed npm package, a jar"
            )
            raise LibraryError(f"{path} is not {kind}")
        return str(path)
    if not _FORMS[language].fullmatch(source):
        raise LibraryError(f"{source!r} is no name of a library, with its version perhaps")
    return source
