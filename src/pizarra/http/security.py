"""What guards every request: a limit on its body, and the headers of its answer."""

from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pizarra.answers.codes import Code
from pizarra.errors import PayloadTooLarge, problem
from pizarra.kit.json_bounds import JsonBounds, TooIntricate
from pizarra.kit.network import host_name, is_address, is_loopback_host
from pizarra.kit.pauses import Pauses
from pizarra.kit.text import abridged, in_one_line
from pizarra.sandbox.remote.greeting import PATH

_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self' data:; style-src 'self'{styles}; worker-src 'self'{workers}"
)
_PAGE_POLICY = _POLICY.format(styles="", workers="")
# ReDoc and Swagger UI write their styles into the page, and ReDoc searches in a worker made of a blob.
_DOCS_POLICY = _POLICY.format(styles=" 'unsafe-inline'", workers=" blob:")
_DOCS = ("/docs", "/redoc")
_MOST_HOST_CHARACTERS = 200  # of what somebody calls us, when it is said back to them


def _headers(policy: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
        (b"cache-control", b"no-store"),
    ]


_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")
_HEADERS, _DOCS_HEADERS = _headers(_PAGE_POLICY), _headers(_DOCS_POLICY)
_GUARDS = frozenset(name for name, _ in (*_HEADERS, _TRANSPORT))


def page_policy(style_nonce: str) -> str:
    """Return the page's policy, with a nonce for style elements made by its own scripts."""
    return _POLICY.format(styles=f" 'nonce-{style_nonce}'", workers="")


def with_nonce(html: str, nonce: str) -> str:
    """Return a page of ours that lets in the styles which its own scripts make: they carry the nonce."""
    return html.replace("__STYLE_NONCE__", nonce)


def with_security_headers(
    scope: Scope, headers: Sequence[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """Return an answer's headers with those that guard it, unless it brings its own."""
    guards = _DOCS_HEADERS if scope["path"] in _DOCS else _HEADERS
    if scope["scheme"] == "https":
        guards = [*guards, _TRANSPORT]
    own = {name for name, _ in headers} & _GUARDS
    return (
        [*headers, *(guard for guard in guards if guard[0] not in own)]
        if own
        else [*headers, *guards]
    )


class SecurityHeaders:
    """Adds a content security policy and its companions, unless the answer brings its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = with_security_headers(scope, message["headers"])
            await send(message)

        await self._app(scope, receive, send_with_headers)


_FOR_MACHINES = ("/health", "/health/ready", "/metrics")


class HostCheck:
    """Answers 421 to requests for another host than the public one: what somebody else's name points at us with.

    Probes and scrapers know an address, which is nobody's name: they are answered there.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._public = public_url.partition("://")[2].lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        # A worker dials every process by its own address, and shows a token that no page has.
        is_worker = scope["type"] == "websocket" and scope["path"].startswith(PATH)
        if scope["type"] in ("http", "websocket") and not is_worker:
            host = Headers(scope=scope).get("host", "").lower()
            is_probe = scope["path"] in _FOR_MACHINES and is_address(host_name(host))
            if host != self._public and not is_loopback_host(host_name(host)) and not is_probe:
                if scope["type"] == "http":
                    asked = in_one_line(abridged(host, _MOST_HOST_CHARACTERS)) or "nothing"
                    detail = (
                        f"This server is {self._public}, and was asked for as {asked}. Use its name; a proxy in front "
                        "passes on the Host that it was asked for. The name is PIZARRA_PUBLIC_URL."
                    )
                    answer = problem(421, Code.MISDIRECTED, "Misdirected", detail)
                    await answer(scope, receive, send)
                else:
                    await send(
                        {
                            "type": "websocket.close",
                            "code": 4404,
                            "reason": "this server has another name",
                        }
                    )
                return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses a body beyond a limit with 413: by its announced length, by counting, or for what its JSON would cost."""

    def __init__(
        self, app: ASGIApp, max_bytes: int, json: JsonBounds, archives: Mapping[str, int]
    ) -> None:
        self._app = app
        self._json = json
        self._max_bytes = max_bytes
        self._archives = archives  # path → how large an archive it takes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "")
        is_json = "json" in headers.get("content-type", "").lower()
        parts: list[bytes] = []
        received = 0
        bound, most = "max_body_bytes", self._max_bytes
        if "zip" in headers.get("content-type", "").lower() and scope["path"] in self._archives:
            bound, most = "max_package_bytes", self._archives[scope["path"]]

        async def receive_within_limit() -> Message:
            nonlocal received
            if announced.isdigit() and int(announced) > most:
                raise _too_large(most, bound)
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _too_large(most, bound)
            if is_json and message["type"] == "http.request":
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    pauses = Pauses()
                    self._check_json(b"".join(parts))
                    await pauses.if_due()  # reading it is a piece of work of its own
            return message

        await self._app(scope, receive_within_limit, send)

    def _check_json(self, body: bytes) -> None:
        # no JSON in UTF-8 has one, and in another encoding nothing could be counted
        if b"\0" in body:
            raise HTTPException(400) from UnicodeDecodeError("utf-8", b"\0", 0, 1, "NUL")
        try:
            self._json.check(body)
        except TooIntricate as error:
            refusal = _refusal(str(error), error.bound)
        else:
            return
        raise refusal


def _too_large(most: int, bound: str) -> HTTPException:
    return _refusal(f"The body may have {most:,} bytes at most.", bound)


def _refusal(detail: str, bound: str) -> HTTPException:
    """Return what FastAPI lets pass out of a handler that reads a body; its cause says which setting refused."""
    refusal = HTTPException(413, detail)
    refusal.__cause__ = PayloadTooLarge(detail, bound=bound)
    return refusal
