"""The repository's own rules, so that nobody has to remember them."""

import ast
import json
import os
import re
import subprocess
import tomllib
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest
from tools.generate_errors import PAGE, errors_md, refusals
from tools.generate_settings import SETTINGS_PAGE, settings_page
from tools.generate_tables import README, RESULTS, TABLES, readme
from tools.generate_types import (
    CLOSE_CODES,
    DOCUMENT,
    TYPES,
    close_codes,
    openapi_json,
    stamp,
)
from tools.page_weight import first_load

from pizarra.config import Settings

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


@pytest.mark.parametrize(
    "lock",
    [
        *("requirements.lock", "web/package-lock.json", "web/codegen/package-lock.json"),
        *(
            "tests/identity/package-lock.json",
            "src/pizarra/sandbox/toolchains/formatters/package-lock.json",
        ),
        *(
            "tests/generators/openapi-python-client.lock",
            "tests/generators/openapi-generator.lock",
        ),
    ],
)
def test_locks_have_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    if lock.endswith(".json"):
        packages = json.loads(text)["packages"]
        assert '"resolved"' not in text
        assert all("integrity" in package for name, package in packages.items() if name)
    else:
        assert "://" not in text
        assert text.count("--hash=sha256:") > text.count("==")


def test_the_pages_types_are_made_from_this_api() -> None:
    assert DOCUMENT.read_text() == openapi_json(), "run: make types"
    assert TYPES.read_text().startswith(stamp(DOCUMENT.read_text())), "run: make types"
    assert CLOSE_CODES.read_text() == close_codes(), "run: make types"


def test_files_stay_small() -> None:
    """Aim at 150 lines, talk at 300, fail at 500 (tests 800)."""
    sizes = {
        path: len(path.read_text().splitlines())
        for path in tracked("*.py", "*.ts", "*.tsx", "*.css")
    }
    too_long = {
        str(path.relative_to(ROOT)): lines
        for path, lines in sizes.items()
        if lines > (800 if "tests" in path.parts else 500) and ".gen." not in path.name
    }
    assert too_long == {}


def test_the_editors_first_load_stays_small() -> None:
    weight = first_load()
    assert sum(weight.values()) <= 180 * 1024, weight
    assert any("screen" in name for name in weight)


def test_no_module_is_named_after_nothing() -> None:
    vague = re.compile(r"^(utils|helpers|common|misc)\.")
    assert [path for path in tracked("*.py", "*.ts", "*.tsx") if vague.match(path.name)] == []


def test_exact_pins_where_a_minor_release_can_break_us() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    assert re.search(r'"fastapi==\d', project)
    assert re.search(r'"pycrdt==\d', project)


def test_every_setting_is_documented() -> None:
    assert SETTINGS_PAGE.read_text() == settings_page(), "run: make types"


def test_a_limit_that_refuses_is_named() -> None:
    """`pizarra_refusals_total` tells which setting refused: whatever a setting says it answers, it is named there."""
    code = [
        ast.parse(path.read_text())
        for path in (ROOT / "src/pizarra").rglob("*.py")
        if path.parent.name != "settings"
    ]
    nodes = [node for tree in code for node in ast.walk(tree)]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    refuses = {
        name
        for name, field in Settings.model_fields.items()
        if re.search(r"beyond it.*\b[45]\d\d\b", field.description or "")
    }
    assert len(refuses) > 40, "the search no longer finds them"
    assert refuses - texts == set()
    named = {
        keyword.value.value
        for node in nodes
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "bound" and isinstance(keyword.value, ast.Constant)
    }
    assert named - Settings.model_fields.keys() - {None} == set()


def test_the_readme_says_the_same_in_spanish() -> None:
    """As many headings and bullets, in the same order, and the same commands."""
    english, spanish = ((ROOT / name).read_text() for name in ("README.md", "README.es.md"))
    assert _outline(spanish) == _outline(english)
    assert _commands(spanish) == _commands(english)


def _outline(text: str) -> list[str]:
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^(#+|- (?=\*\*)) ?", prose, flags=re.MULTILINE)


def _commands(text: str) -> list[str]:
    blocks = re.findall(r"^```\w+\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    lines = [re.sub(r"\s*# .*", "", line) for block in blocks for line in block.splitlines()]
    return [re.sub(r"<.*?>", "<>", line) for line in lines]


def test_the_page_of_errors_is_the_codes() -> None:
    assert PAGE.read_text() == errors_md(), "make types"
    refused = list(refusals())
    assert len(refused) > 100, "the search no longer finds them"
    # A class that is one reason has its code; the others say which reason it is.
    general = {
        "Unauthorized",
        "Forbidden",
        "NotFound",
        "Conflict",
        "InvalidInput",
        "TooManyRequests",
        "Unavailable",
    }
    assert [each for each in refused if each[0] in general and each[1] is None] == []


def test_architecture_names_what_is_there() -> None:
    """Every module and folder it names exists, and it names every package."""
    text, package = (ROOT / "ARCHITECTURE.md").read_text(), ROOT / "src/pizarra"
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_A-Z.]+)*(?:\.(?:py|tsx?)|/))`", text))
    theirs = {"alembic/", "models.py"}  # the article's
    missing = {
        name
        for name in named - theirs
        if not (package / name).exists() and not (ROOT / name).exists()
    }
    assert missing == set()
    packages = {
        f"{path.parent.relative_to(package)}/"
        for path in package.rglob("__init__.py")
        if path.parent != package and "migrations/versions" not in str(path)
    }
    inner = {"sandbox/libraries/clients/"}
    assert packages - inner - named == set()


def test_the_map_goes_from_the_top_down() -> None:
    """ARCHITECTURE's table has the rooms in the order that import-linter holds."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = (each["layers"] for each in contracts["contracts"] if each["type"] == "layers")
    depth = {
        name: place for place, layer in enumerate(layers) for name in re.findall(r"\w+", layer)
    }
    table = (ROOT / "ARCHITECTURE.md").read_text().partition("## Map")[2].partition("\n\nThe")[0]
    rows = [
        [
            depth[name]
            for name in re.findall(r"`(\w+)(?:/|\.py)`", row.split("|")[1])
            if name in depth
        ]
        for row in table.splitlines()
        if row.startswith("| `")
    ]
    rows = [row for row in rows if row]
    assert {place for row in rows for place in row} == set(range(len(layers)))
    for above, below in pairwise(rows):
        assert max(above) <= max(below)
        assert min(above) <= min(below)


