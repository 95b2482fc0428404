import unittest

from parcels import Parcel, read_parcels
from report import report


class Shown(unittest.TestCase):
    def test_a_list_is_read(self):
        """a list is read"""
        parcels = read_parcels("A1; 480; city\n\nB2;2000;country # fragile\n")
        self.assertEqual(parcels, [Parcel("A1", 480, "city"), Parcel("B2", 2000, "country")])

    def test_a_report_has_a_line_for_each_parcel_and_the_total(self):
        """a report has a line for each parcel and the total"""
        parcels = read_parcels("A1;480;city\nB2;12300;islands\nC3;700;country\n")
        self.assertEqual(report(parcels), ["B2 1660", "C3 600", "A1 350", "total 2610"])

    def test_a_last_line_without_a_line_end_counts(self):
        """a last line without a line end counts"""
        parcels = read_parcels("A1;480;city\nB2;20;city")
        self.assertEqual(parcels, [Parcel("A1", 480, "city"), Parcel("B2", 20, "city")])
