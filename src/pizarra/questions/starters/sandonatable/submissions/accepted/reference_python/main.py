def settle(sand: list[list[int]]) -> None:
    waiting = [(y, x) for y, row in enumerate(sand) for x in range(len(row))]
    while waiting:
        y, x = waiting.pop()
        times, sand[y][x] = divmod(sand[y][x], 4)
        if times == 0:
            continue
        for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if 0 <= v < len(sand) and 0 <= u < len(sand[v]):
                sand[v][u] += times
                waiting.append((v, u))
