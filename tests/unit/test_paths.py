"""Names of files in archives: what the page refuses gets another name here; the page reads the same table."""

import json
from pathlib import Path

import pytest

from pizarra.kit.paths import is_portable, portable

EXAMPLES = json.loads((Path(__file__).parents[1] / "data" / "paths.json").read_text())


def test_every_computer_can_hold_good_names_and_no_others() -> None:
    assert [path for path in EXAMPLES["good"] if not is_portable(path)] == []
    bad = [*EXAMPLES["bad"], "x" * 201, "ñ" * 128, "a/" + "ñ" * 128]
    assert [path for path in bad if is_portable(path)] == []


@pytest.mark.parametrize("pair", EXAMPLES["clashes"])
def test_of_two_names_that_cannot_be_beside_each_other_one_is_another(pair: list[str]) -> None:
    for one, other in (pair, pair[::-1]):
        names = list(portable([one, other]))
        assert names[1] == "file-2"
        assert names[0] != names[1]


def test_names_that_fit_stay_and_all_are_different() -> None:
    assert list(portable(["lib/a.py", "lib/b.py", "main.py"])) == [
        "lib/a.py",
        "lib/b.py",
        "main.py",
    ]
    assert list(portable(["con.py", "cafe\u0301.py", "A.py", "a.py"])) == [
        "file-1",
        "caf\u00e9.py",
        "A.py",
        "file-4",
    ]


@pytest.mark.parametrize(
    ("paths", "invented"),
    [
        (["file-3", "main.py", "z\\b"], "file-3-2"),
        (["z\\b", "main.py", "FILE-1"], "file-1-2"),  # names that come later stay too
        (["file-3/a.py", "main.py", "z\\b"], "file-3-2"),
        (["z\\b", "File-1/a.py", "file-1-2"], "file-1-3"),
        (["\ufb01le-2", "z\\b"], "file-2-2"),  # the ligature is folded to two letters
    ],
)
def test_an_invented_name_is_nobody_elses(paths: list[str], invented: str) -> None:
    expected = [invented if path == "z\\b" else path for path in paths]
    assert list(portable(paths)) == expected
