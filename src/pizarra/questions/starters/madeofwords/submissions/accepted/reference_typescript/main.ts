function fewestWords(text: string, words: string[]): number | null {
  const fewest: number[] = [0];
  for (let end = 1; end <= text.length; end++) {
    let best = Infinity;
    for (const word of words) {
      if (word.length <= end && text.startsWith(word, end - word.length)) {
        best = Math.min(best, fewest[end - word.length]! + 1);
      }
    }
    fewest.push(best);
  }
  const answer = fewest[text.length]!;
  return answer < Infinity ? answer : null;
}
