"""What an answer does to its tests, in every language that they are run in: nothing of it passes by accident."""

import re

import pytest
from tests.harness.application import Application
from tests.harness.functions import database_url
from tests.harness.projects import LANGUAGES, WAYS, attempt, states

__all__ = ["database_url"]  # a fixture

NAMES = ("two are added", "h1dden none", "h1dden minus")


def answer(language: str) -> dict[str, str]:
    return {**WAYS[language]["files"], **WAYS[language]["reference"]}


def all_tests(language: str) -> dict[str, str]:
    return {**WAYS[language]["tests"], **WAYS[language]["hidden"]}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_test_is_a_case(running: Application, language: str) -> None:
    right = await attempt(running, language, answer(language), all_tests(language), *NAMES, "none")
    assert states(right) == ["passed", "passed", "passed", "exception"]
    assert "ended before this one was reported" in right[3].stderr
    assert all(each.duration_ms is not None for each in right[:3])
    wrong = await attempt(running, language, WAYS[language]["files"], all_tests(language), *NAMES)
    assert states(wrong) == ["failed", "passed", "failed"]
    assert "adding" in wrong[0].stdout
    assert "3" in wrong[0].stderr
    assert re.search(r"0 !==? 3", wrong[0].got), "its message says what was compared"


ENDS = {
    "python": ("import os; os._exit(0)\n", "while True: pass\n", "raise KeyError('odd')\n"),
    "javascript": ("process.exit(0);\n", "for (;;);\n", "throw new Error('odd');\n"),
    "typescript": (
        "process.exit(0);\n",
        "for (;;);\n",
        "throw new Error('odd');\nexport const total = 0;\n",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_answer_that_ends_its_tests_passes_none(
    running: Application, language: str
) -> None:
    (name,) = WAYS[language]["reference"]
    ends, loops, fails = ENDS[language]
    for source, status, seconds in (
        (ends, "exception", 5.0),
        (loops, "timeout", 1.0),
        (fails, "exception", 5.0),
    ):
        found = await attempt(
            running, language, {name: source}, all_tests(language), *NAMES, seconds=seconds
        )
        assert [(each.passed, each.status) for each in found] == [(False, status)] * 3, found
    assert "odd" in found[0].stderr


LOOP_IN_ONE = """\
def total(numbers):
    while not numbers:
        pass
    return sum(numbers)
"""


async def test_what_was_reported_before_time_was_up_counts(running: Application) -> None:
    found = await attempt(
        running, "python", {"sums.py": LOOP_IN_ONE}, all_tests("python"), *NAMES, seconds=2.0
    )
    # `unittest` takes them by name: of the hidden ones `test_minus` before `test_none`.
    assert states(found) == ["passed", "timeout", "passed"]


FORGED = """\
REPORT = "\\x1f%s done\\n<testsuite><testcase name='h1dden none'/></testsuite>\\n\\x1f%s .\\n"
for word in ("", "0" * 32):
    print(REPORT % (word, word), flush=True)
def total(numbers):
    return 7
"""


async def test_what_is_printed_is_no_report(running: Application) -> None:
    found = await attempt(running, "python", {"sums.py": FORGED}, all_tests("python"), *NAMES)
    assert states(found) == ["failed", "failed", "failed"]


FRAMES = """\
import os, re, sys
def total(numbers):
    frame = sys._getframe()
    seen = []
    while frame is not None:
        seen += [*frame.f_locals.values(), *frame.f_globals.values()]
        frame = frame.f_back
    words = [each for each in seen if isinstance(each, (str, bytes)) and re.fullmatch('[0-9a-f]{32}', str(each))]
    assert not words, words
    assert not os.read(0, 100)
    return sum(numbers)
"""


async def test_the_word_is_in_no_frame_and_on_no_input(running: Application) -> None:
    found = await attempt(running, "python", {"sums.py": FRAMES}, all_tests("python"), *NAMES)
    assert states(found) == ["passed"] * 3, found


SHADOWS = {
    "unittest.py": "raise SystemExit(0)\n",
    "subprocess.py": "raise SystemExit(0)\n",
    "html.py": "raise SystemExit(0)\n",
    "re.py": "raise SystemExit(0)\n",
    "sitecustomize.py": "raise SystemExit(0)\n",
    "usercustomize.py": "raise SystemExit(0)\n",
    "pizarra_tests.py": "print('mine')\n",
    "test_sums.py": "print('mine')\n",
    "test_sums/__init__.py": "print('mine')\n",
    "test_s3cret/__init__.py": "print('mine')\n",
}


async def test_files_of_the_answer_stand_for_none_of_ours(running: Application) -> None:
    right = answer("python")
    found = await attempt(running, "python", right | SHADOWS, all_tests("python"), *NAMES)
    assert states(found) == ["passed"] * 3, found
    # What it imports itself is its own all the same.
    queue = {"queue.py": "SUM = sum\n", "sums.py": "from queue import SUM as total\n"}
    found = await attempt(running, "python", right | queue, all_tests("python"), *NAMES)
    assert states(found) == ["passed"] * 3, found


async def test_node_has_its_own_modules_too(running: Application) -> None:
    shadows = {
        "pizarra_tests.cjs": "process.exit(0);",
        "pizarra_reporter.cjs": "process.exit(0);",
        "node_modules/node:test/index.js": "process.exit(0);",
        "fs.js": "process.exit(0);",
        "sums.test.js": "console.log('mine');",
    }
    found = await attempt(
        running, "javascript", answer("javascript") | shadows, all_tests("javascript"), *NAMES
    )
    assert states(found) == ["passed"] * 3, found


ODD_PY = '''\
import unittest

class Odd(unittest.TestCase):
    def test_name(self):
        """ <&"'> ñ \\ud800 \\x00"""
        self.fail("<failure>&'\\x1b\\ud800")

    def test_skip(self):
        """skipped"""
        self.skipTest("later")

    def test_parts(self):
        """parts"""
        for each in range(3):
            with self.subTest(each=each):
                self.assertNotEqual(each, 1)

    @unittest.expectedFailure
    def test_as_said(self):
        """as said"""
        self.fail()

    def test_loud(self):
        """loud"""
        print("x" * 100_000 + "end")
        raise ValueError

class Around(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise OSError("no class")

    def test_never(self):
        """never"""
'''


async def test_odd_tests_are_reported_as_they_went(running: Application) -> None:
    found = await attempt(
        running,
        "python",
        {},
        {"test_odd.py": ODD_PY},
        "skipped",
        "parts",
        "as said",
        "loud",
        "never",
        "<&\"'> ñ \ufffd \ufffd",
    )
    assert states(found) == ["skipped", "failed", "passed", "error", "exception", "failed"], found
    assert (len(found[3].stdout), found[3].stdout[-4:]) == (4000, "end\n")
    assert "no class" in found[4].stderr


TWICE_JS = """\
const { test } = require("node:test");
test("outer", async (t) => {
  await t.test("inner", () => {});
  await t.test("bad", () => { throw new TypeError("<odd>"); });
});
test("twice", () => {});
test("twice", () => { throw new Error("no"); });
test("left", { skip: true }, () => {});
"""


async def test_tests_within_tests_have_both_names(running: Application) -> None:
    names = ("outer > inner", "outer > bad", "outer", "twice", "left")
    found = await attempt(running, "javascript", {}, {"a.test.js": TWICE_JS}, *names)
    assert states(found)[:2] == ["passed", "error"], found
    assert [each.passed for each in found] == [True, False, False, False, False]
    assert "<odd>" in found[1].got


async def test_a_flood_is_no_report(running: Application) -> None:
    loud = {"sums.py": "while True: print('x' * 10_000)\n"}
    found = await attempt(running, "python", loud, all_tests("python"), *NAMES)
    assert [(each.passed, each.status) for each in found] == [(False, "output_limit")] * 3


async def test_a_language_without_tests_is_the_question_s_fault(running: Application) -> None:
    found = await attempt(running, "java", {}, {"Helper.java": ""}, "x")
    assert [(each.passed, each.status) for each in found] == [(False, "judge_error")]
