// Parcels, as the list of a day has them.

// The parcels of a list, `code;grams;zone` on each line.
function readParcels(text) {
  const parcels = [];
  for (const whole of text.split("\n").slice(0, -1)) {
    const line = whole.split("#")[0].trim();
    if (line === "") continue;
    const [code, grams, zone] = line.split(";").map((part) => part.trim());
    parcels.push({ code, grams: Number(grams), zone });
  }
  return parcels;
}

module.exports = { readParcels };
