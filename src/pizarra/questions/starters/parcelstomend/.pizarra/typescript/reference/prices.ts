// What parcels cost, in cents.
import { type Parcel } from "./parcels";

// Up to so many grams it costs so much.
const STEPS: readonly (readonly [number, number])[] = [
  [500, 350],
  [2000, 500],
  [10000, 900],
];
const BEYOND = 120; // for each kilogram that is begun
const ZONES: Record<string, number> = { city: 0, country: 100, islands: 400 };

export function price(parcel: Parcel): number {
  return byWeight(parcel.grams) + (ZONES[parcel.zone] ?? 0);
}

export function byWeight(grams: number): number {
  for (const [most, cents] of STEPS) if (grams <= most) return cents;
  const [most, cents] = STEPS[STEPS.length - 1]!;
  return cents + Math.ceil((grams - most) / 1000) * BEYOND;
}

export function total(parcels: readonly Parcel[]): number {
  const cents = parcels.reduce((sum, each) => sum + price(each), 0);
  return parcels.length >= 10 ? Math.floor((cents * 95) / 100) : cents;
}
