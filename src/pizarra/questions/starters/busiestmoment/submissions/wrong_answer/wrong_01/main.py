import sys
numbers = list(map(int, sys.stdin.read().split()))[1:]
events = sorted([(at, 0) for at in numbers[::2]] + [(at, 1) for at in numbers[1::2]])
most = here = 0
for _, leaves in events:
    here += -1 if leaves else 1
    most = max(most, here)
print(most)
