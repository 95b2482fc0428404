def fewest_words(text, words):
    fewest = {0: 0}
    for word in sorted(set(words), key=len, reverse=True):
        for end in range(len(text), len(word) - 1, -1):
            start = end - len(word)
            if start in fewest and text.startswith(word, start):
                fewest[end] = min(fewest.get(end, len(text)), fewest[start] + 1)
    return fewest.get(len(text))
