function freeTimes(busy, opens, closes) {
  const free = [];
  let until = opens;
  for (const [from, to] of [...busy].sort((one, other) => one[0] - other[0])) {
    if (from > until) free.push([until, from]);
    until = Math.max(until, to);
  }
  if (until < closes) free.push([until, closes]);
  return free;
}
