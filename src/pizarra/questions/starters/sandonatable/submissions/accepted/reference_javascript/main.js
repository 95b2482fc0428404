function settle(sand) {
  const waiting = sand.flatMap((row, y) => row.map((_, x) => [y, x]));
  while (waiting.length > 0) {
    const [y, x] = waiting.pop();
    const times = Math.floor(sand[y][x] / 4);
    if (times === 0) continue;
    sand[y][x] %= 4;
    for (const [v, u] of [[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]]) {
      if (sand[v]?.[u] === undefined) continue;
      sand[v][u] += times;
      waiting.push([v, u]);
    }
  }
}
