"""What g++ and the linker print becomes marks in the author's own lines."""

import pytest

from pizarra.sandbox.compilers.gcc import parse_gcc

TEMPLATE = """In file included from /usr/include/c++/12/bits/stl_algobase.h:71:
/usr/include/c++/12/bits/predefined_ops.h: In instantiation of 'bool compare()':
/usr/include/c++/12/bits/stl_algo.h:4820:18:   required from 'void std::sort()'
main.cpp:3:3:   required from here
/usr/include/c++/12/bits/predefined_ops.h:45:23: error: no match for 'operator<'
/usr/include/c++/12/bits/stl_iterator.h:1185:5: note: candidate: 'x'
"""
AFTERWARDS = """/usr/include/c++/12/array:5:3: error: static assertion failed
main.cpp:2:3: note: in the call from here
"""
LINKER = """/usr/bin/ld.bfd: main.cpp: in function `main':
main.cpp:3: undefined reference to `A::f()'
collect2: error: ld returned 1 exit status
"""
DOUBLE = "ld: util.cpp: in function `g()':\nutil.cpp:1: multiple definition of `g()'; main.cpp:main.cpp:1: first\n"
NO_MAIN = "/usr/bin/ld.bfd: /usr/lib/Scrt1.o: in function `_start':\n(.text+0x17): undefined reference to `main'\n"
CODE = 'int main() {\n\t\tx; "日本"; "😀"; nothing;\n  sort(x);\n}\n'.encode()
OTHER = "main.cpp:2:24: error: 'nothing' was not declared"


@pytest.mark.parametrize(
    ("printed", "marks"),
    [
        (TEMPLATE, [("main.cpp", 3, 3, "no match for 'operator<'")]),
        (AFTERWARDS, [("main.cpp", 2, 3, "static assertion failed")]),
        (LINKER, [("main.cpp", 3, 1, "undefined reference to `A::f()'")]),
        (DOUBLE, [("util.cpp", 1, 1, "multiple definition of `g()'; main.cpp:main.cpp:1: first")]),
        (
            NO_MAIN,
            [("main.cpp", 1, 1, "undefined reference to 'main': where does the program start?")],
        ),
        (OTHER, [("main.cpp", 2, 18, "'nothing' was not declared")]),
        ("/usr/include/x.h:1:1: error: of nobody's", []),
    ],
)
def test_marks(printed: str, marks: list[tuple[str, int, int, str]]) -> None:
    found = parse_gcc(printed, {"main.cpp": CODE, "util.cpp": b"int g();"}, "main.cpp")
    assert [(each.path, each.line, each.column, each.message) for each in found] == marks
