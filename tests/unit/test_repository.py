"""The repository's own rules, so that nobody has to remember them."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from tools.generate_settings import SETTINGS_PAGE, settings_page
from tools.generate_types import DOCUMENT, TYPES, openapi_json, stamp
from tools.page_weight import first_load

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


@pytest.mark.parametrize(
    "lock",
    [
        *("requirements.lock", "web/package-lock.json", "web/codegen/package-lock.json"),
        *("tests/identity/package-lock.json", "src/pizarra/sandbox/toolchains/formatters/package-lock.json"),
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


def test_files_stay_small() -> None:
    """Aim at 150 lines, talk at 300, fail at 500 (tests 800)."""
    sizes = {path: len(path.read_text().splitlines()) for path in tracked("*.py", "*.ts", "*.tsx", "*.css")}
    too_long = {
        str(path.relative_to(ROOT)): lines
        for path, lines in sizes.items()
        if lines > (800 if "tests" in path.parts else 500) and ".gen." not in path.name
    }
    assert too_long == {}


def test_the_editors_first_load_stays_small() -> None:
    weight = first_load()
    assert sum(weight.values()) <= 200 * 1024, weight
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
