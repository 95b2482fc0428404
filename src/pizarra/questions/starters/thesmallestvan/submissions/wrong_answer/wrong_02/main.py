import sys

n, k, *boxes = map(int, sys.stdin.read().split())
low, high = 1, sum(boxes)
while low < high:
    middle = (low + high) // 2
    count, load = 1, 0
    for box in boxes:
        load += box
        if load > middle:
            count, load = count + 1, box
    if count <= k:
        high = middle
    else:
        low = middle + 1
print(low)
