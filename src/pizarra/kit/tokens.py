"""Signed tokens derived from a key, so that they can be shown again and are never stored."""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from pizarra.kit.files import give_name

# letters; of 32 random hexadecimal ones, once in a hundred million keys fewer are
_MIN_DIFFERENT = 8
_KEY_BYTES = 32
_MAC_BYTES = 16  # 128 bits: as hard to guess as the identifiers they protect


class TokenSigner:
    """Makes and checks `payload.mac` tokens; `purpose` keeps one kind of token from passing as another."""

    def __init__(self, key: bytes) -> None:
        if len(key) < _KEY_BYTES:
            raise ValueError("a signing key has at least 32 bytes")
        self._key = key

    def sign(self, purpose: str, payload: str) -> str:
        """Return `payload` with its keyed hash appended."""
        return f"{payload}.{self._mac(purpose, payload)}"

    def verify(self, purpose: str, token: str) -> str | None:
        """Return the payload of a token made by `sign` for this purpose, or None."""
        payload, dot, mac = token.rpartition(".")
        expected = self._mac(purpose, payload)
        if not dot or not hmac.compare_digest(mac.encode(errors="replace"), expected.encode()):
            return None
        return payload

    def _mac(self, purpose: str, payload: str) -> str:
        message = f"{purpose}\0{payload}".encode(errors="replace")
        digest = hmac.digest(self._key, message, "sha256")[:_MAC_BYTES]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def looks_random(key: str) -> bool:
    """Tell whether a key may have been drawn: it is no few letters, and no word again and again."""
    return len(set(key)) >= _MIN_DIFFERENT and key not in (key + key)[1:-1]


class DamagedKey(ValueError):
    """A file that should hold a key does not; the message says what to do."""


def read_key(path: Path) -> bytes:
    """Return the 32-byte key stored at `path`.

    Raises:
        OSError: the file is not there, or cannot be read.
        DamagedKey: it does not hold a key.
    """
    try:
        key = bytes.fromhex(path.read_bytes().decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) < _KEY_BYTES:
        raise DamagedKey(
            f"{path} does not hold a key: it is {'damaged' if path.stat().st_size else 'empty'}. Put it back from a "
            "backup. Where nothing was ever recorded, remove it: the next start makes another"
        )
    return key


def load_or_create_key(path: Path) -> bytes:
    """Return the 32-byte key stored at `path` (mode 0600), creating it on first use: whole, or not at all.

    Raises:
        OSError: the file cannot be read or written.
        DamagedKey: it does not hold a key.
    """
    with contextlib.suppress(FileNotFoundError):
        return read_key(path)
    key = secrets.token_bytes(_KEY_BYTES)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # its owner's alone
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        give_name(fresh, path)
    except FileExistsError:  # of two processes starting together exactly one gives its key the name
        return read_key(path)
    finally:
        fresh.unlink(missing_ok=True)
    return key


def new_secret(kind: str) -> str:
    """Return 256 random bits as text that starts with `kind`, so that a leaked one is recognised."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def hash_secret(secret: str) -> bytes:
    """Return what is stored of a secret. It is random and long: one round of SHA-256 cannot be searched backwards."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()
