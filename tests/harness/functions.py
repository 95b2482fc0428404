"""A question's function in five languages, called by the judge as it ships."""

import re
from typing import Any

import pytest

from pizarra.execution.limits import pipe_limits
from pizarra.judging.comparing import Comparator
from pizarra.judging.outcomes import Outcome, Rule, Trial
from pizarra.judging.signature import Signature
from pizarra.judging.starters import generated
from pizarra.judging.trying import Judge, Program, Turn
from tests.harness.application import Application

LANGUAGES = ("python", "javascript", "typescript", "java", "cpp")
MAIN = {
    "python": "main.py",
    "javascript": "main.js",
    "typescript": "main.ts",
    "java": "Main.java",
    "cpp": "main.cpp",
}


@pytest.fixture
def database_url() -> None:
    """None of this is about the database."""


def signature(text: str, **more: Any) -> Signature:
    """Return `name(type name, …) -> type` as a signature."""
    head, _, returns = text.partition(" -> ")
    name, _, rest = head.rstrip(")").partition("(")
    parameters = [
        dict(zip(("type", "name"), each.split(), strict=True)) for each in rest.split(", ")
    ]
    return Signature.model_validate(
        {"function": name, "parameters": parameters, "returns": returns, **more}
    )


async def call(
    running: Application,
    language: str,
    source: str,
    about: Signature,
    *cases: tuple[str, str],
    seconds: float = 5.0,
    **comparator: Any,
) -> list[Outcome]:
    """Return what comes of calling a function, which may take so many `seconds` for each case."""
    settings = running.services.settings
    limits = pipe_limits(settings).model_copy(update={"wall_seconds": seconds})
    assert (await running.services.runner.require(language)).problem_with(language) is None
    judge = Judge(running.services.runner, limits)
    program = Program(language, MAIN[language], {MAIN[language]: source})
    trials = [Trial(*case) for case in cases]
    rule = Rule(Comparator(**comparator), about)
    return await judge.outcomes(program, trials, rule, Turn("test", ""))


def passed(outcomes: list[Outcome]) -> list[bool]:
    return [each.passed for each in outcomes]


def completed(about: Signature, language: str, body: str) -> str:
    """Return the starter with the function written."""
    starter = generated(about, language)
    if language == "java":
        node = "TreeNode" if about.returns.startswith("Tree") else "ListNode"
        head, _, tail = starter.partition(f"    static {node} {about.function}(")
        return head + body + tail.partition("    }\n")[2]
    end = (
        r"(?:Tree|List)Node\* (?:mirror|ring)" if language == "cpp" else r"function (?:mirror|ring)"
    )
    return re.split(end, starter)[0] + body
