"""Parcels, as the list of a day has them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parcel:
    code: str
    grams: int
    zone: str


def read_parcels(text):
    """Return the parcels of a list, `code;grams;zone` on each line."""
    parcels = []
    for line in text.split("\n")[:-1]:
        line = line.partition("#")[0].strip()
        if line:
            code, grams, zone = line.split(";")
            parcels.append(Parcel(code.strip(), int(grams), zone.strip()))
    return parcels
