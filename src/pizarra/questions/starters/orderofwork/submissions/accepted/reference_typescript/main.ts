import { readFileSync } from "node:fs";

const [n = 0, m = 0, ...numbers] = readFileSync(0, "utf8").split(/\s+/).filter(Boolean).map(Number);
const waits: number[] = new Array(n + 1).fill(0);
const after: number[][] = waits.map(() => []);
for (let i = 0; i < 2 * m; i += 2) {
  after[numbers[i]!]!.push(numbers[i + 1]!);
  waits[numbers[i + 1]!]!++;
}
const order: number[] = [];
for (;;) {
  const task = waits.findIndex((count, index) => index > 0 && count === 0);
  if (task < 0) break;
  waits[task] = -1;
  order.push(task);
  for (const each of after[task]!) waits[each]!--;
}
console.log(order.length === n ? order.join(" ") : "impossible");
