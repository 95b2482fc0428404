def settle(sand):
    for _ in range(1000):
        for y, row in enumerate(sand):
            for x in range(len(row)):
                if row[x] >= 4:
                    row[x] -= 4
                    for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                        if v < len(sand) and u < len(row):
                            sand[v][u] += 1
