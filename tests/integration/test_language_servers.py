"""Language servers: what fits at a place and what is there, for four kinds of files; each session has its own."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest
from pycrdt import Map, Text
from tests.harness.peer import connect_peer
from tests.harness.ports import wait_until
from tests.harness.rooms import join
from tests.harness.server import ServerProcess, server_process

from pizarra.sandbox.language_servers.answers import MAX_OFFERED, hover, offered
from pizarra.sandbox.language_servers.rpc import BrokenStream, Decoder, encode

CASES = {
    "main.py": ("values = [1]\nvalues.app\n", (1, 10), "append", (0, 1), "list[int]"),
    "main.ts": ("const p = { name: 'x' };\np.na\n", (1, 4), "name", (0, 6), "name: string"),
    "main.js": ("JSON.str\nconst q = 1;\n", (0, 8), "stringify", (1, 6), "const q"),
    "main.cpp": (
        "#include <bits/stdc++.h>\nint main() {\n  std::vector<int> v;\n  v.push\n}\n",
        *((3, 8), "push_back", (2, 20), "std::vector<int>"),
    ),
}


SERVERS = (
    b"/opt/pizarra/language-servers/ty",
    b"/opt/pizarra/language-servers/clangd/bin/clangd",
    b"/opt/pizarra/typescript/tsc",
)


class Questions:
    """A session and what its people ask about its files."""

    def __init__(self, server: ServerProcess, **body: Any) -> None:
        self.server = server
        self.session = httpx2.post(f"{server.url}/api/sessions", json=body).json()
        self.path = f"{server.url}/api/sessions/{self.session['session_id']}"

    def ask(
        self,
        path: str,
        text: str,
        at: tuple[int, int],
        want: str = "completion",
        token: str | None = None,
    ) -> httpx2.Response:
        body = {"path": path, "text": text, "line": at[0], "character": at[1], "want": want}
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx2.post(f"{self.path}/assist", json=body, headers=headers, timeout=40)

    def names(self, path: str, text: str, at: tuple[int, int]) -> list[str]:
        answer = self.ask(path, text, at)
        assert answer.status_code == 200, answer.text
        return [item["label"].partition("(")[0] for item in answer.json()["items"]]

    def has_names(self, path: str, text: str, at: tuple[int, int]) -> bool:
        return self.names(path, text, at) != []


def known(server: ServerProcess, language: str) -> bool:
    """Tell whether this machine has a language server, once all languages were tried out: that starts some too."""

    def states() -> dict[str, Any]:
        return {each["id"]: each for each in httpx2.get(f"{server.url}/api/languages").json()}

    wait_until(
        lambda: not any(each["starting"] for each in states().values()),
        "the languages tried out",
        60,
    )
    return bool(states()[language]["language_server"])


@pytest.mark.parametrize("path", CASES)
def test_names_that_fit_and_what_is_there(sqlite_server: ServerProcess, path: str) -> None:
    language = {"py": "python", "ts": "typescript", "js": "javascript", "cpp": "cpp"}[
        path.rpartition(".")[2]
    ]
    assert known(sqlite_server, language), "run `pizarra toolchains`"
    text, at, name, there, about = CASES[path]
    questions = Questions(sqlite_server)
    # While it reads the standard library's headers, on a busy machine, clangd offers nothing: the page asks again with
    # the next letter.
    wait_until(lambda: questions.names(path, text, at) != [], "the first names", 60)
    assert questions.names(path, text, at)[0] == name
    assert about in questions.ask(path, text, there, "hover").json()["hover"]
    # What was typed since is what counts, not what the file in the session is.
    changed = text.replace(text.split("\n")[at[0]], text.split("\n")[at[0]] + " ")
    assert questions.names(path, changed, at)[0] == name


def test_the_other_files_of_the_session_count(sqlite_server: ServerProcess) -> None:
    known(sqlite_server, "python")
    questions = Questions(sqlite_server, initial_code="def from_the_session(a: int) -> str: ...\n")
    text = "import main\nmain.from_the"
    assert questions.names("other.py", text, (1, 13)) == ["from_the_session"]
    assert Questions(sqlite_server).names("other.py", text, (1, 13)) == []


# A file beside the one that is asked about: name, text, and the same with another name in it; then the question.
BESIDE = {
    "python": ("main.py", "def one_{}(): ...\n", "other.py", "import main\nmain.one_", (1, 9)),
    "typescript": (
        "main.ts",
        "export const one_{} = 1;\n",
        "other.ts",
        'import * as m from "./main.ts";\nm.one_',
        (1, 6),
    ),
    "cpp": (
        "main.h",
        "int one_{}();\n",
        "main.cpp",
        '#include "main.h"\nint main() { one_ }\n',
        (1, 17),
    ),
}


async def _write(server: ServerProcess, session: dict[str, Any], name: str, text: str) -> None:
    async with connect_peer(f"{server.ws_url}/{session['room_id']}") as peer:
        files, file = peer.doc.get("files", type=Map), peer.doc.get(f"file:{name}", type=Text)

        def change(_: Text) -> None:
            files[name] = {}
            del file[:]
            file.insert(0, text)

        await peer.wait_acknowledged(await peer.edit(change))


@pytest.fixture(scope="module")
def one_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that starts one language server at a time, and has none yet."""
    with server_process(tmp_path_factory.mktemp("one"), max_language_servers=1) as server:
        assert known(server, "python")
        yield server


