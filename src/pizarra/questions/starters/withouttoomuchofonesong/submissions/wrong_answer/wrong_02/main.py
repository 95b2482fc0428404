def longest_stretch(songs, most):
    longest = 0
    for start in range(len(songs)):
        for end in range(start, len(songs)):
            if len(set(songs[start : end + 1])) > most:
                break
            longest = max(longest, end - start + 1)
    return longest
