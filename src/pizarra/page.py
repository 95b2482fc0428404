"""Serves the page and the API's documentation, all from our own files."""

import secrets
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from pizarra.security import page_policy

STATIC = Path(__file__).parent / "static"

_NONCE_PLACE = "__STYLE_NONCE__"
_NOT_BUILT = (
    "<!doctype html><title>Pizarra</title><p>The API works, but the page has not been built. "
    "Run <code>make page</code> in the repository, then start again. The API is described at "
    "<a href='/openapi.json'>/openapi.json</a>."
)


class _Assets(StaticFiles):
    """Files whose names carry a hash of their content: they may be kept for ever."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        response = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class _Compressed:
    """Compresses files, not answers of the API: those mix secrets with what others can choose."""

    def __init__(self, directory: Path) -> None:
        self._app = GZipMiddleware(_Assets(directory=directory, check_dir=False), minimum_size=1000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def _file(name: str) -> Response:
    path = STATIC / name
    if not path.exists():
        return HTMLResponse(_NOT_BUILT, 503)
    return FileResponse(path, headers={"Cache-Control": "no-cache"})


async def _page(_request: Request) -> Response:
    """Give the page with a nonce for the styles CodeMirror adds at run time; no other inline style is let through."""
    path = STATIC / "index.html"
    if not path.exists():
        return HTMLResponse(_NOT_BUILT, 503)
    nonce = secrets.token_urlsafe(16)
    html = path.read_text().replace(_NONCE_PLACE, nonce)
    return HTMLResponse(html, headers={"Content-Security-Policy": page_policy(nonce), "Cache-Control": "no-store"})


async def _swagger(_request: Request) -> Response:
    return _file("swagger.html")


async def _redoc(_request: Request) -> Response:
    return _file("redoc.html")


async def _favicon(_request: Request) -> Response:
    return _file("favicon.svg")


def install_page(app: FastAPI) -> None:
    """Serve the page for every address a person types, and the files it needs."""
    for path in ("/", "/s/{session_id}", "/s/{session_id}/replay", "/j/{token}", "/welcome", "/accounts", "/me"):
        app.add_route(path, _page, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_route("/docs", _swagger, include_in_schema=False)
    app.add_route("/redoc", _redoc, include_in_schema=False)
    app.add_route("/favicon.ico", _favicon, include_in_schema=False)
    app.add_route("/favicon.svg", _favicon, include_in_schema=False)
    app.mount("/assets", _Compressed(STATIC / "assets"), name="assets")
