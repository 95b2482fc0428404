"""What a package has that is not taken over, in sentences for whoever imports it: nothing is left out in silence."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pizarra.questions.packages.archive import Remark
from pizarra.questions.packages.languages import language_named, language_of_source

VERDICTS = ("rejected", "wrong_answer", "time_limit_exceeded", "run_time_error")
_SAMPLE_MARK = re.compile(
    r"^[ \t]*\{\{\s*(?:nextsample|remainingsamples)\s*\}\}[ \t]*$", re.MULTILINE
)
_FLAGS = ("case_sensitive", "space_change_sensitive")
_TOLERANCES = ("float_absolute_tolerance", "float_relative_tolerance", "float_tolerance")
_SOURCES_OF_OTHERS = (
    "c",
    "kt",
    "go",
    "rs",
    "cs",
    "hs",
    "rb",
    "php",
    "pl",
    "scala",
    "swift",
    "lua",
    "ml",
    "pas",
)
_MOST_NAMED = 5  # in one sentence
_GROUPED = 3  # slashes in data/secret/GROUP/CASE.in
_PLACES = {
    "attachments": "attachments",
    "generators": "generators",
    "include": "files that are compiled in",
    "static_validator": "a static validator",
    "input_visualizer": "visualizers",
    "output_visualizer": "visualizers",
    "solution": "a described solution",
}


def without_sample_marks(statement: str) -> tuple[str, bool]:
    """Return a statement without the marks of 2025-09 where samples are to stand, and whether it had any.

    Samples stand below the statement here, all of them, where they can be run.
    """
    text, marks = _SAMPLE_MARK.subn("", statement)
    return (re.sub(r"\n{3,}", "\n\n", text), True) if marks else (statement, False)


def about_flags(words: list[str], *, own_validator: bool) -> Iterator[str]:
    """Say which arguments of a validator are not known here."""
    if own_validator:
        if words:
            yield Remark(f"Its validator is run without its arguments: {_named(words)}.")
        return
    unknown = [
        word
        for place, word in enumerate(words)
        if word not in _FLAGS
        and word not in _TOLERANCES
        and (place == 0 or words[place - 1] not in _TOLERANCES)
    ]
    if unknown:
        yield Remark(
            f"Arguments of the validator are not known here, and were left out: {_named(unknown)}."
        )


def about_files(paths: Iterable[str], taken: set[str]) -> Iterator[str]:
    """Say which files were left out: `taken` are the submissions and starters that became part of the question."""
    every = sorted(paths)
    submissions = [each for each in every if each.startswith("submissions/") and each not in taken]
    sources = [each for each in submissions if _is_source(each)]
    if sources:
        yield Remark(
            "Submissions were left out, for there is one reference a language, of one file, in the languages that "
            f"are here: {_named([each.removeprefix('submissions/') for each in sources])}."
        )
    deep = {
        each.rpartition("/")[0]
        for each in every
        if each.startswith("data/secret/") and each.endswith(".in") and each.count("/") > _GROUPED
    }
    if deep:
        folders = [each.removeprefix("data/secret/") for each in sorted(deep)]
        yield Remark(f"Groups within groups stand beside each other here: {_named(folders)}.")
    own = [each for each in every if re.match(r"data/(?:sample|secret)/.*\.files/", each)]
    if own:
        yield Remark(
            "Cases have files of their own, which are left out: programs read standard input alone."
        )
    places = {each.partition("/")[0] for each in every if each not in taken}
    named = sorted({_PLACES[each] for each in places if each in _PLACES})
    if named:
        yield Remark(f"These parts were left out: {', '.join(named)}.")


def about_images(names: list[str]) -> Remark:
    """Say which pictures a statement cannot show."""
    return Remark(
        "Pictures that are too large, too many, or neither PNG, JPEG, GIF nor WebP were left out: "
        f"{_named(names)}."
    )


def about_cases(cases: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Say that cases are tried without their arguments; `cases` are their YAML files."""
    if any(each.get("args") for each in cases):
        yield Remark(
            "Cases have arguments for the program, which are left out: programs read standard input alone."
        )


def about_languages(wanted: Iterable[str]) -> Iterator[str]:
    """Say which languages that a package allows are not here."""
    missing = [each for each in wanted if language_named(each) is None and each != "all"]
    if missing:
        yield Remark(f"Languages that are not here were left out: {_named(missing)}.")


def _is_source(path: str) -> bool:
    return (
        language_of_source(path) is not None
        or path.rpartition(".")[2].lower() in _SOURCES_OF_OTHERS
    )


def _named(names: list[str]) -> str:
    shown = ", ".join(each[:80] for each in names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
