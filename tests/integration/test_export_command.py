"""`pizarra export`: where its file goes, and what is said when it cannot be there."""

import subprocess
import sys
from pathlib import Path

import httpx2
from tests.harness import program
from tests.harness.server import server_process


def test_a_candidates_file_is_beside_the_one_with_notes(
    tmp_path: Path, runner_socket: Path
) -> None:
    """The later of the two took the place of the other, under one name: whichever was sent could be either."""
    data, folder = tmp_path / "data", tmp_path / "here"
    data.mkdir()
    folder.mkdir()
    (folder / "taken").mkdir()
    with server_process(data, runner_socket=runner_socket) as server:
        created = httpx2.post(f"{server.url}/api/sessions", json={"title": "Kept"}).json()

    def export(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pizarra", "export", created["session_id"], *options],
            env={**program.clean_environment(), "PIZARRA_DATA_DIR": str(data)},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
        )

    short = created["session_id"][:8]
    for options in ((), ("--candidate",), ("--candidate", "--html")):
        assert export(*options).returncode == 0
    assert {each.name for each in folder.glob("pizarra-*")} == {
        f"pizarra-{short}.zip",
        f"pizarra-{short}-candidate.zip",
        f"pizarra-{short}-candidate.html",
    }
    # The database was blamed, by its address, for a folder that is not there.
    for out, why in (
        ("missing/x.zip", "No such file or directory"),
        ("taken", "Is a directory"),
        ("/proc/x.zip", "No such file or directory"),
    ):
        refused = export("--out", out)
        assert refused.returncode == 1
        assert refused.stderr == f"pizarra: {out} cannot be written: {why}\n"
    assert list(folder.glob(".pizarra-*")) == []
