def first_free(taken: list[int]) -> int:
    known = set(taken)
    free = 1
    while free in known:
        free += 1
    return free
