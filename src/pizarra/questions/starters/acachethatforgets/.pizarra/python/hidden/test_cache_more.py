import unittest

from cache import Cache
from clock import HandClock


class Hidden(unittest.TestCase):
    def setUp(self):
        self.clock = HandClock()
        self.cache = Cache(2, 5, self.clock)

    def test_reading_is_a_use(self):
        """reading is a use"""
        self.cache.put("a", 1)
        self.cache.put("b", 2)
        self.assertEqual(self.cache.get("a"), 1)
        self.cache.put("c", 3)
        self.assertEqual(self.cache.get("a"), 1)
        self.assertIsNone(self.cache.get("b"))

    def test_putting_again_is_a_use(self):
        """putting again is a use"""
        self.cache.put("a", 1)
        self.cache.put("b", 2)
        self.cache.put("a", 3)
        self.cache.put("c", 4)
        self.assertEqual(self.cache.get("a"), 3)
        self.assertIsNone(self.cache.get("b"))

    def test_putting_again_needs_no_room(self):
        """putting again needs no room"""
        self.cache.put("a", 1)
        self.cache.put("b", 2)
        self.cache.put("b", 3)
        self.assertEqual(self.cache.get("a"), 1)
        self.assertEqual(self.cache.get("b"), 3)
        self.assertEqual(self.cache.size(), 2)

    def test_asking_for_what_is_not_there_is_no_use(self):
        """asking for what is not there is no use"""
        self.cache.put("a", 1)
        self.cache.put("b", 2)
        self.assertIsNone(self.cache.get("x"))
        self.assertEqual(self.cache.size(), 2)
        self.cache.put("c", 3)
        self.assertEqual(self.cache.get("b"), 2)
        self.assertEqual(self.cache.get("c"), 3)

    def test_it_is_gone_at_its_time_and_not_before(self):
        """it is gone at its time, and not before"""
        self.cache.put("a", 1)
        self.clock.advance(4.5)
        self.assertEqual(self.cache.get("a"), 1)
        self.clock.advance(0.5)
        self.assertIsNone(self.cache.get("a"))

    def test_putting_again_begins_its_time_anew(self):
        """putting again begins its time anew"""
        self.cache.put("a", 1)
        self.clock.advance(4)
        self.cache.put("a", 2)
        self.clock.advance(4)
        self.assertEqual(self.cache.get("a"), 2)
        self.clock.advance(1)
        self.assertIsNone(self.cache.get("a"))

    def test_reading_does_not_make_it_younger(self):
        """reading does not make it younger"""
        self.cache.put("a", 1)
        self.clock.advance(4)
        self.assertEqual(self.cache.get("a"), 1)
        self.clock.advance(1)
        self.assertIsNone(self.cache.get("a"))

    def test_what_is_gone_takes_no_room(self):
        """what is gone takes no room"""
        self.cache.put("a", 1)
        self.clock.advance(3)
        self.cache.put("b", 2)
        self.assertEqual(self.cache.get("a"), 1)
        self.clock.advance(2)
        self.cache.put("c", 3)
        self.assertEqual(self.cache.get("b"), 2)
        self.assertEqual(self.cache.get("c"), 3)

    def test_what_is_gone_is_not_counted(self):
        """what is gone is not counted"""
        self.cache.put("a", 1)
        self.clock.advance(3)
        self.cache.put("b", 2)
        self.assertEqual(self.cache.size(), 2)
        self.clock.advance(2)
        self.assertEqual(self.cache.size(), 1)
        self.clock.advance(3)
        self.assertEqual(self.cache.size(), 0)

    def test_a_value_may_be_nothing_much(self):
        """a value may be nothing much"""
        self.cache.put("a", 0)
        self.cache.put("b", "")
        self.assertEqual(self.cache.get("a"), 0)
        self.assertEqual(self.cache.get("b"), "")
        self.assertEqual(self.cache.get("a", 7), 0)
