"""Which of several runners gets what: a session's own, unless it has more to do than the others."""

import secrets
from collections.abc import Sequence
from hashlib import blake2b
from math import ceil

from pizarra.sandbox.runner.link import RunnerLink

_MOST_ABOVE = 1.25  # of its share of all work: so much a session's own runner may have


def home(links: Sequence[RunnerLink], share: str) -> RunnerLink | None:
    """Return the runner of a session: the same for every web process that has the same runners.

    It has built the session's programs, and runs its language servers. One that comes or goes moves few sessions.
    """
    return max(links, key=lambda link: _rank(share, link.key), default=None)


def choose(links: Sequence[RunnerLink], share: str) -> RunnerLink | None:
    """Return the runner that a session's run is sent to: its own, the better of two, or that of the shortest queue."""
    if len(links) <= 1:
        return links[0] if links else None
    first = home(links, share)
    assert first is not None
    total, slots = sum(link.busy for link in links), sum(link.slots for link in links)
    most = ceil(_MOST_ABOVE * (total + 1) * first.slots / max(1, slots))
    if first.busy < min(most, first.slots):
        return first
    free = [link for link in links if link.busy < link.slots]
    if not free:
        return min(links, key=_fullness)
    return min(secrets.SystemRandom().sample(free, min(2, len(free))), key=_fullness)


def _rank(share: str, key: str) -> bytes:
    return blake2b(f"{share}\0{key}".encode(errors="replace"), digest_size=8).digest()


def _fullness(link: RunnerLink) -> float:
    return link.busy / max(1, link.slots)
