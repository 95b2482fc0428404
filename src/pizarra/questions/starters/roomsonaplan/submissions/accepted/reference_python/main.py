import sys

plan = sys.stdin.read().split()[2:]
free = {(y, x) for y, row in enumerate(plan) for x, square in enumerate(row) if square == "."}
sizes = [0]
while free:
    open_squares = [free.pop()]
    size = 0
    while open_squares:
        y, x = open_squares.pop()
        size += 1
        for near in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if near in free:
                free.remove(near)
                open_squares.append(near)
    sizes.append(size)
print(len(sizes) - 1, max(sizes))
