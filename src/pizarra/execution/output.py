"""Turns a program's bytes into text, stream by stream, in pieces worth recording."""

import codecs
from dataclasses import dataclass

from pizarra.kit.text import storable

_STREAMS = ("stdout", "stderr")


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive text of one stream."""

    stream: str
    text: str


class OutputCollector:
    """Collects output until it is taken; multi-byte characters may arrive in halves."""

    def __init__(self) -> None:
        self._decoders = {
            name: codecs.getincrementaldecoder("utf-8")("replace") for name in _STREAMS
        }
        # of one stream after the other: joined once, when taken
        self._parts: list[tuple[str, list[str]]] = []
        self.size = 0

    def add(self, stream: str, data: bytes) -> None:
        """Take in what a program wrote."""
        self._put(stream, self._decoders[stream].decode(data))

    def finish(self) -> None:
        """Take in the end of both streams."""
        for stream, decoder in self._decoders.items():
            self._put(stream, decoder.decode(b"", final=True))

    def drain(self) -> list[Piece]:
        """Return what was collected, in order, and start anew."""
        parts, self._parts, self.size = self._parts, [], 0
        return [Piece(stream, "".join(texts)) for stream, texts in parts]

    def _put(self, stream: str, text: str) -> None:
        if not text:
            return
        text = storable(text)
        self.size += len(text)
        if self._parts and self._parts[-1][0] == stream:
            self._parts[-1][1].append(text)
        else:
            self._parts.append((stream, [text]))
