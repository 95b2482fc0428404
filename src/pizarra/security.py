"""What guards every request: a limit on its body, and the headers of its answer."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pizarra.errors import problem
from pizarra.kit.network import host_name, is_loopback_host

_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self' data:; style-src 'self'{styles}; worker-src 'self'{workers}"
)
_PAGE_POLICY = _POLICY.format(styles="", workers="")
# ReDoc and Swagger UI write their styles into the page, and ReDoc searches in a worker made of a blob.
_DOCS_POLICY = _POLICY.format(styles=" 'unsafe-inline'", workers=" blob:")
_DOCS = ("/docs", "/redoc")


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


def page_policy(style_nonce: str) -> str:
    """Return the page's policy, with a nonce for style elements made by its own scripts."""
    return _POLICY.format(styles=f" 'nonce-{style_nonce}'", workers="")


class SecurityHeaders:
    """Adds a content security policy and its companions, unless the answer brings its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        extra = _DOCS_HEADERS if scope["path"] in _DOCS else _HEADERS
        if scope["scheme"] == "https":
            extra = [*extra, _TRANSPORT]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(item for item in extra if item[0] not in present)]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class HostCheck:
    """Answers 421 to requests for another host than the public one: what somebody else's name points at us with."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._public = public_url.partition("://")[2].lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] in ("http", "websocket"):
            host = Headers(scope=scope).get("host", "").lower()
            if host != self._public and not is_loopback_host(host_name(host)):
                if scope["type"] == "http":
                    await problem(421, "misdirected", "Misdirected", "This server has another name.")(
                        scope, receive, send
                    )
                else:
                    await send({"type": "websocket.close", "code": 4404, "reason": "this server has another name"})
                return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses a body beyond a limit with 413, by its announced length or by counting."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            if announced.isdigit() and int(announced) > self._max_bytes:
                raise self._too_large()
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise self._too_large()
            return message

        await self._app(scope, receive_within_limit, send)

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"The body may have {self._max_bytes:,} bytes at most.")
