function headCount(boss) {
  const below = new Map();
  for (const person of boss.keys()) {
    for (let above = boss.get(person); above !== undefined; above = boss.get(above)) {
      below.set(above, (below.get(above) ?? 0) + 1);
    }
  }
  return below;
}
