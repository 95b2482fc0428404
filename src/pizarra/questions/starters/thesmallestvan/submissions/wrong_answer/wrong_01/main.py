import sys

n, k, *boxes = map(int, sys.stdin.read().split())
print(max(max(boxes), -(-sum(boxes) // k)))
