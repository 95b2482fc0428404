def fewest_words(text, words):
    count, place = 0, 0
    while place < len(text):
        fitting = [word for word in words if text.startswith(word, place)]
        if not fitting:
            return None
        place += len(max(fitting, key=len))
        count += 1
    return count
