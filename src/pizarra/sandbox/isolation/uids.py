"""The host uids that sandboxes run as, one each, when the runner is root."""

from collections import deque


class UidPool:
    """Lends uids from `first` on. Without `first` sandboxes keep the runner's own."""

    def __init__(self, first: int | None) -> None:
        self._next = first
        self._free: deque[int] = deque()

    def claim(self) -> int | None:
        """Return a uid nobody has, or None to keep the runner's own."""
        if self._next is None:
            return None
        if self._free:
            return self._free.popleft()
        self._next += 1
        return self._next - 1

    def give_back(self, uid: int | None) -> None:
        """Let somebody else have it."""
        if uid is not None:
            self._free.append(uid)
