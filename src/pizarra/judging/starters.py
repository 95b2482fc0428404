"""A function's types and first lines in each language: one convention, so that nobody has to guess."""

import re
from collections.abc import Mapping

from pizarra.judging.signature import Signature, Type, parse_type, types_in

# By a type's shape, how it is written around what it is made of.
_PYTHON = {
    "int": "int",
    "long": "int",
    "float": "float",
    "bool": "bool",
    "string": "str",
    "array": "list[{}]",
    "map": "dict[str, {}]",
    "optional": "{} | None",
    "void": "None",
    "tree": "TreeNode | None",
    "list": "ListNode | None",
}
_TYPESCRIPT = {
    "int": "number",
    "long": "bigint",
    "float": "number",
    "bool": "boolean",
    "string": "string",
    "array": "{}[]",
    "map": "Map<string, {}>",
    "optional": "{} | null",
    "tree": "TreeNode | null",
    "list": "ListNode | null",
    "void": "void",
}
_JAVA = {
    "int": "int",
    "long": "long",
    "float": "double",
    "bool": "boolean",
    "string": "String",
    "array": "{}[]",
    "map": "Map<String, {}>",
    "optional": "{}",
    "void": "void",
    "tree": "TreeNode",
    "list": "ListNode",
}
_BOXED = {"int": "Integer", "long": "Long", "double": "Double", "boolean": "Boolean"}
_CPP = {
    "int": "int",
    "long": "long long",
    "float": "double",
    "bool": "bool",
    "string": "std::string",
    "array": "std::vector<{}>",
    "optional": "std::optional<{}>",
    "map": "std::unordered_map<std::string, {}>",
    "void": "void",
    "tree": "TreeNode*",
    "list": "ListNode*",
}


def snake(name: str) -> str:
    """Return a name in camel case as Python writes it."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)


def name_in(language: str, name: str) -> str:
    """Return what a function or parameter is called in a language."""
    return snake(name) if language == "python" else name


def python_type(kind: Type) -> str:
    """Return a type as Python writes it."""
    inner = python_type(kind.of) if kind.of is not None else ""
    return _PYTHON[kind.shape].format(inner)


def typescript_type(kind: Type) -> str:
    """Return a type as TypeScript writes it, and JavaScript in its comments."""
    inner = typescript_type(kind.of) if kind.of is not None else ""
    if kind.shape == "array" and " " in inner:
        inner = f"({inner})"
    return _TYPESCRIPT[kind.shape].format(inner)


def java_type(kind: Type) -> str:
    """Return a type as Java writes it."""
    inner = java_type(kind.of) if kind.of is not None else ""
    if kind.shape in ("map", "optional"):
        inner = _BOXED.get(inner, inner)
    return _JAVA[kind.shape].format(inner)


def cpp_type(kind: Type) -> str:
    """Return a type as C++ writes it."""
    inner = cpp_type(kind.of) if kind.of is not None else ""
    return _CPP[kind.shape].format(inner)


def node_values(signature: Signature) -> Mapping[str, Type]:
    """Return of what the nodes are that a signature has: `tree` and `list` → their values' type."""
    return {
        each.shape: each.of
        for each in types_in(signature)
        if each.shape in ("tree", "list") and each.of is not None
    }


def generated(signature: Signature, language: str) -> str:
    """Return what a file begins with in a language."""
    make = {
        "python": _python,
        "javascript": _javascript,
        "typescript": _typescript,
        "java": _java,
        "cpp": _cpp,
    }
    return make[language](signature)


def _parameters(signature: Signature) -> list[tuple[str, Type]]:
    return [(each.name, parse_type(each.type)) for each in signature.parameters]


def _python(signature: Signature) -> str:
    nodes = node_values(signature)
    out = "from __future__ import annotations\n\n\n" if nodes else ""
    if "list" in nodes:
        value = python_type(nodes["list"])
        out += "class ListNode:\n"
        out += f"    def __init__(self, val: {value}, next: ListNode | None = None) -> None:\n"
        out += "        self.val = val\n        self.next = next\n\n\n"
    if "tree" in nodes:
        value = python_type(nodes["tree"])
        out += f"class TreeNode:\n    def __init__(self, val: {value}) -> None:\n"
        out += "        self.val = val\n        self.left: TreeNode | None = None\n"
        out += "        self.right: TreeNode | None = None\n\n\n"
    takes = ", ".join(
        f"{snake(name)}: {python_type(kind)}" for name, kind in _parameters(signature)
    )
    returns = python_type(parse_type(signature.returns))
    return f"{out}def {snake(signature.function)}({takes}) -> {returns}:\n    ...\n"


