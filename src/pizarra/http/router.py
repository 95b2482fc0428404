"""A feature's routes, which the application takes as they are."""

from fastapi import APIRouter
from fastapi.routing import APIRoute


class Router(APIRouter):
    """Declares routes under a prefix; `main.py` serves these very routes.

    To include a router FastAPI declares each of its routes a second time, at every start, and has every request look
    through both. There is nothing that the application would add to ours.
    """

    def __init__(self, *, prefix: str = "", tag: str) -> None:
        super().__init__(prefix=prefix, tags=[tag], generate_unique_id_function=_name)


def _name(route: APIRoute) -> str:
    """Return what generated clients call it: the function's name."""
    return route.name
