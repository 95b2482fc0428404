"""The application inside the test's own event loop, for requests without a socket between."""

import contextlib
from collections.abc import AsyncIterator

import httpx2
from fastapi import FastAPI

from pizarra.config import Settings
from pizarra.kit.clock import Clock, utc_now
from pizarra.main import create_app
from pizarra.services import Services


class Application:
    """A started application, and clients of it."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.services: Services = app.state.services

    def client(self, *, address: str = "127.0.0.1", raise_errors: bool = True) -> httpx2.AsyncClient:
        """Return a client that comes from `address`; its host is ours."""
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=raise_errors, client=(address, 50000))
        return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


@contextlib.asynccontextmanager
async def application(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[Application]:
    """Give a started application."""
    app = create_app(settings, clock)
    async with app.router.lifespan_context(app):
        yield Application(app)
