"""A server that has just been started, as `make run` does it, and what a person does first with a project."""

import io
import zipfile
from pathlib import Path

import httpx2
from tests.harness.server import server_process

from pizarra.questions.folders import starter_folder

PROJECT = "acachethatforgets"


def _zipped(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(folder.parent).as_posix())
    return out.getvalue()


def test_from_first_start_to_a_project_that_is_tried_and_changed(tmp_path: Path) -> None:
    with (
        server_process(tmp_path, first_start=True) as server,
        httpx2.Client(base_url=server.url, timeout=60) as ana,
    ):
        archive = _zipped(starter_folder() / PROJECT)
        brought = ana.post(
            "/api/questions/import", content=archive, headers={"Content-Type": "application/zip"}
        )
        assert brought.status_code == 201, brought.text
        [imported] = brought.json()
        assert imported["remarks"] == []
        question = f"/api/questions/{imported['question_id']}"
        # A session about it: its files are there, and its samples are tried.
        begun = ana.post("/api/sessions", json={"question_id": imported["question_id"]}).json()
        session = f"/api/sessions/{begun['session_id']}"
        files = {each["path"] for each in ana.get(f"{session}/files").json()}
        assert files == {"main.py", "cache.py", "clock.py", "test_cache.py"}
        tried = ana.post(f"{session}/samples?wait=true")
        assert tried.status_code == 200, tried.text
        passed = [each["name"] for each in tried.json() if each["passed"]]
        assert passed == ["what was never put is not there", "after its time it is gone"]
        # The same as its candidate: nothing of it is for them, and no list has the session.
        body = {"question_id": imported["question_id"], "rehearsal": True}
        rehearsal = ana.post("/api/sessions", json=body).json()
        path = f"/api/sessions/{rehearsal['session_id']}"
        assert ana.get(f"{path}/problem").json()["for_interviewers"] is None
        assert len(ana.post(f"{path}/samples?wait=true").json()) == 4
        listed = [each["session_id"] for each in ana.get("/api/sessions").json()]
        assert listed == [begun["session_id"]]
        # As files: one is changed, and what is no project any more is refused with the file's name.
        read = ana.get(f"{question}/files")
        texts, tag = read.json()["files"], {"If-Match": read.headers["etag"]}
        reference = ".pizarra/python/reference/cache.py"
        assert "def _forget" in texts[reference]
        changed = texts | {".pizarra/files/README.md": "# A cache\n"}
        put = ana.put(f"{question}/files", json={"files": changed}, headers=tag)
        assert (put.status_code, put.json()["version"]) == (200, 2), put.text
        assert ana.get(f"{question}/files").json()["files"] == changed
        broken = ana.put(
            f"{question}/files",
            json={"files": changed | {".pizarra.yaml": "kind: [\n"}},
            headers={"If-Match": put.headers["etag"]},
        )
        assert (broken.status_code, ".pizarra.yaml" in broken.json()["detail"]) == (422, True)
        # What the session has is what it was given.
        assert ana.get(f"{session}/problem").json()["version"] == 1
