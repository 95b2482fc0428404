"""Projects whose tests pytest runs, or are programs that write JUnit's XML themselves: imported, proven, tried."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.application import Application, application
from tests.harness.libraries import open_folder
from tests.harness.program import pizarra
from tests.harness.projects import attempt, states
from tests.integration.test_libraries import runner
from tests.integration.test_questions import begin

from pizarra.config import Settings
from pizarra.judging.projects import ProjectTests, programs, runs, with_tests
from pizarra.problems.content import Content
from pizarra.questions.packages.writing import write_package

PYTEST_PY = """\
import pytest
from sums import total

@pytest.mark.parametrize("given, sum_", [([1, 2], 3), ([], 0)])
def {name}(given, sum_):
    print("adding")
    assert total(given) == sum_
"""
JAVA = """\
import java.nio.file.Files;
import java.nio.file.Path;

public class {name}Test {{
    public static void main(String[] given) throws Exception {{
        System.out.println("adding");
        int found = Sums.total({numbers});
        String failure = found == {sum} ? ""
            : "<failure message=\\"expected {sum}, got " + found + "\\">at {name}</failure>";
        Files.writeString(Path.of(System.getenv("XML_OUTPUT_FILE")),
            "<?xml version=\\"1.0\\"?><testsuite name=\\"s\\"><testcase name=\\"{case}\\" time=\\"0.002\\">"
            + failure + "</testcase></testsuite>");
    }}
}}
"""
CPP = """\
#include "sums.hpp"
#include <cstdlib>
#include <fstream>
#include <iostream>

int main() {{
    std::cout << "adding" << std::endl;
    int found = total({{{numbers}}});
    std::ofstream report(std::getenv("XML_OUTPUT_FILE"));
    report << "<?xml version=\\"1.0\\"?><testsuite name=\\"s\\"><testcase name=\\"{case}\\" time=\\"0.002\\">";
    if (found != {sum}) report << "<failure message=\\"expected {sum}, got " << found << "\\">at {name}</failure>";
    report << "</testcase></testsuite>";
}}
"""
VISIBLE = {"name": "Sums", "case": "two are added", "numbers": "1, 2", "sum": 3}
HIDDEN = {"name": "S3cret", "case": "h1dden minus", "numbers": "-1, -2", "sum": -3}
PROJECTS: dict[str, tuple[list[str], dict[str, dict[str, str]]]] = {
    "python": (
        ["python", "-m", "pytest", "-q", "--junitxml=report.xml"],
        {
            "files": {"sums.py": "def total(numbers):\n    return 0\n"},
            "tests": {"test_sums.py": PYTEST_PY.format(name="test_two")},
            "hidden": {"test_more.py": PYTEST_PY.format(name="test_h1dden")},
            "reference": {"sums.py": "total = sum\n"},
        },
    ),
    "java": (
        [],
        {
            "files": {
                "Main.java": "class Main {\n    public static void main(String[] given) {}\n}\n",
                "Sums.java": "class Sums {\n    static int total(int... numbers) {\n        return 0;\n    }\n}\n",
            },
            "tests": {"SumsTest.java": JAVA.format(**VISIBLE)},
            "hidden": {"S3cretTest.java": JAVA.format(**HIDDEN)},
            "reference": {
                "Sums.java": "class Sums {\n    static int total(int... numbers) {\n"
                "        return java.util.Arrays.stream(numbers).sum();\n    }\n}\n"
            },
        },
    ),
    "cpp": (
        [],
        {
            "files": {
                "main.cpp": '#include "sums.hpp"\nint main() { return total({}); }\n',
                "sums.hpp": "#include <vector>\nint total(const std::vector<int>& numbers);\n",
                "sums.cpp": '#include "sums.hpp"\nint total(const std::vector<int>&) { return 0; }\n',
            },
            "tests": {"sums_test.cpp": CPP.format(**VISIBLE)},
            "hidden": {"s3cret_test.cpp": CPP.format(**HIDDEN)},
            "reference": {
                "sums.cpp": '#include "sums.hpp"\nint total(const std::vector<int>& numbers) {\n'
                "    int sum = 0;\n    for (int each : numbers) sum += each;\n    return sum;\n}\n"
            },
        },
    ),
}
NAMES = {
    "python": ("test_two[given0-3]", "test_h1dden[given0-3]"),
    "java": ("two are added", "h1dden minus"),
    "cpp": ("two are added", "h1dden minus"),
}
FAILS = {
    "python": ("assert 0 == 3", "def test_two"),
    "java": ("expected 3, got 0", "at Sums"),
    "cpp": ("expected 3, got 0", "at Sums"),
}
# A solution that ends before anything is reported, one that never ends, and one that cannot be built.
BAD = {
    "python": {
        "sums.py": (
            "import os\ndef total(n): os._exit(0)\n",
            "def total(n):\n    while True: pass\n",
            "def total(\n",
        )
    },
    "java": {
        "Sums.java": (
            "class Sums { static int total(int... n) { System.exit(0); return 3; } }\n",
            "class Sums { static int total(int... n) { while (n.length > 0); return 3; } }\n",
            "class Sums {\n",
        )
    },
    "cpp": {
        "sums.cpp": (
            '#include "sums.hpp"\n#include <cstdlib>\nint total(const std::vector<int>&) { std::_Exit(0); }\n',
            '#include "sums.hpp"\nvolatile bool on = true;\n'
            "int total(const std::vector<int>&) { while (on); return 3; }\n",
            '#include "sums.hpp"\nint total(\n',
        )
    },
}
ENDS = {"python": "exception", "java": "compile_error", "cpp": "compile_error"}


def question(language: str) -> dict[str, Any]:
    command, way = PROJECTS[language]
    shown, hidden = NAMES[language]
    return {
        "title": f"Sums in {language}",
        "kind": "project",
        "languages": [language],
        "project": {"test_command": command, "ways": {language: way}},
        "samples": [{"name": "two", "input": shown}],
        "secret": [{"name": "few", "cases": [{"name": "minus", "input": hidden}]}],
    }


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A runner that gives programs pytest, as an operator gets it; and why it does not."""
    with open_folder() as folder:
        done = pizarra("toolchains", "add", "python:pytest", "--libraries-dir", folder)
        missing = "" if done.returncode == 0 else f"pytest cannot be fetched: {done.stderr[-200:]}"
        with runner(tmp_path_factory.mktemp("worker"), folder) as path:
            yield path, missing


