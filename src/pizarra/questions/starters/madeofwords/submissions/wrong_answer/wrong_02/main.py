def fewest_words(text, words):
    fewest = [0]
    for end in range(1, len(text) + 1):
        counts = [
            fewest[end - len(word)] + 1
            for word in words
            if len(word) <= end and text.startswith(word, end - len(word)) and fewest[end - len(word)] >= 0
        ]
        fewest.append(min(counts, default=-1))
    return fewest[-1]
