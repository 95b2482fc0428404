"""What guards every request: whose name it was asked for by, how large its body may be, and what its answer carries."""

from collections.abc import Sequence
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from pizarra.config import Settings
from pizarra.errors import PayloadTooLarge
from pizarra.http.security import (
    BodyLimit,
    HostCheck,
    SecurityHeaders,
    page_policy,
    with_security_headers,
)
from pizarra.kit.json_bounds import JsonBounds
from pizarra.sandbox.remote.greeting import PATH

MOST, MOST_OF_ARCHIVE = 20, 50
IMPORT = "/api/questions/import"


def scope_of(path: str = "/", kind: str = "http", **headers: str) -> Scope:
    named = [(name.replace("_", "-").encode(), each.encode()) for name, each in headers.items()]
    return {"type": kind, "path": path, "scheme": "http", "headers": named, "method": "GET"}


class Application:
    """One that reads what it is sent, and answers."""

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        self.read: list[bytes] = []
        self.asked: list[str] = []
        self._headers = list(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["type"])
        more = scope["type"] == "http"
        while more:
            message = await receive()
            self.read.append(message.get("body", b""))
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})


async def ask(app: Any, scope: Scope, *parts: bytes) -> list[Message]:
    """Return what is answered to a request with a body in so many parts."""
    waiting, sent = list(parts or (b"",)), list[Message]()

    async def receive() -> Message:
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


# Whose name it was asked for by


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://pizarra.example.org", "https://pizarra.example.org"),
        ("https://Pizarra.Example.org", "https://pizarra.example.org"),
        ("https://pizarra.example.org:443", "https://pizarra.example.org"),
        ("http://pizarra.example.org:80", "http://pizarra.example.org"),
        ("http://pizarra.example.org:443", "http://pizarra.example.org:443"),
        ("https://pizarra.example.org:8443", "https://pizarra.example.org:8443"),
        ("https://[2001:DB8::1]:443", "https://[2001:db8::1]"),
    ],
)
async def test_an_address_is_what_browsers_make_of_it(written: str, sent: str) -> None:
    """With a port that goes without saying every request was refused, for no browser says it; and an `Origin` in
    capital letters is nobody's.
    """
    settings = Settings(public_url=written, cors_origins=[written, "*"])
    assert settings.public_url == sent
    assert settings.own_origins == [sent, "*", sent]
    app = Application()
    await ask(HostCheck(app, sent), scope_of(host=sent.partition("://")[2]))
    assert app.asked == ["http"]


@pytest.mark.parametrize(
    ("path", "kind", "host", "is_let_in"),
    [
        ("/", "http", "pizarra.example.org", True),
        ("/", "http", "PIZARRA.example.ORG", True),
        ("/", "http", "pizarra.example.org:8000", False),
        ("/", "http", "pizarra.example.org.evil.example", False),
        ("/", "http", "evil.example", False),
        ("/", "http", "", False),
        ("/", "http", "localhost:8000", True),
        ("/", "http", "[::1]:8000", True),
        ("/", "http", "127.0.0.1.evil.example", False),
        ("/", "http", "10.0.0.1", False),
        ("/health", "http", "10.0.0.1:8000", True),
        ("/metrics", "http", "[2001:db8::1]", True),
        ("/health", "http", "evil.example", False),
        ("/health/", "http", "10.0.0.1", False),
        ("/ws/room", "websocket", "pizarra.example.org", True),
        ("/ws/room", "websocket", "evil.example", False),
        ("/health", "websocket", "10.0.0.1", True),
        (f"{PATH}key", "websocket", "10.0.0.1", True),
        (f"{PATH}key", "http", "10.0.0.1", False),
        ("/", "lifespan", "", True),
    ],
)
async def test_only_by_its_own_name_or_from_its_own_computer(
    path: str, kind: str, host: str, is_let_in: bool
) -> None:
    app = Application()
    sent = await ask(HostCheck(app, "https://Pizarra.example.org"), scope_of(path, kind, host=host))
    assert app.asked == ([kind] if is_let_in else [])
    if not is_let_in:
        said = sent[0].get("status") or sent[0].get("code")
        assert said == (421 if kind == "http" else 4404)


async def test_what_somebody_calls_us_is_said_back_in_one_short_line() -> None:
    host = "x" * 5000 + "\x1b[31m"
    sent = await ask(HostCheck(Application(), "https://own.example"), scope_of(host=host))
    assert sent[0]["status"] == 421
    assert len(sent[1]["body"]) < 800
    assert b"\\u001b" not in sent[1]["body"]


# How large a body may be


def limited(app: Application, pieces: int = 4, depth: int = 2) -> BodyLimit:
    return BodyLimit(app, MOST, JsonBounds(pieces, depth), {IMPORT: MOST_OF_ARCHIVE})


