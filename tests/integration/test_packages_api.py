"""Packages over HTTP: imported into the library, proven, exported, and refused with a sentence."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
from tests.harness.application import Application
from tests.harness.packages import LEGACY, zipped
from tests.integration.test_questions import QUESTION, make

PACKAGE: dict[str, str | bytes] = {
    "double/problem.yaml": "problem_format_version: 2025-09\nname: Double\nuuid: x\nlanguages: [python3]\n",
    "double/statement/problem.en.md": "Read $n$, print $2n$.\n",
    "double/data/sample/1.in": "3\n",
    "double/data/sample/1.ans": "6\n",
    "double/data/secret/1.in": "0\n",
    "double/data/secret/1.ans": "0\n",
    "double/submissions/accepted/a.py": "print(int(input()) * 2)\n",
    "double/submissions/wrong_answer/b.py": "print(int(input()) ** 2)\n",
}
ZIP = {"content-type": "application/zip"}


async def send(client: httpx2.AsyncClient, archive: bytes) -> httpx2.Response:
    return await client.post("/api/questions/import", content=archive, headers=ZIP)


async def test_a_package_is_imported_proven_and_exported(client: httpx2.AsyncClient) -> None:
    answer = await send(client, zipped(PACKAGE | LEGACY))
    assert answer.status_code == 201, answer.text
    different, double = answer.json()
    assert (different["title"], double["title"]) == ("A Different Problem", "Double")
    assert (double["kind"], double["runnable"], double["detail"]) == ("stdio", True, None)
    address = f"/api/questions/{double['question_id']}"
    proof = await client.post(f"{address}/prove?wait=true", timeout=60)
    assert proof.json()["languages"] == {"python": {"status": "proven", "detail": None}}
    assert (proof.json()["proven"], proof.json()["cases"]) == (True, 2)
    exported = await client.get(f"{address}/export")
    assert exported.headers["content-type"] == "application/zip"
    assert exported.headers["content-disposition"] == 'attachment; filename="double.zip"'
    (again,) = (await send(client, exported.content)).json()
    first, second = [
        (await client.get(f"/api/questions/{each}")).json()
        for each in (double["question_id"], again["question_id"])
    ]
    of_the_row = ("question_id", "created_at", "updated_at", "proof")
    assert {**first, **dict.fromkeys(of_the_row)} == {**second, **dict.fromkeys(of_the_row)}


async def test_a_question_made_here_comes_back_as_it_is(client: httpx2.AsyncClient) -> None:
    made = await make(client)
    archive = (await client.get(f"/api/questions/{made['question_id']}/export")).content
    (imported,) = (await send(client, archive)).json()
    back = (await client.get(f"/api/questions/{imported['question_id']}")).json()
    assert {name: back[name] for name in QUESTION} == {name: made[name] for name in QUESTION}


async def test_what_is_refused_leaves_nothing_behind(
    running: Application, client: httpx2.AsyncClient
) -> None:
    bad = zipped(PACKAGE | {"other/problem.yaml": "- x"})
    refused = await send(client, bad)
    assert (refused.status_code, refused.json()["code"]) == (422, "package_refused")
    assert (
        refused.json()["detail"] == "problem.yaml must be a mapping. This is in the package other."
    )
    spanish = {**ZIP, "accept-language": "es"}
    said = await client.post("/api/questions/import", content=bad, headers=spanish)
    assert said.json()["detail"].startswith("problem.yaml debe ser un mapa")
    assert said.json()["detail"].endswith("Esto está en el paquete other.")
    json = await client.post("/api/questions/import", json={})
    assert (json.status_code, json.json()["code"]) == (415, "unsupported_media_type")
    running.services.settings.max_question_cases = 1
    most = await send(client, zipped(PACKAGE))  # what does not fit is left out, and said
    assert "too many" in most.json()[0]["detail"]
    running.services.settings.max_questions = 2
    full = await send(client, zipped(PACKAGE | LEGACY))
    assert full.status_code == 409
    assert len((await client.get("/api/questions")).json()) == 1


async def test_an_archive_may_be_larger_than_json_but_not_larger_than_it_may(
    client: httpx2.AsyncClient,
) -> None:
    padded = zipped(PACKAGE) + bytes(3 * 1024 * 1024)
    assert (await send(client, padded)).status_code in (201, 422)
    large = await send(client, bytes(9 * 1024 * 1024))
    assert large.status_code == 413
    elsewhere = await client.post("/api/questions", content=padded, headers=ZIP)
    assert elsewhere.status_code == 413


async def test_packages_wait_for_each_other_and_no_commit_for_them(
    running: Application, client: httpx2.AsyncClient
) -> None:
    running.services.settings.max_packages_waiting = 4
    made = await make(client)
    address = f"/api/questions/{made['question_id']}/export"
    go_on = threading.Event()
    slow = asyncio.create_task(running.services.packages.do(go_on.wait, 60, team=-1))
    await asyncio.sleep(0)
    imports = [asyncio.create_task(send(client, zipped(PACKAGE))) for _ in range(3)]
    try:
        async with asyncio.timeout(20):
            while running.services.packages.under_way < 4:
                await asyncio.sleep(0.01)
            # The last place is for whoever has none: a team with five slow packages kept all others out.
            assert (await send(client, zipped(PACKAGE))).status_code == 503
            other = asyncio.create_task(running.services.packages.do(len, (), team=-2))
            while running.services.packages.under_way < 5:
                await asyncio.sleep(0.01)
            for answer in (
                await client.post(
                    "/api/questions/import",
                    content=zipped(PACKAGE),
                    headers={**ZIP, "accept-language": "es"},
                ),
                await client.get(address, headers={"accept-language": "es"}),
            ):
                assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
                assert answer.json()["detail"].startswith("Se están importando o exportando")
                assert int(answer.headers["retry-after"]) > 0
            assert (await client.post("/api/questions", json=QUESTION)).status_code == 201
            assert not any(each.done() for each in imports)
    finally:
        go_on.set()
    assert await slow
    assert await other == 0
    assert [(await each).status_code for each in imports] == [201] * 3
    assert (await client.get(address)).status_code == 200


async def test_packages_have_a_thread_of_their_own(
    running: Application, client: httpx2.AsyncClient
) -> None:
    """The event loop's are for commits, which sync the disk there: all of them are taken here."""
    made = await make(client)
    go_on = threading.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    taken = loop.run_in_executor(None, go_on.wait, 60)
    try:
        async with asyncio.timeout(20):
            exported = await client.get(f"/api/questions/{made['question_id']}/export")
            assert exported.status_code == 200
            refused = await send(client, zipped({"problem.yaml": "- x"}))
            assert refused.json()["code"] == "package_refused"
    finally:
        go_on.set()
    assert await taken
