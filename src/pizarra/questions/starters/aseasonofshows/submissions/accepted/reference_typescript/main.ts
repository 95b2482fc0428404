function bestSeason(income: number[], rest: number): bigint {
  const best: bigint[] = [0n];
  income.forEach((earned, day) => {
    const played = BigInt(earned) + best[Math.max(0, day - rest)]!;
    best.push(played > best[day]! ? played : best[day]!);
  });
  return best[income.length]!;
}
