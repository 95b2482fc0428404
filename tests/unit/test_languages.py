"""Each language is everywhere that languages are told apart. The page's tables are asked by its own compiler."""

from pathlib import Path

import pytest

from pizarra.judging import harness, projects
from pizarra.judging.signature import Parameter, Signature
from pizarra.judging.starters import generated
from pizarra.models import Language
from pizarra.questions.packages.languages import (
    KATTIS,
    language_named,
    language_of_source,
    main_file,
)
from pizarra.sandbox.languages import LanguageSpec, languages
from pizarra.sandbox.libraries import LANGUAGES, home_of
from pizarra.sandbox.libraries.clients import name_of

ROOT = Path(__file__).resolve().parents[2]
FORMATTERS = (ROOT / "src/pizarra/sandbox/toolchains/format.mjs").read_text()
DOUBLE = Signature(
    function="twice", parameters=[Parameter(name="number", type="int")], returns="int"
)


@pytest.fixture(params=Language, ids=str)
def spec(request: pytest.FixtureRequest) -> LanguageSpec:
    return languages()[request.param]


def test_functions_are_called_in_it(spec: LanguageSpec) -> None:
    assert harness.knows(spec.id)
    answer = generated(DOUBLE, spec.id)
    assert "twice" in answer
    main, files = harness.harnessed(spec.id, spec.main, {spec.main: answer}, DOUBLE)
    assert main in files
    assert any(answer.strip() in text for text in files.values())
    assert harness.input_for(spec.id, DOUBLE, [[21]], "secret").split("\n")[1] == spec.main


def test_tests_of_projects_are_run_in_it(spec: LanguageSpec) -> None:
    stem, _, extension = spec.main.rpartition(".")
    names = [f"test_{stem}.{extension}", f"{stem}.test.{extension}"]
    names += [f"{stem}Test.{extension}", f"{stem}_test.{extension}"]
    run = [name for name in names if projects.is_test(spec.id, name)]
    assert run, "no name says that a file is a test"
    assert not projects.is_test(spec.id, spec.main)
    assert all(projects.runs(spec.id, command) for command in projects.COMMANDS[spec.id])
    tests = projects.ProjectTests(dict.fromkeys(run, ""), run[:1])
    main, files = projects.with_tests(spec.id, spec.main, {spec.main: ""}, tests, 10.0)
    assert main in files


def test_packages_name_it(spec: LanguageSpec) -> None:
    language = Language(spec.id)
    assert language_named(KATTIS[language]) is language
    assert language_named(spec.id.upper()) is language
    assert language_of_source(f"submissions/accepted/{spec.main}") is language
    assert main_file(language) == spec.main
    ending = spec.main.rpartition(".")[2]
    for name in (ending, f"submissions/accepted/{ending}", f"submissions/{ending}/README"):
        assert language_of_source(name) is None, "an ending has a dot before it"


def test_it_is_formatted_by_what_it_says(spec: LanguageSpec) -> None:
    """What the script does not name goes to Prettier, which takes it for JavaScript."""
    named = f'language === "{spec.id}"' in FORMATTERS or spec.id == "javascript"
    assert named, f"format.mjs does not know {spec.id}, which {spec.formatter} formats"


def test_it_has_libraries(spec: LanguageSpec) -> None:
    assert home_of(spec.id) in LANGUAGES
    assert name_of(home_of(spec.id), "junit")
