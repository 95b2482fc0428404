"""What parcels cost, in cents."""

# Up to so many grams it costs so much.
STEPS = ((500, 350), (2000, 500), (10000, 900))
BEYOND = 120  # for each kilogram that is begun
ZONES = {"city": 0, "country": 100, "islands": 400}


def price(parcel):
    return by_weight(parcel.grams) + ZONES[parcel.zone]


def by_weight(grams):
    for most, cents in STEPS:
        if grams < most:
            return cents
    most, cents = STEPS[-1]
    return cents + -(-(grams - most) // 1000) * BEYOND


def total(parcels):
    cents = sum(price(each) for each in parcels)
    return cents * 95 // 100 if len(parcels) >= 10 else cents
