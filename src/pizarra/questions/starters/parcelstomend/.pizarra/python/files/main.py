from parcels import read_parcels
from report import report

LIST = """\
A1; 480; city
B2; 2000; country   # fragile

C3; 12300; islands
"""

print("\n".join(report(read_parcels(LIST))))
