"""How long people wait for a program: from the click to the first byte, beside the plain toolchain in the same run.

    python benchmarks/execution/bench.py [--rounds 15]

The client is a WebSocket on the same machine, as the page is. Nothing is pinned to a core: a program may use what the
machine has while one person waits for it.
"""

import argparse
import asyncio
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import keep, ratios, spread  # noqa: E402
from tests.harness.peer import Peer, connect_peer  # noqa: E402
from tests.harness.server import ServerProcess, server_process  # noqa: E402

HERE = Path(__file__).resolve().parent
TERMINAL = {"columns": 80, "rows": 24}
PAUSE = 0.6  # a person does not click faster, and the next sandbox gets ready meanwhile
PROGRAMS = {
    "python": "print('hi', {n})\n",
    "javascript": "console.log('hi', {n});\n",
    "typescript": "enum Mark {{ A = {n} }}\nconst x: number = Mark.A;\nconsole.log('hi', x);\n",
    "java": (
        "import java.util.*;\npublic class Main {{ public static void main(String[] args) {{\n"
        'Map<String, Integer> m = new HashMap<>(); m.put("hi", {n}); System.out.println(m); }} }}\n'
    ),
    "cpp": (
        '#include <bits/stdc++.h>\nint main() {{ std::map<std::string, int> m; m["hi"] = {n};\n'
        'for (auto& [k, v] : m) std::cout << k << " " << v << std::endl; }}\n'
    ),
}
LIMITS_MS = {"python": 10, "javascript": 10, "typescript": 20, "java": 40, "cpp": 10}
FIGURES: dict[str, dict[str, Any]] = {}
_numbers = itertools.count(int(time.time()) % 100_000)


def program(language: str) -> str:
    """Return a program nobody has run yet."""
    return PROGRAMS[language].format(n=next(_numbers))


def summary(values: Sequence[float]) -> str:
    """Return median and spread, in ms."""
    ordered = sorted(values)
    return f"{statistics.median(ordered):7.1f}   ({ordered[0]:.1f} to {ordered[-1]:.1f})"


async def first_byte(peer: Peer) -> tuple[float, float]:
    """Click; return ms until the first output and until the end."""
    outputs, ends = len(peer.controls_of("run.output")), len(peer.controls_of("run.ended"))
    started = time.perf_counter()
    await peer.control(type="run.start", terminal=TERMINAL)
    await peer.wait_for(lambda: len(peer.controls_of("run.output")) > outputs, 60)
    first = time.perf_counter()
    await peer.wait_for(lambda: len(peer.controls_of("run.ended")) > ends, 60)
    assert peer.controls_of("run.ended")[-1]["status"] == "exited", peer.controls_of("run.ended")[
        -1
    ]
    return (first - started) * 1000, (time.perf_counter() - started) * 1000


async def session_peer(client: httpx2.AsyncClient, server: ServerProcess, language: str) -> Any:
    """Create a session with a new program; return what connects to it."""
    body = {"language": language, "initial_code": program(language)}
    session = (await client.post("/api/sessions", json=body)).json()
    return connect_peer(f"{server.ws_url}/{session['room_id']}", control=True)


async def wait_ready(client: httpx2.AsyncClient) -> None:
    """Wait until every language is known to run."""
    while any(each["starting"] for each in (await client.get("/api/languages")).json()):
        await asyncio.sleep(0.2)
    await asyncio.sleep(2)  # the waiting sandboxes, and headers that are compiled ahead


async def clicks(server: ServerProcess, rounds: int, title: str) -> None:
    """Print and keep click → first byte for a program that was built before."""
    print(f"\n{title}: click → first byte, ms   (asked)")
    async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
        await wait_ready(client)
        for language in PROGRAMS:
            async with await session_peer(client, server, language) as peer:
                await first_byte(peer)
                times = []
                for _ in range(rounds):
                    await asyncio.sleep(PAUSE)
                    times.append((await first_byte(peer))[0])
            print(f"  {language:12}{summary(times)}   ≤ {LIMITS_MS[language]}")
            FIGURES.setdefault(language, {})[title] = spread(times)


