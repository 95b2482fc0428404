/** Which file a refusal is about. */

/** Return the longest path that is named in a sentence, by itself: not as a part of another one. */
export function fileNamedIn(
  sentence: string,
  files: Readonly<Record<string, unknown>>,
): string | null {
  const isPart = (letter: string | undefined) => letter !== undefined && /[\w/-]/.test(letter);
  const named = Object.keys(files).filter((path) => {
    const at = sentence.indexOf(path);
    return (
      path !== "" && at >= 0 && !isPart(sentence[at - 1]) && !isPart(sentence[at + path.length])
    );
  });
  return named.sort((one, other) => other.length - one.length)[0] ?? null;
}