def _nodes_in_script(signature: Signature, *, typed: bool) -> str:
    out = ""
    for shape, value in node_values(signature).items():
        name = "ListNode" if shape == "list" else "TreeNode"
        links = ["next"] if shape == "list" else ["left", "right"]
        kind = typescript_type(value)
        out += f"class {name} {{\n"
        if typed:
            out += f"  val: {kind};\n"
            out += "".join(f"  {link}: {name} | null = null;\n" for link in links)
        out += f"  constructor(val{f': {kind}' if typed else ''}) {{\n    this.val = val;\n"
        out += "" if typed else "".join(f"    this.{link} = null;\n" for link in links)
        out += "  }\n}\n\n"
    return out


def _javascript(signature: Signature) -> str:
    out = _nodes_in_script(signature, typed=False) + "/**\n"
    for name, kind in _parameters(signature):
        out += f" * @param {{{typescript_type(kind)}}} {name}\n"
    out += f" * @returns {{{typescript_type(parse_type(signature.returns))}}}\n */\n"
    takes = ", ".join(name for name, _ in _parameters(signature))
    return f"{out}function {signature.function}({takes}) {{\n}}\n"


def _typescript(signature: Signature) -> str:
    takes = ", ".join(f"{name}: {typescript_type(kind)}" for name, kind in _parameters(signature))
    returns = typescript_type(parse_type(signature.returns))
    body = "" if returns == "void" else '  throw new Error("not written yet");\n'
    head = f"function {signature.function}({takes}): {returns}"
    return f"{_nodes_in_script(signature, typed=True)}{head} {{\n{body}}}\n"


def _java(signature: Signature) -> str:
    out = "import java.util.*;\n\npublic class Main {\n"
    for shape, value in node_values(signature).items():
        name = "ListNode" if shape == "list" else "TreeNode"
        links = "next" if shape == "list" else "left, right"
        kind = java_type(value)
        out += f"    static class {name} {{\n        {kind} val;\n        {name} {links};\n\n"
        out += f"        {name}({kind} val) {{\n            this.val = val;\n        }}\n    }}\n\n"
    takes = ", ".join(f"{java_type(kind)} {name}" for name, kind in _parameters(signature))
    returns = java_type(parse_type(signature.returns))
    body = (
        ""
        if returns == "void"
        else '        throw new UnsupportedOperationException("not written yet");\n'
    )
    out += f"    static {returns} {signature.function}({takes}) {{\n{body}    }}\n\n"
    return out + "    public static void main(String[] args) {\n    }\n}\n"


def _cpp(signature: Signature) -> str:
    out = "#include <bits/stdc++.h>\n\n"
    for shape, value in node_values(signature).items():
        name = "ListNode" if shape == "list" else "TreeNode"
        links = ["next"] if shape == "list" else ["left", "right"]
        kind = cpp_type(value)
        out += f"struct {name} {{\n    {kind} val;\n"
        out += "".join(f"    {name}* {link} = nullptr;\n" for link in links)
        out += f"    explicit {name}({kind} val) : val(val) {{}}\n}};\n\n"
    takes = ", ".join(_cpp_parameter(name, kind) for name, kind in _parameters(signature))
    returns = cpp_type(parse_type(signature.returns))
    body = "" if returns == "void" else '    throw std::logic_error("not written yet");\n'
    out += f"{returns} {signature.function}({takes}) {{\n{body}}}\n\n"
    return out + "int main() {\n}\n"


def _cpp_parameter(name: str, kind: Type) -> str:
    """Return a parameter: what is large comes by reference, so that it can be changed in place too."""
    by_reference = kind.shape in ("array", "map", "string")
    return f"{cpp_type(kind)}{'&' if by_reference else ''} {name}"
