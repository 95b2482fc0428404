def minutes(clock):
    return int(clock[:2]) * 60 + int(clock[3:])


total = 0
for _ in range(int(input())):
    start, end = map(minutes, input().split())
    total += end - start
print(f"{total // 60}:{total % 60:02}")