def test_what_changes_in_another_file_is_known_at_once(one_at_a_time: ServerProcess) -> None:
    server = one_at_a_time
    for language, (name, beside, path, text, at) in BESIDE.items():
        assert known(server, language)
        questions = Questions(server)
        pids: list[list[int]] = []
        for word in ("before", "after", "last"):
            asyncio.run(_write(server, questions.session, name, beside.format(word)))
            if not pids:  # it starts, and on a busy machine its first answers come too late
                wait_until(
                    partial(questions.has_names, path, text, at),
                    f"the first names of {language}",
                    60,
                )
            assert questions.names(path, text, at) == [f"one_{word}"], (language, word)
            pids.append(_running(server))
        assert len(pids[0]) == 1, language
        if language != "cpp":  # clangd completes by the headers as it first read them
            assert pids == [pids[0]] * 3, language


def test_who_may_ask_what(sqlite_server: ServerProcess) -> None:
    known(sqlite_server, "python")
    questions = Questions(sqlite_server)
    observer = join(sqlite_server, questions.session, "observer", "Olga")
    candidate = join(sqlite_server, questions.session)
    assert questions.ask("main.py", "a", (0, 1), token=observer).status_code == 403
    assert questions.ask("main.py", "a", (0, 1), token=candidate).status_code == 200
    assert (
        questions.ask("Main.java", "a", (0, 1)).json()["detail"]
        == "There is no language server for Main.java."
    )
    for path in ("../x.py", "/etc/x.py", "a\n.py"):
        assert questions.ask(path, "a", (0, 1)).status_code == 409
    too_large = questions.ask("main.py", "x" * 300_000, (0, 1))
    assert (too_large.status_code, too_large.json()["code"]) == (422, "text_too_long")
    # beyond the end: nothing fits
    assert questions.ask("main.py", "a", (999_999, 999_999)).status_code == 200


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from _family(int(child))


def _running(server: ServerProcess) -> list[int]:
    """Return the language servers that run for a server."""
    found = []
    for pid in _family(server.pid):
        with contextlib.suppress(OSError):
            program, *words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if program in SERVERS and b"--api" not in words:  # that one checks types for all
                found.append(pid)
    return found


def test_a_few_at_a_time_and_a_new_one_for_one_that_dies(one_at_a_time: ServerProcess) -> None:
    server = one_at_a_time
    one, two = Questions(server), Questions(server)
    text, at, name, *_ = CASES["main.py"]
    for questions in (one, two, one):
        assert questions.names("main.py", text, at)[0] == name
        wait_until(lambda: len(_running(server)) == 1, "one language server", 5)
    (pid,) = _running(server)
    os.kill(pid, signal.SIGKILL)
    assert one.names("main.py", text, at)[0] == name
    assert _running(server) not in ([], [pid])


