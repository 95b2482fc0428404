import sys

plan = sys.stdin.read().split()[2:]
free = {(y, x) for y, row in enumerate(plan) for x, square in enumerate(row) if square == "."}
sizes = [0]
while free:
    waiting, size = [free.pop()], 0
    while waiting:
        y, x = waiting.pop()
        size += 1
        for near in [(y + a, x + b) for a in (-1, 0, 1) for b in (-1, 0, 1)]:
            if near in free:
                free.remove(near)
                waiting.append(near)
    sizes.append(size)
print(len(sizes) - 1, max(sizes))
