"""A question is proven where it is asked: references pass, starters and wrong solutions do not."""

from typing import Any

import httpx2
import pytest
from tests.harness.application import Application
from tests.integration.test_questions import FUNCTION, make

from pizarra.config import Settings

SUM = {
    "python": "def sum_of(a, b):\n    return sum(a) + b\n",
    "javascript": "function sumOf(a, b) { return a.reduce((x, y) => x + y, b); }",
    "typescript": "function sumOf(a: number[], b: number): number { return a.reduce((x, y) => x + y, b); }",
    "java": "class Main { static int sumOf(int[] a, int b) { for (int x : a) b += x; return b; } }",
    "cpp": "#include <vector>\nint sumOf(std::vector<int>& a, int b) { for (int x : a) b += x; return b; }",
}
LANGUAGES = list(SUM)


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """A shorter limit where it is to be reached, so that it does not take long."""
    reached = request.node.get_closest_marker("never_ends") is not None
    return settings.model_copy(update={"test_seconds": 1.0} if reached else {})


SECRET = [
    {"name": "empty", "cases": [{"input": "[]\n7", "expected": "7"}]},
    {"name": "large", "cases": [{"input": "[2147483646]\n1", "expected": "2147483647"}]},
]


async def prove(client: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    question = await make(client, **changes)
    address = f"/api/questions/{question['question_id']}"
    answer = await client.post(f"{address}/prove?wait=true", timeout=120)
    assert answer.status_code == 200, answer.text
    assert (await client.get(address)).json()["proof"] == answer.json()
    return dict(answer.json())


async def test_proven_in_five_of_five(client: httpx2.AsyncClient) -> None:
    about = FUNCTION | {"languages": LANGUAGES, "references": SUM, "secret": SECRET, "wrong": []}
    wrong = {
        "name": "forgets b",
        "language": "python",
        "source": "def sum_of(a, b):\n    return sum(a)\n",
        "verdict": "wrong_answer",
        "fails": ["empty", "sample 1"],
    }
    proof = await prove(client, **(about | {"wrong": [wrong]}))
    assert proof["languages"] == {each: {"status": "proven", "detail": None} for each in LANGUAGES}
    assert (proof["proven"], proof["cases"], proof["running"]) == (True, 3, False)
    assert set(proof["toolchains"]) == set(LANGUAGES)
    listed = (await client.get("/api/questions")).json()[0]
    assert listed["proven"] == LANGUAGES
    # A change makes a version of which nothing is proven yet.
    await client.patch(f"/api/questions/{listed['question_id']}", json={"minutes": 1})
    assert (await client.get("/api/questions")).json()[0]["proven"] is None


DOUBLE = "print(int(input()) * 2)\n"


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"references": {}, "wrong": []}, "no_reference", "no reference"),
        ({"references": {"python": "print(1)\n"}}, "reference_fails", "three: it came to 1"),
        ({"references": {"python": "import nothing\n"}}, "reference_fails", "exit code 1"),
        ({"starters": {"python": DOUBLE}}, "starter_passes", "begin with"),
        ({"secret": [], "samples": []}, "not_runnable", "no cases"),
        ({"unsupported": "It is interactive."}, "not_runnable", "interactive"),
    ],
)
async def test_what_is_not_proven_says_why(
    client: httpx2.AsyncClient, changes: dict[str, Any], status: str, says: str
) -> None:
    about = {"languages": ["python"], "references": {"python": DOUBLE}, "wrong": []}
    proof = await prove(client, **(about | changes))
    assert proof["proven"] is False
    assert proof["languages"]["python"]["status"] == status
    assert says in proof["languages"]["python"]["detail"]


@pytest.mark.parametrize(
    ("source", "more", "says"),
    [
        (DOUBLE, {}, "passes every case"),
        ("print(0)\n", {"fails": ["small"]}, "it passes small"),
        ("print(1)\n", {"fails": ["small", "three"]}, None),
        ("print(1)\n", {"verdict": "run_time_error"}, "was to end in run_time_error"),
        ("raise KeyError\n", {"verdict": "run_time_error"}, None),
        pytest.param(
            "while True: pass\n",
            {"verdict": "time_limit_exceeded"},
            None,
            marks=pytest.mark.never_ends,
        ),
    ],
)
async def test_a_wrong_solution_fails_where_it_says(
    running: Application,
    client: httpx2.AsyncClient,
    source: str,
    more: dict[str, Any],
    says: str | None,
) -> None:
    wrong = {"name": "w", "language": "python", "source": source, **more}
    about = {"languages": ["python"], "references": {"python": DOUBLE}, "wrong": [wrong]}
    proof = await prove(client, **about)
    told = proof["languages"]["python"]
    assert told["status"] == ("proven" if says is None else "wrong_passes"), told
    assert says is None or says in told["detail"]


