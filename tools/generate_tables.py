"""Writes the tables of README's *What is measured* from `benchmarks/results/`. Run by `make tables`.

What no benchmark has kept a figure of has no row: a figure that is not measured again is taken out.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results"
Spread = Mapping[str, float]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_row(*head), _row(*("---" for _ in head)), *(_row(*row) for row in rows)]


def number(value: float) -> str:
    """Return a figure as people read it: three digits that mean something, thousands apart."""
    if value >= 1000:
        return f"{round(value, -2):,.0f}" if value >= 10_000 else f"{round(value, -1):,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"


def _ratio(spread: Spread) -> str:
    return f"{spread['median']:.2f} × ({spread['least']:.2f}–{spread['most']:.2f})"


def _where(kept: Mapping[str, Any], brackets: str = ", least and most in brackets") -> str:
    return (
        f"{kept['date']}, {kept['processor']}, {kept['cores']} cores, CPython {kept['python']}; "
        f"medians of {kept['rounds']} rounds{brackets}."
    )


def rest(kept: Mapping[str, Any]) -> list[str]:
    """Return the table of the REST benchmark: a ladder from what an answer costs at least up to ours, and two peers."""
    kinds = ("create", "get", "list")
    named = {
        "bare ASGI": "uvicorn alone, answers known by heart",
        "FastAPI": "FastAPI alone, from a dictionary",
        "pizarra, the whole way": "Pizarra, a request that is not plain",
        "pizarra": "**Pizarra as it comes**",
        "pizarra, Debian's Python": "the same by Debian's Python, which is built with profiles",
        "pizarra, synchronous=normal": "with `synchronous=normal`, as the peers have it",
        "pizarra, without request log": "and without a request log",
        "express": "Express 5 + better-sqlite3",
        "go": "Go, `net/http` + go-sqlite3",
    }
    rows = []
    for name, title in named.items():
        if (measured := kept["figures"].get(name)) is None:
            continue
        cells = [number(measured[kind]["µs"]["median"]) for kind in kinds]
        if name != "express":
            cells = [
                f"{cell}: {_ratio(measured[kind]['× Express'])}"
                for cell, kind in zip(cells, kinds, strict=True)
            ]
        rows.append([title, *cells])
    head = ("processor time of a request, µs: Express's ÷ it", "create", "get", "list of 20")
    return [*_table(head, rows), "", _where(kept)]


def realtime(kept: Mapping[str, Any]) -> list[str]:
    """Return the table of the realtime benchmark: ours, and the ratio of medians to each rival."""
    lines = {
        "a": (
            (
                "cpu us/delivered edit",
                "100 rooms × 5, two typing: server CPU per delivered edit, µs",
            ),
            ("p99 ms", "the same: p99 from edit to every other client, ms"),
            ("ack p99 ms", "the same: p99 from edit to *on the disk*, ms"),
        ),
        "b": (("edits/s", "20 rooms × 5, two typing as fast as they can: edits per second"),),
        "c": (("edits/s", "2 rooms × 50, two typing as fast as they can: edits per second"),),
        "d": (("cpu us/cursor move", "50 rooms × 5, everybody moving: server CPU per move, µs"),),
        "e": (("all joined ms", "200 people opening 18,335 edits: until the last has them, ms"),),
        "f": (("KB/connection", "2,000 idle connections: memory per connection, KB"),),
    }
    rows = []
    for key, wanted in lines.items():
        servers = kept["figures"].get(key, {})
        for what, title in wanted:
            found = {name: each[what]["median"] for name, each in servers.items() if what in each}
            if (ours := found.get("pizarra")) is not None:
                against = [
                    f"{ours / found[rival]:.2g} ×" if rival in found else "has none"
                    for rival in ("y-websocket", "hocuspocus")
                ]
                by_debians = found.get("pizarra-debian")
                against.append("" if by_debians is None else number(by_debians))
                rows.append([title, number(ours), *against])
    head = ("load", "ours", "÷ y-websocket", "÷ Hocuspocus", "ours, by Debian's Python")
    return [*_table(head, rows), "", _where(kept, "")]


def execution(kept: Mapping[str, Any]) -> list[str]:
    """Return the table of the execution benchmark."""
    named = {
        "python": "Python",
        "javascript": "JavaScript",
        "typescript": "TypeScript",
        "java": "Java",
        "cpp": "C++ with `bits/stdc++.h`",
    }
    rows = []
    for language, name in named.items():
        measured = kept["figures"].get(language, {})
        times = [
            f"{number(measured[how]['median'])} ms" if how in measured else ""
            for how in ("warm", "cold", "changed")
        ]
        against = [
            f"{spread['median']:.2f} × `{rival}`"
            for rival, spread in measured.get("against", {}).items()
        ]
        rows.append([name, *times, ", ".join(against)])
    head = ("", "sandbox waiting", "none waiting", "changed program", "against")
    return [*_table(head, rows), "", _where(kept, "")]


def corpus(kept: Mapping[str, Any]) -> list[str]:
    """Return the table of the corpus: how many programs came out as at home."""
    named = ("Python", "JavaScript", "TypeScript", "Java", "C++")
    measured = list(kept["figures"].values())
    rows = [
        ["programs", *(str(each["programs"]) for each in measured)],
        ["the same output and exit code", *(str(each["equal"]) for each in measured)],
    ]
    return [*_table(("", *named), rows), "", f"{kept['date']}."]


def cluster(kept: Mapping[str, Any]) -> list[str]:
    """Return the table of a room whose people are in two processes, beside one whose people are in one."""
    rows = []
    buses = (("redis", "Redis"), ("postgresql", "PostgreSQL's notifications"))
    manners = (("", ""), ("_in_step", ", all typing in step"))
    for (which, called), (manner, how) in product(buses, manners):
        bus, name = which + manner, called + how
        found = [
            _ratio(kept["figures"][f"{bus}_{what}_split_to_sticky"])
            for what in ("server", "database")
        ]
        rows.append([name, *found])
    head = ("processor time of an edit: two processes ÷ one", "servers", "PostgreSQL")
    return [*_table(head, rows), "", _where(kept)]


def reconnect(kept: Mapping[str, Any]) -> list[str]:
    """Return the table of a crowd that comes back to one process after another was killed."""
    figures = kept["figures"]
    head = ("sockets", "half of them back", "all", "the event loop is late meanwhile")
    row = [
        f"{figures['sockets']:,}",
        *(_spread(figures[f"{what} s"], "s", 1) for what in ("half", "all")),
        _spread(figures["lag ms"], "ms", 0),
    ]
    return [*_table(head, [row]), "", _where(kept)]


def _spread(found: Mapping[str, float], unit: str, digits: int) -> str:
    """Return a median, with the least and the most."""
    median, least, most = (f"{found[each]:.{digits}f}" for each in ("median", "least", "most"))
    return f"{median} {unit} ({least}–{most})"


TABLES: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "rest": rest,
    "realtime": realtime,
    "execution": execution,
    "corpus": corpus,
    "cluster": cluster,
    "reconnect": reconnect,
}


def readme(text: str) -> str:
    """Return README's text with its tables as the results say."""

    def written(match: re.Match[str]) -> str:
        name = match[1]
        kept = json.loads((RESULTS / f"{name}.json").read_text())
        lines = "\n".join(TABLES[name](kept))
        return f"<!-- figures: {name} -->\n\n{lines}\n\n<!-- end -->"

    return re.sub(r"<!-- figures: (\w+) -->.*?<!-- end -->", written, text, flags=re.DOTALL)


def main() -> None:
    """Write README."""
    README.write_text(readme(README.read_text()))


if __name__ == "__main__":
    main()
