import unittest

from parcels import Parcel, read_parcels
from report import report


class Hidden(unittest.TestCase):
    def test_a_list_of_one_line(self):
        """a list of one line"""
        parcels = read_parcels("A1;1;city")
        self.assertEqual(parcels, [Parcel("A1", 1, "city")])

    def test_a_list_of_nothing(self):
        """a list of nothing"""
        parcels = read_parcels("# nobody\n\n")
        self.assertEqual(parcels, [])

    def test_limits_belong_to_what_is_below_them(self):
        """limits belong to what is below them"""
        parcels = read_parcels("A;500;city\nB;2000;city\nC;10000;city\n")
        self.assertEqual(report(parcels), ["C 900", "B 500", "A 350", "total 1750"])

    def test_a_gram_more_is_the_next_step(self):
        """a gram more is the next step"""
        parcels = read_parcels("A;501;city\nB;2001;city\n")
        self.assertEqual(report(parcels), ["B 900", "A 500", "total 1400"])

    def test_a_kilogram_begun_counts(self):
        """a kilogram begun counts"""
        parcels = read_parcels("A;10001;city\nB;11000;city\nC;11001;city\n")
        self.assertEqual(report(parcels), ["C 1140", "B 1020", "A 1020", "total 3180"])

    def test_nine_parcels_pay_all(self):
        """nine parcels pay all"""
        parcels = read_parcels("A;1;city\n" * 9)
        self.assertEqual(report(parcels), [*["A 350"] * 9, "total 3150"])

    def test_ten_parcels_pay_less(self):
        """ten parcels pay less"""
        parcels = read_parcels("A;1;city\n" * 10)
        self.assertEqual(report(parcels), [*["A 350"] * 10, "total 3325"])

    def test_cents_are_rounded_down_once_at_the_end(self):
        """cents are rounded down once, at the end"""
        parcels = read_parcels("A;1;city\n" * 11)
        self.assertEqual(report(parcels), [*["A 350"] * 11, "total 3657"])

    def test_those_of_one_weight_stay_in_their_order(self):
        """those of one weight stay in their order"""
        parcels = read_parcels("B;5;city\nA;5;country\nC;9;city\nD;5;city\n")
        self.assertEqual(report(parcels), ["C 350", "B 350", "A 450", "D 350", "total 1500"])

    def test_nothing_of_a_report_is_in_the_next(self):
        """nothing of a report is in the next"""
        parcels = read_parcels("A;1;city\n")
        report(parcels)
        self.assertEqual(report(parcels), ["A 350", "total 350"])
