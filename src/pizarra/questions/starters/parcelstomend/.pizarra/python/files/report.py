"""The report of a day."""

from prices import price, total


def report(parcels, lines=[]):
    """Return the lines of a report."""
    for each in heaviest_first(parcels):
        lines.append(f"{each.code} {price(each)}")
    lines.append(f"total {total(parcels)}")
    return lines


def heaviest_first(parcels):
    return sorted(parcels, key=lambda each: each.grams)[::-1]
