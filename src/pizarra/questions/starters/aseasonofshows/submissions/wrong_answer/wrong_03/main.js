function bestSeason(income, rest) {
  if (income.length === 0) return 0n;
  const best = [];
  income.forEach((earned, day) => {
    let most = BigInt(earned);
    if (day - rest - 1 >= 0 && best[day - rest - 1] > 0n) most += best[day - rest - 1];
    best.push(day > 0 && best[day - 1] > most ? best[day - 1] : most);
  });
  return best.at(-1);
}
