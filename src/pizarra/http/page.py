"""Serves the page and the API's documentation, all from our own files."""

import gzip
import json
import mimetypes
import re
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from pizarra.answers.wire import accepts_gzip
from pizarra.http.security import page_policy, with_nonce

STATIC = Path(__file__).parents[1] / "static"

_FOR_EVER = "public, max-age=31536000, immutable"
_WORTH_IT = {".js", ".css", ".svg", ".json", ".html"}
_ASSET = re.compile(r"/assets/[\w.-]{1,200}", re.ASCII)
_OF_PROGRAMS = re.compile(r"/(?:api|assets|health|metrics|ws)(?:/|$)")
_NOT_BUILT = (
    "<!doctype html><title>Pizarra</title><p>The API works, but the page has not been built. "
    "Run <code>make page</code> in the repository, then start again. The API is described at "
    "<a href='/openapi.json'>/openapi.json</a>."
)


class _Assets(StaticFiles):
    """Files whose names carry a hash of their content: they may be kept for ever."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        response = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = _FOR_EVER
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Accept-Ranges"] = "none"
        return response


def _without_range(scope: Scope) -> Scope:
    """Return a request for the whole file: ours are small, and a range that cannot be is refused without a word."""
    return {**scope, "headers": [each for each in scope["headers"] if each[0] != b"range"]}


class _Whole(FileResponse):
    """A file, always whole."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await super().__call__(_without_range(scope), receive, send)


@cache
def _gzipped(path: str, _changed: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9)


class _Compressed:
    """Compresses files, each once; not answers of the API: those mix secrets with what others can choose."""

    def __init__(self, directory: Path) -> None:
        self._assets = _Assets(directory=directory, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # a name that no file of ours has, and some that no system takes
        if not _ASSET.fullmatch(scope["path"]):
            raise HTTPException(404)
        answer = (
            self._compressed(scope)
            if scope["type"] == "http" and scope["method"] == "GET"
            else None
        )
        await (answer or self._assets)(_without_range(scope), receive, send)

    def _compressed(self, scope: Scope) -> Response | None:
        if not accepts_gzip(Headers(scope=scope)):
            return None
        path, status = self._assets.lookup_path(self._assets.get_path(scope))
        if status is None or Path(path).suffix not in _WORTH_IT:
            return None
        response = Response(
            _gzipped(path, status.st_mtime_ns),
            media_type=mimetypes.guess_type(path)[0],
            headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"},
        )
        response.headers["Cache-Control"] = _FOR_EVER
        return response


def _file(name: str) -> Response:
    path = STATIC / name
    if not path.exists():
        return HTMLResponse(_NOT_BUILT, 503)
    return _Whole(path, headers={"Cache-Control": "no-cache", "Accept-Ranges": "none"})


def _screen_of(path: str) -> str:
    """Return the module that an address needs first."""
    kind, *rest = path.lstrip("/").split("/")
    if kind == "s":
        parts = {"replay": "src/replay/index.tsx", "wrap-up": "src/interviewer/wrap-up.tsx"}
        return parts.get("".join(rest[-1:]), "src/session/screen.tsx")
    screens = {
        "j": "src/join.tsx",
        "r": "src/replay/shared.tsx",
        "library": "src/library/index.tsx",
        "": "src/home.tsx",
    }
    return screens.get(kind, "src/accounts/index.ts")


def _closure(chunks: Mapping[str, Any], name: str) -> list[str]:
    """Return a chunk and everything it imports."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name in chunks and name not in found:
            found.append(name)
            waiting += chunks[name].get("imports", [])
    return found


@cache
def _preloads(screen: str, manifest: Path, _changed: int) -> str:
    """Return links to what a screen imports: without them the browser learns of each only from the one before."""
    chunks = json.loads(manifest.read_text())
    entry = _closure(chunks, "index.html")  # the page names these itself
    wanted = [name for name in _closure(chunks, screen) if name not in entry]
    font = next(
        (name for name in chunks["index.html"].get("assets", []) if name.endswith(".woff2")), None
    )
    links = [
        f'<link rel="modulepreload" crossorigin href="/{chunks[name]["file"]}">' for name in wanted
    ]
    if font is not None and "session" in screen:
        links.append(f'<link rel="preload" as="font" type="font/woff2" crossorigin href="/{font}">')
    return "".join(links)


async def _page(request: Request) -> Response:
    """Give the page with a nonce for the styles CodeMirror adds at run time; no other inline style is let through."""
    path, manifest = STATIC / "index.html", STATIC / "manifest.json"
    if not path.exists():
        return HTMLResponse(_NOT_BUILT, 503)
    nonce = secrets.token_urlsafe(16)
    html = with_nonce(path.read_text(), nonce)
    if manifest.exists():
        links = _preloads(_screen_of(request.url.path), manifest, manifest.stat().st_mtime_ns)
        html = html.replace("</head>", f"{links}</head>", 1)
    return HTMLResponse(
        html, headers={"Content-Security-Policy": page_policy(nonce), "Cache-Control": "no-store"}
    )


def _is_for_a_person(request: Request) -> bool:
    """Tell whether a browser was sent here by an address, not a program or a part of the page."""
    takes_page = "text/html" in request.headers.get("accept", "")
    return (
        takes_page
        and request.method in ("GET", "HEAD")
        and _OF_PROGRAMS.match(request.url.path) is None
    )


async def _swagger(_request: Request) -> Response:
    return _file("swagger.html")


async def _redoc(_request: Request) -> Response:
    return _file("redoc.html")


async def _favicon(_request: Request) -> Response:
    return _file("favicon.svg")


async def _paper(_request: Request) -> Response:
    return _file("print.css")


def install_page(app: FastAPI) -> None:
    """Serve the page for every address a person types, and the files it needs; errors have their handlers."""
    session = "/s/{session_id}"
    own = ("/", session, f"{session}/replay", f"{session}/wrap-up", "/welcome", "/accounts", "/me")
    library = ("/library", "/library/{question_id}", "/library/{question_id}/{part}")
    for path in (*own, *library, "/j/{token}", "/r/{token}"):
        app.add_route(path, _page, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_route("/docs", _swagger, include_in_schema=False)
    app.add_route("/redoc", _redoc, include_in_schema=False)
    app.add_route("/favicon.ico", _favicon, include_in_schema=False)
    app.add_route("/favicon.svg", _favicon, include_in_schema=False)
    app.add_route("/print.css", _paper, include_in_schema=False)
    otherwise = app.exception_handlers[HTTPException]

    async def missing(request: Request, error: Exception) -> Response:
        if not _is_for_a_person(request):
            return await otherwise(request, error)  # type: ignore[no-any-return, misc]
        page = await _page(request)  # which says so, in the reader's language
        page.status_code = 404
        return page

    app.add_exception_handler(404, missing)
    app.mount("/assets", _Compressed(STATIC / "assets"), name="assets")
