function headCount(boss) {
  const below = new Map();
  for (const name of [...boss.keys(), ...boss.values()]) below.set(name, 0);
  for (const person of boss.keys()) {
    for (let above = boss.get(person); above !== undefined; above = boss.get(above)) {
      below.set(above, below.get(above) + 1);
    }
  }
  return below;
}
