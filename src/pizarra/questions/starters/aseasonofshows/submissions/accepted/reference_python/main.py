def best_season(income: list[int], rest: int) -> int:
    best = [0]
    for day, earned in enumerate(income):
        best.append(max(best[day], earned + best[max(0, day - rest)]))
    return best[-1]
