// The report of a day.
import { type Parcel } from "./parcels";
import { price, total } from "./prices";

const lines: string[] = [];

// The lines of a report.
export function report(parcels: readonly Parcel[]): string[] {
  for (const each of heaviestFirst(parcels)) lines.push(`${each.code} ${price(each)}`);
  lines.push(`total ${total(parcels)}`);
  return lines;
}

function heaviestFirst(parcels: readonly Parcel[]): Parcel[] {
  return [...parcels].sort((one, other) => other.grams - one.grams);
}
