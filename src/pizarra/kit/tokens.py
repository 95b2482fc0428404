"""Signed tokens derived from a key, so that they can be shown again and are never stored."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

_MAC_BYTES = 16  # 128 bits: as hard to guess as the identifiers they protect


class TokenSigner:
    """Makes and checks `payload.mac` tokens; `purpose` keeps one kind of token from passing as another."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
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


def load_or_create_key(path: Path) -> bytes:
    """Return the 32-byte key stored at `path` (mode 0600), creating it on first use.

    Raises:
        OSError: the file cannot be read or written.
        ValueError: the file does not hold a key.
    """
    try:
        # O_EXCL: of two processes starting together exactly one writes the key.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = bytes.fromhex(path.read_text().strip())
        if len(key) < 32:
            raise ValueError(f"{path} does not hold a key of 32 bytes") from None
        return key
    key = secrets.token_bytes(32)
    with os.fdopen(descriptor, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def new_secret(kind: str) -> str:
    """Return 256 random bits as text that starts with `kind`, so that a leaked one is recognised."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def hash_secret(secret: str) -> bytes:
    """Return what is stored of a secret. It is random and long: one round of SHA-256 cannot be searched backwards."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()
