"""A faster path to handlers that are asked again and again.

A handler marked `@fast` is a route like any other: what it takes, refuses and answers is what FastAPI has of it. Plain
requests to it are answered by a plan that is made of that declaration once (`route_plan.py`), before the other
middlewares and the router see them. Whatever is not plain passes by and goes the whole way: another origin, Spanish, a
long body, one that is malformed or refused. Both say the same, byte for byte (`tests/integration/test_fast_path.py`).
"""

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi._compat import Undefined
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope

from pizarra.http.route_plan import RoutePlan
from pizarra.http.security import with_security_headers
from pizarra.kit.json_bounds import JsonBounds, TooIntricate
from pizarra.spanish import prefers_spanish

Handler = TypeVar("Handler", bound=Callable[..., Any])

_MOST_BODY_BYTES = 16_384  # longer ones are read with pauses between
_PART = re.compile(r"[\w-]{1,100}", re.ASCII)  # of a path, as it is sent and as it is meant
_JSON = b"application/json"
_ASKS_MORE = frozenset((b"origin", b"transfer-encoding", b"expect"))

_fast: set[object] = set()


def fast(handler: Handler) -> Handler:
    """Have plain requests to a handler answered on the fast path.

    It and its dependencies are `async def`, yield nothing, and take no more than the request, the response, a parameter
    at the path's end, a query and a JSON body.
    """
    _fast.add(handler)
    return handler


class FastPath:
    """Answers plain requests to `@fast` handlers, and lets all others pass.

    `json` bounds bodies; where there is a `public_url`, plain requests are those to its host.
    """

    def __init__(self, json: JsonBounds, public_url: str | None = None) -> None:
        self._json = json
        self._host = None if public_url is None else public_url.partition("://")[2].encode()
        self._plans: dict[tuple[str, str], RoutePlan] | None = None

    async def answer(self, scope: Scope, receive: Receive) -> tuple[Response | None, Receive]:
        """Return the answer to a request, None when it is to go the whole way; and where to receive from then."""
        found = self._find(scope)
        if found is None or not self._is_plain(scope["headers"], found[0]):
            return None, receive
        plan, last_part = found
        body = Undefined
        if plan.takes_body:
            message = await receive()
            is_json = (b"content-type", _JSON) in scope["headers"]
            receive, body = _again(message, receive), self._decoded(message, is_json=is_json)
            if body is None:
                return None, receive
        said = await plan.read(last_part, scope["query_string"], body)
        if said is None:
            return None, receive
        scope["route"] = plan.route
        request = Request(scope, receive)
        try:
            answer = await plan.answer(request, said)
        except Exception as error:  # noqa: BLE001 - as ExceptionMiddleware does
            answer = await _refusal(request, error)
        _vary_by_origin(answer.raw_headers)
        answer.raw_headers = with_security_headers(scope, answer.raw_headers)
        return answer, receive

    def _find(self, scope: Scope) -> tuple[RoutePlan, str] | None:
        """Return the plan for a request's address, and what stands at the path's end for its parameter."""
        app: FastAPI = scope["app"]
        if self._plans is None:
            self._plans = _plans_of(app)
        path = scope["path"]
        plan = self._plans.get((scope["method"], path))
        last_part = ""
        if plan is None:
            before, _, last_part = path.rpartition("/")
            plan = self._plans.get((scope["method"], f"{before}/{{}}"))
            if plan is None or _PART.fullmatch(last_part) is None:
                return None
        return None if app.dependency_overrides or scope.get("root_path") else (plan, last_part)

    def _is_plain(self, headers: list[tuple[bytes, bytes]], plan: RoutePlan) -> bool:
        """Tell whether nothing but the handler has to do with a request's headers."""
        types, length, host = 0, b"0", None
        for name, value in headers:
            if name in _ASKS_MORE:
                return False
            if name == b"accept-language" and prefers_spanish(value.decode("latin-1")):
                return False
            if name == b"content-type":
                types += 1
                if value != _JSON and plan.takes_body:
                    return False
            elif name == b"content-length":
                length = value
            elif name == b"host":
                if host is not None:
                    return False  # whoever looks at one of them may not look at the same
                host = value
        if self._host is not None and host != self._host:
            return False
        if not plan.takes_body:
            return True
        is_short = len(length) <= 5 and length.isdigit() and int(length) <= _MOST_BODY_BYTES
        return is_short and types <= 1

    def _decoded(self, message: Message, *, is_json: bool) -> Any:
        """Return the JSON of a body, `Undefined` for none; None for one that is for the whole way."""
        body = message.get("body", b"")
        if message["type"] != "http.request" or message.get("more_body", False):
            return None
        if not body:
            return Undefined
        if not is_json or len(body) > _MOST_BODY_BYTES or b"\0" in body:
            return None
        try:
            self._json.check(body)
            return json.loads(body)
        except (TooIntricate, ValueError, RecursionError):
            return None


async def _refusal(request: Request, error: Exception) -> Response:
    """Return what the application makes of an error that it expects.

    Raises:
        Exception: nobody expects it.
    """
    handlers = request.app.exception_handlers
    for kind in type(error).__mro__:
        if kind in handlers and kind is not Exception:
            refusal: Response = await handlers[kind](request, error)
            error.__traceback__ = None
            return refusal
    raise error


def _vary_by_origin(headers: list[tuple[bytes, bytes]]) -> None:
    """Say what CORSMiddleware says to whoever names no origin: that others are told more."""
    for place, (name, value) in enumerate(headers):
        if name == b"vary":
            headers[place] = name, value + b", Origin"
            return
    headers.append((b"vary", b"Origin"))


def _again(message: Message, receive: Receive) -> Receive:
    """Return a `receive` that gives a message once more before the next."""
    rest = [message]

    async def receive_again() -> Message:
        return rest.pop() if rest else await receive()

    return receive_again


def _plans_of(app: FastAPI) -> dict[tuple[str, str], RoutePlan]:
    """Return a plan of each `@fast` route, by its method and its path with `{}` for the parameter."""
    plans = {}
    for route in iter_route_contexts(app.router.routes):
        if isinstance(route.original_route, APIRoute) and route.endpoint in _fast:
            plan = RoutePlan(route)
            path = (route.path or "").replace(f"{{{plan.parameter}}}", "{}")
            for method in route.methods or ():
                plans[method, path] = plan
    return plans
