// What parcels cost, in cents.

// Up to so many grams it costs so much.
const STEPS = [
  [500, 350],
  [2000, 500],
  [10000, 900],
];
const BEYOND = 120; // for each kilogram that is begun
const ZONES = { city: 0, country: 100, islands: 400 };

function price(parcel) {
  return byWeight(parcel.grams) + ZONES[parcel.zone];
}

function byWeight(grams) {
  for (const [most, cents] of STEPS) if (grams <= most) return cents;
  const [most, cents] = STEPS[STEPS.length - 1];
  return cents + Math.floor((grams - most) / 1000) * BEYOND;
}

function total(parcels) {
  const cents = parcels.reduce((sum, each) => sum + price(each), 0);
  return parcels.length >= 10 ? Math.floor((cents * 95) / 100) : cents;
}

module.exports = { byWeight, price, total };
