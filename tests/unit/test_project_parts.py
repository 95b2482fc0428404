"""A project's files by what they are for: which people begin with, which are tested, and which cannot be."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizarra.judging.projects import OURS
from pizarra.kit.paths import portable
from pizarra.problems.project import Project
from pizarra.sandbox.languages import languages

TESTED = {"tests": {"test_a.py": "visible"}, "hidden": {"test_b.py": "hidden"}}


def project(way: dict[str, Any] | None = None, language: str = "python", **parts: Any) -> Project:
    return Project.model_validate({"ways": {language: way or {}}, **parts})


def said(of: Project, *wrong: tuple[str, dict[str, str]]) -> list[str]:
    return list(of.misfits(wrong))


# Which file counts


def test_each_part_stands_over_those_before_it() -> None:
    way = {
        "files": {"b": "files", "c": "files", "d": "files"},
        "tests": {"c": "tests", "d": "tests"},
        "hidden": {"d": "hidden"},
        "reference": {"d": "reference", "e": "reference"},
    }
    whole = project(way, files={"a": "all", "b": "all"})
    assert whole.begins("python") == {"a": "all", "b": "files", "c": "tests", "d": "tests"}
    assert whole.solved("python") == {
        "a": "all",
        "b": "files",
        "c": "tests",
        "d": "reference",
        "e": "reference",
    }
    assert (whole.solved("python", {"a": "wrong"}) or {})["a"] == "wrong"
    assert whole.all_tests()["python"].files == {"c": "tests", "d": "hidden"}


def test_nothing_hidden_is_among_what_people_begin_with_nor_in_a_solution() -> None:
    whole = project({**TESTED, "reference": {"a.py": "answer"}})
    assert whole.begins("python") == {"test_a.py": "visible"}
    assert whole.solved("python") == {"test_a.py": "visible", "a.py": "answer"}
    assert whole.visible_tests()["python"].files == {"test_a.py": "visible"}


def test_without_a_reference_nothing_is_solved() -> None:
    """What is tried then would be what people begin with, and to fail it would be held against nobody's answer."""
    assert project({"files": {"a.py": ""}}).solved("python", {"a.py": "wrong"}) is None
    assert project({"reference": {"a.py": ""}}).solved("java") is None


def test_in_a_language_that_it_is_not_in_there_are_the_files_of_all() -> None:
    whole = project(TESTED, files={"README.md": "r"})
    assert whole.begins("java") == {"README.md": "r"}
    assert whole.visible_tests().get("java") is None


def test_what_is_given_out_is_a_copy() -> None:
    whole = project(TESTED)
    whole.begins("python").clear()
    whole.all_tests()["python"].files.pop("test_a.py")  # type: ignore[attr-defined]
    assert whole.begins("python") == {"test_a.py": "visible"}


# What is run


def test_hidden_tests_are_run_beside_the_visible_ones_which_are_not() -> None:
    way = {"tests": {"test_a.py": "a", "help.py": "h"}, "hidden": {"test_b.py": "b", "data": "d"}}
    whole = project(way, test_command=["pytest", "-q"])
    hidden, visible = whole.hidden_tests()["python"], whole.visible_tests()["python"]
    assert hidden.run == ["test_b.py"]
    assert set(hidden.files) == {"test_a.py", "help.py", "test_b.py", "data"}
    assert (visible.run, set(visible.files)) == (["test_a.py"], {"test_a.py", "help.py"})
    assert whole.all_tests()["python"].run == ["test_a.py", "test_b.py"]
    assert hidden.command == visible.command == ["pytest", "-q"]


@pytest.mark.parametrize(
    ("parts", "asked", "why"),
    [
        ({"way": TESTED}, ["python"], None),
        ({"way": {"hidden": {"test_b.py": ""}}}, ["python"], None),
        ({"way": TESTED}, ["python", "java"], "The project has no tests in java."),
        ({"way": {"tests": {"help.py": ""}}}, ["python"], "The project has no tests in python."),
        ({"way": TESTED, "test_command": ["pytest"]}, ["python", "java"], "no tests in java."),
        ({"way": TESTED, "test_command": ["make", "test"]}, ["python"], "python -m unittest"),
        ({"way": TESTED, "test_command": ["pytest"]}, ["java"], "but so: java *Test"),
        (
            {"way": TESTED, "test_command": ["make"]},
            ["javascript", "typescript"],
            "but so: node --test",  # once, though it is two languages' way
        ),
    ],
)
def test_what_cannot_be_tried_here_says_why(
    parts: dict[str, Any], asked: list[str], why: str | None
) -> None:
    told = project(**parts).problem(asked)
    assert told == why if why is None else told is not None and told.endswith(why)


