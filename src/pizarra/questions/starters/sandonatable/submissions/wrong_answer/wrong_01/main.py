def settle(sand):
    for y, row in enumerate(sand):
        for x in range(len(row)):
            if row[x] >= 4:
                row[x] -= 4
                for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                    if 0 <= v < len(sand) and 0 <= u < len(row):
                        sand[v][u] += 1
