"""Calls a function with cases: which files are run beside the answer, what they read, and what they wrote.

The arguments come by standard input, which is read to its end before the function is called; what it comes to is framed
on standard output by a word that is made up for the run. So what a program prints stays its own, wherever it prints it.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from pizarra.judging import harnesses
from pizarra.judging.signature import Signature, parse_type
from pizarra.judging.starters import cpp_type, name_in, node_values
from pizarra.judging.values import NotOfType, Tokens, letters_of, result_type, tokens_of
from pizarra.sandbox.languages import languages

_MAIN = {
    "python": "pizarra_cases.py",
    "javascript": "pizarra_cases.js",
    "typescript": "pizarra_cases.ts",
    "java": "PizarraCases.java",
    "cpp": "pizarra_cases.cpp",
}
# Python is loaded ahead, and waits for a file of the name that programs usually have: another one starts Python anew,
# which takes longer than a hundred cases. So what calls the answer has that name until it is read, and then the answer.
_WAITING = "pizarra_answer.py"
_START_PYTHON = """\
import os
os.replace("{waiting}", "{name}")
with open(os.path.abspath("{main}")) as cases:
    exec(compile(cases.read(), cases.name, "exec"))
"""
_NODES = {"list": "ListNode", "tree": "TreeNode"}
_EXPORTED = """
;globalThis.__pizarraAnswer = {{ {name}: typeof {name} === "undefined" ? undefined : {name}{nodes} }};
"""
_START_JS = """
const given = require("node:fs").readFileSync(0, "utf8").split("\\n");
(async () => {
  try {
    require("./main.js");
  } catch (error) {
    if (!String(error?.code).startsWith("ERR_REQUIRE") && !(error instanceof SyntaxError)) throw error;
    await import("./main.js");
  }
  await cases(given, globalThis.__pizarraAnswer);
})();
"""
_START_TS = """
import { readFileSync } from "node:fs";
const given = readFileSync(0, "utf8").split("\\n");
(async () => {
  await import("./main.ts");
  await cases(given, globalThis.__pizarraAnswer);
})();
"""


@cache
def _source(name: str) -> str:
    return (resources.files(harnesses) / name).read_text()


def knows(language: str) -> bool:
    """Tell whether functions can be called in a language."""
    return language in _MAIN


def harnessed(
    language: str, path: str, files: dict[str, str], signature: Signature
) -> tuple[str, dict[str, str]]:
    """Return the file to run, and every file, for an answer that lies at `path`: those of its folder, and ours."""
    folder = path.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    mine = {
        name.removeprefix(prefix): text for name, text in files.items() if name.startswith(prefix)
    }
    answer = mine.pop(path.removeprefix(prefix))
    name, main = languages()[language].main, _MAIN[language]
    ours = (name, main, _WAITING)
    # A folder of that name would be in the way.
    mine = {name: text for name, text in mine.items() if name.partition("/")[0] not in ours}
    if language in ("javascript", "typescript"):
        answer += _exported(signature)
    mine[main] = _main(language, signature)
    if language == "python":
        start = _START_PYTHON.format(waiting=_WAITING, name=name, main=main)
        return name, {**mine, name: start, _WAITING: answer}
    return main, {**mine, name: answer}


def _exported(signature: Signature) -> str:
    classes = "".join(f", {_NODES[shape]}" for shape in node_values(signature))
    return _EXPORTED.format(name=signature.function, nodes=classes)


def _main(language: str, signature: Signature) -> str:
    match language:
        case "javascript":
            return _source("pizarra_cases.js") + _START_JS
        case "typescript":
            return _source("pizarra_cases.js") + _START_TS
        case "cpp":
            return _for_cpp(signature)
        case _:
            return _source(_MAIN[language] + (".txt" if language == "python" else ""))


def _for_cpp(signature: Signature) -> str:
    """Return the harness with what depends on the answer behind it, in names that no macro of the answer has."""
    body = ""
    for shape in node_values(signature):
        node, wire = _NODES[shape], f"pizarra::{shape.capitalize()}Wire"
        body += f"template <> struct pizarra::Wire<{node}*> : {wire}<{node}> {{}};\n"
    body += "void pizarra_call(std::vector<std::string>& pizarra_out) {\n"
    names = []
    for number, each in enumerate(signature.parameters):
        kind = cpp_type(parse_type(each.type))
        body += f"    {kind} pizarra_{number} = pizarra_read<{kind}>();\n"
        names.append(f"pizarra_{number}")
    call = f"::{signature.function}({', '.join(names)});\n"
    returns = cpp_type(parse_type(signature.returns))
    if returns == "void":
        body += f"    {call}"
    else:
        body += f"    {returns} pizarra_value = {call}"
        body += f"    pizarra_write<{returns}>(pizarra_value, pizarra_out);\n"
    if signature.in_place is not None:
        changed = [each.name for each in signature.parameters].index(signature.in_place)
        kind = cpp_type(parse_type(signature.parameters[changed].type))
        body += f"    pizarra_write<{kind}>(pizarra_{changed}, pizarra_out);\n"
    return f"{_source('pizarra_cases.cpp')}\n{body}}}\n"


def new_secret() -> str:
    """Return a word that no program knows before it reads its input."""
    return secrets.token_hex(16)


def input_for(language: str, signature: Signature, cases: Sequence[list[Any]], secret: str) -> str:
    """Return what a harness reads: about the function, then the arguments of each case, a token a line."""
    kinds = [parse_type(each.type) for each in signature.parameters]
    names = [each.name for each in signature.parameters]
    lines = [
        secret,
        languages()[language].main,
        name_in(language, signature.function),
        " ".join(letters_of(each) for each in kinds),
        letters_of(parse_type(signature.returns)),
        str(names.index(signature.in_place) if signature.in_place is not None else -1),
        str(len(cases)),
    ]
    for arguments in cases:
        for kind, value in zip(kinds, arguments, strict=True):
            lines += tokens_of(kind, value)
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a function came to in one case, after `printed`, in so many microseconds.

    `value`: the tokens of it; `mismatch`: something of another type, `error`: an exception, and `said` what.
    """

    how: Literal["value", "mismatch", "error"]
    micros: int
    printed: bytes
    tokens: list[str]

    @property
    def said(self) -> str:
        """What it came to instead, or complained."""
        try:
            return bytes.fromhex("".join(self.tokens)[1:]).decode(errors="replace")
        except ValueError:
            return ""


