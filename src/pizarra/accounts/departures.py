"""What a browser carries in a signed cookie while somebody is at the identity provider: a departure for each tab."""

import base64
import re
from dataclasses import dataclass

from pizarra.accounts.oidc import Departure
from pizarra.kit.tokens import TokenSigner

SECONDS = 600  # that somebody may take at the provider
_PURPOSE = "departures"
_MOST = 5  # tabs at once; a cookie holds 4096 bytes, and each takes 420 at most
_MOST_RETURN_TO = 200  # characters
# A path of this server. What begins with two slashes is another host's, and so is `/\` to browsers.
_OWN_PATH = re.compile(r"/(?![/\\]|api/)[!-\[\]-~]*")


@dataclass(frozen=True, slots=True)
class Underway:
    """A departure, until when it may come back (seconds since 1970), and the path its tab goes on to."""

    departure: Departure
    until: int
    return_to: str


def own_path(address: str) -> str:
    """Return a path of this page with its query, or `/` for anything else."""
    fits = len(address) <= _MOST_RETURN_TO and "#" not in address
    return address if fits and _OWN_PATH.fullmatch(address) else "/"


def read(signer: TokenSigner, cookie: str | None, now: float) -> list[Underway]:
    """Return who is on the way by this cookie, oldest first; nobody by one that is not ours."""
    payload = signer.verify(_PURPOSE, cookie) if cookie is not None else None
    found = []
    for each in (payload or "").split("~"):
        match each.split("."):
            case [state, nonce, verifier, until, path] if int(until) > now:
                return_to = base64.urlsafe_b64decode(path + "=" * (-len(path) % 4)).decode()
                departure = Departure("", state, nonce, verifier)
                found.append(Underway(departure, int(until), return_to))
    return found


def write(signer: TokenSigner, underway: list[Underway]) -> str:
    """Return the cookie of those who left last."""
    entries = []
    for each in underway[-_MOST:]:
        path = base64.urlsafe_b64encode(each.return_to.encode()).rstrip(b"=").decode()
        left = each.departure
        entries.append(f"{left.state}.{left.nonce}.{left.verifier}.{each.until}.{path}")
    return signer.sign(_PURPOSE, "~".join(entries))
