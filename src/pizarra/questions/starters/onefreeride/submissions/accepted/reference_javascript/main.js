const [n, m, ...numbers] = require("fs").readFileSync(0, "utf8").split(/\s+/).filter(Boolean).map(Number);
const lines = Array.from({ length: n + 1 }, () => []);
for (let i = 0; i < 3 * m; i += 3) {
  const [a, b, price] = numbers.slice(i, i + 3);
  lines[a].push([b, price]);
  lines[b].push([a, price]);
}
// A place is a town with the voucher (the first n + 1) or without it.
const paid = new Array(2 * (n + 1)).fill(Infinity);
const done = paid.map(() => false);
paid[1] = 0;
for (;;) {
  let next = -1;
  for (let i = 0; i < paid.length; i++) {
    if (!done[i] && paid[i] < Infinity && (next < 0 || paid[i] < paid[next])) next = i;
  }
  if (next < 0) break;
  done[next] = true;
  const used = next > n ? n + 1 : 0;
  for (const [other, price] of lines[next - used]) {
    paid[other + used] = Math.min(paid[other + used], paid[next] + price);
    if (used === 0) paid[other + n + 1] = Math.min(paid[other + n + 1], paid[next]);
  }
}
const best = Math.min(paid[n], paid[2 * n + 1]);
console.log(best < Infinity ? best : -1);
