"""What two people may edit has a version (`ETag`); who sends it back (`If-Match`) overwrites nobody's change unseen."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from starlette.requests import Request

from pizarra.errors import ChangedMeanwhile

_EXAMPLE = '"6c1f0e4b7a2d9835"'
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` you read: change it only if nobody else has; 412 if somebody has.",
    "schema": {"type": "string", "examples": [_EXAMPLE]},
}
IF_MATCH: dict[str, Any] = {"parameters": [_IF_MATCH]}


def version_of(*parts: object) -> str:
    """Return the `ETag` of something with these parts."""
    return f'"{blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()}"'


def tagged(
    status: int, also: Mapping[int | str, dict[str, Any]] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI response of `status` that has an `ETag`, and what `also` says of its headers."""
    about = "Its version, for `If-Match`; candidates and observers get none."
    return {
        status: {
            "headers": {
                "ETag": {
                    "description": about,
                    "schema": {"type": "string"},
                    "example": _EXAMPLE,
                },
                **(also or {}).get(status, {}).get("headers", {}),
            }
        }
    }


def require_unchanged(request: Request, version: str) -> None:
    """Refuse to change what is not in the version that the request names, if it names one.

    Raises:
        ChangedMeanwhile: somebody else was faster.
    """
    wanted = request.headers.get("if-match")
    if wanted is None or wanted.strip() == "*":
        return
    # A proxy that compresses makes our `"…"` a `W/"…"`; it is the same version of the same thing.
    if version not in (each.strip().removeprefix("W/") for each in wanted[:1000].split(",")):
        raise ChangedMeanwhile(
            "Somebody changed this since you read it. Read it again, then change it."
        )
