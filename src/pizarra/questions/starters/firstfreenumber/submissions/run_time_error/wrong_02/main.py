def first_free(taken):
    free = [True] * (max(taken, default=0) + 2)
    for each in taken:
        if each > 0:
            free[each] = False
    return free.index(True, 1)
