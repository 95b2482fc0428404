"""The lower rungs of the ladder: what an answer costs before anything is looked up, guarded, signed or logged.

`bare` is an ASGI application that knows its answers by heart; `declared` is FastAPI with the fields that Express's has,
from a dictionary. Both run on uvicorn with uvloop and httptools, as ours does.

    uvicorn --factory benchmarks.rest.rungs:bare
"""

import json
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import FastAPI, Query
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

_STARTER = 'def main() -> None:\n    print("Hello from Pizarra")\n\n\nif __name__ == "__main__":\n    main()\n'


class Wanted(BaseModel):
    """What to start with."""

    language: str = "python"
    title: str = "Untitled session"
    initial_code: str = _STARTER


class Session(BaseModel):
    """A session, as Express shows it."""

    session_id: str
    room_id: str
    title: str
    language: str
    initial_code: str
    status: str
    created_at: datetime
    share_url: str
    active_users: int


def _made(wanted: Wanted) -> dict[str, Any]:
    session_id = secrets.token_hex(16)
    return {
        **wanted.model_dump(),
        "session_id": session_id,
        "room_id": secrets.token_hex(16),
        "status": "open",
        "created_at": datetime.now(UTC),
        "share_url": f"http://127.0.0.1/j/{session_id}",
        "active_users": 0,
    }


def bare() -> ASGIApp:
    """Return the application that knows its answers by heart."""
    one = {**_made(Wanted()), "created_at": datetime.now(UTC).isoformat()}
    single, several = json.dumps(one).encode(), json.dumps([one] * 20).encode()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = several if scope["query_string"] else single
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        status = 201 if scope["method"] == "POST" else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def declared() -> ASGIApp:
    """Return FastAPI with three routes and nothing else."""
    app, sessions = FastAPI(), {}

    @app.post("/api/sessions", status_code=201)
    async def create_session(wanted: Wanted) -> Session:
        made = _made(wanted)
        sessions[made["session_id"]] = made
        return Session(**made)

    @app.get("/api/sessions/{session_id}")
    async def read_session(session_id: str) -> Session:
        return Session(**sessions[session_id])

    @app.get("/api/sessions")
    async def list_sessions(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[Session]:
        newest = list(sessions.values())[: -limit - 1 : -1]
        return [Session(**each) for each in newest]

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
