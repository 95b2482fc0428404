def free_times(busy, opens, closes):
    free, until = [], opens
    for start, end in sorted(busy):
        if end <= opens or start >= closes:
            continue
        if start > until:
            free.append([until, start])
        until = end
    return free + ([[until, closes]] if until < closes else [])
