/** What a file on somebody's computer says: the text in its bytes, whatever wrote it, or that it is none. */

export interface Decoded {
  text: string;
  /** The encoding, where it was guessed: whoever uploads must look. */
  guessed: string | null;
}

const MARKS: [string, number[]][] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];
/** No text has these, in whatever encoding of one byte a letter. */
const NO_TEXT = /[\u0000-\u0006\u000e-\u001a\u001c-\u001f\u007f]/;

/** Return the text of a file; null when it is none. */
export function decode(bytes: Uint8Array): Decoded | null {
  const marked = MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte));
  const encoding = marked?.[0] ?? unmarked(bytes);
  const text = read(bytes, encoding);
  if (text !== null) return text.includes("\0") ? null : { text, guessed: null };
  const western = marked ? null : read(bytes, "windows-1252");
  return western === null || NO_TEXT.test(western)
    ? null
    : { text: western, guessed: "Windows-1252" };
}

/** UTF-16 without its mark: every other byte of most texts is 0. */
function unmarked(bytes: Uint8Array): string {
  const zeros = [0, 0];
  const looked = Math.min(bytes.length & ~1, 2000);
  for (let at = 0; at < looked; at++) if (bytes[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (bytes.length % 2 === 0 && odd > (2 * looked) / 5 && even === 0) return "utf-16le";
  return bytes.length % 2 === 0 && even > (2 * looked) / 5 && odd === 0 ? "utf-16be" : "utf-8";
}

function read(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
