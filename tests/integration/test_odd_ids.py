"""Whatever stands where an id does: PostgreSQL is never asked for what it cannot hold, and nobody told to try later."""

import itertools
import re
from typing import Any

import pytest
from tests.harness.application import Application

ODD = (
    "%00",
    "a%00b",
    "%ED%A0%80",  # half a character of UTF-16, which no UTF-8 has
    "%FF%FE",
    "x" * 5000,
    "-1",
    "0",
    str(2**31),
    str(2**53),
    str(2**63),
    "9" * 40,
    "1e3",
    "%E2%80%AE",
)
_PLACE = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_an_odd_id_is_not_found(running: Application) -> None:
    async with running.client(raise_errors=False) as client:
        made = (await client.post("/api/sessions", json={"initial_code": "x"})).json()
        document = (await client.get("/openapi.json")).json()
        told: dict[str, int] = {}
        for path, method, odd in _requests(document["paths"], made["session_id"]):
            body: Any = {"json": {}} if method in ("post", "put", "patch") else {}
            answer = await client.request(method, path, **body)
            if answer.status_code >= 500:
                told[f"{method} {path[:80]} {odd[:10]}"] = answer.status_code
        assert told == {}


def _requests(paths: dict[str, Any], session_id: str) -> list[tuple[str, str, str]]:
    """Return each route with each odd id in each of its places: sessions are there where another place is odd."""
    found: list[tuple[str, str, str]] = []
    for path, methods in paths.items():
        places = _PLACE.findall(path)
        for place, odd, method in itertools.product(places, ODD, methods):
            known = {"session_id": session_id} | {place: odd}
            filled = _PLACE.sub(lambda each, ids=known: ids.get(each[1], "1"), path)  # type: ignore[misc]
            if method in ("get", "post", "put", "patch", "delete"):
                found.append((filled, method, odd))
    return found
