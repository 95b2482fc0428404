"""`pizarra questions import|sync`: nothing of a package is lost, and no more is read than fits."""

import os
import shutil
from pathlib import Path

import pytest
from tests.harness.packages import NEWEST, zipped
from tests.harness.program import pizarra


def refused(*arguments: str | Path) -> str:
    done = pizarra("questions", *arguments)
    assert done.returncode == 1, done.stdout
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("command", ["import", "sync"])
def test_a_copy_does_not_take_the_place_of_what_it_is_of(tmp_path: Path, command: str) -> None:
    """A folder that was copied for a new question, with its `uuid`, became a version of the first."""
    one, here = tmp_path / "packages" / "one", tmp_path / "here"
    for name, content in NEWEST.items():
        path = one / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    yaml = one / "problem.yaml"
    yaml.write_text(
        yaml.read_text().replace("uuid: x", "uuid: 1b4e28ba-2fa1-11d2-883f-0016d3cca427")
    )
    shutil.copytree(one, one.with_name("two"))
    said = refused(command, one.parent, "--data-dir", here)
    assert "Two packages have the same `uuid`, 1b4e28ba-2fa1-11d2-883f-0016d3cca427" in said
    shutil.rmtree(one.with_name("two"))
    for _ in range(2):  # the same again is no copy
        done = pizarra("questions", command, one.parent, "--data-dir", here)
        assert done.returncode == 0, done.stderr


def test_an_archive_that_cannot_fit_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "large.zip"
    file.write_bytes(zipped(NEWEST))
    os.truncate(file, 64 << 30)  # more than there is memory; nothing of it is on the disk
    assert "is too large" in refused("import", file, "--data-dir", tmp_path / "here")
