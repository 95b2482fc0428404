"""Projects: files and their tests, given to sessions, tried for everybody and in secret, and proven."""

from typing import Any

import httpx2
import pytest
from tests.harness.application import Application
from tests.harness.projects import LANGUAGES, PROJECT, WAYS
from tests.harness.rooms import join
from tests.harness.server import ServerProcess
from tests.integration.test_proving import prove
from tests.integration.test_questions import begin, make
from tests.integration.test_test_cases import tried
from tests.integration.test_two_questions import give, run

from pizarra.config import Settings
from pizarra.problems.content import Content
from pizarra.questions.importing import read_archive
from pizarra.questions.packages.writing import package_files, write_package


async def test_a_project_is_proven_where_its_tests_are_run(client: httpx2.AsyncClient) -> None:
    proof = await prove(client, **PROJECT)
    assert proof["languages"] == {each: {"status": "proven", "detail": None} for each in LANGUAGES}
    assert (proof["proven"], proof["cases"]) == (True, 3)


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"reference": {}}, "no_reference", "no reference"),
        ({"reference": {"sums.py": "total = 0\n"}}, "reference_fails", "not callable"),
        ({"reference": {"sums.py": "def total(\n"}}, "reference_fails", "SyntaxError"),
        ({"reference": {"sums.py": "def total(n): return 3\n"}}, "reference_fails", "3 != 0"),
        ({"files": WAYS["python"]["reference"]}, "starter_passes", "begin with"),
        ({"hidden": {}}, "reference_fails", "h1dden none: exception. The tests ended before"),
        ({"hidden": {}, "tests": {}}, "not_runnable", "no tests in python"),
    ],
)
async def test_what_is_not_proven_says_why(
    client: httpx2.AsyncClient, changes: dict[str, Any], status: str, says: str
) -> None:
    project = {"ways": {"python": WAYS["python"] | changes}}
    about = {"languages": ["python"], "project": project, "wrong": []}
    proof = await prove(client, **(PROJECT | about))
    told = proof["languages"]["python"]
    assert (told["status"], says in told["detail"]) == (status, True), told


@pytest.mark.parametrize("files", [WAYS["python"]["reference"], {"sums.py": "total = len\n"}])
async def test_a_wrong_solution_of_a_project_fails_where_it_says(
    client: httpx2.AsyncClient, files: dict[str, str]
) -> None:
    wrong = {"name": "w", "language": "python", "files": files, "fails": ["few"]}
    about = {"languages": ["python"], "project": {"ways": {"python": WAYS["python"]}}}
    proof = await prove(client, **(PROJECT | about | {"wrong": [wrong]}))
    assert proof["languages"]["python"]["status"] == "wrong_passes"


@pytest.mark.parametrize(
    ("project", "says"),
    [
        ({"ways": {"python": {"files": {"../x.py": ""}}}}, "no path that every computer can hold"),
        ({"ways": {"python": {"files": {"a/" * 7 + "x.py": ""}}}}, "no path that every computer"),
        ({"ways": {"python": {"files": {"pizarra_tests.py": ""}}}}, "the name of a file of ours"),
        (
            {"files": {"a": ""}, "ways": {"python": {"tests": {"a/b.py": ""}}}},
            "a file and a folder",
        ),
        ({"ways": {"perl": {}}}, "python"),
    ],
)
async def test_what_is_no_project_is_refused(
    client: httpx2.AsyncClient, project: dict[str, Any], says: str
) -> None:
    answer = await client.post("/api/questions", json=PROJECT | {"project": project, "wrong": []})
    assert answer.status_code == 422
    assert says in answer.text


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"../../x.py": ""}, "no path that every computer can hold"),
        ({".git/config": ""}, "by who only looks at the folder"),
        ({"pizarra_tests.py": ""}, "the name of a file of ours"),
        ({"sums.py/x.py": ""}, "a file and a folder in python"),
    ],
)
async def test_names_in_a_wrong_solution_are_refused_as_others(
    client: httpx2.AsyncClient, files: dict[str, str], says: str
) -> None:
    wrong = {"name": "w", "language": "python", "files": files, "fails": []}
    answer = await client.post("/api/questions", json=PROJECT | {"wrong": [wrong]})
    assert answer.status_code == 422
    assert says in answer.text


