const [, ...clocks] = require("fs").readFileSync(0, "utf8").split(/\s+/).filter(Boolean);
const minutes = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
let total = 0;
for (let i = 0; i < clocks.length; i += 2) total += (minutes(clocks[i + 1]) - minutes(clocks[i]) + 1440) % 1440;
console.log(`${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`);
