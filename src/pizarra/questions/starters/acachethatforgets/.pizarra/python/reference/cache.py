"""A cache that keeps little, and that not for long."""


class Cache:
    def __init__(self, capacity, seconds, clock):
        self.capacity = capacity
        self.seconds = seconds
        self.clock = clock
        self._kept = {}  # key -> value and when it is gone; what was used last stands last

    def get(self, key, otherwise=None):
        self._forget()
        if key not in self._kept:
            return otherwise
        self._kept[key] = self._kept.pop(key)
        return self._kept[key][0]

    def put(self, key, value):
        self._forget()
        self._kept.pop(key, None)
        if len(self._kept) >= self.capacity:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (value, self.clock.now() + self.seconds)

    def size(self):
        self._forget()
        return len(self._kept)

    def _forget(self):
        now = self.clock.now()
        for key in [key for key, (_, gone) in self._kept.items() if gone <= now]:
            del self._kept[key]