class Rehearsals:
    """Rooms of one candidate's link, in which the same question is asked at once, until it is left."""

    def __init__(self, server: ServerProcess, count: int) -> None:
        session = httpx2.post(f"{server.url}/api/sessions", json={}).json()
        token = session["share_url"].rpartition("/")[2]
        self._server = server
        self._rooms = [
            httpx2.post(f"{server.url}/api/rehearsals", json={"token": token}).json()
            for _ in range(count)
        ]
        self._over = threading.Event()
        self.most = 0  # language servers of the server at once

    def _ask(self, room: dict[str, Any]) -> None:
        text, (line, character), *_ = CASES["main.py"]
        question = {"path": "main.py", "text": text, "line": line, "character": character}
        headers = {"authorization": f"Bearer {room['access_token']}"}
        with httpx2.Client(base_url=self._server.url, headers=headers, timeout=40) as client:
            while not self._over.is_set():
                path = f"/api/sessions/{room['session_id']}/assist"
                client.post(path, json={**question, "want": "completion"})

    def _count(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, len(_running(self._server)))

    def __enter__(self) -> Self:
        asking = [threading.Thread(target=self._ask, args=(room,)) for room in self._rooms]
        self._threads = [threading.Thread(target=self._count), *asking]
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for each in self._threads:
            each.join()


def test_one_link_has_one_share_and_never_more_than_there_may_be(tmp_path: Path) -> None:
    with server_process(tmp_path, max_language_servers=2) as server:
        assert known(server, "python")
        text, at, name, *_ = CASES["main.py"]
        one, two = Questions(server), Questions(server)
        assert one.names("main.py", text, at)[0] == name
        (warm,) = _running(server)
        with Rehearsals(server, 3) as asking:
            wait_until(lambda: asking.most == 2, "a server of the link's", 20)
            for _ in range(3):
                assert one.names("main.py", text, at)[0] == name
        assert warm in _running(server)  # theirs was never taken
        os.kill(warm, signal.SIGKILL)
        with Rehearsals(server, 3) as greedy:  # they have both, and never stop asking
            wait_until(lambda: greedy.most == 2, "both of them", 20)
            assert two.names("main.py", text, at)[0] == name
        assert max(asking.most, greedy.most) == 2


def test_a_stream_is_read_in_any_pieces_and_not_believed() -> None:
    messages = [{"id": number, "result": "ñ" * number} for number in range(5)]
    stream = b"".join(encode(message) for message in messages)
    decoder = Decoder()
    found = [message for byte in stream for message in decoder.feed(bytes([byte]))]
    assert found == [{"jsonrpc": "2.0", **message} for message in messages]
    for broken in (
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 99999999999\r\n\r\n",
        b"Content-Length: x\r\n\r\n",
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 3\r\n\r\n{,}",
        b"Content-Length: 100000\r\n\r\n" + b"[" * 100_000,
        b"x" * 5000,
        b"\r\n\r\n",
    ):
        with pytest.raises(BrokenStream):
            Decoder().feed(broken)


def test_what_a_server_says_is_cut_to_what_an_editor_shows() -> None:
    many = [{"label": f"name{number:04}", "kind": 3, "detail": "x" * 999} for number in range(500)]
    items, whole = offered(many, "na")
    assert (len(items), whole, len(items[0].detail)) == (MAX_OFFERED, False, 200)
    odd = [
        None,
        3,
        {},
        {"label": 4},
        {"label": "ok", "kind": "?", "detail": 7, "textEdit": []},
        {"label": "ok"},
    ]
    items, whole = offered({"isIncomplete": False, "items": odd}, "o")
    assert ([item.label for item in items], whole) == (["ok"], True)
    assert offered(None, "a") == ([], True)
    assert offered({"items": "abc"}, "a")[0] == []
    assert hover({"contents": ["a", {"value": "b"}, 3]}) == "a\nb"
    assert hover({"contents": {"value": " "}}) is None
    assert hover([]) is None
