"""The report of a day."""

from prices import price, total


def report(parcels):
    """Return the lines of a report."""
    lines = [f"{each.code} {price(each)}" for each in heaviest_first(parcels)]
    lines.append(f"total {total(parcels)}")
    return lines


def heaviest_first(parcels):
    return sorted(parcels, key=lambda each: each.grams, reverse=True)