@pytest.fixture
async def judging(
    settings: Settings, worker: tuple[Path, str], language: str
) -> AsyncIterator[Application]:
    """The application, with that runner."""
    path, missing = worker
    if missing and language == "python":
        pytest.skip(missing)
    async with application(settings.model_copy(update={"runner_socket": path})) as started:
        yield started


def needs(language: str) -> None:
    tool = {"python": "python3", "java": "javac", "cpp": "g++"}[language]
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not on this computer")


async def imported(client: httpx2.AsyncClient, language: str) -> dict[str, Any]:
    """Return a question that came as a package."""
    content = Content.model_validate(question(language))
    _, archive = write_package(content, "6" * 32)
    headers = {"content-type": "application/zip"}
    answer = await client.post("/api/questions/import", content=archive, headers=headers)
    assert answer.status_code == 201, answer.text
    [read] = answer.json()
    assert (read["runnable"], read["detail"]) == (True, None)
    return dict(read)


@pytest.mark.parametrize("language", PROJECTS)
async def test_it_is_imported_proven_and_tried(judging: Application, language: str) -> None:
    needs(language)
    async with judging.client() as client, asyncio.timeout(200):
        made = await imported(client, language)
        address = f"/api/questions/{made['question_id']}"
        proof = (await client.post(f"{address}/prove?wait=true", timeout=120)).json()
        assert proof["languages"] == {language: {"status": "proven", "detail": None}}, proof
        path = await begin(client, made, language=language)
        (result,) = (await client.post(f"{path}/samples?wait=true", timeout=60)).json()
        brief, said = FAILS[language]
        assert (result["passed"], result["status"]) == (False, "exited"), result
        assert result["got"].startswith("failed: ")
        assert brief in result["got"]
        assert said in result["stderr"]
        assert "adding" in result["stdout"]


@pytest.mark.parametrize("language", PROJECTS)
async def test_nothing_passes_that_was_not_reported(judging: Application, language: str) -> None:
    needs(language)
    command, way = PROJECTS[language]
    tests = {**way["tests"], **way["hidden"]}
    [(name, sources)] = BAD[language].items()
    one, shown = way["tests"], NAMES[language][0]  # of two programs each would be built anew
    for source, status in zip(sources, ("exception", "timeout", ENDS[language]), strict=True):
        files = way["files"] | {name: source}
        seconds = 1.5 if status == "timeout" else 5.0  # it never ends, however long it is given
        found = await attempt(
            judging, language, files, one, shown, seconds=seconds, command=command
        )
        assert [(each.passed, each.status) for each in found] == [(False, status)], found
    right = way["files"] | way["reference"]
    found = await attempt(judging, language, right, tests, *NAMES[language], command=command)
    assert states(found) == ["passed", "passed"], found
    assert all(each.duration_ms is not None for each in found)


async def test_without_pytest_it_says_so(running: Application) -> None:
    command, way = PROJECTS["python"]
    found = await attempt(
        running, "python", way["files"], way["tests"], "test_two[given0-3]", command=command
    )
    assert [each.passed for each in found] == [False]
    assert "pizarra toolchains add python:pytest" in found[0].stderr


def test_a_command_of_pytest_may_have_options() -> None:
    for command in (["pytest"], ["python3", "-m", "pytest", "-k", "not slow"]):
        assert runs("python", command)
    assert not runs("python", ["python", "-m", "nose"])
    assert not runs("java", ["pytest"])


def test_each_program_of_tests_is_run_alone() -> None:
    _, way = PROJECTS["cpp"]
    project = Content.model_validate(question("cpp")).project
    assert project is not None
    found = programs("cpp", project.all_tests()["cpp"])
    assert [each.run for each in found] == [["sums_test.cpp"], ["s3cret_test.cpp"]]
    odd = ProjectTests(
        {"../a_test.cpp": "", "b;.cpp": ""}, ["../a_test.cpp", "b;.cpp", "c_test.cpp"]
    )
    assert programs("cpp", odd) == []  # an archive may say anything
    mine = {"a/main.cpp": "", "a/sums.cpp": "", "b.cpp": ""}
    main, files = with_tests("cpp", "a/main.cpp", mine, found[1], 1.5)
    assert main == "s3cret_test.cpp"
    assert set(files) == {"sums.cpp", "s3cret_test.cpp", "pizarra_tests.hpp"}
    assert files[main].endswith(way["hidden"][main])
