import { readFileSync } from "node:fs";

const [n = 0, m = 0, ...numbers] = readFileSync(0, "utf8").split(/\s+/).filter(Boolean).map(Number);

function pricesFrom(start: number): number[] {
  // As often as there can be rides on a way that visits no town twice, or until nothing changes.
  const prices: number[] = new Array(n + 1).fill(Infinity);
  prices[start] = 0;
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 0; i < 3 * m; i += 3) {
      const [a, b, price] = [numbers[i]!, numbers[i + 1]!, numbers[i + 2]!];
      for (const [from, to] of [[a, b], [b, a]] as const) {
        if (prices[from]! + price < prices[to]!) {
          prices[to] = prices[from]! + price;
          changed = true;
        }
      }
    }
  }
  return prices;
}

const [there, back] = [pricesFrom(1), pricesFrom(n)];
let best = n === 1 ? 0 : Infinity;
for (let i = 0; i < 3 * m; i += 3) {
  const [a, b] = [numbers[i]!, numbers[i + 1]!];
  best = Math.min(best, there[a]! + back[b]!, there[b]! + back[a]!);
}
console.log(best < Infinity ? best : -1);
