def squeeze(values: list[int]) -> int:
    count = 0
    for value in values:
        if count == 0 or values[count - 1] != value:
            values[count] = value
            count += 1
    return count