_HOW: dict[bytes, Literal["value", "mismatch", "error"]] = {
    b"v": "value",
    b"m": "mismatch",
    b"e": "error",
}


_HEAD = re.compile(rb"([vme]) (\d{1,9}) (\d{1,12})\n")  # how, which case, and microseconds: 11 days


def frames_in(output: bytes, secret: str) -> tuple[list[Frame], bytes]:
    """Return what a harness told of each case, and what the program printed after the last."""
    begin = b"\x1f" + secret.encode() + b" "
    stop = begin + b".\n"
    frames: list[Frame] = []
    end = 0
    # Each search goes on where the one before it ended: the program may print a mebibyte of beginnings.
    while (start := output.find(begin, end)) >= 0:
        head = _HEAD.match(output, start + len(begin))
        if head is None or int(head[2]) != len(frames):
            break  # somebody else wrote it
        close = output.find(stop, head.end())
        if close < 0:
            break
        tokens = output[head.end() : close].decode(errors="replace").split("\n")
        tokens = [each for each in tokens if each]
        frames.append(Frame(_HOW[head[1]], int(head[3]), output[end:start], tokens))
        end = close + len(stop)
    return frames, output[end:]


def value_in(frame: Frame, signature: Signature) -> Any:
    """Return what a function came to: what it returned, or the parameter that it changed, its first k where it says k.

    Raises:
        NotOfType: it is not of the type it must be of.
    """
    tokens = Tokens(frame.tokens)
    if signature.in_place is None:
        return tokens.value(parse_type(signature.returns))
    count = tokens.value(parse_type(signature.returns))
    value = tokens.value(result_type(signature))
    if count is None:
        return value
    if not 0 <= count <= len(value):
        raise NotOfType(f"it returned {count}, and there are {len(value)}")
    return value[:count]
