import heapq
import sys

n, m, *numbers = map(int, sys.stdin.read().split())
lines = [[] for _ in range(n + 1)]
for a, b, price in zip(numbers[::3], numbers[1::3], numbers[2::3]):
    lines[a].append((b, price))
    lines[b].append((a, price))
done = set()
waiting = [(0, 1, True)]
answer = -1
while waiting:
    paid, town, voucher = heapq.heappop(waiting)
    if town == n:
        answer = paid
        break
    if (town, voucher) in done:
        continue
    done.add((town, voucher))
    for other, price in lines[town]:
        heapq.heappush(waiting, (paid + price, other, voucher))
        if voucher:
            heapq.heappush(waiting, (paid, other, False))
print(answer)
