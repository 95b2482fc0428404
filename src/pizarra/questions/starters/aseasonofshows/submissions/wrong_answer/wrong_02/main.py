def best_season(income, rest):
    best = [0]
    for day, earned in enumerate(income):
        best.append(max(best[day], earned + best[max(0, day - rest + 1)] if rest else earned + best[day]))
    return best[-1]
