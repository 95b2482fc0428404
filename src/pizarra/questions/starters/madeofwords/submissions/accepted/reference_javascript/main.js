function fewestWords(text, words) {
  const fewest = [0];
  for (let end = 1; end <= text.length; end++) {
    fewest.push(Infinity);
    for (const word of words) {
      if (word.length <= end && text.startsWith(word, end - word.length)) {
        fewest[end] = Math.min(fewest[end], fewest[end - word.length] + 1);
      }
    }
  }
  return fewest.at(-1) < Infinity ? fewest.at(-1) : null;
}
