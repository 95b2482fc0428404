"""Writes `docs/errors.md`: each code of a refusal, its status, and what is said with it. Run by `make types`."""

import ast
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pizarra.main  # noqa: F401 - all classes of refusals
from pizarra.answers.codes import Code
from pizarra.errors import AppError

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "pizarra"
PAGE = ROOT / "docs" / "errors.md"


def _kinds(kind: type[AppError]) -> Iterator[type[AppError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


_CLASSES = {kind.__name__: kind for kind in _kinds(AppError)}
_HEAD = """# Errors

Generated from the code by `make types`. Every refusal is `application/problem+json` (RFC 9457):

```json
{"type": "about:blank", "title": "Not found", "status": 404,
 "detail": "Session 0123 not found", "code": "session_not_found"}
```

`detail` is a sentence for people, in Spanish for whoever asks for it (`Accept-Language: es`; `Content-Language` says
which it is); `code` is for programs: one for each reason, and it keeps its meaning. 422 names each field in `errors`
besides. 401 brings `WWW-Authenticate`, 429 and 503 `Retry-After`. `{}` stands for a value.

| code | status | what is said | en español |
| --- | --- | --- | --- |
"""


def refusals() -> Iterator[tuple[str, str | None, str | None]]:
    """Yield what the source refuses with: the class, the code (None: the class's own), the sentence if it is there."""
    # those speak to terminals
    for path in sorted(set(SOURCES.rglob("*.py")) - set(SOURCES.rglob("*_commands.py"))):
        tree = ast.parse(path.read_text())
        named = {
            target.id: statement.value
            for statement in tree.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in _CLASSES
            ):
                code = next(
                    (keyword.value for keyword in node.keywords if keyword.arg == "code"), None
                )
                sentence = _sentence(node.args[0], named) if node.args else None
                yield node.func.id, code.attr if isinstance(code, ast.Attribute) else None, sentence


def _sentence(expression: ast.expr, named: Mapping[str, ast.expr]) -> str | None:
    match expression:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in values
            )
        case ast.Name(id=name) if name in named:
            return _sentence(named[name], {})
    return None


def errors_md() -> str:
    """Return the page as it is committed."""
    spanish = json.loads((SOURCES / "spanish" / "said.es.json").read_text())
    said: dict[Code, set[str]] = defaultdict(set)
    status: dict[Code, int] = {}
    for name, code_name, sentence in refusals():
        kind = _CLASSES[name]
        code = Code[code_name] if code_name is not None else kind.code
        if status.setdefault(code, kind.status) != kind.status:
            raise SystemExit(f"{code} is said with {status[code]} and with {kind.status}")
        if sentence is not None:
            said[code].add(sentence)
    for kind in _CLASSES.values():
        status.setdefault(kind.code, kind.status)
    status |= _ELSEWHERE
    rows = []
    for code in sorted(Code, key=lambda each: (status[each], each.value)):
        sentences = sorted(said[code])
        english, other = (
            "<br>".join(each) for each in (sentences, [spanish.get(each, "") for each in sentences])
        )
        rows.append(
            f"| `{code}` | {status[code]} | {english.replace('|', '/')} | {other.replace('|', '/')} |\n"
        )
    return _HEAD + "".join(rows)


# What is refused before a handler is asked, or said by the server's own layers.
_ELSEWHERE = {
    Code.DATABASE_UNAVAILABLE: 503,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.BODY_TOO_SLOW: 408,
    Code.CONTENT_TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.MISDIRECTED: 421,
    Code.HEAD_TOO_LARGE: 431,
    Code.MALFORMED: 400,
}


if __name__ == "__main__":
    PAGE.write_text(errors_md())
