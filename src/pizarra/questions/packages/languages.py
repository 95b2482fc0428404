"""What packages call the languages of their sources, by a name or by the ending of a file's."""

from pathlib import PurePosixPath

from pizarra.models import Language
from pizarra.sandbox.languages import languages

KATTIS = {
    Language.PYTHON: "python3",
    Language.JAVASCRIPT: "javascript",
    Language.TYPESCRIPT: "typescript",
    Language.JAVA: "java",
    Language.CPP: "cpp",
}
_BY_NAME = {
    **{name: language for language, name in KATTIS.items()},
    **{each.value: each for each in Language},
    "python": Language.PYTHON,
    "pypy": Language.PYTHON,
    "c++": Language.CPP,
}
# Beside the ending of a language's main file; not those of our own files, which are of headers and modules too.
_MORE_ENDINGS = {
    **dict.fromkeys(("cc", "cxx", "c++"), Language.CPP),
    "py3": Language.PYTHON,
}


def language_named(name: str) -> Language | None:
    """Return the language that a package names; None: it is not here."""
    return _BY_NAME.get(name.lower())


def language_of_source(path: str) -> Language | None:
    """Return the language of a file that may be a whole program; None: it is none, or is not here."""
    ending = PurePosixPath(path).suffix.lower().removeprefix(".")
    mains = {spec.main.rpartition(".")[2]: Language(spec.id) for spec in languages().values()}
    return mains.get(ending) or _MORE_ENDINGS.get(ending)


def main_file(language: Language) -> str:
    """Return what a program of one file is called."""
    return languages()[language].main
