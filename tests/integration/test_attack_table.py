"""The whole attack table from inside each language's own process, which hands it to a shell it starts.

What needs raw system calls is Python's `CONTAINED` (any program may start the system's Python); floods and
stubborn processes are the shell's own. `test_attacks_in_languages.py` has what each runtime can do by itself,
`test_libraries.py` every language in tier C.
"""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.harness.server import ServerProcess, server_process
from tests.integration.test_languages import cpp, java, run
from tests.integration.test_sandbox import CONTAINED

# Each reads a script from its input, runs it in a shell that shares its streams, and prints the shell's exit code.
SHELLS = {
    "python": (
        "import subprocess, sys\nscript = sys.stdin.read()\nsys.stdout.flush()\n"
        "print('code', subprocess.run(['sh', '-c', script], stdin=subprocess.DEVNULL).returncode)"
    ),
    "javascript": (
        "const { spawnSync } = require('child_process');\nconst script = require('fs').readFileSync(0, 'utf8');\n"
        "console.log('code', spawnSync('sh', ['-c', script], { stdio: ['ignore', 'inherit', 'inherit'] }).status);"
    ),
    "typescript": (
        "import { spawnSync } from 'child_process';\nimport { readFileSync } from 'fs';\n"
        "const script: string = readFileSync(0, 'utf8');\n"
        "console.log('code', spawnSync('sh', ['-c', script], { stdio: ['ignore', 'inherit', 'inherit'] }).status);"
    ),
    "java": java(
        'String script = new String(System.in.readAllBytes(), "UTF-8");\n'
        'Process shell = new ProcessBuilder("sh", "-c", script).inheritIO().start();\n'
        'System.out.println("code " + shell.waitFor());'
    ),
    "cpp": cpp(
        "std::string script((std::istreambuf_iterator<char>(std::cin)), {});\n"
        'std::cout << "code " << WEXITSTATUS(std::system(script.c_str())) << std::endl;',
        "#include <bits/stdc++.h>\n#include <sys/wait.h>",
    ),
}
# (script, what it may print): each is over in a moment
QUIET = {
    "the processes of the host": ("ls -d /proc/[0-9]* | wc -l | awk '{ print ($1 > 12) }'", "0"),
    "the environment of the host": ("env | grep -ciE 'secret|token|DATABASE|PIZARRA'", "0"),
    "su": ("su -c id </dev/null 2>/dev/null; echo $?", "1"),
    "settings of the kernel": ("echo 1 2>/dev/null > /proc/sys/vm/overcommit_memory; echo $?", "2"),
    "files for the host to follow": (
        "ln -s /etc/shadow out.txt; ln -s / dir; cat out.txt dir/etc/shadow 2>/dev/null",
        "",
    ),
    "a core file": ("ulimit -c", "0"),
    "more open files": ("ulimit -n 100000 2>/dev/null; ulimit -n", "256"),
    "a file of 3 GB": (
        "dd if=/dev/zero of=big bs=1M count=3000 2>/dev/null; stat -c %s big | awk '{print ($1 > 67108864)}'",
        "0",
    ),
}
# (script, the statuses in which it may end)
_SECONDS = str(100_000 + os.getpid())  # other test processes' sleepers are not ours
LOUD = {
    "a fork bomb": ("b() { b | b & b; }; b", {"exited", "timeout", "output_limit", "memory"}),
    "a flood of output": ("yes", {"output_limit"}),
    "a flood of files": (
        "i=0; while :; do : > f$i || exit; i=$((i+1)); done",
        {"memory", "timeout", "exited"},
    ),
    "a flood of bytes": (
        "for f in /tmp/1 /work/1 /dev/shm/1; do yes > $f; done; cat",
        {"exited", "memory", "timeout"},
    ),
    "daemons": (
        "setsid sh -c 'sleep SECONDS & sleep SECONDS &' </dev/null >/dev/null 2>&1; nohup sleep SECONDS &",
        {"exited"},
    ),
}
# each does nothing until its time is over
STUBBORN = {
    "everybody stopped": "kill -STOP -1; kill -STOP 0; sleep SECONDS",
    "its own group stopped": "kill -STOP 0; sleep SECONDS",
    "its parent stopped": "kill -STOP $PPID; sleep SECONDS",
    "a terminal's owner": "trap '' TERM INT HUP TSTP; sleep SECONDS",
}


@pytest.fixture(scope="module")
def quick_server(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server that soon ends what is stubborn."""
    folder = tmp_path_factory.mktemp("table")
    with server_process(
        folder, runner_socket=runner_socket, run_wall_seconds=0.8, run_children_seconds=0.1
    ) as server:
        yield server


@pytest.mark.parametrize("language", SHELLS)
def test_nothing_is_got_from_any_language(sqlite_server: ServerProcess, language: str) -> None:
    script = ""
    for number, (attack, _) in enumerate(CONTAINED.values()):
        if "kill(-1" in attack:
            continue  # below: it would end the script too
        script += f"cat > {number}.py <<'END'\ntry:\n    {attack}\nexcept OSError:\n    print('OSError')\nEND\n"
        script += f"echo {number}: $(python3 -B {number}.py 2>/dev/null)\n"
    script += "".join(f"echo {name}: $({attack})\n" for name, (attack, _) in QUIET.items())
    result = run(sqlite_server, language, SHELLS[language], stdin=script)
    printed = dict(line.split(":", 1) for line in result["stdout"].splitlines() if ":" in line)
    expected = {str(number): wanted for number, (_, wanted) in enumerate(CONTAINED.values())}
    expected |= {name: wanted for name, (_, wanted) in QUIET.items()}
    names = dict(enumerate(CONTAINED))
    expected.pop(str(next(number for number, name in names.items() if name == "kill everybody")))
    assert {name: printed.get(name, "nothing").strip() for name in expected} == expected, (
        names,
        result,
    )


@pytest.mark.parametrize("language", SHELLS)
@pytest.mark.parametrize("name", LOUD)
def test_a_flood_ends_with_its_name_and_nothing_is_left(
    quick_server: ServerProcess, language: str, name: str
) -> None:
    script, statuses = LOUD[name]
    result = run(
        quick_server, language, SHELLS[language], stdin=script.replace("SECONDS", _SECONDS)
    )
    assert result["status"] in statuses, result
    assert sleepers() == []


@pytest.mark.parametrize("name", STUBBORN)
def test_what_does_not_want_to_end_ends_with_its_time(
    quick_server: ServerProcess, name: str
) -> None:
    def attack(language: str) -> str:
        script = STUBBORN[name].replace("SECONDS", _SECONDS)
        return str(run(quick_server, language, SHELLS[language], stdin=script)["status"])

    with ThreadPoolExecutor() as threads:
        assert dict(zip(SHELLS, threads.map(attack, SHELLS), strict=True)) == dict.fromkeys(
            SHELLS, "timeout"
        )
    assert sleepers() == []


def sleepers() -> list[str]:
    """What is left of the attacks of this test process."""
    found = subprocess.run(
        ["pgrep", "-f", f"sleep {_SECONDS}"], capture_output=True, text=True, check=False
    )
    return found.stdout.split()
