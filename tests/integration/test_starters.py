"""The questions that come with Pizarra are whole, and the command line looks after questions.

`make prove` proves all of them in every language, as CI does after the suite.
"""

import json
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from tests.harness.program import pizarra as program

from pizarra.config import Settings
from pizarra.models import Language
from pizarra.operations.lost_proofs import lost_proofs
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


def pizarra(
    data_dir: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    given = {"PIZARRA_DATA_DIR": str(data_dir), **environment}
    return program("questions", *arguments, environment=given)


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


async def test_questions_are_proven_from_the_command_line(
    tmp_path: Path, runner_socket: Path
) -> None:
    data, folder = tmp_path / "data", tmp_path / "words"
    here = {"PIZARRA_RUNNER_SOCKET": str(runner_socket)}
    proven = pizarra(data, "import", str(STARTERS["wordsbackwards"]), "--prove", **here)
    assert (proven.returncode, "proven in 5 of 5" in proven.stdout) == (0, True), proven
    versions = toolchains(data)
    assert set(versions) == set(Language)
    settings, older = Settings(data_dir=data), {**versions, "java": "OpenJDK 8"}
    assert await lost_proofs(settings, versions) is None
    assert f"({versions['java']} → OpenJDK 8)" in str(await lost_proofs(settings, older))
    gone = await lost_proofs(settings, {**versions, "java": None})
    assert f"({versions['java']} → nothing)" in str(gone)
    # In one language from here on: each proof of all five takes seconds.
    shutil.copytree(STARTERS["wordsbackwards"], folder)
    others = "- javascript\n- typescript\n- java\n- cpp\n"
    for about in (folder / "problem.yaml", folder / ".pizarra.yaml"):
        assert others in about.read_text()
        about.write_text(about.read_text().replace(others, ""))
    assert "version 2" in pizarra(data, "sync", str(folder)).stdout
    question = proven.stdout[:32]
    again = pizarra(data, "prove", question, **here)
    assert (again.returncode, "proven in 1 of 1" in again.stdout) == (0, True), again
    with sqlite3.connect(data / "pizarra.db") as database:  # as an older Python had proven it
        database.execute(
            "UPDATE question_versions SET proof = json_set(proof, '$.toolchains.python', 'Python 2')"
        )
    database.close()
    assert await lost_proofs(settings, versions) == (
        f"1 question proven with other versions: {question} Words backwards "
        f"(Python 2 → {versions['python']})"
    )
    assert pizarra(data, "prove", question, **here).returncode == 0
    assert toolchains(data) == {"python": versions["python"]}
    assert await lost_proofs(settings, versions) is None
    shutil.rmtree(folder / "submissions/accepted")
    pizarra(data, "sync", str(folder))
    unproven = pizarra(data, "prove", **here)
    assert (unproven.returncode, "✗ Words backwards: proven in 0 of 1" in unproven.stdout) == (
        1,
        True,
    )


def toolchains(data: Path) -> dict[str, str]:
    """Return with what the newest version of a data directory's one question was proven."""
    with sqlite3.connect(data / "pizarra.db") as database:
        newest = "SELECT proof FROM question_versions ORDER BY number DESC LIMIT 1"
        ((proof,),) = database.execute(newest).fetchall()
    database.close()
    return dict(json.loads(proof)["toolchains"])


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
