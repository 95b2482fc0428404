"""What the documentation tells people to type, to set and to watch is what there is."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.capacity import rooms_of_a_process, tables
from tests.harness.commands import problem_with

from pizarra.config import Settings, misspelt
from pizarra.http.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "README.es.md", "SECURITY.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
GUIDE = (ROOT / "docs/operating.md").read_text()
# A command at the begin of a line or of code, perhaps after a folder and variables.
_TYPED = re.compile(
    r"(?:^|[`=] ?|\b[A-Z_]+=\S+ )(?:[\w./]*/bin/)?pizarra( [a-z-][^`#\n|]*)", re.MULTILINE
)


def typed(page: Path) -> Iterator[list[str]]:
    """Yield what a page has people type after `pizarra`."""
    for match in _TYPED.finditer(page.read_text()):
        yield match[1].split()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_settings_are_there(page: Path) -> None:
    wrong = [
        f"pizarra {' '.join(words)}: {fault}"
        for words in typed(page)
        if (fault := problem_with(words))
    ]
    assert wrong == []
    named = set(re.findall(r"\bPIZARRA_[A-Z_]+[A-Z]\b", page.read_text()))
    assert dict(misspelt(dict.fromkeys(named, ""))) == {}


def test_what_is_typed_is_found() -> None:
    found = [words for page in PAGES for words in typed(page)]
    assert len(found) > 50
    assert problem_with(["bakcup", "FILE"]) == "no command bakcup"
    assert problem_with(["backup", "FILE", "--dir", "x"]) == "no option --dir"
    assert problem_with(["db", "mvoe"]) == "no command mvoe"


def test_every_metric_is_explained_and_there() -> None:
    told = set(re.findall(r"`((?:pizarra|process)_[a-z_]+)`", GUIDE))
    there = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in Metrics().registry.collect()
    } - {"process_start_time_seconds", "process_virtual_memory_bytes"}
    assert told <= there, told - there
    assert there <= told, there - told


def test_the_guide_has_what_an_operator_looks_for() -> None:
    headings = re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)
    assert headings == [
        *(
            "Install",
            "Sizes",
            "The database",
            "Several processes",
            "What each loss costs",
            "Workers on other machines",
            "Upgrade",
            "Backup and restore",
            "A full disk",
        ),
        *("Logs", "Health", "Metrics", "Traces", "Versions"),
    ]
    listed = re.findall(r"\[([^\]]+)\]\(#", GUIDE.partition("## ")[0])
    assert listed == headings
    for about in ("wheel", "copytruncate", "deprecated", "opentelemetry-instrument", "pg_dump"):
        assert about in GUIDE


def test_the_capacity_is_what_the_arithmetic_says() -> None:
    shown = (ROOT / "docs/capacity.md").read_text()
    assert f"<!-- from benchmarks/capacity.py -->\n\n{tables()}\n\n<!-- end -->" in shown
    assert f"at about {round(rooms_of_a_process(), -2):,} such rooms" in shown


# Of others, or an example that whoever reads it makes.
NOT_OURS = {"models.py", "queue.py", "numpy.py", "0002_session_tags.py"}


def test_every_file_that_the_documents_name_is_there() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    files = {f"/{name}" for name in listed.stdout.splitlines()}
    lost = {
        (document, name)
        for document in files
        if document.endswith(".md")
        for name in re.findall(
            r"`([\w/-][\w./-]*\.(?:py|tsx?|css|toml))`", (ROOT / document[1:]).read_text()
        )
        if name not in NOT_OURS and not any(each.endswith(f"/{name}") for each in files)
    }
    assert lost == set()


def test_every_setting_is_set_in_a_test() -> None:
    """A limit that nothing reaches may be one that does nothing."""
    tests = "\n".join(
        each.read_text()
        for each in (ROOT / "tests").rglob("*.py")
        if each.name != Path(__file__).name
    )
    words = set(re.findall(r"\w+", tests.lower().replace("pizarra_", "")))
    assert [name for name in Settings.model_fields if name not in words] == [], (
        "have a test set it, and see what it bounds"
    )
