from collections import Counter


def longest_stretch(songs, most):
    played, length, longest = Counter(), 0, 0
    for song in songs:
        if played[song] == most:
            played, length = Counter(), 0
        played[song] += 1
        length += 1
        longest = max(longest, length)
    return longest if most else 0