@pytest.mark.parametrize(
    ("scope", "parts", "bound"),
    [
        (scope_of(), [b"x" * MOST], None),
        (scope_of(), [b"x" * (MOST + 1)], "max_body_bytes"),
        (scope_of(), [b"x" * 10, b"x" * 10, b"x"], "max_body_bytes"),  # announced by nobody
        (scope_of(content_length=str(MOST)), [b"x"], None),
        (scope_of(content_length=str(MOST + 1)), [b"x"], "max_body_bytes"),
        (scope_of(content_length="5"), [b"x" * 30], "max_body_bytes"),  # a lie
        (scope_of(content_length="-1"), [b"x"], None),
        (scope_of(IMPORT, content_type="application/zip"), [b"x" * MOST_OF_ARCHIVE], None),
        (scope_of(IMPORT, content_type="application/zip"), [b"x" * 51], "max_package_bytes"),
        (scope_of(IMPORT, content_type="text/plain"), [b"x" * 21], "max_body_bytes"),
        (scope_of("/api/x", content_type="application/zip"), [b"x" * 21], "max_body_bytes"),
        (scope_of(content_type="application/json"), [b"[1,2,", b"3]"], None),
        (scope_of(content_type="application/json"), [b"[1,2,", b"3,4]"], "max_json_pieces"),
        (scope_of(content_type="application/json"), [b"[[", b"[]]]"], "max_json_depth"),
        (scope_of(content_type="Application/Problem+JSON"), [b"[[[]]]"], "max_json_depth"),
        (scope_of(content_type="text/plain"), [b"[[[[]]]]"], None),
        (scope_of(content_type="application/json"), [b'"', b"[[[[,,,,", b'"'], None),
    ],
)
async def test_a_body_has_a_limit_and_the_refusal_says_which(
    scope: Scope, parts: Sequence[bytes], bound: str | None
) -> None:
    app = Application()
    if bound is None:
        await ask(limited(app), scope, *parts)
        assert app.read == list(parts)
        return
    with pytest.raises(HTTPException) as refused:
        await ask(limited(app), scope, *parts)
    assert refused.value.status_code == 413
    cause = refused.value.__cause__
    assert isinstance(cause, PayloadTooLarge)
    assert cause.bound == bound
    assert sum(map(len, app.read)) <= MOST_OF_ARCHIVE, "what is too much is given to nobody"


async def test_json_in_an_encoding_that_hides_its_brackets_is_refused() -> None:
    """In UTF-16 no bracket of a nest would be counted, and Python's decoder finds out by itself what it is."""
    for text in ("[[[[[]]]]]", "1"):
        with pytest.raises(HTTPException) as refused:
            await ask(
                limited(Application()),
                scope_of(content_type="application/json"),
                text.encode("utf-16-le"),
            )
        assert refused.value.status_code == 400


async def test_who_reads_no_body_is_not_refused_for_one() -> None:
    class Deaf(Application):
        async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 204, "headers": []})

    (sent,) = await ask(limited(Deaf()), scope_of(content_length="999"))
    assert sent["status"] == 204


# What an answer carries


async def answer_headers(path: str, *own: tuple[bytes, bytes], scheme: str = "http") -> Any:
    scope = {**scope_of(path), "scheme": scheme}
    (sent,) = await ask(SecurityHeaders(Application(*own)), scope)
    assert sent["headers"] == with_security_headers(scope, own)
    return sent["headers"]


async def test_every_answer_is_guarded_and_none_twice() -> None:
    own = [(b"cache-control", b"max-age=60"), (b"content-security-policy", b"mine"), (b"x", b"y")]
    headers = await answer_headers("/x", *own)
    names = [name for name, _ in headers]
    assert len(set(names)) == len(names)
    assert dict(headers).items() >= dict(own).items()
    assert dict(headers)[b"x-content-type-options"] == b"nosniff"
    plain = dict(await answer_headers("/x"))
    assert plain[b"cache-control"] == b"no-store"
    assert plain.keys() >= {b"referrer-policy", b"cross-origin-opener-policy"}


async def test_only_over_tls_it_says_to_come_by_tls() -> None:
    assert b"strict-transport-security" not in dict(await answer_headers("/"))
    assert b"strict-transport-security" in dict(await answer_headers("/", scheme="https"))


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc", "/docs/x"])
async def test_no_page_runs_what_is_written_into_it(path: str) -> None:
    """Scripts come from files of ours alone; two pages of documentation write styles into themselves."""
    policy = dict(await answer_headers(path))[b"content-security-policy"].decode()
    rules = dict(each.split(" ", 1) for each in policy.split("; "))
    assert rules.get("script-src", rules["default-src"]) == "'self'"
    assert (rules["frame-ancestors"], rules["object-src"], rules["base-uri"]) == ("'none'",) * 3
    is_documentation = path in ("/docs", "/redoc")
    assert ("'unsafe-inline'" in rules["style-src"]) == is_documentation
    assert ("blob:" in rules["worker-src"]) == is_documentation


def test_the_page_lets_in_the_styles_of_one_nonce() -> None:
    rules = dict(each.split(" ", 1) for each in page_policy("n0nce").split("; "))
    assert rules["style-src"] == "'self' 'nonce-n0nce'"
    assert all("nonce" not in rule for name, rule in rules.items() if name != "style-src")


async def test_a_socket_is_passed_on_as_it_is() -> None:
    for guard in (SecurityHeaders, limited):
        app = Application()
        await ask(guard(app), scope_of("/ws/room", "websocket"))
        assert app.asked == ["websocket"]
