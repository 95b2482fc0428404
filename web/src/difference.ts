/** How one text becomes another. */

export interface Replacement {
  from: number;
  to: number;
  insert: string;
}

/** The smallest replacement that makes one text the other, between whole characters; null when they are the same. */
export function difference(old: string, text: string): Replacement | null {
  if (old === text) return null;
  const shorter = Math.min(old.length, text.length);
  let start = 0;
  while (start < shorter && old[start] === text[start]) start++;
  if (splitsPair(old, start) || splitsPair(text, start)) start--;
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
  if (splitsPair(old, old.length - end) || splitsPair(text, text.length - end)) end--;
  return { from: start, to: old.length - end, insert: text.slice(start, text.length - end) };
}

/** Whether a place is in the middle of a character that takes two units, such as an emoji. */
function splitsPair(text: string, at: number): boolean {
  const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
  const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;
  return (
    at > 0 && at < text.length && isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at))
  );
}
