import heapq
import sys

n, m, *numbers = map(int, sys.stdin.read().split())
lines = [[] for _ in range(n + 1)]
for a, b, price in zip(numbers[::3], numbers[1::3], numbers[2::3]):
    lines[a].append((b, price))
    lines[b].append((a, price))
done, waiting, answer = set(), [(0, 1, 0)], -1
while waiting:
    paid, town, dearest = heapq.heappop(waiting)
    if town == n:
        answer = paid - dearest
        break
    if town not in done:
        done.add(town)
        for other, price in lines[town]:
            heapq.heappush(waiting, (paid + price, other, max(dearest, price)))
print(answer)
