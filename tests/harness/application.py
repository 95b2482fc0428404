"""The application inside the test's own event loop, for requests without a socket between."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx2
from fastapi import FastAPI
from fastapi.routing import _IncludedRouter
from sqlalchemy import select
from starlette.routing import BaseRoute

from pizarra.config import Settings
from pizarra.kit.clock import Clock, utc_now
from pizarra.main import build_routes, create_app
from pizarra.models import PrivateEntry, TimelineEntry
from pizarra.services import Services
from pizarra.timeline.entries.reading import problem_in


class _Turns(httpx2.ASGITransport):
    """Each request is a turn of the event loop, as it is behind a socket: what holds the loop is one of them."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(0)
        response = await super().handle_async_request(request)
        await asyncio.sleep(0)
        return response


class Application:
    """A started application, and clients of it."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.services: Services = app.state.services

    def client(
        self, *, address: str = "127.0.0.1", raise_errors: bool = True
    ) -> httpx2.AsyncClient:
        """Return a client that comes from `address`; its host is ours."""
        transport = _Turns(self.app, raise_app_exceptions=raise_errors, client=(address, 50000))
        return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")

    async def misfits(self) -> list[str]:
        """Return what was recorded that has not the shape of its kind."""
        async with self.services.database.read() as db:
            shared = await db.execute(
                select(TimelineEntry.kind, TimelineEntry.data).where(TimelineEntry.kind != "edit")
            )
            private = await db.execute(select(PrivateEntry.kind, PrivateEntry.data))
            written = {"name": "", "anchor": 0}  # kept in columns
            return [
                f"{kind}: {problem}"
                for kind, problem in (
                    *((kind, problem_in("shared", kind, data)) for kind, data in shared),
                    *(
                        (kind, problem_in("private", kind, {**written, **data}))
                        for kind, data in private
                    ),
                )
                if problem is not None
            ]


_first: list[list[BaseRoute]] = []


def _share_routes(app: FastAPI) -> None:
    """Let this application have the routes that FastAPI prepared for the first one: to prepare them takes 0.2 s.

    They are the same in all: what differs between applications is in `app.state`, where handlers find it by their
    request. Nobody here overrides dependencies, which is what FastAPI keeps an application in a route for.
    """
    if not _first:
        build_routes(app)
        _first.append(list(app.router.routes))
    for ours, prepared in zip(app.router.routes, _first[0], strict=True):
        if isinstance(ours, _IncludedRouter) and isinstance(prepared, _IncludedRouter):
            assert ours.original_router is prepared.original_router
            for name, value in vars(prepared).items():
                if name.startswith("_effective_"):
                    setattr(ours, name, value)


@contextlib.asynccontextmanager
async def application(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[Application]:
    """Give a started application."""
    app = create_app(settings, clock)
    _share_routes(app)
    async with app.router.lifespan_context(app):
        yield Application(app)
