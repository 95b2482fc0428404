"""What a worker and a web process say to each other before the first run, each a message of a WebSocket.

The web process says who it is; the worker, which versions of the protocol it speaks. The highest that both speak
counts. Both ignore fields that they do not know: a version and the next work together.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pizarra.sandbox.runner.protocol import PROTOCOL

OLDEST_PROTOCOL = 8
PATH = "/ws/worker."  # and a random key, so that what shares connections out by their path shares these out too
TOKEN_KIND = "pzw"  # noqa: S105 - what secrets of workers start with


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Hello(_Told):
    """First message of a web process, and again when `nodes` changes: so many serve its database, it among them."""

    type: Literal["hello"] = "hello"
    node: str = Field(max_length=64)
    nodes: int = Field(ge=1)
    oldest: int = OLDEST_PROTOCOL
    newest: int = PROTOCOL


class Greeting(_Told):
    """First message of a worker. `worker` is its own for as long as it runs, whatever process it talks to."""

    type: Literal["greeting"] = "greeting"
    worker: str = Field(pattern=r"^[0-9a-f]{32}$")
    version: str = Field(max_length=40)
    oldest: int = OLDEST_PROTOCOL
    newest: int = PROTOCOL


def common_protocol(one: Hello | Greeting, other: Hello | Greeting) -> int | None:
    """Return the protocol that both speak, or None."""
    newest = min(one.newest, other.newest)
    return newest if newest >= max(one.oldest, other.oldest) else None
