import heapq
import sys

n, m, *numbers = map(int, sys.stdin.read().split())
waits = [0] * (n + 1)
after = [[] for _ in range(n + 1)]
for a, b in zip(numbers[::2], numbers[1::2]):
    after[a].append(b)
    waits[b] += 1
ready = [task for task in range(1, n + 1) if waits[task] == 0]
order = []
while ready:
    task = heapq.heappop(ready)
    order.append(task)
    for each in after[task]:
        waits[each] -= 1
        if waits[each] == 0:
            heapq.heappush(ready, each)
print(*order if len(order) == n else ["impossible"])
