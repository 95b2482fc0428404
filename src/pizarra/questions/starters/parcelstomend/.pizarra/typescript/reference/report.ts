// The report of a day.
import { type Parcel } from "./parcels";
import { price, total } from "./prices";

// The lines of a report.
export function report(parcels: readonly Parcel[]): string[] {
  const lines = heaviestFirst(parcels).map((each) => `${each.code} ${price(each)}`);
  lines.push(`total ${total(parcels)}`);
  return lines;
}

function heaviestFirst(parcels: readonly Parcel[]): Parcel[] {
  return [...parcels].sort((one, other) => other.grams - one.grams);
}
