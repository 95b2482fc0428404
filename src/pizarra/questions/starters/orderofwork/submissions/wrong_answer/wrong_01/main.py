import sys

n, m, *numbers = map(int, sys.stdin.read().split())
waits = [0] * (n + 1)
after = [[] for _ in range(n + 1)]
for a, b in zip(numbers[::2], numbers[1::2]):
    after[a].append(b)
    waits[b] += 1
order = [task for task in range(1, n + 1) if waits[task] == 0]
for task in order:
    for each in after[task]:
        waits[each] -= 1
        if waits[each] == 0:
            order.append(each)
print(*order if len(order) == n else ["impossible"])
