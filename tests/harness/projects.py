"""A small project in three languages, tried by the judge as it ships."""

from collections.abc import Sequence
from typing import Any

from pizarra.execution.limits import pipe_limits
from pizarra.judging.outcomes import Outcome, Rule, Trial
from pizarra.judging.projects import ProjectTests, is_test
from pizarra.judging.trying import Judge, Program, Turn
from tests.harness.application import Application
from tests.harness.functions import MAIN

LANGUAGES = ("python", "javascript", "typescript")

VISIBLE_PY = '''\
import unittest

from sums import total


class Sums(unittest.TestCase):
    def test_two(self):
        """two are added"""
        print("adding")
        self.assertEqual(total([1, 2]), 3)
'''
HIDDEN_PY = '''\
import unittest

import sums


class S3cret(unittest.TestCase):
    def test_none(self):
        """h1dden none"""
        self.assertEqual(sums.total([]), 0)

    def test_minus(self):
        """h1dden minus"""
        self.assertEqual(sums.total([-1, -2]), -3)
'''
VISIBLE_JS = """\
const test = require("node:test");
const assert = require("node:assert/strict");
const { total } = require("./sums.js");

test("two are added", () => {
  console.log("adding");
  assert.equal(total([1, 2]), 3);
});
"""
HIDDEN_JS = """\
const { describe, it } = require("node:test");
const assert = require("node:assert/strict");
const { total } = require("./sums.js");

it("h1dden none", () => assert.equal(total([]), 0));
it("h1dden minus", async () => assert.equal(total([-1, -2]), -3));
"""


def _ts(text: str) -> str:
    """Return a test in the way that modules are written there."""
    return (
        text.replace(
            'const { describe, it } = require("node:test")', 'import { it } from "node:test"'
        )
        .replace('const test = require("node:test")', 'import test from "node:test"')
        .replace(
            'const assert = require("node:assert/strict")',
            'import assert from "node:assert/strict"',
        )
        .replace('const { total } = require("./sums.js")', 'import { total } from "./sums"')
    )


WAYS: dict[str, dict[str, dict[str, str]]] = {
    "python": {
        "files": {
            "main.py": "from sums import total\nprint(total([1]))\n",
            "sums.py": "def total(numbers):\n    return 0\n",
        },
        "tests": {"test_sums.py": VISIBLE_PY},
        "hidden": {"test_s3cret.py": HIDDEN_PY},
        "reference": {"sums.py": "def total(numbers):\n    return sum(numbers)  # r3ference\n"},
    },
    "javascript": {
        "files": {"sums.js": "exports.total = (numbers) => 0;\n"},
        "tests": {"sums.test.js": VISIBLE_JS},
        "hidden": {"s3cret.test.js": HIDDEN_JS},
        "reference": {
            "sums.js": "exports.total = (numbers) => numbers.reduce((a, b) => a + b, 0);\n"
        },
    },
    "typescript": {
        "files": {"sums.ts": "export const total = (numbers: number[]): number => 0;\n"},
        "tests": {"sums.test.ts": _ts(VISIBLE_JS)},
        "hidden": {"s3cret.test.ts": _ts(HIDDEN_JS)},
        "reference": {
            "sums.ts": "export const total = (numbers: number[]): number =>\n  numbers.reduce((a, b) => a + b, 0);\n"
        },
    },
}
PROJECT: dict[str, Any] = {
    "title": "Add them up",
    "kind": "project",
    "languages": list(WAYS),
    "starters": {},
    "references": {},
    "translations": {},
    "project": {"files": {"README.md": "# Sums\n"}, "ways": WAYS},
    "samples": [{"name": "two are added"}],
    "secret": [
        {"name": "few", "cases": [{"name": "h1dden none"}]},
        {"name": "less", "cases": [{"name": "negative ones", "input": "h1dden minus"}]},
    ],
    "wrong": [
        {
            "name": "forgets signs",
            "language": "python",
            "files": {"sums.py": "def total(numbers):\n    return sum(map(abs, numbers))\n"},
            "verdict": "wrong_answer",
            "fails": ["less"],
        }
    ],
    "follow_ups": [{"title": "More", "text": "And the mean?"}],
}


async def attempt(
    running: Application,
    language: str,
    files: dict[str, str],
    tests: dict[str, str],
    *names: str,
    seconds: float = 5.0,
    command: Sequence[str] = (),
    **limits: Any,
) -> list[Outcome]:
    """Return what comes of the tests of these names, all of whose files are run."""
    settings = running.services.settings
    bounds = pipe_limits(settings).model_copy(update={"wall_seconds": seconds, **limits})
    assert (await running.services.runner.require(language)).problem_with(language) is None
    judge = Judge(running.services.runner, bounds)
    program = Program(language, MAIN[language], files)
    run = [each for each in tests if is_test(language, each)]
    rule = Rule(project={language: ProjectTests(tests, run, command)})
    trials = [Trial(name, "passed") for name in names]
    return await judge.outcomes(program, trials, rule, Turn("test", ""))


def states(outcomes: list[Outcome]) -> list[str]:
    """Return how each went, in a word."""
    return [each.got.partition(":")[0] or each.status for each in outcomes]
