import { readFileSync } from "node:fs";

const [, k = 1, ...boxes] = readFileSync(0, "utf8").split(/\s+/).filter(Boolean).map(Number);

function trips(van: number): number {
  let count = 1;
  let load = 0;
  for (const box of boxes) {
    load += box;
    if (load > van) {
      count++;
      load = box;
    }
  }
  return count;
}

let low = boxes.reduce((most, box) => Math.max(most, box));
let high = boxes.reduce((total, box) => total + box);
while (low < high) {
  const middle = Math.floor((low + high) / 2);
  if (trips(middle) <= k) high = middle;
  else low = middle + 1;
}
console.log(low);
