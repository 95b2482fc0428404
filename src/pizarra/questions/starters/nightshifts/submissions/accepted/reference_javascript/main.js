const [, ...clocks] = require("fs").readFileSync(0, "utf8").split(/\s+/).filter(Boolean);
const minutes = (clock) => {
  const [hours, rest] = clock.split(":").map(Number);
  return hours * 60 + rest;
};
let total = 0;
for (let i = 0; i < clocks.length; i += 2) {
  const length = minutes(clocks[i + 1]) - minutes(clocks[i]);
  total += length > 0 ? length : length + 1440;
}
console.log(`${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`);
