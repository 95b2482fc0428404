function settle(sand: number[][]): void {
  for (let changed = true; changed;) {
    changed = false;
    sand.forEach((row, y) => row.forEach((grains, x) => {
      const times = Math.floor(row[x]! / 4);
      if (times === 0) return;
      changed = true;
      row[x]! %= 4;
      for (const [v, u] of [[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]] as const) {
        if (sand[v]?.[u] !== undefined) sand[v]![u]! += times;
      }
    }));
  }
}
