// The report of a day.
const { price, total } = require("./prices.js");

// The lines of a report.
function report(parcels) {
  const lines = heaviestFirst(parcels).map((each) => `${each.code} ${price(each)}`);
  lines.push(`total ${total(parcels)}`);
  return lines;
}

function heaviestFirst(parcels) {
  return [...parcels].sort((one, other) => one.grams - other.grams).reverse();
}

module.exports = { report };
