"""The application for whoever imports it: nothing is read or opened before the first request.

A server runs the lifespan, and then this is the application and nothing more. A `TestClient` used without `with` runs
none and has an event loop for each request; then the application lives in a loop of its own, in a thread beside them.
"""

import asyncio
import atexit
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send


class OnDemand:
    """An ASGI application that is built when it is first asked for something; otherwise a `FastAPI` like any other."""

    def __init__(self, build: Callable[[], FastAPI]) -> None:
        self._build = build
        self._app: FastAPI | None = None
        self._has_lifespan = False
        self._beside: _Beside | None = None
        self._building = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        """Be the application: its routes, its OpenAPI document, its state."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._built(), name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or a server's whole life."""
        app = self._built()
        if scope["type"] == "lifespan":
            self._has_lifespan = True
            try:
                await app(scope, receive, send)
            finally:
                self._has_lifespan = False
        elif self._has_lifespan:
            await app(scope, receive, send)
        else:
            await self._started_beside(app).serve(scope, receive, send)

    def stop(self) -> None:
        """End what a request without a lifespan has started; otherwise the interpreter's end does."""
        if self._beside is not None:
            self._beside.stop()
            self._beside = None

    def _built(self) -> FastAPI:
        with self._building:
            if self._app is None:
                self._app = self._build()
            return self._app

    def _started_beside(self, app: FastAPI) -> "_Beside":
        with self._building:
            if self._beside is None:
                self._beside = _Beside(app)
            return self._beside


class _Beside:
    """A started application in an event loop of its own, until the interpreter ends."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pizarra", daemon=True)
        self._thread.start()
        self._lifespan = app.router.lifespan_context(app)
        self._there(self._lifespan.__aenter__()).result()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End the application; nothing is served any more."""
        atexit.unregister(self.stop)
        self._there(self._lifespan.__aexit__(None, None, None)).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request there; what is received and sent stays in the caller's loop."""
        here = asyncio.get_running_loop()

        async def receive_here() -> Message:
            return await _elsewhere(here, receive)  # type: ignore[no-any-return]

        async def send_here(message: Message) -> None:
            await _elsewhere(here, send, message)

        await asyncio.wrap_future(self._there(self._app(scope, receive_here, send_here)))

    def _there(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


async def _elsewhere(
    loop: asyncio.AbstractEventLoop, function: Callable[..., Awaitable[Any]], *arguments: Any
) -> Any:
    """Await a call in another loop. Nothing of it is made there before that loop comes to it: it may have ended."""
    here = asyncio.get_running_loop()
    outcome: asyncio.Future[Any] = here.create_future()
    call: asyncio.Future[Any] | None = None

    def begin() -> None:
        nonlocal call
        call = asyncio.ensure_future(function(*arguments))
        call.add_done_callback(lambda ended: here.call_soon_threadsafe(_settle, outcome, ended))

    loop.call_soon_threadsafe(begin)
    try:
        return await outcome
    except asyncio.CancelledError:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: call is None or call.cancel())
        raise


def _settle(outcome: asyncio.Future[Any], ended: asyncio.Future[Any]) -> None:
    if outcome.done():
        return
    if ended.cancelled():
        outcome.cancel()
    elif (error := ended.exception()) is not None:
        outcome.set_exception(error)
    else:
        outcome.set_result(ended.result())
