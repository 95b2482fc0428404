import sys

plan = [list(row) for row in sys.stdin.read().split()[2:]]
rooms = size = 0
for top, row in enumerate(plan):
    for left, square in enumerate(row):
        if square == "#" or square == "x":
            continue
        rooms, size, waiting = rooms + 1, 0, [(top, left)]
        while waiting:
            y, x = waiting.pop()
            if 0 <= y < len(plan) and 0 <= x < len(row) and plan[y][x] == ".":
                plan[y][x] = "x"
                size += 1
                waiting += [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
print(rooms, size)
