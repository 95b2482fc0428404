"""A cache that keeps little, and that not for long."""


class Cache:
    def __init__(self, capacity, seconds, clock):
        self.capacity = capacity
        self.seconds = seconds
        self.clock = clock

    def get(self, key, otherwise=None):
        return otherwise

    def put(self, key, value):
        pass

    def size(self):
        return 0
