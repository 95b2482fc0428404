from collections import Counter


def longest_stretch(songs: list[str], most: int) -> int:
    played = Counter()
    start = longest = 0
    for end, song in enumerate(songs):
        played[song] += 1
        while played[song] > most:
            played[songs[start]] -= 1
            start += 1
        longest = max(longest, end - start + 1)
    return longest
