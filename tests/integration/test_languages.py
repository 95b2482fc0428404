"""Five languages: every ending has its name, several files work together, compilers are attacked and hold."""

import asyncio
from typing import Any

import httpx2
import pytest
from tests.harness.application import Application
from tests.harness.peer import connect_peer
from tests.harness.rooms import url_of
from tests.harness.server import ServerProcess

MAINS = {
    "python": "main.py",
    "javascript": "main.js",
    "typescript": "main.ts",
    "java": "Main.java",
    "cpp": "main.cpp",
}


def java(body: str, imports: str = "import java.util.*;") -> str:
    main = "public static void main(String[] args) throws Exception"
    return f"{imports}\npublic class Main {{\n  {main} {{\n{body}\n  }}\n}}\n"


def cpp(body: str, includes: str = "#include <bits/stdc++.h>") -> str:
    return f"{includes}\nint main() {{\n{body}\n}}\n"


def run(server: ServerProcess, language: str, code: str, **body: Any) -> dict[str, Any]:
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        session = client.post(
            "/api/sessions", json={"language": language, "initial_code": code}
        ).json()
        answer = client.post(f"/api/sessions/{session['session_id']}/runs?wait=true", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def again(server: ServerProcess, run_read: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a run now."""
    place = f"/api/sessions/{run_read['session_id']}/runs/{run_read['run_id']}"
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        return dict(client.get(place).json())


ECHO = {
    "python": "import sys\nprint('out', input(), 'ñ😀')\nprint('err', file=sys.stderr)\nsys.exit(3)",
    "javascript": (
        "const text = require('fs').readFileSync(0, 'utf8').trim();\nconsole.log('out', text, 'ñ😀');\n"
        "console.error('err');\nprocess.exit(3);"
    ),
    "typescript": (
        "import * as fs from 'fs';\nenum Code { Odd = 3 }\nconst text: string = fs.readFileSync(0, 'utf8').trim();\n"
        "console.log('out', text, 'ñ😀');\nconsole.error('err');\nprocess.exit(Code.Odd);"
    ),
    "java": java(
        'String text = new Scanner(System.in).nextLine();\nSystem.out.println("out " + text + " ñ😀");\n'
        'System.err.println("err");\nSystem.exit(3);'
    ),
    "cpp": cpp(
        'std::string text; std::getline(std::cin, text);\nstd::cout << "out " << text << " ñ😀\\n";\n'
        'std::cerr << "err\\n";\nreturn 3;'
    ),
}


@pytest.mark.parametrize("language", MAINS)
def test_input_output_and_exit_code(sqlite_server: ServerProcess, language: str) -> None:
    result = run(sqlite_server, language, ECHO[language], stdin="42 é\n")
    assert (result["status"], result["exit_code"]) == ("exited", 3)
    assert (result["stdout"], result["stderr"]) == ("out 42 é ñ😀\n", "err\n")
    assert result["memory_kb"] > 1000
    assert result["diagnostics"] == []


def test_java_has_room_for_its_threads(sqlite_server: ServerProcess) -> None:
    body = (
        "var sum = new java.util.concurrent.atomic.LongAdder();\nvar all = new ArrayList<Thread>();\n"
        "for (int i = 0; i < 40; i++) { int n = i; all.add(new Thread(() -> sum.add(n))); }\n"
        "for (var each : all) each.start();\nfor (var each : all) each.join();\nSystem.out.println(sum.sum());"
    )
    result = run(sqlite_server, "java", java(body))
    assert (result["status"], result["stdout"], result["stderr"]) == ("exited", "780\n", "")


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", "import os\nprint(*sorted(os.listdir('/proc/self/fd')), *sorted(os.environ))"),
        (
            "cpp",
            "#include <bits/stdc++.h>\nextern char** environ;\nint main() {\n  std::set<std::string> fds, names;\n"
            '  for (auto& e : std::filesystem::directory_iterator("/proc/self/fd")) fds.insert(e.path().filename());\n'
            "  for (char** e = environ; *e; e++) names.insert(std::string(*e, std::strchr(*e, '=')));\n"
            '  for (auto& s : fds) std::cout << s << " ";\n  for (auto& s : names) std::cout << s << " ";\n}\n',
        ),
    ],
)
def test_a_program_inherits_nothing(sqlite_server: ServerProcess, language: str, code: str) -> None:
    printed = run(sqlite_server, language, code)["stdout"].split()
    assert printed[:4] == ["0", "1", "2", "3"]  # the last is the one that looks
    assert set(printed[4:]) <= {
        "HOME",
        "LANG",
        "LC_CTYPE",
        "PATH",
        "PWD",
        "PYTHONUNBUFFERED",
        "TERM",
    }


FAILING = {
    "python": ("def f():\n    return {}['x']\nf()\n", 1, "KeyError: 'x'", 'main.py", line 2'),
    "javascript": (
        "function f() {\n  throw new Error('no');\n}\nf();\n",
        1,
        "Error: no",
        "main.js:2",
    ),
    "typescript": (
        "function f(): void {\n  throw new Error('no');\n}\nf();\n",
        1,
        "Error: no",
        "main.ts:2",
    ),
    "java": (
        java('\nthrow new IllegalStateException("no");'),
        1,
        "IllegalStateException: no",
        "Main.java:5",
    ),
    "cpp": (cpp('throw std::runtime_error("no");'), None, "what():  no", ""),
}


@pytest.mark.parametrize("language", MAINS)
def test_an_exception_names_its_line_and_nothing_of_ours(
    sqlite_server: ServerProcess, language: str
) -> None:
    code, exit_code, message, place = FAILING[language]
    result = run(sqlite_server, language, code)
    assert (result["status"], result["exit_code"]) == ("exited", exit_code)
    assert result["signal"] == (None if exit_code else "SIGABRT")
    assert message in result["stderr"]
    assert place in result["stderr"]
    if place:  # and it is marked in the editor
        (found,) = result["diagnostics"]
        assert found["path"] == MAINS[language]
        assert str(found["line"]) in place
        assert found["text"] == code.split("\n")[found["line"] - 1]
        assert message in found["message"]
    for ours in ("warm_", "WarmJava", "/stub", "shim"):
        assert ours not in result["stderr"]


GREEDY = {
    "python": "x = []\nwhile True: x.append(bytearray(1 << 20))",
    "javascript": "const x = []; for (;;) x.push(new Array(1 << 17).fill(1.5));",
    "typescript": "const x: Buffer[] = []; for (;;) x.push(Buffer.alloc(1 << 20, 1));",
    "java": java("List<long[]> x = new ArrayList<>();\nwhile (true) x.add(new long[1 << 17]);"),
    "cpp": cpp("for (;;) { char* p = new char[1 << 20]; std::memset(p, 1, 1 << 20); }"),
}
ENDLESS = {
    "python": "while True: pass",
    "javascript": "for (;;) {}",
    "typescript": "for (;;) {}",
    "java": java("while (true) {}"),
    "cpp": cpp("volatile int x = 0; for (;;) x = x + 1;"),
}
TALKATIVE = {
    "python": "while True: print('x' * 1000)",
    "javascript": "for (;;) console.log('x'.repeat(1000));",
    "typescript": "for (;;) console.log('x'.repeat(1000));",
    "java": java('while (true) System.out.println("x".repeat(1000));'),
    "cpp": cpp("for (;;) std::cout << std::string(1000, 'x') << '\\n';"),
}


@pytest.mark.parametrize("language", MAINS)
def test_limits_end_a_run_with_their_name(sqlite_server: ServerProcess, language: str) -> None:
    assert run(sqlite_server, language, GREEDY[language])["status"] == "memory"
    talked = run(sqlite_server, language, TALKATIVE[language])
    assert talked["status"] == "output_limit"
    assert len(talked["stdout"]) == 1 << 20


@pytest.mark.parametrize("database_url", [None], ids=["sqlite"])
async def test_endless_programs_are_stopped_or_time_out(
    client: httpx2.AsyncClient, running: Application
) -> None:
    running.services.settings.run_wall_seconds = 1.5

    async def ends(language: str, code: str) -> None:
        session = (
            await client.post("/api/sessions", json={"language": language, "initial_code": code})
        ).json()
        answer = await client.post(f"/api/sessions/{session['session_id']}/runs?wait=true")
        assert answer.json()["status"] == "timeout"
        assert "1.5 s" in answer.json()["detail"]

    await asyncio.gather(*(ends(language, code) for language, code in ENDLESS.items()))


BROKEN = {
    "typescript": ("let x = 1;\nlet y = = 2;\n", ("main.ts", 2, 9), "esbuild"),
    "java": ("public class Main {\n  int x = nothing;\n}\n", ("Main.java", 2, 11), "javac"),
    "cpp": ("int main() {\n  int x = nothing;\n}\n", ("main.cpp", 2, 11), "g++"),
}


@pytest.mark.parametrize("language", BROKEN)
def test_a_compile_error_has_a_place(sqlite_server: ServerProcess, language: str) -> None:
    code, place, source = BROKEN[language]
    result = run(sqlite_server, language, code)
    assert (result["status"], result["exit_code"], result["stdout"]) == ("compile_error", None, "")
    (found, *_) = result["diagnostics"]
    assert (found["path"], found["line"], found["column"]) == place
    assert (found["severity"], found["source"]) == ("error", source)
    # by which the page finds it when people typed on
    assert found["text"] == code.split("\n")[place[1] - 1]
    assert f"{place[0]}:{place[1]}:{place[2]}: error" in result["stderr"]


def test_type_errors_are_shown_and_block_nothing(sqlite_server: ServerProcess) -> None:
    result = run(sqlite_server, "typescript", "const x: number = 'text';\nconsole.log(x);\n")
    assert (result["status"], result["stdout"]) == ("exited", "text\n")
    while not result["diagnostics"]:  # on a busy machine they come after its end
        result = again(sqlite_server, result)
    (found,) = result["diagnostics"]
    assert (found["line"], found["column"], found["source"]) == (1, 7, "tsc")
    assert (found["end_line"], found["end_column"]) == (1, 8)
    assert "TS2322" in found["message"]


LONG_TYPES = """
type Long<N extends number, A extends unknown[] = []> = A["length"] extends N ? A : Long<N, [...A, N]>;
const length: Long<400>["length"] = 0;
"""


async def test_the_end_waits_for_no_types(sqlite_server: ServerProcess) -> None:
    async with httpx2.AsyncClient(base_url=sqlite_server.url) as client:
        body = {"language": "typescript", "initial_code": LONG_TYPES}
        session = (await client.post("/api/sessions", json=body)).json()
        url = f"{sqlite_server.ws_url}/{session['room_id']}"
        async with connect_peer(url, control=True) as peer:
            await peer.control(type="run.start")
            await peer.wait_for(lambda: bool(peer.controls_of("run.checked")), 60)
        (ended,), (checked,) = peer.controls_of("run.ended"), peer.controls_of("run.checked")
        assert (ended["status"], ended["diagnostics"]) == ("exited", [])
        (found,) = checked["diagnostics"]
        assert (found["line"], found["column"]) == (3, 7)
        assert "Type '0' is not assignable to type '400'" in found["message"]
        place = f"/api/sessions/{session['session_id']}/runs/{checked['run_id']}"
        assert (await client.get(place)).json()["diagnostics"] == [found]


FILES: dict[str, dict[str, str]] = {
    "python": {"main.py": "from lib.tools import X\nprint(X)\n", "lib/tools.py": "from lib import other\nX = other.X\n",
               "lib/other.py": "X = 42\n", "queue.py": "raise SystemExit('not imported')\n"},
    "javascript": {"main.js": "const { X } = require('./lib/tools');\nconsole.log(X);\n",
                   "lib/tools.js": "exports.X = 42;\n"},
    "typescript": {"main.ts": "import { X } from './lib/tools';\nimport type { Y } from './types.js';\n"
                              "const y: Y = X;\nconsole.log(y);\n",
                   "lib/tools.ts": "export const X: number = 42;\n", "types.ts": "export type Y = number;\n"},
    "java": {"Main.java": java("System.out.println(lib.Tools.x() + new Other().zero());"),
             "lib/Tools.java": "package lib;\npublic class Tools { public static int x() { return 42; } }\n",
             "Other.java": "class Other { int zero() { return 0; } }\n"},
    "cpp": {"main.cpp": '#include "lib/tools.h"\n#include <iostream>\nint main() { std::cout << x() << "\\n"; }\n',
            "lib/tools.h": "#pragma once\nint x();\n", "lib/tools.cpp": '#include "tools.h"\nint x() { return 42; }\n',
            "scratch.cpp": "int main() { return 1; }\n"},
}  # fmt: skip


@pytest.mark.parametrize("database_url", [None], ids=["sqlite"])
@pytest.mark.parametrize("language", MAINS)
async def test_files_of_a_session_work_together(
    running: Application, client: httpx2.AsyncClient, language: str
) -> None:
    files = dict(FILES[language])
    session = (
        await client.post(
            "/api/sessions", json={"language": language, "initial_code": files.pop(MAINS[language])}
        )
    ).json()

    def add(document: Any) -> None:
        for path, text in files.items():
            document.put_file(path, language, text)

    await running.services.hub.change(session["room_id"], add)
    result = (await client.post(f"/api/sessions/{session['session_id']}/runs?wait=true")).json()
    assert (result["stdout"], result["exit_code"]) == ("42\n", 0), result


# What a program does to the compiler, or asks of it; nothing of the host may come out.
COMPILER_ATTACKS = {
    "the host's files": ("cpp", '#include "/etc/shadow"\nint main() {}\n'),
    "an endless file": ("cpp", '#include "/dev/zero"\nint main() {}\n'),
    "a terminal": ("cpp", '#include "/dev/tty"\nint main() {}\n'),
    "the assembler": ("cpp", 'asm(".incbin \\"/etc/shadow\\"");\nint main() {}\n'),
    "an endless include": ("cpp", '#include "main.cpp"\nint main() {}\n'),
    "templates without end": (
        "cpp",
        "template <int N> struct A { A<N + 1> a; A<N + 2> b; };\nint main() { A<0> a; }\n",
    ),
    "a huge program": ("cpp", "char big[1 << 30] = {1};\nint main() { return big[5]; }\n"),
    "a plug-in": ("cpp", '#pragma GCC plugin "/work/x.so"\nint main() { missing(); }\n'),
    "no class": ("java", "// nothing\n"),
    "a wide expression": (
        "java",
        "public class Main { String x = " + "+".join(['"a"'] * 2000) + "; int y = z; }",
    ),
    "files of the host": ("typescript", "import y from '../../etc/hostname';\nconsole.log(y);\n"),
    "files of another": ("typescript", "import x from '../proc/self/environ';\nconsole.log(x)\n"),
    "types without end": (
        "typescript",
        "type A<T extends unknown[]> = A<[...T, ...T, 1]>;\nlet x: A<[]> = 1;\nlet y = = 1;\n",
    ),
}


@pytest.mark.parametrize("name", COMPILER_ATTACKS)
def test_an_attack_on_the_compiler_is_a_compile_error(
    sqlite_server: ServerProcess, name: str
) -> None:
    language, code = COMPILER_ATTACKS[name]
    result = run(sqlite_server, language, code)
    assert result["status"] == "compile_error", result
    assert "root:" not in result["stderr"]
    assert result["stderr"].strip()
    # and whoever comes next is served as if nothing had been
    assert run(sqlite_server, language, ECHO[language], stdin="x\n")["exit_code"] == 3


async def test_what_people_write_is_compiled_before_they_run_it(
    sqlite_server: ServerProcess,
) -> None:
    broken = "public class Main {\n  int x = nothing;\n}\n"
    with httpx2.Client(base_url=sqlite_server.url, timeout=30) as client:
        session = client.post(
            "/api/sessions", json={"language": "java", "initial_code": broken}
        ).json()
        async with connect_peer(url_of(sqlite_server, session), control=True) as ann:
            ann.text = ann.doc.get("file:Main.java", type=type(ann.text))
            await ann.insert(len(broken), "// typed\n")
            await ann.wait_for(lambda: bool(ann.controls_of("diagnostics")), seconds=10)
            (found,) = ann.controls_of("diagnostics")[-1]["diagnostics"]
            assert (found["path"], found["line"], found["column"]) == ("Main.java", 2, 11)
            assert found["text"] == "  int x = nothing;"
            await ann.edit(lambda text: text.clear())
            good = java("System.out.println(7);")
            await ann.insert(0, good)
            await ann.wait_for(lambda: len(ann.controls_of("diagnostics")) == 2, seconds=10)
            assert ann.controls_of("diagnostics")[-1]["diagnostics"] == []
        result = client.post(f"/api/sessions/{session['session_id']}/runs?wait=true").json()
        assert (result["stdout"], result["compile_ms"]) == ("7\n", None)


def test_the_same_program_is_compiled_once(sqlite_server: ServerProcess) -> None:
    code = cpp("std::cout << 20261124;")
    assert run(sqlite_server, "cpp", code)["compile_ms"] > 20
    assert run(sqlite_server, "cpp", code)["compile_ms"] is None


def test_languages_say_their_versions(sqlite_server: ServerProcess) -> None:
    run(sqlite_server, "cpp", cpp("")), run(sqlite_server, "java", java(""))
    found = httpx2.get(f"{sqlite_server.url}/api/languages").json()
    assert [each["id"] for each in found] == list(MAINS)
    for each, product in zip(
        found, ("Python", "Node.js", "TypeScript", "OpenJDK", "g++"), strict=True
    ):
        assert (each["runnable"], each["starting"], each["reason"]) == (True, False, None)
        assert each["version"].startswith(f"{product} ")
