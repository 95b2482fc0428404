"""Everything the server says to people is in the page's Spanish catalogue, and nothing else is."""

import ast
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import pizarra
from pizarra import errors
from pizarra.answers import malformed
from pizarra.spanish import problem_in_spanish

SOURCES = Path(pizarra.__file__).parent
CATALOGUE = SOURCES / "spanish" / "said.es.json"
# What only the command line, the log, a probe or a program says.
ELSEWHERE = (
    *("operations", "cli.py", "probe.py", "sealing.py", "shim.py", "stubs", "health"),
    *("worker_socket.py", "worker_tokens.py", "remote"),
)
REFUSALS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.AppError)
}
SAID_FIRST = REFUSALS | {
    "BrokenChunk",
    "PackageError",
    "Remark",
    "Excess",
    "TooIntricate",
    "RunnerUnavailable",
    "Unusable",
    "SandboxError",
    "require_open",
    "require_host",
    "require_part",
    "_nothing",
}
SAID_BY_NAME = {"detail", "reason", "problem", "late", "busy"}
# Sentences that come about in another way: by Pydantic, by a rule of the watch, as part of another.
OTHERS = {
    # about projects
    *("The tests of projects are not run here in {}.", "The project has no tests in {}."),
    "Its tests are not run as it says here, but so: {}",
    "The program runs where its tests run, and can report for itself: that it passes is no proof. Look at the code.",
    "body: one of question_id, follow_up and seq is given",
    *(
        "{} minutes",
        "{} seconds",
        "{}: field required",
        "{}: must have a character that can be seen, and no NUL",
    ),
    *(
        "{}: string should have at most {} characters",
        "{}: string should have at least {} characters",
    ),
    "{}: string should have at least 1 character",
    # what is wrong with a value, and with which argument's
    *("is no JSON: {}", "must have {} lines, one for each argument", "the value breaks off"),
    *("must be of the type {}", "must be of the type float", "{}: must be of the type {}"),
    *("does not fit into {}", "does not fit into float", "{}: is no JSON: {}"),
    "has a node below none: children of null are left out",
    *("It ran for {} s, the longest a program may.", "Nobody typed, and it did nothing, for {} s."),
    "It made more than {} files.",
    "body: malformed JSON: it is not UTF-8",
    "Present an API token. Make one: pizarra token create NAME metrics",
    "Changed meanwhile",
    "{}: must be one of {}",
    "{}: must be one of {} or {}",
    "{}: must be some of {}",
    "{}: is not a field of this request",
    "{}: must not contain NUL or unpaired surrogates",
    *(f"{{}}: {each}" for each in malformed.SENTENCES),
    *(f"{{}}: must have at {end} {{}} items" for end in ("most", "least")),
    *(f"{{}}: must have at {end} 1 item" for end in ("most", "least")),
    *("{}: must be in the years 1 to 9999", "{}: must not name a criterion twice"),
    # What Python's reader of JSON says.
    *("Expecting value", "Expecting property name enclosed in double quotes", "Extra data"),
    *("Expecting ',' delimiter", "Expecting ':' delimiter", "Unterminated string starting at"),
    *("Invalid control character at", "Invalid \\escape", "Invalid \\uXXXX escape"),
    *(f"Illegal trailing comma before end of {what}" for what in ("object", "array")),
    "{}: input should be greater than or equal to {}",
    "{}: input should be less than or equal to {}",
    "{}: input should be a valid string",
    "{}: input should be a valid integer",
    "{}: input should be a valid integer, unable to parse string as an integer",
    "{}: input should be a valid boolean",
    "{}: input should be a valid list",
    "{}: input should be {}",
    "{}: malformed JSON: {}",
    "Not signed in",
    "Not allowed",
    "Not found",
    "Not Found",
    "Not possible now",
    "Language cannot be run here",
    "Too large",
    "Content Too Large",
    "Invalid input",
    "Too many at once",
    "Unavailable",
    "Internal error",
    "Method Not Allowed",
    "This address takes {}.",
    "Unsupported Media Type",
    "Misdirected",
    "The body came without a Content-Type. Send it with the header `Content-Type: application/json`.",
    "This takes JSON. Send the body with the header `Content-Type: application/json`.",
    "body: malformed JSON: a number in it is too long",
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
    if (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in SAID_BY_NAME
    ):
        yield node.value
    if isinstance(node, ast.Call):
        name = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
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
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in values
            )
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
    assert missing == {}, f"translate in {CATALOGUE.relative_to(SOURCES)}"
    assert set(catalogue) - set(found) - OTHERS == set()


def test_a_translation_keeps_the_values() -> None:
    for sentence, translation in json.loads(CATALOGUE.read_text()).items():
        assert sentence.count("{}") == len(re.findall(r"\{t?\}", translation)), sentence
        assert translation != sentence


@pytest.mark.parametrize(
    ("detail", "errors", "told", "messages"),
    [
        (
            "name: type a name for the team",
            [{"field": "name", "message": "type a name for the team"}],
            "nombre: escribe un nombre para el equipo",
            ["escribe un nombre para el equipo"],
        ),
        (
            "The old password is wrong.",
            [{"field": "old_password", "message": "The old password is wrong."}],
            "La contraseña anterior no es correcta.",
            ["La contraseña anterior no es correcta."],
        ),
        (
            "a: field required; b: field required",
            [{"field": each, "message": "field required"} for each in "ab"],
            "a: hace falta; b: hace falta",
            ["hace falta", "hace falta"],
        ),
    ],
)
def test_a_refused_field_is_told_in_spanish_too(
    detail: str, errors: list[dict[str, str]], told: str, messages: list[str]
) -> None:
    problem = {"title": "Invalid input", "status": 422, "detail": detail, "errors": errors}
    found = json.loads(problem_in_spanish(json.dumps(problem).encode()) or b"{}")
    assert found["detail"] == told
    assert [each["message"] for each in found["errors"]] == messages
    assert [each["field"] for each in found["errors"]] == [each["field"] for each in errors]
