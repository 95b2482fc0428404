"""The API's document takes most of a second of somebody's processor: it is made once."""

import asyncio
import time
from typing import Any

import httpx2
from fastapi import FastAPI

from pizarra.openapi.document import install_openapi


class Looked(FastAPI):
    """Counts how often its title is looked up, and takes a moment for it, as a large document does."""

    looks = 0

    def __getattribute__(self, name: str) -> Any:
        if name == "title":
            Looked.looks += 1
            time.sleep(0.02)
        return super().__getattribute__(name)


async def _looks(askers: int) -> int:
    app = Looked(openapi_url=None)  # the server serves its own
    install_openapi(app)
    Looked.looks = 0
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
        answers = await asyncio.gather(*(client.get("/openapi.json") for _ in range(askers)))
    assert {each.status_code for each in answers} == {200}
    return Looked.looks


async def test_it_is_built_once_however_many_ask_at_the_same_time() -> None:
    assert await _looks(8) == await _looks(1)
