"""The chain of a log: each entry's hash covers the one before, so that a change of one byte changes all that follow.

The hash of entry n is SHA-256 over the JSON array `[hash of n-1, seq, at, kind, participant_id, data]`: keys sorted, no
spaces, UTF-8, hashes in hexadecimal. The hash before the first entry is that of the log's name and the session's id.
Anybody who has the entries can compute it; `docs/timeline.md` says so too.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

Log = Literal["shared", "private"]

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
FIELDS = ("seq", "at", "kind", "participant_id", "data")
# What is hashed for an edit of our own log, from bytes alone: hexadecimal and base64 need no escapes.
EDIT = b'["%b",%d,"%b","edit",%b,{"update":"%b"}]'


def first_link(log: Log, session_id: str) -> str:
    """Return what stands before the first entry."""
    return hashlib.sha256(f"pizarra.{log}.v1 {session_id}".encode()).hexdigest()


def next_link(link: str, entry: Mapping[str, Any]) -> str:
    """Return the hash of an entry, as the API shows it, after the one with the hash `link`."""
    content = [link, *(entry[field] for field in FIELDS)]
    return hashlib.sha256(_encode(content).encode("utf-8", "surrogatepass")).hexdigest()
