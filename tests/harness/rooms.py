"""Rooms as tests use them: made, joined, read back, and kept from committing."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from pycrdt import Doc, Text

from tests.harness.server import ServerProcess


def create(server: ServerProcess, code: str = "hello") -> dict[str, Any]:
    """Create a session with `code` in it."""
    return dict(httpx2.post(f"{server.url}/api/sessions", json={"initial_code": code}).json())


def text_of(server: ServerProcess, session: dict[str, Any]) -> str:
    """Return the text of main.py as the server knows it."""
    return httpx2.get(f"{server.url}/api/sessions/{session['session_id']}/files/main.py").text


def edits_of(server: ServerProcess, session: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the edits on the timeline."""
    address = f"{server.url}/api/sessions/{session['session_id']}/timeline"
    return list(httpx2.get(address, params={"kinds": "edit", "limit": 1000}).json())


def join(
    server: ServerProcess, session: dict[str, Any], role: str = "candidate", name: str = "Zoë"
) -> str:
    """Join with an invitation; return the credential."""
    invites = f"{server.url}/api/sessions/{session['session_id']}/invites"
    token = httpx2.post(invites, json={"role": role}).json()["token"]
    return str(
        httpx2.post(f"{server.url}/api/join", json={"token": token, "name": name}).json()[
            "access_token"
        ]
    )


@contextlib.asynccontextmanager
async def stalled(server: ServerProcess) -> AsyncIterator[None]:
    """Inside, nobody can commit: another program holds the lock that every append needs."""
    if server.database_url is None:
        locker = sqlite3.connect(server.data_dir / "pizarra.db", isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        yield
        locker.execute("ROLLBACK")
        locker.close()
    else:
        connection = await asyncpg.connect(server.database_url)
        async with connection.transaction():
            await connection.execute("SELECT * FROM sessions FOR UPDATE")
            yield
        await connection.close()


def appended(doc: Doc[Any], *pieces: str) -> list[bytes]:
    """Append pieces to main.py, each in a transaction; return their updates."""
    updates: list[bytes] = []
    text = doc.get("file:main.py", type=Text)
    subscription = doc.observe(lambda event: updates.append(event.update))
    for piece in pieces:
        text += piece
    doc.unobserve(subscription)
    return updates


def url_of(server: ServerProcess, session: dict[str, Any]) -> str:
    """Return the address of a session's room."""
    return f"{server.ws_url}/{session['room_id']}"


def metric(server: ServerProcess, name: str) -> float:
    """Return the sum of a metric's samples."""
    lines = httpx2.get(f"{server.url}/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def resident(server: ServerProcess) -> int:
    """Return the server's resident memory in bytes."""
    return int(Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * 4096
