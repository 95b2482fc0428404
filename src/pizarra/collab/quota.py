"""How large a document may grow. What it counts is an upper bound, made exact only when it reaches a limit."""

from collections.abc import Callable

from pizarra.collab.document import Document
from pizarra.collab.updates import UpdateSummary


class Quota:
    """Counts the text and the encoded size of one document; all numbers are bytes."""

    def __init__(self, document: Document, max_text: int, max_encoded: int) -> None:
        self._document = document
        self._max_text = max_text
        self._max_encoded = max_encoded
        self._text = document.text_bytes()
        self._encoded = len(document.encode())

    def admit(self, update: UpdateSummary, size: int, waiting_text: Callable[[], int]) -> str | None:
        """Count an update of `size` bytes, or return why it does not fit.

        `waiting_text` tells how much text is let in and not applied yet.
        """
        if update.text_bytes and self._text + update.text_bytes > self._max_text:
            self._text = self._document.text_bytes() + waiting_text()
            if self._text + update.text_bytes > self._max_text:
                return f"the text would exceed {self._max_text:,} bytes; the change was not saved"
        if self._encoded + size > self._max_encoded:
            self._encoded = len(self._document.encode())
            if self._encoded + size > self._max_encoded:
                return f"the document would exceed {self._max_encoded:,} bytes; the change was not saved"
        self._text += update.text_bytes
        self._encoded += size
        return None