async def test_the_files_of_all_are_looked_at_where_a_language_has_none(
    client: httpx2.AsyncClient,
) -> None:
    project = {"files": {"../x": ""}, "ways": {}}
    answer = await client.post("/api/questions", json=PROJECT | {"project": project, "wrong": []})
    assert answer.status_code == 422
    assert "no path that every computer can hold" in answer.text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"starters": {"python": "x"}},
            "has its starters, references and wrong solutions as files",
        ),
        ({"samples": [{"name": ""}]}, "each case names a test"),
        ({"follow_ups": [{"title": "x", "text": "", "cases": [{}]}]}, "have no cases"),
        ({"kind": "stdio", "project": None}, "files are given with kind: project"),
    ],
)
async def test_parts_that_fit_no_project_are_refused(
    client: httpx2.AsyncClient, changes: dict[str, Any], says: str
) -> None:
    answer = await client.post("/api/questions", json=PROJECT | changes)
    assert answer.status_code == 422
    assert says in answer.text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"languages": ["python", "java"]}, "no tests in java"),
        (
            {"project": PROJECT["project"] | {"test_command": ["make"]}},
            "but so: python -m unittest",
        ),
        ({"project": {"files": {}}}, "no tests in python"),
    ],
)
async def test_what_cannot_be_tried_is_kept_and_says_why(
    client: httpx2.AsyncClient, changes: dict[str, Any], says: str
) -> None:
    made = await make(client, **(PROJECT | {"wrong": []} | changes))
    assert (made["runnable"], says in made["detail"]) == (False, True)
    path = await begin(client, made)
    refused = await client.post(f"{path}/samples?wait=true")
    assert (refused.status_code, refused.json()["code"]) == (409, "question_not_runnable")


async def test_a_project_has_bounds(running: Application, client: httpx2.AsyncClient) -> None:
    running.services.settings.max_project_bytes = 1024
    answer = await client.post("/api/questions", json=PROJECT)
    assert (answer.status_code, "max_project_bytes" in answer.json()["detail"]) == (422, True)


async def test_a_project_is_a_package_of_files() -> None:
    content = Content.model_validate(PROJECT)
    _, archive = write_package(content, "5" * 32)
    files = dict(package_files(content, "5" * 32))
    assert (
        files[".pizarra/python/hidden/test_s3cret.py"]
        == WAYS["python"]["hidden"]["test_s3cret.py"].encode()
    )
    assert files[".pizarra/wrong/01/sums.py"].startswith(b"def total")
    (read,) = read_archive(archive, Settings())
    assert (read.content, read.remarks) == (content, [])


async def files_of(client: httpx2.AsyncClient, path: str) -> set[str]:
    return {each["path"] for each in (await client.get(f"{path}/files")).json()}


async def test_a_session_begins_with_the_files(client: httpx2.AsyncClient) -> None:
    path = await begin(client, await make(client, **PROJECT))
    begun = {"main.py", "sums.py", "test_sums.py", "README.md"}
    assert await files_of(client, path) == begun
    listed = {each["path"]: each["language"] for each in (await client.get(f"{path}/files")).json()}
    assert (listed["sums.py"], listed["README.md"]) == ("python", "text")
    assert (await client.get(f"{path}/files/sums.py")).text == WAYS["python"]["files"]["sums.py"]
    await client.patch(path, json={"language": "javascript"})
    assert await files_of(client, path) == begun | {"main.js", "sums.js", "sums.test.js"}
    assert [each["kind"] for each in (await client.get(f"{path}/timeline")).json()][:2] == [
        "edit",
        "problem",
    ]


