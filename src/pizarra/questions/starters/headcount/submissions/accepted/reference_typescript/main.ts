function headCount(boss: Map<string, string>): Map<string, number> {
  const below = new Map<string, number>();
  for (const name of [...boss.keys(), ...boss.values()]) below.set(name, 0);
  for (const person of boss.keys()) {
    for (let above = boss.get(person); above !== undefined; above = boss.get(above)) {
      below.set(above, (below.get(above) ?? 0) + 1);
    }
  }
  return below;
}
