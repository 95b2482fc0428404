"""The fast path answers what the whole way answers, byte for byte; and it is taken by what is plain alone.

Longer: `PIZARRA_TEST_EXAMPLES=5000 .venv/bin/python -m pytest tests/integration/test_fast_path.py`.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, Header, Response
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.requests import Request
from tests.harness.application import Application, application
from tests.harness.fast_path import Asked, Paths, is_short
from tests.harness.fresh import embed

from pizarra.accounts import api_tokens, teams
from pizarra.accounts import service as accounts
from pizarra.config import Settings
from pizarra.http.fast_path import FastPath
from pizarra.http.route_plan import RoutePlan
from pizarra.models import AccountRole, Scope

EXAMPLES = int(os.environ.get("PIZARRA_TEST_EXAMPLES", "250"))
NOW = datetime(2026, 11, 29, 12, 0, 0, 123456, UTC)
HOST = (b"host", b"127.0.0.1:8000")
JSON = (b"content-type", b"application/json")


@pytest.fixture
def database_url() -> None:
    """SQLite alone: which path a request takes has nothing to do with the database."""


class Known(NamedTuple):
    """What there is to ask about, and who may ask."""

    paths: Paths
    runner: asyncio.Runner
    ids: list[str]
    credentials: list[bytes]
    cookies: list[bytes]


async def furnish(running: Application, public: bool) -> tuple[list[str], list[bytes], list[bytes]]:
    """Make sessions, open and ended, people in them, and accounts with tokens; return ids, bearers and cookies."""
    services = running.services
    bearers, ids, cookies = [b"nonsense", b"", b"pzt_nonsense"], ["0" * 32], []
    async with services.database.write() as db:
        team = await teams.first_team(db, NOW)
        for name, role in (("ana", AccountRole.ADMIN), ("bob", AccountRole.INTERVIEWER)):
            account = await accounts.create_account(
                db, NOW, name=name, display_name=name, role=role, team=team
            )
            for scope in (Scope.WRITE, Scope.READ):
                _, secret = await api_tokens.create_token(
                    db, account.id, NOW, name="t", scope=scope
                )
                bearers.append(secret.encode())
    headers = {"authorization": f"Bearer {bearers[3].decode()}"}
    if public:
        headers["host"] = "pizarra.example"
    async with running.client() as owner, running.client(address="203.0.113.5") as guest:
        owner.headers.update(headers)
        guest.headers.update({"host": headers["host"]} if public else {})
        for body in (
            {},
            {"title": "Zwei Ä <b>", "initial_code": "print('é😀')\n", "candidate_name": "Zoë"},
            {"candidate_keeps": "nothing", "rubric": ["One", "Two"], "rules": "look\nup"},
            {"starts_at": "2026-11-30T10:00:00+02:00", "signals": "none", "waiting_room": True},
        ):
            made = (await owner.post("/api/sessions", json=body)).json()
            ids.append(made["session_id"])
            token = made["share_url"].rpartition("/")[2]
            joined = await guest.post("/api/join", json={"token": token, "name": "Zoë"})
            bearers.append(joined.json()["access_token"].encode())
            cookies.append(f"pizarra_{made['room_id']}={joined.json()['access_token']}".encode())
            guest.cookies.clear()
        ended = await owner.post(f"/api/sessions/{ids[3]}/end")
        assert ended.status_code == 200, ended.text
    return ids, bearers, cookies


@pytest.fixture(scope="module", params=["local", "public"])
def known(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[Known]:
    """An application on this computer, or one with a name of its own, and its two paths."""
    folder = tmp_path_factory.mktemp("paths")
    embed(folder)
    public = request.param == "public"
    settings = Settings(
        data_dir=folder,
        runner_socket=runner_socket,
        public_url="https://pizarra.example" if public else None,
        log_level="warning",
        max_text_bytes=3000,
    )
    with asyncio.Runner() as runner:
        started = application(settings, lambda: NOW)
        running = runner.run(started.__aenter__())
        try:
            ids, bearers, cookies = runner.run(furnish(running, public))
            yield Known(Paths(running, settings), runner, ids, bearers, cookies)
        finally:
            runner.run(started.__aexit__(None, None, None))


TEXT = st.text(max_size=30)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "language": st.sampled_from(["python", "cpp", "cobol", None, 3]),
    "title": TEXT | st.none() | st.just("x" * 201) | st.just("  "),
    "initial_code": TEXT
    | st.none()
    | st.sampled_from(["a\r\nb", "x" * 3001, "é" * 1600, "\0", "\ud800"]),
    "waiting_room": st.booleans() | st.just("yes") | st.none(),
    "candidate_keeps": st.sampled_from(["timeline", "code", "nothing", "all", None]),
    "candidate_name": TEXT | st.none(),
    "signals": st.sampled_from(["all", "none", "some"]),
    "rules": TEXT | st.none(),
    "rubric": st.lists(TEXT, max_size=3) | st.none() | st.just(["a", "A"]),
    "starts_at": st.sampled_from(["2026-11-22T10:00:00Z", "17", None, "0001-01-01T00:00:00+14:00"]),
    "unknown": st.just(1),
}
BODIES = st.one_of(
    st.just(b"{}"),
    st.fixed_dictionaries({}, optional=FIELDS).map(lambda body: json.dumps(body).encode()),
    st.fixed_dictionaries({}, optional={"title": TEXT}).map(
        lambda body: json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ),
    st.sampled_from(
        [
            b"",
            b"null",
            b"[]",
            b"{",
            b'{"title": NaN}',
            b'{"title": 1e999}',
            b"\xff\xfe",
            b'{"a": "\x00"}',
            b'"text"',
            b"[" * 40 + b"]" * 40,
            b"\xef\xbb\xbf{}",
            b"{} x",
            b'{"title":"a","title":"b"}',
            b'{"rules": "' + b"x" * 20000 + b'"}',
            b'{"rubric": [' + b"1," * 11000 + b"1]}",
        ]
    ),
    st.binary(max_size=20),
)
QUERIES = st.lists(
    st.sampled_from(
        [
            b"limit=1",
            b"limit=2",
            b"limit=0",
            b"limit=1001",
            b"limit=x",
            b"limit=",
            b"skip=1",
            b"skip=-1",
            b"skip=9",
            b"q=z",
            b"q=%C3%A4",
            b"q=%00",
            b"q=" + b"x" * 201,
            b"status=open",
            b"status=ended",
            b"status=x",
            b"activity=true",
            b"agenda=1",
            b"agenda=x",
            b"include=initial_code",
            b"include=x",
            b"planned_from=2026-11-01T00:00:00Z",
            b"planned_from=17",
            b"unknown=1",
            b"limit=%31",
            b"&",
            b"=%ff",
        ]
    ),
    max_size=3,
).map(b"&".join)
OTHER_HEADERS = st.lists(
    st.sampled_from(
        [
            *(
                (b"origin", each)
                for each in (b"http://127.0.0.1:8000", b"https://evil.example", b"null")
            ),
            *((b"accept-language", each) for each in (b"es", b"en", b"es;q=0.1, en", b"*")),
            *((b"sec-fetch-site", each) for each in (b"cross-site", b"same-origin")),
            *((b"if-match", b'"x"'), (b"accept-encoding", b"gzip"), (b"accept", b"text/html")),
            *((b"x-forwarded-for", b"203.0.113.7"), (b"via", b"1.1 x"), (b"x-request-id", b"mine")),
            *(
                (b"idempotency-key", b"k1"),
                (b"idempotency-key", b"k 2"),
                (b"expect", b"100-continue"),
            ),
            *(
                (b"range", b"bytes=0-1"),
                (b"if-none-match", b"*"),
                (b"authorization", b"Basic eA=="),
            ),
        ]
    ),
    max_size=2,
)


def requests(known: Known) -> st.SearchStrategy[Asked]:
    """Return requests to the three hot routes, and to what looks like them."""
    item = st.sampled_from(known.ids).map(lambda each: f"/api/sessions/{each}")
    odd = st.sampled_from(
        [
            "/api/sessions/",
            "/api/sessions/é",
            "/api/sessions/%61",
            "/api//sessions",
            "/api/sessions/a/b",
            f"/api/sessions/{'a' * 101}",
            f"/api/sessions/{known.ids[1]}/",
            "/api/sessions/nonsense",
            f"/api/sessions/{known.ids[1].upper()}",
            f"/API/sessions/{known.ids[1]}",
        ]
    )
    hosts = st.sampled_from(
        [HOST, (b"host", b"pizarra.example"), (b"host", b"localhost"), (b"host", b"evil.example")]
    )
    credentials: st.SearchStrategy[list[tuple[bytes, bytes]]] = st.one_of(
        st.just([]),
        st.sampled_from(known.credentials).map(
            lambda each: [(b"authorization", b"Bearer " + each)]
        ),
        st.sampled_from(known.cookies).map(lambda each: [(b"cookie", each)]),
    )

    @st.composite
    def some(draw: st.DrawFn) -> Asked:
        method = draw(st.sampled_from(["GET", "GET", "HEAD", "POST", "POST", "PUT", "OPTIONS"]))
        path = draw(
            st.just("/api/sessions") | item | odd if method != "POST" else st.just("/api/sessions")
        )
        headers = [draw(hosts), *draw(credentials), *draw(OTHER_HEADERS)]
        body: list[bytes] = [b""]
        if method in ("POST", "PUT"):
            whole = draw(BODIES)
            cut = draw(st.integers(0, len(whole)))
            body = draw(st.sampled_from([[whole], [whole], [whole[:cut], whole[cut:]]]))
            headers += draw(
                st.sampled_from(
                    [[JSON], [JSON], [], [(JSON[0], b"application/json; charset=utf-8")]]
                )
                | st.sampled_from([[(JSON[0], b"text/plain")], [JSON, (JSON[0], b"text/plain")]])
            )
            announced = draw(st.sampled_from([len(whole), len(whole), None, 3_000_000]))
            if announced is not None:
                headers.append((b"content-length", b"%d" % announced))
        return Asked(
            method,
            path,
            draw(QUERIES),
            headers,
            body,
            address=draw(st.sampled_from(["127.0.0.1", "127.0.0.1", "203.0.113.9"])),
            scheme=draw(st.sampled_from(["http", "http", "https"])),
            http_version=draw(st.sampled_from(["1.1", "1.1", "1.0"])),
        )

    return some()


@given(data=st.data())
@hypothesis_settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
def test_both_paths_say_the_same(known: Known, data: st.DataObject) -> None:
    asked = data.draw(requests(known))
    short, whole = known.runner.run(known.paths.compare(asked))
    assert short == whole


def test_a_page_is_the_same_but_for_its_nonce(known: Known) -> None:
    asked = Asked("GET", f"/API/sessions/{known.ids[1]}", headers=[HOST, (b"accept", b"text/html")])
    short, whole = known.runner.run(known.paths.compare(asked))
    assert short == whole
    assert b"<!doctype html>" in short.body.lower()


PLAIN = [
    Asked("GET", "/api/sessions", headers=[HOST]),
    Asked("GET", "/api/sessions", b"limit=20&skip=1", [HOST, (b"accept-language", b"en")]),
    Asked("GET", f"/api/sessions/{'0' * 32}", headers=[HOST, (b"cookie", b"a=b")]),
    Asked("POST", "/api/sessions", headers=[HOST]),
    Asked("POST", "/api/sessions", headers=[HOST, JSON, (b"content-length", b"2")], body=[b"{}"]),
]
ODD = [
    Asked("HEAD", "/api/sessions", headers=[HOST]),
    Asked("GET", "/api/sessions", b"limit=0", [HOST]),
    Asked("GET", "/api/sessions", headers=[HOST, (b"origin", b"http://127.0.0.1:8000")]),
    Asked("GET", "/api/sessions", headers=[HOST, (b"accept-language", b"es")]),
    Asked("GET", "/api/sessions/a.b", headers=[HOST]),
    Asked("GET", "/api/languages", headers=[HOST]),
    Asked("POST", "/api/sessions", headers=[HOST, JSON, (b"content-length", b"1")], body=[b"{"]),
    Asked(
        "POST", "/api/sessions", headers=[HOST, JSON, (b"content-length", b"16385")], body=[b"{}"]
    ),
    Asked(
        "POST",
        "/api/sessions",
        headers=[HOST, JSON, (b"transfer-encoding", b"chunked")],
        body=[b"{}"],
    ),
    Asked("POST", "/api/sessions", headers=[HOST, (b"content-length", b"2")], body=[b"{}"]),
    Asked(
        "POST", "/api/sessions", headers=[HOST, JSON, (b"content-length", b"2")], body=[b"{", b"}"]
    ),
]


@pytest.mark.parametrize("asked", PLAIN)
async def test_what_is_plain_takes_the_fast_path(running: Application, asked: Asked) -> None:
    assert await is_short(running, asked)


@pytest.mark.parametrize("asked", ODD)
async def test_what_is_not_goes_the_whole_way(running: Application, asked: Asked) -> None:
    assert not await is_short(running, asked)


async def test_an_overridden_dependency_is_for_the_whole_way(running: Application) -> None:
    running.app.dependency_overrides[print] = print
    assert not await is_short(running, PLAIN[0])


async def test_what_nobody_expects_is_told_as_ever(
    running: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_values: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("pizarra.sessions.listing.list_sessions", broken)
    async with running.client(raise_errors=False) as owner:
        answer = await owner.get("/api/sessions")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


async def test_a_fast_path_with_another_name_is_only_for_that(running: Application) -> None:
    path = FastPath(Settings().json_bounds, "https://pizarra.example")

    async def nothing() -> dict[str, Any]:
        raise AssertionError

    for host, is_theirs in ((b"pizarra.example", True), (b"127.0.0.1:8000", False)):
        scope = {"type": "http", "app": running.app, "method": "GET", "path": "/api/sessions"}
        scope |= {"headers": [(b"host", host)], "query_string": b"", "scheme": "http"}
        answer, _ = await path.answer(scope, nothing)
        assert (answer is not None) is is_theirs


def plan_of(app: FastAPI, path: str) -> RoutePlan:
    """Return the plan of a route."""
    (route,) = (each for each in iter_route_contexts(app.router.routes) if each.path == path)
    return RoutePlan(route)


async def _yielding() -> Any:
    yield 1


def _threaded() -> int:
    return 1


async def _simple() -> int:
    return 1


def test_a_plan_refuses_what_it_cannot_do() -> None:
    app = FastAPI()

    @app.get("/yields")
    async def yields(it: Annotated[int, Depends(_yielding)]) -> int:
        return it

    @app.get("/threaded")
    async def threaded(it: Annotated[int, Depends(_threaded)]) -> int:
        return it

    @app.get("/after")
    async def after(tasks: BackgroundTasks) -> int:
        return len(tasks.tasks)

    @app.get("/header")
    async def header(user_agent: Annotated[str, Header()]) -> str:
        return user_agent

    @app.get("/{first}/of/{last}")
    async def two(first: str, last: str) -> str:
        return first + last

    @app.get("/raw", response_class=Response)
    async def raw() -> Response:
        return Response()

    for path in ("/yields", "/threaded", "/after", "/header", "/{first}/of/{last}", "/raw"):
        with pytest.raises(TypeError):
            plan_of(app, path)


async def test_a_plan_serializes_into_the_declared_shape() -> None:
    """Ours answer ready-made JSON; whoever returns a value is answered as FastAPI does."""
    app = FastAPI()

    @app.get("/it", status_code=202)
    async def it(
        response: Response, one: Annotated[int, Depends(_simple)], more: int = 2
    ) -> list[int]:
        response.headers["x-more"] = str(more)
        return [one, more]

    plan = plan_of(app, "/it")
    said = await plan.read("", b"more=5", None)
    assert said is not None
    answer = await plan.answer(Request({"type": "http", "headers": []}), said)
    assert (answer.status_code, answer.body, answer.headers["x-more"]) == (202, b"[1,5]", "5")
    assert await plan.read("", b"more=x", None) is None
