"""Pages of lists, told in headers: `X-Total-Count`, and `Link` (RFC 8288) to the first, previous and next page."""

from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

Skip = Annotated[int, Query(ge=0, le=2**53 - 1, description="How many to leave out.", examples=[0])]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.", examples=[100])]

_LONGEST_KEPT = 200  # bytes of a query


def tell_pages(request: Request, response: Response, *, skip: int, limit: int, total: int) -> None:
    """Say how many there are in all, and where the other pages of a list with `skip` and `limit` lie."""
    response.headers["X-Total-Count"] = str(total)
    places = [("first", 0)] if skip else []
    if skip:
        places.append(("prev", max(0, min(skip, total) - limit)))
    if skip + limit < total:
        places.append(("next", skip + limit))
    if places:
        _link(request, response, [(rel, {"skip": place, "limit": limit}) for rel, place in places])


def tell_next(
    request: Request, response: Response, *, limit: int, shown: int, **beyond: int
) -> None:
    """Say where a list that is read on from its last entry goes on: `beyond` is that entry, by the parameter's name."""
    if shown == limit:
        _link(request, response, [("next", {**beyond, "limit": limit})])


def _link(request: Request, response: Response, places: list[tuple[str, dict[str, int]]]) -> None:
    query: bytes = request.scope["query_string"]
    links = _links if len(query) <= _LONGEST_KEPT else _links.__wrapped__
    pages = tuple((rel, tuple(page.items())) for rel, page in places)
    response.headers["Link"] = links(request.scope["path"], query, pages)


@lru_cache(maxsize=256)
def _links(
    path: str, query: bytes, pages: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
) -> str:
    """Return the header of a list that was asked for with `query`: of each page its `rel` and where it is."""
    asked = parse_qsl(query.decode("latin-1"))
    links = []
    for rel, page in pages:
        others = [(name, value) for name, value in asked if name not in dict(page)]
        links.append(f'<{quote(path)}?{urlencode([*others, *page])}>; rel="{rel}"')
    return ", ".join(links)


def paged(example: str, *, counted: bool = True) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI response of a list that comes in pages; `example` is the address of its next one."""
    link = {
        "description": "Where the other pages are: first, prev, next.",
        "schema": {"type": "string"},
    }
    headers: dict[str, Any] = {"Link": {**link, "example": f'<{example}>; rel="next"'}}
    if counted:
        count = {
            "description": "How many there are in all.",
            "schema": {"type": "integer"},
            "example": 250,
        }
        headers["X-Total-Count"] = count
    return {200: {"headers": headers}}
