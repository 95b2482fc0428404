import unittest

from cache import Cache
from clock import HandClock


class Shown(unittest.TestCase):
    def setUp(self):
        self.clock = HandClock()
        self.cache = Cache(2, 5, self.clock)

    def test_what_was_put_is_there(self):
        """what was put is there"""
        self.cache.put("a", 1)
        self.cache.put("b", 2)
        self.assertEqual(self.cache.get("a"), 1)
        self.assertEqual(self.cache.get("b"), 2)
        self.assertEqual(self.cache.size(), 2)

    def test_what_was_never_put_is_not_there(self):
        """what was never put is not there"""
        self.assertIsNone(self.cache.get("a"))
        self.assertEqual(self.cache.get("a", 7), 7)

    def test_what_was_not_used_for_longest_goes_first(self):
        """what was not used for longest goes first"""
        self.cache.put("a", 1)
        self.cache.put("b", 2)
        self.cache.put("c", 3)
        self.assertIsNone(self.cache.get("a"))
        self.assertEqual(self.cache.get("b"), 2)
        self.assertEqual(self.cache.get("c"), 3)

    def test_after_its_time_it_is_gone(self):
        """after its time it is gone"""
        self.cache.put("a", 1)
        self.clock.advance(6)
        self.assertIsNone(self.cache.get("a"))
