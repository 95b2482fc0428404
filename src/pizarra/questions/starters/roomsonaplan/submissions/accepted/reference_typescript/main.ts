import { readFileSync } from "node:fs";

const [, , ...plan] = readFileSync(0, "utf8").split(/\s+/).filter(Boolean);
const seen = plan.map((row) => [...row].map((square) => square === "#"));

function fill(top: number, left: number): number {
  const open: [number, number][] = [[top, left]];
  let size = 0;
  for (let place = open.pop(); place; place = open.pop()) {
    const [y, x] = place;
    if (seen[y]?.[x] !== false) continue;
    seen[y]![x] = true;
    size++;
    open.push([y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]);
  }
  return size;
}

const sizes: number[] = [];
seen.forEach((row, y) => row.forEach((_, x) => {
  if (!row[x]) sizes.push(fill(y, x));
}));
console.log(sizes.length, Math.max(0, ...sizes));
