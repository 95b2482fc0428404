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
        self._decoders = {name: codecs.getincrementaldecoder("utf-8")("replace") for name in _STREAMS}
        self._pieces: list[Piece] = []
        self.size = 0

    def add(self, stream: str, data: bytes) -> None:
        """Take in what a program wrote."""
        self._put(stream, self._decoders[stream].decode(data))

    def finish(self) -> None:
        """Take in the end of both streams."""
        for stream, decoder in self._decoders.items():
            self._put(stream, decoder.decode(b"", final=True))

    def take(self) -> list[Piece]:
        """Return what was collected, in order, and start anew."""
        pieces, self._pieces, self.size = self._pieces, [], 0
        return pieces

    def _put(self, stream: str, text: str) -> None:
        if not text:
            return
        text = storable(text)
        self.size += len(text)
        if self._pieces and self._pieces[-1].stream == stream:
            self._pieces[-1] = Piece(stream, self._pieces[-1].text + text)
        else:
            self._pieces.append(Piece(stream, text))
