function freeTimes(busy: number[][], opens: number, closes: number): number[][] {
  const free: number[][] = [];
  let until = opens;
  const sorted = [...busy].sort((one, other) => one[0]! - other[0]!);
  for (const [from = 0, to = 0] of sorted) {
    if (from >= closes) break;
    if (from > until) free.push([until, from]);
    until = Math.max(until, to);
  }
  if (until < closes) free.push([until, closes]);
  return free;
}
