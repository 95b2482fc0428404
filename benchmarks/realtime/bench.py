"""Pizarra against y-websocket-server and Hocuspocus, side by side.

The servers take turns within each round, the server on one core and the load on the other. Theirs run with their own
defaults and keep nothing on disk; ours commits every edit before anybody sees it and acknowledges it. Medians over the
rounds and medians of the ratios within a round are printed; what was missing or differed is counted.

    python benchmarks/realtime/bench.py [--rounds 3] [--loads abcdef] [--servers y-websocket,pizarra]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import uvloop  # noqa: E402
from benchmarks.figures import keep, spread  # noqa: E402
from benchmarks.realtime.loads import CASES, Case, Measures  # noqa: E402
from benchmarks.realtime.servers import (  # noqa: E402
    HOCUSPOCUS,
    LOAD_CORE,
    NAMES,
    RIVALS,
    SQLITE,
    Y_WEBSOCKET,
    serving,
)
from hatch_build import node_environment  # noqa: E402

Results = dict[str, list[Measures]]


def measure(case: Case, name: str) -> Measures:
    """Run one load against one fresh server."""
    with serving(name, case.settings) as server:
        return uvloop.run(case.run(server))  # type: ignore[arg-type]


def report(case: Case, results: Results) -> None:
    """Print medians, ratios and losses."""
    print(f"\n({case.key}) {case.title}")
    for name, rounds in results.items():
        keys = rounds[0].values.keys()
        medians = {
            key: statistics.median(each.values.get(key, float("nan")) for each in rounds)
            for key in keys
        }
        shown = "  ".join(f"{key} {value:,.1f}" for key, value in medians.items())
        lost = sum(each.missing for each in rounds)
        wrong = sum(each.wrong_texts for each in rounds)
        print(f"  {name:17} {shown}  missing {lost}  differing texts {wrong}")
    for rival in (Y_WEBSOCKET, HOCUSPOCUS):
        for key in (
            case.compared,
            *(("p99 ms",) if "p99 ms" in results.get(SQLITE, [Measures()])[0].values else ()),
        ):
            if rival in results and SQLITE in results:
                pairs = zip(results[SQLITE], results[rival], strict=True)
                ratio = statistics.median(
                    ours.values[key] / theirs.values[key] for ours, theirs in pairs
                )
                print(f"  {key}: {ratio:.2f} × {rival}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Realtime benchmarks.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loads", default="abcdef")
    parser.add_argument("--servers", default=",".join(NAMES))
    options = parser.parse_args()
    if shutil.which("taskset") is None:
        sys.exit("taskset is missing: apt-get install util-linux")
    if not (RIVALS / "node_modules").exists():
        with node_environment() as environment:
            subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund"], cwd=RIVALS, env=environment, check=True
            )
    os.sched_setaffinity(0, {LOAD_CORE})
    kept = {}
    for case in CASES:
        if case.key not in options.loads:
            continue
        results: Results = {name: [] for name in options.servers.split(",")}
        for number in range(options.rounds):
            for name in results:
                measured = measure(case, name)
                results[name].append(measured)
                print(
                    f"round {number + 1} ({case.key}) {name}: {measured}",
                    file=sys.stderr,
                    flush=True,
                )
        report(case, results)
        kept[case.key] = {
            name: [each.values for each in rounds] for name, rounds in results.items()
        }
    figures = {
        key: {
            name: {what: spread([each[what] for each in rounds]) for what in rounds[0]}
            for name, rounds in results.items()
        }
        for key, results in kept.items()
    }
    print(f"\nkept in {keep('realtime', options.rounds, figures)}: make tables")


if __name__ == "__main__":
    main()
