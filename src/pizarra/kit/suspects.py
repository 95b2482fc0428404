"""Who lately slowed down or broke what all share: they keep to a lane of their own, for a while."""

import time
from collections import OrderedDict

_SECONDS = 600.0
_MOST = 1000


class Suspects:
    """The suspects of one thing that is shared."""

    def __init__(self) -> None:
        self._since: OrderedDict[str, float] = OrderedDict()

    def __contains__(self, share: str) -> bool:
        """Tell whether `share` is one of them still."""
        since = self._since.get(share)
        return since is not None and time.monotonic() - since < _SECONDS

    def add(self, share: str) -> None:
        """Remember `share`, in place of whoever was longest."""
        self._since[share] = time.monotonic()
        self._since.move_to_end(share)
        while len(self._since) > _MOST:
            self._since.popitem(last=False)
