def free_times(busy: list[list[int]], opens: int, closes: int) -> list[list[int]]:
    free = []
    until = opens
    for start, end in [*sorted(busy), (closes, closes)]:
        start = min(start, closes)
        if start > until:
            free.append([until, start])
        until = max(until, end)
    return free