async def test_a_time_limit_is_derived_and_held(
    running: Application, client: httpx2.AsyncClient
) -> None:
    busy = "import time\nwhile time.process_time() < {}:\n    pass\n" + DOUBLE
    slow = {"language": "python", "verdict": "time_limit_exceeded"}
    wrong = [{"name": "slow", "source": busy.format(60), **slow}]
    about = {
        "languages": ["python"],
        "references": {"python": DOUBLE},
        "starters": {"python": "print(0)\n"},
        "limits": {"time_resolution": 0.4},
    }
    proof = await prove(client, **about, wrong=wrong)
    assert proof["proven"], proof
    least = min(2 * proof["slowest_ms"] / 1000, 5.0)  # on a machine that others use too
    assert least <= proof["time_limit"] < least + 0.401
    # It must be slower than that by a margin, which is the format's.
    wide = {"limits": {"time_limit": 0.8, "time_limit_to_tle": 3.0}}
    wrong = [{"name": "slow", "source": busy.format(1.2), **slow}]
    proof = await prove(client, **(about | wide), wrong=wrong)
    assert proof["time_limit"] == 0.8
    assert proof["languages"]["python"]["status"] == "wrong_passes"
    assert "slow: it passes every case, each within 2.4 s" in proof["languages"]["python"]["detail"]
    # What a question gives holds for its references too, and then for whoever answers it.
    given = {"limits": {"time_limit": 0.1}, "references": {"python": busy.format(1.5)}}
    proof = await prove(client, **(about | given), wrong=[])
    assert proof["languages"]["python"]["status"] == "reference_fails"
    assert "0.1 s of processor time" in proof["languages"]["python"]["detail"]


async def test_only_so_many_are_proven_at_once(
    running: Application, client: httpx2.AsyncClient
) -> None:
    running.services.settings.max_proofs = 1
    slow = {"python": "import time; time.sleep(1)\nprint(int(input()) * 2)\n"}
    one = await make(client, references=slow)
    two = await make(client)
    address = f"/api/questions/{one['question_id']}/prove"
    begun = await client.post(address)
    assert (begun.status_code, begun.json()["running"]) == (202, True)
    other = await client.post(f"/api/questions/{two['question_id']}/prove?wait=true")
    assert other.status_code == 429
    same = await client.post(f"{address}?wait=true", timeout=60)  # the one that is under way
    assert (same.status_code, same.json()["version"]) == (200, 1)


async def test_one_team_leaves_a_place_for_others(
    running: Application, client: httpx2.AsyncClient
) -> None:
    slow = {"python": "import time; time.sleep(1)\nprint(int(input()) * 2)\n"}
    one, two = await make(client, references=slow), await make(client)
    assert running.services.settings.max_proofs == 2
    assert (await client.post(f"/api/questions/{one['question_id']}/prove")).status_code == 202
    mine = await client.post(f"/api/questions/{two['question_id']}/prove?wait=true")
    assert mine.status_code == 429
    running.services.prover._teams = dict.fromkeys(running.services.prover._teams, "another")  # noqa: SLF001
    theirs = await client.post(f"/api/questions/{two['question_id']}/prove?wait=true", timeout=60)
    assert theirs.status_code == 200


async def test_a_proof_under_way_is_seen_with_the_question(
    client: httpx2.AsyncClient,
) -> None:
    slow = "import time\ntime.sleep(1)\nprint(int(input()) * 2)\n"
    question = await make(client, references={"python": slow})
    address = f"/api/questions/{question['question_id']}"
    assert (await client.get(address)).json()["proof"] is None
    assert (await client.post(f"{address}/prove")).status_code == 202
    proof = (await client.get(address)).json()["proof"]
    assert (proof["running"], proof["progress"]["of"]) == (True, 2)
    await client.post(f"{address}/prove?wait=true", timeout=120)
    proof = (await client.get(address)).json()["proof"]
    assert (proof["running"], proof["progress"]) == (False, None)
