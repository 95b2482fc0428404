"""Routes that are prepared once for all applications inside a test process.

FastAPI prepares them anew for each application: 0.2 s of a processor, of the 0.35 that a start takes. They are the same
in all: what differs between applications is in `app.state`, where handlers find it by their request. Nobody here
overrides dependencies, which is what FastAPI keeps an application in a route for. Servers, which are started as they
ship, share none.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi.routing import _IncludedRouter

from pizarra.config import Settings
from pizarra.main import build_routes, create_app
from pizarra.routes import ROUTERS


def _share(prepare: Callable[[_IncludedRouter], Any]) -> Callable[[_IncludedRouter], Any]:
    """Return what asks the first application that included a router of ours for its routes."""
    ours, first = {id(each) for each in ROUTERS}, dict[int, _IncludedRouter]()

    def prepared(included: _IncludedRouter) -> Any:
        router = id(included.original_router)
        return prepare(first.setdefault(router, included) if router in ours else included)

    return prepared


@functools.cache
def share_routes() -> None:
    """Prepare the routes, and have every application use them that is made here from now on."""
    for each in ("effective_candidates", "effective_low_priority_routes"):
        setattr(_IncludedRouter, each, _share(getattr(_IncludedRouter, each)))
    build_routes(create_app(Settings(data_dir=Path("/nowhere"), database_url=None)))
