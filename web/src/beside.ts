/** What a program printed beside what it must print, line by line, as the server compares them. */

import type { TestCase } from "./api";

type Wanted = Pick<TestCase, "expected" | "compare" | "tolerance">;

export interface Piece {
  text: string;
  /** It is where the two lines differ. */
  differs: boolean;
}

export interface Row {
  same: boolean;
  /** Null: there is no such line. */
  expected: readonly Piece[] | null;
  got: readonly Piece[] | null;
}

export interface Beside {
  /** So many lines before these are as they must be. */
  before: number;
  rows: readonly Row[];
  /** So many lines follow. */
  after: number;
}

const ROWS = 12; // what one looks at; the first difference is among them
const CONTEXT = 2;
const WIDTH = 120; // characters of a line

export function beside({ expected, compare, tolerance }: Wanted, got: string): Beside {
  const near = (one: string, other: string) =>
    one === other || (compare === "numbers" && nearly(one, other, tolerance));
  const [must, has] =
    compare === "text" ? [linesOf(expected), linesOf(got)] : flowed(expected, got, near);
  const count = Math.max(must.length, has.length);
  const alike = (one: string | undefined, other: string | undefined) => {
    if (one === undefined || other === undefined || compare === "text") return one === other;
    const [words, others] = [one.split(" "), other.split(" ")];
    return (
      words.length === others.length && words.every((word, at) => near(word, others[at] ?? ""))
    );
  };
  let first = 0;
  while (first < Math.min(must.length, has.length) && alike(must[first], has[first])) first++;
  const from = Math.max(0, first - CONTEXT);
  const to = Math.min(count, from + ROWS);
  const rows = Array.from({ length: to - from }, (_, index) =>
    rowOf(must[from + index], has[from + index], alike),
  );
  return { before: from, rows, after: count - to };
}

/** The lines without what does not count: spaces at their ends and blank ones at the end. */
function linesOf(text: string): string[] {
  const lines = text.split("\n").map(withoutEnd);
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

type Near = (one: string, other: string) => boolean;

/**
 * Both as lines of words with one space between. Where a line ends does not count: what was printed is broken as what
 * was expected, as far as they agree, then as it was.
 */
function flowed(expected: string, got: string, near: Near): [string[], string[]] {
  const [must, own] = [wordsOf(expected), wordsOf(got)];
  const [words, printed] = [must.flat(), own.flat()];
  let agreed = 0;
  while (
    agreed < Math.min(words.length, printed.length) &&
    near(words[agreed] ?? "", printed[agreed] ?? "")
  )
    agreed++;
  const has: string[][] = [];
  let begun = 0;
  for (const { length } of must) {
    if (begun + length > agreed) break;
    has.push(printed.slice(begun, begun + length));
    begun += length;
  }
  let end = 0;
  for (const { length } of own) {
    end += length;
    if (end <= agreed && end < printed.length) continue;
    if (begun < end) has.push(printed.slice(begun, end));
    begun = end;
  }
  const joined = (lines: string[][]) => lines.map((line) => line.join(" "));
  return [joined(must), joined(has)];
}

/** The words of each line that has any. Space is what it is to the server, which reads bytes: none beyond ASCII. */
function wordsOf(text: string): string[][] {
  const lines = text
    .split("\n")
    .map((line) => line.split(/[ \t\r\v\f]/).filter((word) => word !== ""));
  return lines.filter((words) => words.length > 0);
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$/;
const LONGEST_NUMBER = 400; // characters: a longer one is compared as text

/** Whether two words are numbers, as people write them, that are only a little apart. */
function nearly(expected: string, got: string, tolerance: number): boolean {
  if ([expected, got].some((word) => word.length > LONGEST_NUMBER || !NUMBER.test(word)))
    return false;
  const [must, has] = [Number(expected), Number(got)];
  const far = Math.abs(must - has);
  return must === has || (Number.isFinite(far) && far <= tolerance * Math.max(1, Math.abs(must)));
}

/** By hand: a pattern would look at every space of a long row of them again and again. */
function withoutEnd(line: string): string {
  let end = line.length;
  while (" \t\r".includes(line[end - 1] ?? "x")) end--;
  return line.slice(0, end);
}

function rowOf(
  expected: string | undefined,
  got: string | undefined,
  alike: (one: string | undefined, other: string | undefined) => boolean,
): Row {
  const same = expected !== undefined && got !== undefined && alike(expected, got);
  if (expected === undefined || got === undefined || same) {
    const whole = (line: string | undefined) =>
      line === undefined ? null : piecesOf(line, 0, 0, false);
    return { same, expected: whole(expected), got: whole(got) };
  }
  let [start, end] = [0, 0];
  const shorter = Math.min(expected.length, got.length);
  while (start < shorter && expected[start] === got[start]) start++;
  while (end < shorter - start && expected.at(-1 - end) === got.at(-1 - end)) end++;
  // Only where spaces are the difference does one have to see them.
  const spaced = expected.replace(/\s/g, "") === got.replace(/\s/g, "");
  const pieces = (line: string) => piecesOf(line, start, line.length - end, spaced);
  return { same: false, expected: pieces(expected), got: pieces(got) };
}

/** A line in three pieces, the middle one where it differs; of a long one what is around that. */
function piecesOf(line: string, start: number, end: number, spaced: boolean): Piece[] {
  const from =
    line.length > WIDTH ? Math.max(0, Math.min(start - WIDTH / 4, line.length - WIDTH)) : 0;
  const to = Math.min(line.length, from + WIDTH);
  const cut = (begin: number, until: number) =>
    line.slice(Math.max(begin, from), Math.max(from, Math.min(until, to)));
  const shown = (text: string) => (spaced ? visible(text) : text);
  return [
    { text: (from > 0 ? "…" : "") + shown(cut(0, start)), differs: false },
    { text: shown(cut(start, end)), differs: true },
    { text: shown(cut(end, line.length)) + (to < line.length ? "…" : ""), differs: false },
  ].filter(({ text }) => text !== "");
}

function visible(text: string): string {
  return text
    .replace(/\t/g, "→")
    .replace(/\u00a0/g, "⍽")
    .replace(/[^\S\n]/g, "·");
}