# What no session could hold


@pytest.mark.parametrize("part", ["files", "tests", "hidden", "reference"])
@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "is no path that every computer can hold"),
        ("/etc/passwd", "is no path that every computer can hold"),
        ("../up.py", "is no path that every computer can hold"),
        ("a//b.py", "is no path that every computer can hold"),
        ("aux.py", "is no path that every computer can hold"),
        ("x" * 121, "is no path that every computer can hold"),
        ("1/2/3/4/5/6/7/deep.py", "is no path that every computer can hold"),
        (".git/config", "is read, or run, by who only looks at the folder it is in"),
        (".envrc", "is read, or run, by who only looks at the folder it is in"),
        *((each, "is the name of a file of ours") for each in sorted(OURS)),
    ],
)
def test_a_name_is_refused_wherever_it_stands(part: str, path: str, why: str) -> None:
    assert said(project({part: {path: ""}}))[0] == f"project: {path[:80]} {why}"
    if part == "files":
        assert said(project(files={path: ""}))[0].endswith(why)
        assert said(project(), ("python", {path: ""}))[0].endswith(why), "nor in a wrong solution"


@pytest.mark.parametrize("path", ["x" * 120, "1/2/3/4/5/6/deep.py", "ñ/字.py", ".gitignore"])
def test_what_just_fits_is_taken(path: str) -> None:
    assert said(project({"files": {path: ""}}), ("python", {path: ""})) == []


CLASH = "project: a is a file and a folder in python"


@pytest.mark.parametrize(
    ("way", "wrong", "why"),
    [
        ({"files": {"a": "", "a/b": ""}}, [], [CLASH]),
        ({"files": {"a": ""}, "hidden": {"a/b/c": ""}}, [], [CLASH]),
        ({"tests": {"a/b": ""}, "reference": {"a": ""}}, [], [CLASH]),
        ({"files": {"a": ""}}, [("python", {"a/b": ""})], [CLASH]),
        ({"files": {"a": ""}}, [("java", {"a/b": ""})], []),  # never beside each other
        ({"files": {"a.py": "", "a/b": "", "ab": ""}}, [], []),
    ],
)
def test_nothing_is_a_file_and_a_folder(
    way: dict[str, Any], wrong: list[tuple[str, dict[str, str]]], why: list[str]
) -> None:
    assert said(project(way), *wrong) == why


@pytest.mark.parametrize("language", languages())
def test_the_main_file_is_no_folder_though_the_project_does_not_bring_it(language: str) -> None:
    """Whoever begins has it all the same, as the language's template; the two could not be laid out to be run."""
    main = languages()[language].main
    clash = [f"project: {main} is a file and a folder in {language}"]
    assert said(project({"files": {f"{main}/x": ""}}, language)) == clash
    assert said(project({}, language, files={f"{main}/x": ""})) == clash
    assert said(project({}, language), (language, {f"{main}/x": ""})) == clash


def _nested(parts: st.SearchStrategy[list[str]]) -> st.SearchStrategy[set[str]]:
    return st.sets(parts.map("/".join), max_size=8)


@given(_nested(st.lists(st.sampled_from("abc"), min_size=1, max_size=4)))
def test_it_is_taken_just_where_its_files_can_be_laid_out(paths: set[str]) -> None:
    """Looked at in another way: each of them beside each other one."""

    def clashes() -> Iterator[str]:
        for one in paths:
            if any(other.startswith(f"{one}/") for other in paths):
                yield f"project: {one} is a file and a folder in python"

    assert set(said(project({"files": dict.fromkeys(paths, "")}))) == set(clashes())
    assert (list(portable(paths)) == list(paths)) == (not list(clashes()))


def test_its_size_is_every_byte_of_every_path_and_text() -> None:
    ways = {
        "python": {"files": {"ñ": "12"}, "tests": {"t": "é"}, "hidden": {"h": ""}},
        "java": {"reference": {"r": "字"}},
    }
    whole = Project.model_validate({"files": {"a": "1"}, "ways": ways})
    assert whole.size() == 2 + (2 + 2) + (1 + 2) + 1 + (1 + 3)
    assert Project().size() == 0
