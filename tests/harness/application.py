"""The application inside the test's own event loop, for requests without a socket between."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx2
from fastapi import FastAPI
from sqlalchemy import select

from pizarra.config import Settings
from pizarra.kit.clock import Clock, utc_now
from pizarra.main import create_app
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


@contextlib.asynccontextmanager
async def application(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[Application]:
    """Give a started application."""
    app = create_app(settings, clock)
    async with app.router.lifespan_context(app):
        yield Application(app)