def test_the_tree_of_refusals_is_the_classes() -> None:
    import pizarra.errors

    drawn = re.findall(r"[├└]── (\w+)", pizarra.errors.__doc__ or "")
    own = [
        each.__name__
        for each in vars(pizarra.errors).values()
        if isinstance(each, type)
        and issubclass(each, pizarra.errors.AppError)
        and each is not pizarra.errors.AppError
    ]
    assert sorted(drawn) == sorted(own)


def test_no_query_stands_in_a_route() -> None:
    """`routes → service → models`: what is asked of the database is a service's."""
    asks = {"select", "insert", "update", "delete", "text"}
    found = [
        f"{path.relative_to(ROOT)}: {node.module}"
        for path in tracked("*.py")
        if re.search(r"(routes|socket)\.py$", path.name) and "src" in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.module == "sqlalchemy"
        and asks & {each.name for each in node.names}
    ]
    assert found == []


def test_the_figures_of_the_readme_are_those_that_were_measured() -> None:
    text = README.read_text()
    assert text == readme(text), "run: make tables"
    shown = re.findall(r"<!-- figures: (\w+) -->", text)
    assert shown, "nothing is measured any more"
    assert set(shown) == {path.stem for path in RESULTS.glob("*.json")} <= set(TABLES)


def test_functions_stay_small() -> None:
    """Sixty lines, without the signature: a handler's says what each parameter means."""
    too_long = {
        f"{path.relative_to(ROOT)}: {node.name}": lines
        for path in tracked("*.py")
        if "src" in path.parts and "versions" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.body[0].lineno + 1) > 60
    }
    assert too_long == {}


def test_arguments_are_written_as_arguments() -> None:
    """`f(*(a, b))` says no more than `f(a, b)`: it is written so that the formatter leaves it on one line."""
    hidden = [
        f"{path.relative_to(ROOT)}:{each.lineno}"
        for path in tracked("*.py")
        if "starters" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for each in node.args
        if isinstance(each, ast.Starred) and isinstance(each.value, ast.Tuple)
    ]
    assert hidden == []


def test_the_page_has_no_circle() -> None:
    """A module that is fetched later counts, and so do types: whoever reads follows both."""
    modules = {
        path for path in tracked("web/src/*.ts", "web/src/*.tsx") if ".test." not in path.name
    }
    ends = ("", ".ts", ".tsx", "/index.ts", "/index.tsx")
    named = re.compile(r'(?:^import |\bfrom |\bimport\()"(\.[^"]*)"', re.MULTILINE)
    imports = {
        path: {
            found
            for name in named.findall(path.read_text())
            for end in ends
            if (found := Path(os.path.normpath(f"{path.parent / name}{end}"))) in modules
        }
        for path in modules
    }
    assert sum(map(len, imports.values())) > 1000, "the search no longer finds them"
    try:
        tuple(TopologicalSorter(imports).static_order())
    except CycleError as error:
        circle = " → ".join(str(path.relative_to(ROOT / "web/src")) for path in error.args[1])
        pytest.fail(f"the page imports in a circle: {circle}")


def test_no_package_is_tracked() -> None:
    """One that somebody fetched for a moment went along with a commit, for everybody who clones."""
    assert tracked("*.whl") == []


def test_nothing_is_left_that_nobody_uses() -> None:
    """A module's name stands a second time: a private one in the file, others anywhere; FastAPI finds routes."""
    texts = {path: path.read_text() for path in tracked("*.py")}
    words = Counter(word for text in texts.values() for word in re.findall(r"\w+", text))
    unused = []
    for path, text in texts.items():
        if not path.is_relative_to(ROOT / "src") or {"versions", "starters"} & set(path.parts):
            continue
        for node in ast.parse(text).body:
            for name in _named(node):
                count = len(re.findall(rf"\b{name}\b", text)) if name[0] == "_" else words[name]
                if count == 1 and not name.startswith("__"):
                    unused.append(f"{path.relative_to(ROOT)}: {name}")
    assert unused == []


def _named(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [] if node.decorator_list else [node.name]
        case ast.Assign():
            return [each.id for each in node.targets if isinstance(each, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def test_components_stay_small() -> None:
    """Eighty lines, hooks too; what Prettier has formatted begins and ends at the margin."""
    function = re.compile(
        r"^(?:export )?(?:async )?function \*?(\w+).*?^}$", re.MULTILINE | re.DOTALL
    )
    sizes = {
        f"{path.relative_to(ROOT)}: {found[1]}": found[0].count("\n") + 1
        for path in tracked("web/src/*.ts", "web/src/*.tsx")
        if ".gen." not in path.name
        for found in function.finditer(path.read_text())
    }
    assert len(sizes) > 300
    assert {name: lines for name, lines in sizes.items() if lines > 80} == {}
