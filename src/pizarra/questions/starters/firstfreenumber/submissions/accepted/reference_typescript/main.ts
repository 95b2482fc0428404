function firstFree(taken: bigint[]): bigint {
  const known = new Set(taken);
  let free = 1n;
  while (known.has(free)) free++;
  return free;
}
