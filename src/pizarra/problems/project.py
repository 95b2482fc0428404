"""What a question of the kind `project` is made of: in each language files to begin with, tests, and an answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Annotated

from pydantic import Field

from pizarra.judging.projects import COMMANDS, OURS, ProjectTests, is_test, runs
from pizarra.kit.paths import is_portable, is_safe_path
from pizarra.sandbox.languages import languages
from pizarra.schemas import LanguageChoice, RequestModel, StorableText

# A name, and folders around it, of a session or a package come before it.
_MOST_PATH, _DEEPEST = 120, 6
Files = Annotated[
    dict[Annotated[StorableText, Field(max_length=200)], StorableText], Field(max_length=200)
]


class ProjectWay(RequestModel):
    """A project in one language. Each part is path → text, and stands over those before it."""

    files: Files = Field(
        default_factory=dict,
        description="What people begin with.",
        examples=[{"cache.py": "class Cache:\n    pass\n"}],
    )
    tests: Files = Field(
        default_factory=dict,
        description="Tests that everybody sees and may try. Those of these names are run as they are here, whatever "
        "became of them in a session.",
        examples=[{"test_cache.py": "import unittest\n"}],
    )
    hidden: Files = Field(
        default_factory=dict,
        description="Tests that only interviewers see.",
        examples=[{"test_more.py": "import unittest\n"}],
    )
    reference: Files = Field(
        default_factory=dict,
        description="What is otherwise in a solution that is right. For interviewers.",
        examples=[{"cache.py": "class Cache(dict):\n    pass\n"}],
    )


class Project(RequestModel):
    """Files to begin with, and how they are tested."""

    files: Files = Field(
        default_factory=dict,
        description="Path → text: in every language.",
        examples=[{"README.md": "# Service\n"}],
    )
    test_command: list[Annotated[StorableText, Field(max_length=500)]] = Field(
        default_factory=list,
        description="What is run, word by word; its JUnit XML counts. Left out: what the language itself brings, which "
        "is `python -m unittest` and `node --test`; in Java and C++ each test is a program, and writes its report to "
        "where `XML_OUTPUT_FILE` says. `pytest`, with options, is run where it is in the folder of libraries. Others "
        "are not run here.",
        max_length=50,
        examples=[[]],
    )
    ways: dict[LanguageChoice, ProjectWay] = Field(
        default_factory=dict, description="The project in each language.", examples=[{}]
    )

    def begins(self, language: str) -> dict[str, str]:
        """Return every file that people begin with in a language."""
        way = self.way(language)
        return {**self.files, **way.files, **way.tests}

    def solved(self, language: str, over: Mapping[str, str] | None = None) -> dict[str, str] | None:
        """Return every file of the reference, with those of a wrong solution over them; None where there is none."""
        way = self.way(language)
        return {**self.begins(language), **way.reference, **(over or {})} if way.reference else None

    def way(self, language: str) -> ProjectWay:
        """Return the project in a language, which may have nothing."""
        return next(
            (way for each, way in self.ways.items() if each.value == language), ProjectWay()
        )

    def visible_tests(self) -> dict[str, ProjectTests]:
        """Return, by language, the tests that everybody sees."""
        return {
            each.value: self._tests(each.value, way.tests, way.tests)
            for each, way in self.ways.items()
        }

    def hidden_tests(self) -> dict[str, ProjectTests]:
        """Return, by language, the tests that only interviewers see; they may use what is beside the others."""
        return {
            each.value: self._tests(each.value, way.hidden, {**way.tests, **way.hidden})
            for each, way in self.ways.items()
        }

    def all_tests(self) -> dict[str, ProjectTests]:
        """Return, by language, all tests."""
        both = {each: {**way.tests, **way.hidden} for each, way in self.ways.items()}
        return {each.value: self._tests(each.value, files, files) for each, files in both.items()}

    def _tests(self, language: str, run: Iterable[str], files: Mapping[str, str]) -> ProjectTests:
        return ProjectTests(
            dict(files), [each for each in run if is_test(language, each)], self.test_command
        )

    def problem(self, languages: Sequence[str]) -> str | None:
        """Say why it cannot be tried here; None where it can."""
        # A command is of one language: the others have theirs.
        if self.test_command and not any(runs(each, self.test_command) for each in languages):
            ways = " · ".join(dict.fromkeys(" ".join(COMMANDS[each][0]) for each in languages))
            return f"Its tests are not run as it says here, but so: {ways}"
        for language in languages:
            if not self.all_tests().get(language, ProjectTests({}, ())).run:
                return f"The project has no tests in {language}."
        return None

    def misfits(self, wrong: Sequence[tuple[str, Mapping[str, str]]] = ()) -> Iterator[str]:
        """Say what is wrong with it, and with files that replace its own, as far as that is seen without running it.

        `wrong` are the files of solutions, each with its language.
        """
        yield from _misnamed(self.files)
        for language, way in self.ways.items():
            parts = (way.files, way.tests, way.hidden, way.reference)
            yield from _misnamed(chain.from_iterable(parts))
            # Whoever begins has the main file, the project's or else the language's template.
            main = languages()[language.value].main
            paths = {main, *(path for part in (self.files, *parts) for path in part)}
            for files in ({}, *(files for each, files in wrong if each == language.value)):
                both = paths | files.keys()
                yield from (
                    f"project: {path} is a file and a folder in {language.value}"
                    for path in _folders_of(both) & both
                )
        yield from _misnamed(chain.from_iterable(files for _, files in wrong))

    def size(self) -> int:
        """Return how many bytes all of its files have together."""
        ways = [
            part
            for way in self.ways.values()
            for part in (way.files, way.tests, way.hidden, way.reference)
        ]
        return sum(
            len(f"{path}{text}".encode())
            for part in (self.files, *ways)
            for path, text in part.items()
        )


def _misnamed(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if not is_portable(path) or len(path) > _MOST_PATH or path.count("/") > _DEEPEST:
            yield f"project: {path[:80]} is no path that every computer can hold"
        elif not is_safe_path(path):
            yield f"project: {path[:80]} is read, or run, by who only looks at the folder it is in"
        if path in OURS:
            yield f"project: {path} is the name of a file of ours"


def _folders_of(paths: Iterable[str]) -> set[str]:
    found = set()
    for path in paths:
        parts = path.split("/")
        found |= {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    return found
