"""How a project's tests are run: by which commands, and what is put into the program that runs them."""

import pytest

from pizarra.judging.projects import ProjectTests, runs, with_tests


@pytest.mark.parametrize(
    ("command", "given"),
    [
        (["pytest"], []),
        (["python", "-m", "pytest", "-q", "", "-x"], ["-q", "-x"]),
        (["pytest", "--junitxml=a.xml", "-q"], ["-q"]),
        (["pytest", "--junit-xml", "a.xml", "-q"], ["-q"]),
        (["pytest", "-q", "--junit-xml"], ["-q"]),
        (["pytest", "--junitxml=a\nb"], []),
        (["pytest", "--junit-xmlish"], ["--junit-xmlish"]),
    ],
)
def test_pytest_gets_its_words_but_for_where_it_reports(
    command: list[str], given: list[str]
) -> None:
    assert runs("python", command)
    tests = ProjectTests({"test_a.py": ""}, ["test_a.py"], command)
    main, files = with_tests("python", "main.py", {"main.py": ""}, tests, 2.5)
    assert repr(given) in files[main]


@pytest.mark.parametrize("name", ["__PYTEST__", "__SECONDS__", "__FILES__", "__MOST_BYTES__"])
def test_a_file_may_be_called_like_what_is_filled_in(name: str) -> None:
    test = f"test_{name}.py"
    tests = ProjectTests({test: ""}, [test], ["pytest", "-k", "a 'quoted' word"])
    main, files = with_tests("python", "main.py", {"main.py": ""}, tests, 2.5)
    compile(files[main], main, "exec")
    assert f'["{test}"]' in files[main]
