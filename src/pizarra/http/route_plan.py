"""What FastAPI's declaration of a route comes to, read once: whom to call in which order, and what to give each.

FastAPI asks its declaration anew at every request, for what nearly no route has. A plan has what a plain one needs, and
refuses to be made of another. What is validated, and what is answered in which shape, is left to FastAPI's own parts.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from inspect import iscoroutinefunction
from typing import Any, NamedTuple

from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.routing import RouteContext, serialize_response
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

# What a request says to each step, by the names of its parameters.
Said = Sequence[Mapping[str, Any]]

_QUERIES_KEPT = 256  # of a route: what each of them says was validated once
_LONGEST_QUERY = 200  # bytes


class _Step(NamedTuple):
    """A call: of a dependency, or of the handler itself, which is the last step.

    `given` are results of earlier steps, by the parameter's name; `request` and `response` are parameters' names.
    """

    call: Callable[..., Any]
    given: Sequence[tuple[str, int]]
    request: str | None
    response: str | None
    declared: Dependant


class RoutePlan:
    """How requests to one route are answered.

    Raises:
        TypeError: it declares more than a plan can have; see `pizarra.http.fast_path.fast`.
    """

    def __init__(self, route: RouteContext) -> None:
        if not isinstance(route.response_class, DefaultPlaceholder) or route.response_field is None:
            raise TypeError(f"{route.path}: a plan answers with JSON of a declared shape")
        self.route = route.original_route
        self.takes_body = route.body_field is not None
        self.parameter = _last_part(route)
        self._steps: list[_Step] = []
        self._add(route.dependant, {})
        self._in_path = [
            (place, field)
            for place, step in enumerate(self._steps)
            for field in step.declared.path_params
        ]
        self._in_query = lru_cache(_QUERIES_KEPT)(self._validate_query)
        self._embeds_body: bool = route._embed_body_fields  # noqa: SLF001 - as its own handler asks
        self._status: int = route.status_code or 200
        self._serialize = _serializer(route)

    def _add(self, declared: Dependant, known: dict[Callable[..., Any], int]) -> int:
        """Add the steps of a declaration, those it depends on first; return its place."""
        call = declared.call
        assert call is not None
        if call in known:
            return known[call]
        _require_plain(declared, call)
        given = [(each.name, self._add(each, known)) for each in declared.dependencies]
        self._steps.append(
            _Step(
                call,
                [(name, place) for name, place in given if name is not None],
                declared.request_param_name or declared.http_connection_param_name,
                declared.response_param_name,
                declared,
            )
        )
        known[call] = len(self._steps) - 1
        return known[call]

    async def read(self, last_part: str, query: bytes, body: Any) -> Said | None:
        """Return what a request says; None when FastAPI would refuse it.

        `last_part` is what stands for the parameter at the path's end, `body` decoded JSON or `Undefined`.
        """
        validate = self._in_query if len(query) <= _LONGEST_QUERY else self._validate_query
        said = validate(query)
        if said is None or not (self._in_path or self.takes_body):
            return said
        more = [*said]
        for place, field in self._in_path:
            value, errors = field.validate(last_part, {}, loc=("path", field.name))
            if errors:
                return None
            more[place] = {**more[place], field.name: value}
        if self.takes_body:
            in_body, refused = await request_body_to_args(
                body_fields=self._steps[-1].declared.body_params,
                received_body=body,
                embed_body_fields=self._embeds_body,
            )
            if refused:
                return None
            more[-1] = {**more[-1], **in_body}
        return more

    def _validate_query(self, query: bytes) -> Said | None:
        parameters, said = QueryParams(query), []
        for step in self._steps:
            values, errors = request_params_to_args(step.declared.query_params, parameters)
            if errors:
                return None
            said.append(values)
        return said

    async def answer(self, request: Request, said: Said) -> Response:
        """Take every step, and return the handler's answer, in the declared shape unless it is one already.

        Raises:
            Exception: what a dependency or the handler raises.
        """
        response: Response | None = None
        done: list[Any] = []
        for (call, given, takes_request, takes_response, _), values in zip(
            self._steps, said, strict=True
        ):
            arguments = dict(values)
            for name, place in given:
                arguments[name] = done[place]
            if takes_request is not None:
                arguments[takes_request] = request
            if takes_response is not None:
                response = response or _headers_alone(self._status)
                arguments[takes_response] = response
            done.append(await call(**arguments))
        told = done[-1]
        if isinstance(told, Response):
            return told
        status = self._status if response is None else response.status_code
        content = await self._serialize(response_content=told)
        answer = Response(content, status, media_type="application/json")
        if response is not None:
            answer.raw_headers.extend(response.raw_headers)
        return answer


def _headers_alone(status: int) -> Response:
    """Return what a handler may give headers, or another status."""
    response = Response(status_code=status)
    response.raw_headers.clear()
    return response


def _serializer(route: RouteContext) -> Callable[..., Any]:
    """Return what gives an answer its declared shape, as JSON."""
    return partial(
        serialize_response,
        field=route.response_field,
        include=route.response_model_include,
        exclude=route.response_model_exclude,
        by_alias=route.response_model_by_alias,
        exclude_unset=route.response_model_exclude_unset,
        exclude_defaults=route.response_model_exclude_defaults,
        exclude_none=route.response_model_exclude_none,
        dump_json=True,
    )


def _last_part(route: RouteContext) -> str:
    """Return the name of the parameter at the end of a route's path; nothing when its path has none."""
    names = list(route.param_convertors)
    if not names:
        return ""
    if len(names) > 1 or not (route.path or "").endswith(f"/{{{names[0]}}}"):
        raise TypeError(f"{route.path}: a plan has one parameter, at the path's end")
    return str(names[0])


def _require_plain(declared: Dependant, call: Callable[..., Any]) -> None:
    """Refuse what takes more than to call it with what the request says."""
    more = (
        declared.header_params,
        declared.cookie_params,
        declared.background_tasks_param_name,
        declared.security_scopes_param_name,
        declared.concurrency,
    )
    if any(more) or not iscoroutinefunction(call):
        raise TypeError(f"{call} cannot be in a plan: it takes more than a plain request says")
