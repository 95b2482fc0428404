"""JSON-RPC as language servers speak it: a header with the length, then JSON. Nothing of it is believed."""

import json
from typing import Any

_END = b"\r\n\r\n"
_MAX_HEADER = 4096
_MAX_BODY = 16 * 1024 * 1024


class BrokenStream(ValueError):
    """What a server wrote is no JSON-RPC."""


def encode(message: dict[str, Any]) -> bytes:
    """Return a message with its header."""
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Decoder:
    """Takes bytes as they come, gives messages when they are whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Return the messages that `data` completes.

        Raises:
            BrokenStream: this is no such stream, or a message is too large.
        """
        self._buffer += data
        found: list[dict[str, Any]] = []
        while (end := self._buffer.find(_END)) >= 0:
            start = end + len(_END)
            size = _length(bytes(self._buffer[:end]))
            if len(self._buffer) < start + size:
                break
            body = bytes(self._buffer[start : start + size])
            del self._buffer[: start + size]
            found.append(_message(body))
        if self._buffer.find(_END) < 0 and len(self._buffer) > _MAX_HEADER:
            raise BrokenStream("a header without an end")
        return found


def _length(header: bytes) -> int:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if (
            name.strip().lower() == b"content-length"
            and value.strip().isdigit()
            and len(value) < 12
        ):
            size = int(value)
            if size <= _MAX_BODY:
                return size
    raise BrokenStream("a message without a usable length")


def _message(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BrokenStream("a message that is no JSON") from error
    if not isinstance(message, dict):
        raise BrokenStream("a message that is no object")
    return message
