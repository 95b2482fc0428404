def minutes(clock):
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


total = 0
for _ in range(int(input())):
    start, end = map(minutes, input().split())
    total += (end - start - 1) % 1440 + 1
print(f"{total // 60}:{total % 60:02}")