def plain(commands: Sequence[Sequence[str]], folder: Path) -> float:
    """Return the ms that commands take, one after the other, in an empty environment."""
    started = time.perf_counter()
    for command in commands:
        subprocess.run(
            command,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin"},
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return (time.perf_counter() - started) * 1000


async def changed(server: ServerProcess, rounds: int) -> None:
    """Print changed program → first byte, against the plain toolchain, taking turns."""
    print(
        "\nchanged program: click → first byte against the plain toolchain's whole time, ms   (asked)"
    )
    tools = sorted(
        Path(os.environ.get("PIZARRA_CACHE_DIR", "/var/cache/pizarra")).glob("typescript-*/tsc")
    )
    flags = [
        "--outDir",
        ".",
        "--target",
        "es2022",
        "--module",
        "commonjs",
        "--types",
        "node",
        "--skipLibCheck",
    ]
    old = HERE / "typescript5" / "node_modules"
    run_js = ["node", "main.js"]
    rivals: list[tuple[str, str, str, list[list[str]], float]] = [
        (
            "cpp",
            "main.cpp",
            "g++ -O0",
            [["g++", "-std=c++20", "-O0", "main.cpp"], ["./a.out"]],
            0.35,
        ),
        ("java", "Main.java", "java Main.java", [["java", "Main.java"]], 0.15),
    ]
    if (old / "typescript").exists():
        tsc5 = [
            "node",
            str(old / "typescript/bin/tsc"),
            *flags,
            "--typeRoots",
            str(old / "@types"),
            "main.ts",
        ]
        rivals.append(("typescript", "main.ts", "tsc 5.9 && node", [tsc5, run_js], 0.1))
    if tools:
        types = str(tools[-1].parent / "node_modules/@types")
        native = [str(tools[-1]), "--ignoreConfig", *flags, "--typeRoots", types, "main.ts"]
        rivals.append(("typescript", "main.ts", "native tsc 7 && node", [native, run_js], 0.1))
    async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
        for language, main, name, commands, asked in rivals:
            ours, theirs = [], []
            with tempfile.TemporaryDirectory() as folder:
                for _ in range(rounds):
                    async with await session_peer(client, server, language) as peer:
                        await asyncio.sleep(PAUSE)
                        ours.append((await first_byte(peer))[0])
                    Path(folder, main).write_text(program(language))
                    theirs.append(await asyncio.to_thread(plain, commands, Path(folder)))
            ratio = statistics.median(ours) / statistics.median(theirs)
            against = FIGURES.setdefault(language, {}).setdefault("against", {})
            FIGURES[language]["changed"] = spread(ours)
            against[name] = ratios(ours, theirs)
            print(
                f"  {language:12}{summary(ours)}   {name}: {summary(theirs)}   {ratio:.2f} ×  (≤ {asked})"
            )


async def at_the_api(server: ServerProcess, rounds: int) -> None:
    """Print and keep how long `POST …/runs?wait=true` takes for changed programs, TypeScript beside JavaScript."""
    print("\nchanged program at the API, until it has ended, ms")
    times: dict[str, list[float]] = {"javascript": [], "typescript": []}
    async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
        for _ in range(rounds):
            for language, taken in times.items():
                body = {"language": language, "initial_code": program(language)}
                session = (await client.post("/api/sessions", json=body)).json()
                await asyncio.sleep(PAUSE)
                started = time.perf_counter()
                answer = await client.post(f"/api/sessions/{session['session_id']}/runs?wait=true")
                taken.append((time.perf_counter() - started) * 1000)
                assert answer.json()["status"] == "exited", answer.text
    for language, taken in times.items():
        print(f"  {language:12}{summary(taken)}")
    ratio = statistics.median(times["typescript"]) / statistics.median(times["javascript"])
    print(f"  typescript / javascript {ratio:.2f} ×  (≤ 2)")
    FIGURES["typescript"]["at the API"] = ratios(times["typescript"], times["javascript"])


async def together(server: ServerProcess, count: int = 20) -> None:
    """Print the throughput of many runs at once, over the API."""
    print(
        f"\n{count} runs at once on {os.cpu_count()} cores (4 sandboxes): runs per second, p95 of the wait in ms"
    )
    async with httpx2.AsyncClient(base_url=server.url, timeout=120) as client:
        for language in PROGRAMS:
            body = {"language": language, "initial_code": program(language)}
            sessions = [
                (await client.post("/api/sessions", json=body)).json()["session_id"]
                for _ in range(count)
            ]

            async def one(session_id: str) -> float:
                started = time.perf_counter()
                answer = await client.post(f"/api/sessions/{session_id}/runs?wait=true")
                assert answer.json()["status"] == "exited", answer.text
                return (time.perf_counter() - started) * 1000

            started = time.perf_counter()
            waits = sorted(await asyncio.gather(*(one(each) for each in sessions)))
            print(
                f"  {language:12}{count / (time.perf_counter() - started):7.1f}   {waits[int(count * 0.95) - 1]:8.0f}"
            )
            await asyncio.sleep(1)


def idle_memory(first_uid: int = 60000) -> None:
    """Print what the waiting sandboxes hold."""
    totals: dict[str, list[int]] = {}
    for process in Path("/proc").iterdir():
        try:
            if (
                not process.name.isdigit()
                or not first_uid <= process.stat().st_uid < first_uid + 1000
            ):
                continue
            argv = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            pss = next(
                line
                for line in (process / "smaps_rollup").read_text().splitlines()
                if line.startswith("Pss:")
            )
        except (OSError, StopIteration):
            continue
        known = {"main.py": "python", "warm_node": "node", "WarmJava": "java", "JavaCompiler": "javac, kept loaded",
                 "esbuild": "esbuild, kept loaded", "/shim.py": "shims", "bwrap": "bubblewrap"}  # fmt: skip
        kind = next(
            (label for mark, label in known.items() if any(mark in part for part in argv)), "other"
        )
        if argv[0].endswith("bwrap"):
            kind = "bubblewrap"
        totals.setdefault(kind, []).append(int(pss.split()[1]))
    print("\nmemory held while nothing runs (proportional set size)")
    for kind, sizes in sorted(totals.items()):
        total, each = sum(sizes) / 1024, sum(sizes) / len(sizes) / 1024
        print(f"  {kind:24}{len(sizes):4} processes {total:8.1f} MiB, each {each:.1f}")


async def sandbox_start(rounds: int) -> None:
    """Print what a sandbox of ours costs over bare bubblewrap, both around /bin/true."""
    from pizarra.sandbox.isolation.confinement import Stub
    from pizarra.sandbox.isolation.payload import Payload
    from pizarra.sandbox.isolation.probe import probe
    from pizarra.sandbox.isolation.uids import UidPool
    from pizarra.sandbox.limits import RunLimits
    from pizarra.sandbox.runner.pools import Pools

    machine = await probe(first_uid=64000, tools=None)
    assert machine.confinement is not None, machine.reason
    pools = Pools(machine.confinement, UidPool(machine.confinement.first_uid), max_idle=0)
    limits = RunLimits()
    bare = ["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin"]
    bare += [
        "--symlink",
        "usr/lib",
        "/lib",
        "--symlink",
        "usr/lib64",
        "/lib64",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
    ]

    async def ours() -> tuple[float, float]:
        started = time.perf_counter()
        box = await pools.fresh(Stub(), limits)
        ready = time.perf_counter()
        await box.run(Payload.of_command(["/usr/bin/true"], {}), lambda _stream, _data: None)
        return (time.perf_counter() - started) * 1000, (time.perf_counter() - ready) * 1000

    whole, used, bwrap = [], [], []
    for _ in range(rounds * 2):
        both = await ours()
        whole.append(both[0])
        used.append(both[1])
        bwrap.append(plain([[*bare, "/usr/bin/true"]], Path("/")))
    print("\nsandbox around /usr/bin/true, ms")
    print(f"  bare bwrap            {summary(bwrap)}")
    print(f"  ours, from nothing    {summary(whole)}")
    print(f"  ours, when it waited  {summary(used)}")
    if machine.confinement.cgroups is not None:
        machine.confinement.cgroups.close()


def serve(work: Callable[[ServerProcess], Any], **settings: Any) -> None:
    """Do something with a server of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        server_process(Path(folder), first_start=True, **settings) as server,
    ):
        asyncio.run(work(server))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    typescript5 = HERE / "typescript5"
    if not (typescript5 / "node_modules").exists() and shutil.which("npm"):
        subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=typescript5, check=True)
    print(json.dumps({"cores": os.cpu_count(), "python": sys.version.split()[0], "rounds": rounds}))

    async def warm(server: ServerProcess) -> None:
        await clicks(server, rounds, "warm")
        idle_memory()
        await changed(server, max(5, rounds // 3))
        await at_the_api(server, max(5, rounds // 3))
        await together(server)

    serve(warm)
    serve(lambda server: clicks(server, max(5, rounds // 3), "cold"), runner_warm=0)
    asyncio.run(sandbox_start(rounds))
    print(f"\nkept in {keep('execution', rounds, FIGURES)}: make tables")


if __name__ == "__main__":
    main()
