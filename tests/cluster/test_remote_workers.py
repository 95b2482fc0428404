"""Workers as people start them: `pizarra worker --server … --token-file …`, on a server that runs nothing itself."""

import contextlib
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.peer import connect_peer
from tests.harness.ports import wait_until
from tests.harness.program import pizarra
from tests.harness.rooms import create, url_of
from tests.harness.server import ServerProcess, server_process
from tests.harness.workers import (
    WorkerProcess,
    environment_of,
    make_token,
    metric,
    wait_for_workers,
)

ENDLESS = "print('begun', flush=True)\nwhile True: pass\n"
SLOW = "import time\nend = time.time() + 3\nprint('begun', flush=True)\nwhile time.time() < end: pass\nprint('done')\n"
SIZE = {"columns": 80, "rows": 24}
CPP = "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << 2 * n << std::endl; }\n"


class Fleet:
    """A server, and workers of two slots, as many as a test needs."""

    def __init__(self, server: ServerProcess, folder: Path) -> None:
        self.server = server
        self.http = httpx2.Client(base_url=server.url, timeout=120)
        self._folder = folder
        self._started = 0
        self._workers: dict[str, WorkerProcess] = {}

    def need(self, count: int) -> dict[str, WorkerProcess]:
        """Return so many workers that are connected and have tried out what is run here, by name."""
        for name, worker in list(self._workers.items()):
            if not worker.runs:
                del self._workers[name]
        while len(self._workers) < count:
            self._started += 1
            name = f"worker-{self._started}"
            token = make_token(self.server, self._folder, name)
            self._workers[name] = WorkerProcess([self.server.url], token)
        wait_for_workers(self.server, len(self._workers))
        return dict(self._workers)

    def fresh(self, count: int) -> dict[str, WorkerProcess]:
        """Return so many workers that have run nothing yet: what they last told of their load is so."""
        for worker in self._workers.values():
            worker.stop()
        self._workers.clear()
        wait_for_workers(self.server, 0)
        return self.need(count)

    def sent(self, name: str) -> float:
        """Return how many runs were sent to a worker."""
        return metric(self.http.get("/metrics").text, "pizarra_runs_sent_total", runner=name)

    def active(self) -> float:
        """Return how many runs have not ended."""
        return metric(self.http.get("/metrics").text, "pizarra_active_runs")

    def session(self, code: str, language: str = "python") -> str:
        """Return a new session."""
        body = {"language": language, "initial_code": code}
        return str(self.http.post("/api/sessions", json=body).json()["session_id"])

    def run(self, session: str, **body: Any) -> dict[str, Any]:
        """Run a session's program to its end."""
        answer = self.http.post(f"/api/sessions/{session}/runs?wait=true", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def begin(self, session: str) -> str:
        """Begin a session's program; return the run once it has printed something."""
        answers: list[httpx2.Response] = []

        def is_taken() -> bool:  # what a worker said of its load may be a moment old
            answers.append(self.http.post(f"/api/sessions/{session}/runs", json={}))
            return answers[-1].status_code != 503

        wait_until(is_taken, "a place")
        assert answers[-1].status_code == 202, answers[-1].text
        run_id = str(answers[-1].json()["run_id"])
        wait_until(lambda: "begun\n" in self.read(session, run_id)["stdout"], "its first word")
        return run_id

    def read(self, session: str, run_id: str) -> dict[str, Any]:
        """Return what is known of a run."""
        found: dict[str, Any] = self.http.get(f"/api/sessions/{session}/runs/{run_id}").json()
        return found

    def wait(self, session: str, run_id: str, seconds: float) -> dict[str, Any]:
        """Return a run that has ended within so many seconds."""

        def has_ended() -> bool:
            return self.read(session, run_id)["status"] not in ("queued", "compiling", "running")

        wait_until(has_ended, "the run's end", seconds)
        return self.read(session, run_id)

    def stop(self) -> None:
        """End all of it."""
        self.http.close()
        for worker in self._workers.values():
            worker.stop()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    longer: dict[str, Any] = {"run_wall_seconds": 120, "run_cpu_seconds": 120}
    with server_process(folder, runner="workers", **longer) as server:
        fleet = Fleet(server, folder)
        try:
            yield fleet
        finally:
            fleet.stop()


@contextlib.contextmanager
def running(fleet: Fleet, count: int) -> Iterator[list[tuple[str, str]]]:
    """Give sessions with a program that computes, and the runs; they are stopped at the end."""
    runs = []
    for _ in range(count):
        session = fleet.session(ENDLESS)
        runs.append((session, fleet.begin(session)))
    try:
        yield runs
    finally:
        for session, run_id in runs:
            fleet.http.post(f"/api/sessions/{session}/runs/{run_id}/stop")


def test_programs_run_there(fleet: Fleet) -> None:
    fleet.need(1)
    examined = pizarra(
        "doctor", environment={**environment_of(fleet.server), "PIZARRA_RUNNER": "workers"}
    )
    assert "· workers: worker-" in examined.stdout
    assert "(connected 20" in examined.stdout
    told = fleet.http.get("/health/ready").json()["runner"]
    assert told["ok"]
    assert "connected" in told["detail"]
    python = fleet.run(fleet.session("print(int(input()) * 2)\n"), stdin="21\n")
    assert (python["status"], python["stdout"]) == ("exited", "42\n")
    cpp = fleet.session(CPP, "cpp")
    for _ in range(2):  # compiled, then from the cache
        found = fleet.run(cpp, stdin="21\n")
        assert (found["status"], found["stdout"]) == ("exited", "42\n")
    wrong = fleet.run(fleet.session("int main() { return nothing; }\n", "cpp"))
    assert wrong["status"] == "compile_error"
    assert "nothing" in wrong["diagnostics"][0]["message"]
    long = fleet.run(fleet.session("print('x' * 79 + chr(10), end='', flush=True)\n" * 9000))
    assert len(long["stdout"]) == 80 * 9000  # beyond what may be on its way
    session = fleet.session("a")
    asked = fleet.http.post(
        f"/api/sessions/{session}/assist",
        json={"path": "main.py", "text": "a", "line": 0, "character": 1, "want": "hover"},
    )
    assert (asked.status_code, asked.json()["detail"]) == (
        409,
        "There is no language server for Python on this machine.",
    )
    loud = fleet.run(fleet.session("while True: print('x' * 1000)\n"))
    assert loud["status"] == "output_limit"


async def test_a_terminal_is_there_too(fleet: Fleet) -> None:
    fleet.need(1)
    code = "print('Hi', input('Name? '))\nimport os; print(os.get_terminal_size().columns)\nwhile True: pass\n"
    session = create(fleet.server, code)
    async with connect_peer(url_of(fleet.server, session), control=True) as host:

        def printed() -> str:
            return "".join(each["chunk"]["text"] for each in host.controls_of("run.output"))

        await host.control(type="run.start", terminal=SIZE)
        await host.wait_for(lambda: "Name? " in printed(), 30)
        run_id = host.controls_of("run.started")[-1]["run"]["run_id"]
        await host.control(type="run.resize", run_id=run_id, size={"columns": 111, "rows": 30})
        await host.wait_for(lambda: bool(host.controls_of("run.resized")))
        await host.control(type="run.input", run_id=run_id, text="Ana\n")
        await host.wait_for(lambda: "Hi Ana" in printed() and "111" in printed(), 30)
        await host.control(type="run.input", run_id=run_id, text="\x03")
        await host.wait_for(lambda: bool(host.controls_of("run.ended")), 30)
        assert host.controls_of("run.ended")[-1]["signal"] == "SIGINT" or (
            "KeyboardInterrupt" in printed()
        )


def test_two_share_the_work_and_a_stop_arrives(fleet: Fleet) -> None:
    names = list(fleet.need(2))[:2]
    before = {name: fleet.sent(name) for name in names}
    with running(fleet, 4) as runs:
        assert {name: fleet.sent(name) - before[name] for name in names} == dict.fromkeys(names, 2)
        session, run_id = runs[0]
        fleet.http.post(f"/api/sessions/{session}/runs/{run_id}/stop")
        assert fleet.wait(session, run_id, 10)["status"] == "stopped"


def test_a_worker_that_is_lost_takes_its_runs_and_no_more(fleet: Fleet) -> None:
    """A second start would be seen: the run prints when it begins."""
    workers = fleet.fresh(2)
    lost, worker = next(iter(workers.items()))
    with running(fleet, 4) as runs:
        ended = _lose(fleet, worker, signal.SIGSTOP, runs)
        # When it comes back, it connects anew, and its late words count for nothing.
        worker.send_signal(signal.SIGCONT)
        wait_for_workers(fleet.server, 2)
        assert {fleet.read(*each)["status"] for each in ended} == {"sandbox_error"}
        before = fleet.sent(lost)
        with running(fleet, 2):
            assert fleet.sent(lost) > before
    wait_until(lambda: fleet.active() == 0, "the end of all")
    with running(fleet, 4) as runs:
        _lose(fleet, worker, signal.SIGKILL, runs)


def _lose(
    fleet: Fleet, worker: WorkerProcess, blow: signal.Signals, runs: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Lose a worker that has half of the runs; return them, once all of it is as it should be."""
    begun = time.monotonic()
    worker.send_signal(blow)
    ended: list[tuple[str, str]] = []

    def half_have_ended() -> bool:
        ended[:] = [each for each in runs if fleet.read(*each)["status"] == "sandbox_error"]
        return len(ended) == 2

    wait_until(half_have_ended, "the end of what it ran", 15)
    assert time.monotonic() - begun < (3 if blow is signal.SIGKILL else 8)
    for each in ended:
        found = fleet.read(*each)
        assert found["detail"].startswith("The runner stopped while this ran.")
        assert found["stdout"] == "begun\n"
    others = [each for each in runs if each not in ended]
    wait_until(  # a run is noted as running once it has run for a while
        lambda: {fleet.read(*each)["status"] for each in others} == {"running"}, "the others"
    )
    session, run_id = others[0]
    fleet.http.post(f"/api/sessions/{session}/runs/{run_id}/stop")
    assert fleet.run(fleet.session("print(1)\n"))["stdout"] == "1\n"
    return ended


def test_a_worker_that_is_told_to_end_drains(fleet: Fleet) -> None:
    workers = fleet.need(1)
    for _, extra in list(workers.items())[1:]:
        extra.stop()
    wait_for_workers(fleet.server, 1)
    worker = next(iter(workers.values()))
    slow = fleet.session(SLOW)
    with ThreadPoolExecutor(4) as together:
        fleet.begin(fleet.session(ENDLESS))
        going = fleet.begin(slow)
        waiting: Future[dict[str, Any]] = together.submit(fleet.run, fleet.session("print(1)\n"))
        wait_until(lambda: fleet.active() == 3, "one that waits")
        worker.send_signal(signal.SIGTERM)
        # Nobody else has room for what waited: it is told at once, and was not begun.
        handed_back = waiting.result(30)
        assert (handed_back["status"], handed_back["stdout"]) == ("sandbox_error", "")
        assert handed_back["detail"] == "The runner is restarting. Try again in a moment."
        assert fleet.wait(slow, going, 30)["stdout"] == "begun\ndone\n"
        worker.send_signal(signal.SIGTERM)  # told twice: at once
        assert worker.wait() == 0


def test_a_revoked_worker_goes_with_a_sentence(fleet: Fleet) -> None:
    name, worker = next(iter(fleet.need(1).items()))
    done = pizarra("worker-token", "revoke", name, environment=environment_of(fleet.server))
    assert done.returncode == 0, done.stderr
    assert worker.wait(10) == 1
    assert (
        "pizarra: the server does not want this worker: the worker's token was revoked"
        in worker.log()
    )


def test_what_is_wrong_with_its_start_is_said(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("pzw_x\n")
    token.chmod(0o644)
    at_home = ("--server", "http://127.0.0.1:9")
    for arguments, said in {
        (): "name whom it works for",
        at_home: "a server wants a token",
        (*at_home, "--token-file", str(token)): "chmod 600",
        ("--server", "http://example.org", "--token-file", str(token)): "is not encrypted",
        (*at_home, "--socket", "/x"): "not both",
    }.items():
        done = pizarra("worker", *arguments)
        assert done.returncode == 1
        assert said in done.stderr
