"""The questions that come with Pizarra are whole, and the command line looks after questions.

`make prove` proves all of them in every language, as CI does after the suite.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.program import clean_environment
from tests.harness.program import pizarra as program

from pizarra.config import Settings
from pizarra.models import Language
from pizarra.problems.content import Content
from pizarra.questions.folders import read_place, starter_folder

STARTERS = {path.name: path for path in sorted(starter_folder().iterdir()) if path.is_dir()}


@pytest.mark.parametrize("name", STARTERS)
def test_a_question_that_comes_along_is_whole(name: str) -> None:
    (package,) = read_place(STARTERS[name], Settings())
    content = package.read.content
    assert package.read.remarks == []
    assert set(content.solutions()) == set(content.languages)
    assert set(content.languages) == set(Language)
    assert content.not_runnable is None
    assert content.translations["es"].statement != content.statement
    assert content.wrong != []
    assert content.guide
    assert content.follow_ups
    assert content.rubric
    assert content.samples


async def prove(client: httpx2.AsyncClient, content: Content) -> dict[str, Any]:
    """Return what is not proven of a question, by language."""
    made = await client.post("/api/questions", json=content.model_dump(mode="json"))
    assert made.status_code == 201, made.text
    address = f"/api/questions/{made.json()['question_id']}/prove?wait=true"
    proof = (await client.post(address, timeout=120)).json()
    return {name: each for name, each in proof["languages"].items() if each["status"] != "proven"}


@pytest.mark.parametrize("name", ["nightshifts", "theclosestnumber"])
async def test_one_of_each_kind_is_proven_in_every_language(
    client: httpx2.AsyncClient, name: str
) -> None:
    (package,) = read_place(STARTERS[name], Settings())
    assert await prove(client, package.read.content) == {}


def pizarra(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pizarra", "questions", *arguments]
    environment = {**clean_environment(), "PIZARRA_DATA_DIR": str(data_dir)}
    path = os.environ.get("PATH", "")
    return subprocess.run(
        command,
        env={**environment, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_questions_are_files(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    out.mkdir()
    begun = pizarra(data, "import", "--starter")
    assert begun.returncode == 0, begun.stderr
    assert len(begun.stdout.splitlines()) == len(STARTERS)
    twice = pizarra(data, "import", "--starter")
    assert twice.stdout.count("version 1: It was there already, and is the same.") == len(STARTERS)
    written = pizarra(data, "export", "--out", str(out))
    assert written.returncode == 0, written.stderr
    assert len(list(out.glob("*.zip"))) == len(STARTERS)
    again = pizarra(tmp_path / "other", "import", *map(str, sorted(out.glob("*.zip"))))
    assert re.sub("[0-9a-f]{32}", "", again.stdout) == re.sub("[0-9a-f]{32}", "", begun.stdout)
    nothing = pizarra(data, "import")
    assert (nothing.returncode, "--starter" in nothing.stderr) == (1, True)
    missing = pizarra(data, "import", str(tmp_path / "none.zip"))
    assert (missing.returncode, "cannot be read" in missing.stderr) == (1, True)
    (tmp_path / "bad.zip").write_bytes(b"no archive")
    bad = pizarra(data, "import", str(tmp_path / "bad.zip"))
    assert (bad.returncode, "no ZIP archive" in bad.stderr) == (1, True)


def test_a_package_that_names_no_id_is_known_by_its_folder(tmp_path: Path) -> None:
    """It came once more with each sync."""
    data, folder = tmp_path / "data", tmp_path / "questions"
    (folder / "old").mkdir(parents=True)
    (folder / "old/problem.yaml").write_text("name: Old\n")
    assert "Old, version 1" in pizarra(data, "sync", str(folder)).stdout
    assert pizarra(data, "sync", str(folder)).stdout == ""
    (folder / "old/problem.yaml").write_text("name: Newer\n")
    assert "Newer, version 2" in pizarra(data, "sync", str(folder)).stdout


def test_questions_are_proven_from_the_command_line(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "words"
    shutil.copytree(STARTERS["wordsbackwards"], folder)
    shutil.rmtree(folder / "submissions/accepted")
    right = pizarra(data, "import", str(STARTERS["wordsbackwards"]))
    proven = pizarra(data, "prove", right.stdout[:32])
    assert (proven.returncode, "proven in 5 of 5" in proven.stdout) == (0, True), proven
    pizarra(data, "sync", str(folder))
    unproven = pizarra(data, "prove")
    assert (unproven.returncode, "✗ Words backwards: proven in 0 of 5" in unproven.stdout) == (
        1,
        True,
    )


def test_what_lost_its_proof_after_an_upgrade_is_listed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = [str(STARTERS[each]) for each in ("wordsbackwards", "pairwithasum")]
    proven = pizarra(data, "import", *names, "--prove")
    assert proven.stdout.count("proven in 5 of 5") == 2, proven
    assert "proven with other versions" not in doctor(data)
    with sqlite3.connect(data / "pizarra.db") as database:  # as an older Java had proven it
        database.execute(
            "UPDATE question_versions SET proof = json_set(proof, '$.toolchains.java', 'OpenJDK 8') "
            "WHERE json_extract(content, '$.title') = 'Words backwards'"
        )
    said = doctor(data)
    assert re.search(
        r"1 question proven with other versions: \w{32} Words backwards \(OpenJDK 8 → OpenJDK", said
    ), said
    assert "Run: pizarra questions prove" in said
    assert "proven in 5 of 5" in pizarra(data, "prove").stdout
    assert "proven with other versions" not in doctor(data)


def doctor(data: Path) -> str:
    """Return what the doctor finds."""
    return program("doctor", "--data-dir", data).stdout


def test_a_folder_is_synchronized(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "questions"
    folder.mkdir()
    shutil.copytree(STARTERS["wordsbackwards"], folder / "words")
    first = pizarra(data, "sync", str(folder))
    assert first.returncode == 0, first.stderr
    assert "Words backwards, version 1" in first.stdout
    assert pizarra(data, "sync", str(folder)).stdout == ""
    statement = folder / "words/statement/problem.en.md"
    statement.write_text(statement.read_text() + "More.\n")
    second = pizarra(data, "sync", str(folder))
    assert second.stdout == first.stdout.replace("version 1", "version 2")
    (folder / "words/data/sample/link.in").symlink_to("/etc/passwd")
    refused = pizarra(data, "sync", str(folder))
    assert (refused.returncode, "symbolic link" in refused.stderr) == (1, True)
