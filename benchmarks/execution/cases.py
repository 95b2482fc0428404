"""How long a hundred cases of a typed function take, with a solution that does next to nothing.

    PYTHONPATH=. .venv/bin/python benchmarks/execution/cases.py [--rounds 9]

Asked are 60 ms in Python and JavaScript, 80 in Java, and in C++ what the program itself takes. Told are the time from
the request to the answer with what came of every case, the program changed before each (so that nothing is known from
the last), and again unchanged: that leaves out what compiling takes. What is printed is not kept.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2
from tests.harness.server import server_process

CASES = 100
ASKED_MS = {"python": 60, "javascript": 60, "typescript": None, "java": 80, "cpp": None}
PAUSE = 0.6  # a person does not click faster, and the next sandbox gets ready meanwhile
SOLUTIONS = {
    "python": "def twice(n):\n    return n * 2  # {n}\n",
    "javascript": "function twice(n) {{ return n * 2; }} // {n}\n",
    "typescript": "function twice(n: number): number {{ return n * 2; }} // {n}\n",
    "java": "public class Main {{ static int twice(int n) {{ return n * 2; }} int x = {n}; }}\n",
    "cpp": "int twice(int n) {{ return n * 2; }} int other = {n};\n",
}
_numbers = itertools.count(int(time.time()) % 100_000)


def question(language: str) -> dict[str, Any]:
    """Return a question with so many samples."""
    return {
        "title": f"Twice, in {language}",
        "statement": "Return `n` times two.",
        "kind": "function",
        "languages": [language],
        "signature": {
            "function": "twice",
            "parameters": [{"name": "n", "type": "int"}],
            "returns": "int",
        },
        "samples": [{"input": str(n), "expected": str(2 * n)} for n in range(CASES)],
    }


def program(language: str) -> str:
    """Return a solution that nobody has run yet."""
    return SOLUTIONS[language].format(n=next(_numbers))


class Session:
    """A session about such a question, whose program can be tried."""

    def __init__(self, client: httpx2.Client, language: str) -> None:
        self._client = client
        self._language = language
        made = client.post("/api/questions", json=question(language)).raise_for_status().json()
        self._question = made["question_id"]

    def begin(self) -> None:
        """Begin one, with a program of its own."""
        body = {
            "question_id": self._question,
            "language": self._language,
            "initial_code": program(self._language),
        }
        session = self._client.post("/api/sessions", json=body).raise_for_status().json()
        self._path = f"/api/sessions/{session['session_id']}/samples?wait=true"

    def tried(self) -> float:
        """Try it; return the milliseconds until everything was told."""
        begun = time.perf_counter()
        answer = self._client.post(self._path, json={}).raise_for_status().json()
        took = (time.perf_counter() - begun) * 1000
        assert len(answer) == CASES, answer
        assert all(each["passed"] for each in answer), answer[0]
        return took


def measure(client: httpx2.Client, language: str, rounds: int) -> None:
    """Print what a changed program takes, and an unchanged one."""
    session = Session(client, language)
    session.begin()
    session.tried()  # what is loaded once
    changed, again = [], []
    for _ in range(rounds):
        session.begin()
        time.sleep(PAUSE)
        changed.append(session.tried())
        time.sleep(PAUSE)
        again.append(session.tried())
    asked = ASKED_MS[language]
    is_held = asked is None or statistics.median(again) <= asked
    held = "" if asked is None else f", asked {asked}: {'held' if is_held else 'not held'}"
    print(
        f"{language:11} changed {statistics.median(changed):6.0f} ms, "
        f"again {statistics.median(again):6.0f} ms{held}",
        flush=True,
    )


def main() -> None:
    """Measure each language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        server_process(Path(folder)) as server,
        httpx2.Client(base_url=server.url, timeout=120) as client,
    ):
        while any(each["starting"] for each in client.get("/api/languages").json()):
            time.sleep(1)
        for each in SOLUTIONS:
            measure(client, each, chosen.rounds)


if __name__ == "__main__":
    main()
