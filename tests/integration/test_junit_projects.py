"""Projects in Java whose tests are classes of JUnit: run by its platform where the operator has it, else said."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.harness.application import Application, application
from tests.harness.libraries import open_folder
from tests.harness.program import pizarra
from tests.harness.projects import attempt
from tests.integration.test_libraries import runner

from pizarra.config import Settings
from pizarra.judging.projects import OURS, ProjectTests, with_tests

SUMS = "class Sums {{ static int total(int... numbers) {{ {body} }} }}\n"
RIGHT = SUMS.format(body="return java.util.Arrays.stream(numbers).sum();")
WRONG = SUMS.format(body="return numbers.length > 2 ? 1 / 0 : 0;")
TEST = """\
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SumsTest {
    @Test
    @DisplayName("two are <added>")
    void two() {
        System.out.println("adding");
        assertEquals(3, Sums.total(1, 2));
    }

    @Test
    void ofNone() {
        assertEquals(0, Sums.total());
    }

    @Test
    void many() {
        assertEquals(6, Sums.total(1, 2, 3));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7})
    void alone(int number) {
        assertEquals(number, Sums.total(number));
    }

    @Test
    @Disabled("not yet")
    void later() {}
}
"""
BROKEN = """\
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BrokenTest {
    @BeforeAll
    static void prepare() {
        throw new IllegalStateException("no table");
    }

    @Test
    void never() {}
}
"""
NAMES = ("two are <added>", "ofNone()", "many()", "alone(int) [1] 0", "alone(int) [2] 7", "later()")
MAIN = {"Main.java": "class Main { public static void main(String[] given) {} }\n"}
_JARS = ("junit-jupiter-api", "junit-jupiter-engine", "junit-jupiter-params")
_OF_PLATFORM = ("junit-platform-commons", "junit-platform-engine", "junit-platform-launcher")


def _jars() -> list[str]:
    """Return JUnit's jars from where Maven keeps what it once fetched, of one version; none: it has not."""
    known = Path.home() / ".m2/repository"
    for api in sorted(known.glob("org/junit/jupiter/junit-jupiter-api/5.*/*.jar")):
        version = api.parent.name.removeprefix("5.")
        wanted = [f"org/junit/jupiter/{each}/5.{version}/{each}-5.{version}.jar" for each in _JARS]
        wanted += [
            f"org/junit/platform/{each}/1.{version}/{each}-1.{version}.jar" for each in _OF_PLATFORM
        ]
        wanted += ["org/opentest4j/opentest4j/1.3.0/opentest4j-1.3.0.jar"]
        if all((known / each).is_file() for each in wanted):
            return [f"java:{known / each}" for each in wanted]
    return []


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A runner that gives programs JUnit, as an operator gets it; and why it does not."""
    with open_folder() as folder:
        done = pizarra("toolchains", "add", "java:junit", "--libraries-dir", folder)
        if done.returncode != 0 and (jars := _jars()):
            done = pizarra("toolchains", "add", *jars, "--libraries-dir", folder)
        missing = "" if done.returncode == 0 else f"JUnit cannot be fetched: {done.stderr[-200:]}"
        with runner(tmp_path_factory.mktemp("worker"), folder) as path:
            yield path, missing


@pytest.fixture
async def judging(settings: Settings, worker: tuple[Path, str]) -> AsyncIterator[Application]:
    """The application, with that runner."""
    path, missing = worker
    if missing or shutil.which("javac") is None:
        pytest.skip(missing or "javac is not on this computer")
    async with application(settings.model_copy(update={"runner_socket": path})) as started:
        yield started


async def test_each_test_is_reported_by_the_name_that_junit_shows(judging: Application) -> None:
    tests = {"SumsTest.java": TEST}
    right = await attempt(judging, "java", MAIN | {"Sums.java": RIGHT}, tests, *NAMES)
    assert [each.got for each in right] == ["passed"] * 5 + ["skipped: not yet"], right
    wrong = await attempt(judging, "java", MAIN | {"Sums.java": WRONG}, tests, *NAMES)
    assert [each.got for each in wrong] == [
        "failed: expected: <3> but was: <0>",
        "passed",
        "error: / by zero",
        "passed",
        "failed: expected: <7> but was: <0>",
        "skipped: not yet",
    ], wrong
    assert "SumsTest.two(SumsTest.java:14)" in wrong[0].stderr
    assert "org.junit" not in wrong[0].stderr.partition("\n")[2]
    assert "adding" in wrong[0].stdout


async def test_what_is_around_the_tests_is_told(judging: Application) -> None:
    tests = {"BrokenTest.java": BROKEN}
    (found,) = await attempt(judging, "java", MAIN, tests, "never()")
    assert (found.passed, found.status) == (False, "exception")
    assert "IllegalStateException: no table" in found.stderr


async def test_without_junit_it_says_what_to_add(running: Application) -> None:
    if shutil.which("javac") is None:
        pytest.skip("javac is not on this computer")
    files = MAIN | {"Sums.java": RIGHT}
    (found,) = await attempt(running, "java", files, {"SumsTest.java": TEST}, NAMES[0])
    assert (found.passed, found.status) == (False, "compile_error")
    assert found.stderr.endswith("pizarra toolchains add java:junit\n")


def test_who_has_a_main_says_how_it_is_run() -> None:
    own = TEST.replace(
        "class SumsTest {", "class SumsTest {\n    public static void main(String[] given) {}"
    )
    for text, is_junits in ((TEST, True), (own, False), ("class SumsTest {}", False)):
        tests = ProjectTests({"SumsTest.java": text}, ["SumsTest.java"])
        _, files = with_tests("java", "Main.java", MAIN, tests, 2.0)
        assert ("PizarraJUnit.java" in files) is is_junits
        assert set(files) - {"Main.java", "SumsTest.java"} <= OURS
