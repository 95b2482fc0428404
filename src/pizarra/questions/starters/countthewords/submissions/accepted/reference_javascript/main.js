function countWords(text) {
  const counts = new Map();
  for (const word of text.split(' ')) {
    if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}
