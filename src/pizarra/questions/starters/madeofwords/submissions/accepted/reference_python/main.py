def fewest_words(text: str, words: list[str]) -> int | None:
    fewest: list[int | None] = [0]
    for end in range(1, len(text) + 1):
        counts = [
            before + 1
            for word in words
            if len(word) <= end and text.startswith(word, end - len(word))
            if (before := fewest[end - len(word)]) is not None
        ]
        fewest.append(min(counts, default=None))
    return fewest[-1]
