def squeeze(values):
    values = sorted(set(values))
    return len(values)
