"""Programs run as they would at home: what the plain toolchain prints, and how it ends, on pipes and on a terminal."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.harness.runner import run_program


@dataclass(frozen=True)
class Case:
    """A program, and what it prints at home. `marks` are (path, line, a part of the message) in the editor."""

    language: str
    code: str
    stdout: str
    stderr: str | None = ""  # None: whatever
    exit_code: int | None = 0
    files: dict[str, str] = field(default_factory=dict)
    path: str | None = None
    stdin: str = ""
    terminal: bool = False


READ_DEV_STDIN = {
    "python": "print(sum(map(int, open('/dev/stdin').read().split())))",
    "javascript": (
        "console.log(require('fs').readFileSync('/dev/stdin', 'utf8').split(' ').map(Number).reduce((a, b) => a + b))"
    ),
    "java": (
        "import java.nio.file.*;\npublic class Main { public static void main(String[] a) throws Exception {\n"
        'String[] parts = Files.readString(Path.of("/dev/stdin")).trim().split(" ");\n'
        "System.out.println(Integer.parseInt(parts[0]) + Integer.parseInt(parts[1])); } }"
    ),
    "cpp": (
        "#include <fstream>\n#include <iostream>\n"
        'int main() { std::ifstream in("/dev/stdin"); int a, b; in >> a >> b; std::cout << a + b << "\\n"; }'
    ),
}
STREAMS = {
    **{
        f"/dev/stdin in {name}": Case(name, code, "3\n", stdin="1 2\n")
        for name, code in READ_DEV_STDIN.items()
    },
    "/dev/stdout and /dev/stderr": Case(
        "python",
        "import os\nos.system('echo hi > /dev/stdout; echo no > /dev/stderr')",
        "hi\n",
        "no\n",
    ),
    "a large header that two files include": Case(
        "cpp",
        '#include <bits/stdc++.h>\n#include "other.h"\nint main() { std::cout << other(); }',
        "2\n",
        files={
            "other.h": '#include <bits/stdc++.h>\ninline std::string other() { return "2\\n"; }\n'
        },
    ),
    "a child speaks after its parent": Case(
        "cpp",
        "#include <cstdio>\n#include <unistd.h>\nint main() {\n"
        '  if (fork() == 0) { usleep(100000); std::puts("child"); return 0; }\n  std::puts("parent");\n}',
        "parent\nchild\n",
    ),
    "a child speaks on a terminal after its parent": Case(
        "python",
        "import os, time\nif os.fork() == 0:\n    time.sleep(0.1)\n    print('child')\nelse:\n    print('parent')",
        "parent\r\nchild\r\n",
        terminal=True,
    ),
    "input without a line end ends on a terminal": Case(
        "python",
        "import sys\nprint('got', sys.stdin.read())",
        "3 4got 3 4\r\n",
        stdin="3 4",
        terminal=True,
    ),
    "a line longer than the terminal's editor holds": Case(
        "python",
        "line = input()\nprint(len(line), line == 'é' * 6000, input())",
        "é" * 6000 + "\r\nnext\r\n6000 True next\r\n",
        stdin="é" * 6000 + "\nnext\n",
        terminal=True,
    ),
}
SIGNALS = {
    "a closed pipe ends who writes into it": Case(
        "cpp", '#include <cstdlib>\nint main() { return system("yes | head -1"); }', "y\n"
    ),
    "the time of the processor": Case(
        "cpp",
        "#include <ctime>\n#include <cstdio>\nint main() {\n  int still = 0;\n  for (int k = 0; k < 40; k++) {\n"
        "    clock_t a = clock(); volatile double s = 0;\n    for (int i = 0; i < 300000; i++) s = s + i;\n"
        '    if (clock() == a) still++;\n  }\n  std::puts(still < 4 ? "runs" : "stands");\n}',
        "runs\n",
    ),
}
PYTHON = {
    "nothing below the program": Case(
        "python",
        "import inspect, sys\nprint(len(inspect.stack()), sys.argv, sys.path[0])",
        "1 ['main.py'] /work\n",
    ),
    "another file than the main one": Case(
        "python",
        "",
        "1 __main__ ['tools/other.py'] /work/tools\n",
        files={
            "tools/other.py": "import inspect, sys\nprint(len(inspect.stack()), __name__, sys.argv, sys.path[0])"
        },
        path="tools/other.py",
    ),
}


NAMES = {
    f"{language} in {path}": Case(
        language, "", out, files={path: code, ".github/x.txt": "", "HEAD": ""}, path=path
    )
    for language, path, code, out in [
        ("python", "-a.py", "import sys\nprint(sys.argv)", "['-a.py']\n"),
        ("python", "-", "print(6)", "6\n"),
        ("python", ".github/~x.py", "print(6)", "6\n"),
        ("javascript", "-a.js", "console.log(6)", "6\n"),
        ("typescript", "-a.ts", "console.log(6)", "6\n"),
        ("cpp", "-a.cpp", '#include <cstdio>\nint main() { puts("6"); }', "6\n"),
        (
            "java",
            "head/Main.java",
            "class Main { public static void main(String[] a) { System.out.println(6); } }",
            "6\n",
        ),
    ]
}
WORDS = {
    "a test that expects MemoryError": Case(
        "python",
        "import sys\nprint('MemoryError: is tested', file=sys.stderr)\nsys.exit(3)",
        "",
        None,
        exit_code=3,
    ),
    "an allocator of its own": Case(
        "cpp", "#include <new>\nint main() { throw std::bad_alloc(); }", "", None, exit_code=None
    ),
    "javascript's words": Case(
        "javascript",
        "console.error('FATAL ERROR: JavaScript heap out of memory'); process.exit(2)",
        "",
        None,
        exit_code=2,
    ),
}


def java(body: str, beside: str = "") -> str:
    head = "import java.util.*;\nimport java.io.*;\npublic class Main {\n"
    return f"{head}  public static void main(String[] args) throws Exception {{\n{body}\n  }}\n{beside}}}\n"


POOL = (
    "var pool = java.util.concurrent.Executors.newFixedThreadPool(200);\n"
    "var all = new java.util.concurrent.CountDownLatch(200);\n"
    "for (int i = 0; i < 200; i++) pool.submit(() -> { all.countDown(); all.await(); return 0; });\n"
    'all.await();\npool.shutdown();\nSystem.out.println("met");'
)
NODE = "class Node { int v = 1; }\n"
USES_NODE = java("System.out.println(new Node().v);")
JAVA = {
    "a handler of uncaught exceptions": Case(
        "java",
        java(
            "Thread.setDefaultUncaughtExceptionHandler(\n"
            '(t, e) -> System.out.println(t.getName() + " " + e.getMessage()));\n'
            'throw new RuntimeException("boom");'
        ),
        "main boom\n",
        exit_code=1,
    ),
    "two hundred threads that wait for each other": Case("java", java(POOL), "met\n"),
    "it ends with the last thread": Case(
        "java",
        java(
            "new Thread(() -> { try { Thread.sleep(100); } catch (InterruptedException e) {}\n"
            'System.out.println("late"); }).start();\nthrow new IllegalStateException("no");'
        ),
        "late\n",
        'Exception in thread "main" java.lang.IllegalStateException: no\n\tat Main.main(Main.java:7)\n',
        exit_code=1,
    ),
    "no frame of ours": Case(
        "java",
        java(
            "new Throwable().printStackTrace(System.out);\n"
            "System.out.println(Thread.currentThread().getStackTrace().length);\n"
            "StackWalker.getInstance().forEach(System.out::println);\nSystem.out.println(X.Y);",
            '  static class X { static int Y; static { if (Y == 0) throw new IllegalStateException("no"); } }\n',
        ),
        "java.lang.Throwable\n\tat Main.main(Main.java:5)\n2\nMain.main(Main.java:7)\n",
        'Exception in thread "main" java.lang.ExceptionInInitializerError\n\tat Main.main(Main.java:8)\n'
        "Caused by: java.lang.IllegalStateException: no\n\tat Main$X.<clinit>(Main.java:10)\n\t... 1 more\n",
        exit_code=1,
    ),
    "resources and class loaders": Case(
        "java",
        java(
            'System.out.println(new String(Main.class.getResourceAsStream("data.txt").readAllBytes()));\n'
            'System.out.println(Thread.currentThread().getContextClassLoader().getResource("in/x.txt") != null);\n'
            "System.out.println(Main.class.getClassLoader() == ClassLoader.getSystemClassLoader());"
        ),
        "hello\ntrue\ntrue\n",
        files={"data.txt": "hello", "in/x.txt": "x"},
    ),
    "an array of half the memory": Case(
        "java", java("System.out.println(new long[15_000_000].length);"), "15000000\n"
    ),
    "the same helper class in another file": Case(
        "java", USES_NODE + NODE, "1\n", files={"Second.java": "public class Second {}\n" + NODE}
    ),
    "an unfinished file beside": Case(
        "java", USES_NODE + NODE, "1\n", files={"Scratch.java": "class Scratch { int f( {"}
    ),
    "a public class of another name than the file, as for `java Main.java`": Case(
        "java",
        "class Helper { static int six() { return 6; } }\npublic class Solution {\n"
        "  static class A { public static void main(String[] a) { System.out.println(1); } }\n"
        "  public static void main(String[] a) { System.out.println(Helper.six()); }\n}\n",
        "6\n",
    ),
    "a helper in a file of its name": Case("java", USES_NODE, "1\n", files={"Node.java": NODE}),
    "a helper in a file of another name": Case(
        "java",
        USES_NODE,
        "1\n",
        files={
            "Things.java": "class Other {}\n" + NODE,
            "Scratch.java": "class Scratch { int f( {",
        },
    ),
    "packages in folders": Case(
        "java",
        "",
        "7\n",
        files={
            "src/com/acme/App.java": "package com.acme;\nimport com.acme.deep.Sum;\npublic class App {\n"
            "  public static void main(String[] a) { System.out.println(Sum.of(3, 4)); }\n}\n",
            "src/com/acme/deep/Sum.java": "package com.acme.deep;\npublic class Sum {\n"
            "  public static int of(int a, int b) { return a + b; }\n}\n",
        },
        path="src/com/acme/App.java",
    ),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name)
        for name, case in (STREAMS | SIGNALS | PYTHON | NAMES | WORDS | JAVA).items()
    ],
)
async def test_as_at_home(runner_socket: Path, case: Case) -> None:
    ended, stdout, stderr = await run_program(
        runner_socket,
        case.language,
        case.code,
        files=case.files,
        path=case.path,
        stdin=case.stdin,
        terminal=case.terminal,
    )
    assert (stdout, ended.status, ended.exit_code) == (case.stdout, "exited", case.exit_code)
    assert stderr == case.stderr or case.stderr is None


@pytest.mark.parametrize(
    ("language", "code"),
    [
        (
            "python",
            "import threading, time\nfor _ in range(100): threading.Thread(target=time.sleep, args=(1,)).start()",
        ),
        (
            "java",
            "public class Main { public static void main(String[] a) { for (int i = 0; i < 100; i++)\n"
            "new Thread(() -> { try { Thread.sleep(1000); } catch (InterruptedException e) {} }).start(); } }",
        ),
        (
            "cpp",
            "#include <thread>\n#include <vector>\n"
            "int main() { std::vector<std::jthread> all; for (int i = 0; i < 100; i++)\n"
            "all.emplace_back([] { std::this_thread::sleep_for(std::chrono::seconds(1)); }); }",
        ),
    ],
)
async def test_who_wants_too_many_threads_is_told(
    runner_socket: Path, language: str, code: str
) -> None:
    ended, _, _ = await run_program(runner_socket, language, code, processes=64)
    assert ended.status == "exited"
    assert ended.exit_code != 0
    assert (
        ended.detail == "It wanted more than 64 processes and threads, the most a program may have."
    )


async def test_who_ran_out_of_memory_keeps_its_exit_code(runner_socket: Path) -> None:
    ended, _, _ = await run_program(
        runner_socket, "javascript", "const x = []; for (;;) x.push(new Array(1 << 17).fill(1.5));"
    )
    assert (ended.status, ended.signal) == ("memory", "SIGABRT")
    assert ended.detail == "It asked for more memory than its heap has: 160 MiB of the 256 MiB."


MAIN_OF_UTIL = (
    '#include <iostream>\nint twice(int);\nint main() { std::cout << twice(21) << "\\n"; }\n'
)
ALONE = '#include <iostream>\nint main() { std::cout << 42 << "\\n"; }\n'
UNITS = {
    "main in a comment": (
        MAIN_OF_UTIL,
        "/*\n * int main() { }\n */\nint twice(int x) { return 2 * x; }\n",
    ),
    "main in a string": (
        MAIN_OF_UTIL,
        '#include <cstdio>\nint twice(int x) { std::fprintf(stderr, "from main()"); return 2 * x; }\n',
    ),
    "a method of that name": (
        MAIN_OF_UTIL,
        "struct App { int main(int x) { return 2 * x; } };\nint twice(int x) { return App().main(x); }\n",
    ),
    "another program": (ALONE, "/* entry */ int main() { return 1; }\n"),
    "a unit that is included": (
        '#include "util.cpp"\n' + MAIN_OF_UTIL,
        "int twice(int x) { return 2 * x; }\n",
    ),
    "an unfinished unit": (ALONE, "int f( {\n"),
    "a definition twice, not needed": (
        ALONE + "int f() { return 1; }\n",
        "int f() { return 2; }\n",
    ),
}


@pytest.mark.parametrize("name", UNITS)
async def test_what_is_linked_is_decided_by_code(runner_socket: Path, name: str) -> None:
    main, util = UNITS[name]
    ended, stdout, _ = await run_program(runner_socket, "cpp", main, files={"util.cpp": util})
    assert (stdout, ended.status) == ("42\n", "exited")


TS_FLAGS = '{\n  // as people write it\n  "compilerOptions": { "experimentalDecorators": true, "strict": false, },\n}\n'
MARKED = {
    "g++ after tabs": ("cpp", "int main() {\n\t\tint x = nothing;\n}\n", {}, ("main.cpp", 2, 11)),
    "g++ after Han and emoji": (
        "cpp",
        'int main() {\n  const char* s = "日本😀"; int x = nothing;\n}\n',
        {},
        ("main.cpp", 2, 35),
    ),
    "tsc after emoji": (
        "typescript",
        "const s = '😀日'; const a: number = nothing;\nexport { s, a };\n",
        {},
        ("main.ts", 1, 36),
    ),
    "esbuild after emoji": ("typescript", "const s = '😀日'; const = 1;\n", {}, ("main.ts", 1, 24)),
    "esbuild after what we put there": (
        "typescript",
        "const d = __dirname; const = 1;\n",
        {},
        ("main.ts", 1, 28),
    ),
    "javac after emoji": (
        "java",
        'public class Main { public static void main(String[] a) {\n\tString s = "😀"; int x = nothing;\n} }\n',
        {},
        ("Main.java", 2, 27),
    ),
    "no definition": (
        "cpp",
        "struct A { void f(); };\nint main() {\n  A().f();\n}\n",
        {},
        ("main.cpp", 3, 1),
    ),
    "in a template of the library": (
        "cpp",
        "#include <algorithm>\n#include <vector>\nstruct S {};\nint main() {\n"
        "  std::vector<S> x(3);\n  std::sort(x.begin(), x.end());\n}\n",
        {},
        ("main.cpp", 6, 12),
    ),
    "python in a module": (
        "python",
        "import util\nutil.f()",
        {"util.py": "def f():\n    raise Odd\nclass Odd(Exception): ..."},
        ("util.py", 2),
    ),
    "java in a package": (
        "java",
        "public class Main { public static void main(String[] a) { util.Help.me(); } }",
        {
            "util/Help.java": "package util;\npublic class Help { public static void me() {\nthrow new Error(); } }"
        },
        ("util/Help.java", 3),
    ),
    "javascript's JSON.parse": ("javascript", "\nJSON.parse('{')", {}, ("main.js", 2)),
}


@pytest.mark.parametrize("name", MARKED)
async def test_marks_are_where_the_page_counts(runner_socket: Path, name: str) -> None:
    language, code, files, place = MARKED[name]
    with_types = name.startswith("tsc")
    ended, _, stderr = await run_program(
        runner_socket, language, code, files=files, with_types=with_types
    )
    marks = [(each.path, each.line, each.column)[: len(place)] for each in ended.diagnostics]
    assert place in marks, stderr


MODULES = {
    "the place of a module": Case(
        "typescript",
        "#!/usr/bin/env node\nimport { where } from './lib/f';\nconsole.log(where(), __filename, import.meta.url);\n",
        "/work/lib /work/main.ts file:///work/main.ts\n",
        files={"lib/f.ts": "export function where(): string { return __dirname; }\n"},
    ),
    "a name of one's own": Case(
        "typescript", "const __dirname = 'mine'; console.log(__dirname);\n", "mine\n"
    ),
    "require beside await": Case(
        "typescript",
        "const fs = require('fs');\nconsole.log(typeof fs.readFileSync, await 1, import.meta.dirname);\n",
        "function 1 /work\n",
    ),
    "index.tsx": Case(
        "typescript",
        "import { a } from './ui';\nconsole.log(a);\n",
        "7\n",
        files={"ui/index.tsx": "export const a: number = 7;\n"},
    ),
    "decorators of a tsconfig.json": Case(
        "typescript",
        "function p(t: any, k: any, i: number) {}\n"
        "class A { constructor(@p private x: number) {} get() { return this.x; } }\n"
        "console.log(new A(3).get());\n",
        "3\n",
        files={"tsconfig.json": TS_FLAGS},
    ),
    "decorators of today": Case(
        "typescript",
        "function twice(f: (x: number) => number, _: ClassMethodDecoratorContext) {\n"
        "  return function (this: unknown, x: number) { return 2 * f.call(this, x); };\n}\n"
        "class A { @twice f(x: number) { return x; } }\nconsole.log(new A().f(4));\n",
        "8\n",
    ),
    "the window's size at once": Case(
        "javascript",
        "console.log(`${process.stdout.columns} ${process.stdout.rows}`)",
        "80 24\r\n",
        terminal=True,
    ),
    "clocks begin with the program": Case(
        "javascript", "console.log(process.uptime() < 2, performance.now() < 2000)", "true true\n"
    ),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in MODULES.items()])
async def test_modules_as_at_home(runner_socket: Path, case: Case) -> None:
    ended, stdout, stderr = await run_program(
        runner_socket, case.language, case.code, files=case.files, terminal=case.terminal
    )
    assert (stdout, stderr, ended.exit_code) == (case.stdout, "", 0)
    assert ended.diagnostics == []


async def test_plain_javascript_beside_typescript(runner_socket: Path) -> None:
    files = {"lib.js": "export function j() { return 1; }\n"}
    ended, stdout, _ = await run_program(
        runner_socket,
        "typescript",
        "import { j } from './lib.js';\nconsole.log(j());\n",
        files=files,
    )
    assert (stdout, ended.diagnostics) == ("1\n", [])