async def test_another_question_s_project_has_a_folder(client: httpx2.AsyncClient) -> None:
    path = await begin(client, await make(client))
    given = await give(client, path, await make(client, **PROJECT))
    folder = given["folder"]
    names = {"main.py", "sums.py", "test_sums.py", "README.md"}
    assert await files_of(client, path) == {"main.py", *(folder + each for each in names)}
    asked = await client.put(f"{path}/problem", json={"follow_up": 0})
    further = asked.json()["folder"]
    assert {further + each for each in names} < await files_of(client, path)
    results = (await client.post(f"{path}/samples?wait=true", timeout=60)).json()
    assert results == []


async def test_the_samples_are_its_tests(client: httpx2.AsyncClient) -> None:
    path = await begin(client, await make(client, **PROJECT))
    problem = (await client.get(f"{path}/problem")).json()
    assert problem["kind"] == "project"
    assert problem["samples"] == [
        {"name": "two are added", "input": "two are added", "expected": "passed"}
    ]
    (result,) = (await client.post(f"{path}/samples?wait=true", timeout=60)).json()
    assert (result["passed"], result["expected"], result["stdout"]) == (False, "passed", "adding\n")
    assert result["got"] == "failed: AssertionError: 0 != 3"
    assert "self.assertEqual(total([1, 2]), 3)" in result["stderr"]
    assert "unittest/case.py" not in result["stderr"]  # what is not of anybody here
    (told,) = (await client.get(f"{path}/timeline?kinds=samples")).json()
    assert told["data"]["results"][0]["got"] == result["got"]
    own = {"own": [{"input": "two are added"}]}
    refused = await client.post(f"{path}/samples?wait=true", json=own)
    assert (refused.status_code, "is a test" in refused.json()["detail"]) == (422, True)


SOLVED = "import sums\nsums.total = sum\n"


async def test_hidden_tests_are_tried_behind_a_run(client: httpx2.AsyncClient) -> None:
    solved = {**WAYS["python"], "files": {**WAYS["python"]["files"], **WAYS["python"]["reference"]}}
    right = await make(client, **(PROJECT | {"project": {"ways": WAYS | {"python": solved}}}))
    for question, passed in ((await make(client, **PROJECT), [True, False]), (right, [True, True])):
        path = await begin(client, question)
        await run(client, path)
        read = await tried(f"{path}/tests", client=client)
        names = [(each["name"], each["stdin"]) for each in read["tests"]]
        assert names == [
            ("few: h1dden none", "h1dden none"),
            ("less: negative ones", "h1dden minus"),
        ]
        results = read["attempts"][-1]["results"]
        assert [each["passed"] for each in results] == passed
        assert "can report for itself" in read["note"]
        if not passed[1]:
            assert results[1]["got"] == "failed: AssertionError: 0 != -3"
            assert "h1dden" not in str((await client.get(f"{path}/timeline")).json())
    plain = await begin(client, await make(client))
    assert (await client.get(f"{plain}/tests")).json()["note"] is None


def test_hidden_tests_reach_no_candidate(shared_server: ServerProcess) -> None:
    url = shared_server.url
    question = httpx2.post(f"{url}/api/questions", json=PROJECT).json()
    body = {"question_id": question["question_id"]}
    session = httpx2.post(f"{url}/api/sessions", json=body).json()
    path = f"{url}/api/sessions/{session['session_id']}"
    host = httpx2.get(f"{path}/problem").json()["for_interviewers"]
    assert "r3ference" in host["references"]["python"]
    for role in ("candidate", "observer"):
        mine = {"authorization": f"Bearer {join(shared_server, session, role)}"}
        for what in ("problem", "timeline", "files", "tests", "notes", "export?format=html"):
            said = httpx2.get(f"{path}/{what}", headers=mine, timeout=30).text
            for secret in ("s3cret", "S3cret", "h1dden", "r3ference", "negative ones"):
                assert secret not in said, (role, what)
    tried_it = httpx2.post(
        f"{path}/samples?wait=true",
        headers={"authorization": f"Bearer {join(shared_server, session)}"},
        timeout=60,
    )
    assert [each["name"] for each in tried_it.json()] == ["two are added"]
