"""Everything the server says to people is in the page's Spanish catalogue, and nothing else is."""

import ast
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pizarra
from pizarra import errors

SOURCES = Path(pizarra.__file__).parent
CATALOGUE = SOURCES.parents[1] / "web/src/words/said.es.json"
# What only the command line, the log, a probe or a program says.
ELSEWHERE = (
    "commands.py",
    "cli.py",
    "doctor.py",
    "server.py",
    "probe.py",
    "sealing.py",
    "shim.py",
    "stubs",
    "health.py",
)
REFUSALS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.AppError)}
SAID_FIRST = REFUSALS | {
    "BrokenChunk",
    "RunnerUnavailable",
    "Unusable",
    "SandboxError",
    "require_open",
    "_require_host",
    "_nothing",
}
SAID_BY_NAME = {"detail", "reason", "problem", "late", "busy"}
# Sentences that come about in another way: by Pydantic, by a rule of the watch, as part of another.
OTHERS = {
    *("{} minutes", "{} seconds", "{}: field required", "{}: must have a character that can be seen, and no NUL"),
    *("{}: string should have at most {} characters", "{}: string should have at least {} characters"),
    "{}: string should have at least 1 character",
    *("It ran for {} s, the longest a program may.", "Nobody typed, and it did nothing, for {} s."),
    "It made more than {} files.",
    *(
        "The formatter takes too long.",
        "The language server takes too long.",
        "The runner does not know this language.",
    ),
}


def said() -> dict[str, str]:
    """Return every sentence in the source that a page may show, `{}` for its values, and where it is."""
    found: dict[str, str] = {}
    for path in sorted(SOURCES.rglob("*.py")):
        if {"static", *path.parts} & set(ELSEWHERE):
            continue
        tree = ast.parse(path.read_text())
        named = {
            target.id: statement.value
            for statement in tree.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            for expression in _said_by(node):
                for sentence in _sentences(expression, named):
                    found.setdefault(sentence, f"{path.relative_to(SOURCES)}:{expression.lineno}")
    return found


def _said_by(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in SAID_BY_NAME:
        yield node.value
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in SAID_FIRST:
            yield from node.args
        if name == "problem":
            yield from node.args[3:]
        if name == "kill":
            yield from node.args[1:]
        yield from (keyword.value for keyword in node.keywords if keyword.arg in SAID_BY_NAME)
    if isinstance(node, ast.Call | ast.Tuple):
        values = node.args if isinstance(node, ast.Call) else node.elts
        for code, reason in pairwise(values):
            if ast.unparse(code).startswith("CloseCode."):
                yield reason


def _sentences(expression: ast.expr, named: dict[str, ast.expr]) -> Iterator[str]:
    """Yield what an expression may say: a constant, a text with values, or either of some."""
    match expression:
        case ast.Constant(value=str(text)) if " " in text or text in ("idle", "reconnect"):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in values)
        case ast.Name(id=name) if name in named:
            yield from _sentences(named[name], {})
        case ast.IfExp(body=one, orelse=other):
            yield from _sentences(one, named)
            yield from _sentences(other, named)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _sentences(value, named)


def test_the_catalogue_has_what_the_server_says_and_nothing_else() -> None:
    catalogue, found = json.loads(CATALOGUE.read_text()), said()
    assert len(found) > 130, "the search no longer finds the sentences"
    missing = {sentence: where for sentence, where in found.items() if sentence not in catalogue}
    assert missing == {}
    assert set(catalogue) - set(found) - OTHERS == set()


def test_a_translation_keeps_the_values() -> None:
    for sentence, translation in json.loads(CATALOGUE.read_text()).items():
        assert sentence.count("{}") == len(re.findall(r"\{t?\}", translation)), sentence
        assert translation != sentence
