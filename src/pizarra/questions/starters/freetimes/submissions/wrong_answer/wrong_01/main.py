def free_times(busy, opens, closes):
    free, until = [], opens
    for start, end in busy:
        if until < min(start, closes):
            free.append([until, min(start, closes)])
        until = max(until, end)
    return free + ([[until, closes]] if until < closes else [])
