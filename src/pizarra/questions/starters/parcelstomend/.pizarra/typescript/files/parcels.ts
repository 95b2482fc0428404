// Parcels, as the list of a day has them.

export interface Parcel {
  code: string;
  grams: number;
  zone: string;
}

// The parcels of a list, `code;grams;zone` on each line.
export function readParcels(text: string): Parcel[] {
  const parcels: Parcel[] = [];
  for (const whole of text.split("\n").slice(0, -1)) {
    const line = whole.replace(/#.*/, "").trim();
    if (line === "") continue;
    const [code = "", grams = "", zone = ""] = line.split(";").map((part) => part.trim());
    parcels.push({ code, grams: Number(grams), zone });
  }
  return parcels;
}
