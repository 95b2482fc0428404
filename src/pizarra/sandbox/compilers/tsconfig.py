"""What of a session's tsconfig.json is honoured: how programs are read and checked, never which files."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pizarra.sandbox.compilers import Diagnostic

_NAME = "tsconfig.json"
MAX_BYTES = 64 * 1024
# Something matches at every character, and whatever is not closed reaches to its end: nothing is read twice.
_PIECE = re.compile(
    r'"(?:[^"\\\n]++|\\.)*+"?'  # text
    r"|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?|\s++"  # comments and space
    r'|[^"/,}\]\s]++|.'
)
_FLAGS = (
    *(
        "allowUnreachableCode",
        "allowUnusedLabels",
        "alwaysStrict",
        "checkJs",
        "emitDecoratorMetadata",
    ),
    *(
        "exactOptionalPropertyTypes",
        "experimentalDecorators",
        "isolatedModules",
        "noFallthroughCasesInSwitch",
    ),
    *(
        "noImplicitAny",
        "noImplicitOverride",
        "noImplicitReturns",
        "noImplicitThis",
        "noPropertyAccessFromIndexSignature",
    ),
    *(
        "noUncheckedIndexedAccess",
        "noUnusedLocals",
        "noUnusedParameters",
        "strict",
        "strictBindCallApply",
    ),
    *(
        "strictFunctionTypes",
        "strictNullChecks",
        "strictPropertyInitialization",
        "useDefineForClassFields",
    ),
    *("useUnknownInCatchVariables", "verbatimModuleSyntax", "erasableSyntaxOnly"),
)
_WORDS = ("jsx", "jsxFactory", "jsxFragmentFactory", "jsxImportSource")
_WORD = re.compile(r"[\w.$@/-]{1,80}")
_FOR_ESBUILD = (
    *_WORDS,
    "alwaysStrict",
    "experimentalDecorators",
    "strict",
    "useDefineForClassFields",
    "verbatimModuleSyntax",
)


def options_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the options that are honoured; none when there is no file, or nobody can read it."""
    text = files.get(_NAME, b"")
    if not text or len(text) > MAX_BYTES:
        return {}
    try:
        read = json.loads(_as_json(text.decode(errors="replace")))
    except (ValueError, RecursionError):
        return {}
    asked = read.get("compilerOptions") if isinstance(read, dict) else None
    if not isinstance(asked, dict):
        return {}
    return {name: value for name, value in asked.items() if _is_honoured(name, value)}


def remarks_on(files: Mapping[str, bytes]) -> tuple[Diagnostic, ...]:
    """Return what there is to say of a file that is not honoured because of its size."""
    if len(files.get(_NAME, b"")) <= MAX_BYTES:
        return ()
    message = f"This file has more than {MAX_BYTES // 1024} KiB: its options are not used."
    return (Diagnostic(_NAME, 1, 1, "warning", message),)


def for_esbuild(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those that change what the program does."""
    return {name: value for name, value in options.items() if name in _FOR_ESBUILD}


def _as_json(text: str) -> str:
    """Return the text without comments, and without commas before a closing bracket."""
    kept: list[str] = []
    comma = ""  # the last one, until it is known what follows
    for piece in _PIECE.findall(text):
        if piece.isspace() or piece.startswith(("//", "/*")):
            kept.append(" ")
        elif piece == ",":
            kept.append(comma)
            comma = piece
        else:
            kept += ("" if piece in ("}", "]") else comma, piece)
            comma = ""
    return "".join([*kept, comma])


def _is_honoured(name: str, value: object) -> bool:
    if name in _FLAGS:
        return isinstance(value, bool)
    return name in _WORDS and isinstance(value, str) and _WORD.fullmatch(value) is not None
