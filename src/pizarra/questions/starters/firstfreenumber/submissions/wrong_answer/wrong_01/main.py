def first_free(taken):
    return max(taken, default=0) + 1
