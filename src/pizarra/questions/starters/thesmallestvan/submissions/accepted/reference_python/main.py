import sys

n, k, *boxes = map(int, sys.stdin.read().split())


def trips(van):
    count, load = 1, 0
    for box in boxes:
        load += box
        if load > van:
            count, load = count + 1, box
    return count


low, high = max(boxes), sum(boxes)
while low < high:
    middle = (low + high) // 2
    if trips(middle) <= k:
        high = middle
    else:
        low = middle + 1
print(low)
