import { expect, it } from "vitest";
import cases from "../../tests/data/comparisons.json";
import { beside, type Piece } from "./beside";

const said = (pieces: readonly Piece[] | null | undefined) =>
  pieces?.map(({ text, differs }) => (differs ? `[${text}]` : text)).join("") ?? null;
const text = (expected: string) => ({ expected, compare: "text" as const, tolerance: 0 });
const rows = (expected: string, got: string) =>
  beside(text(expected), got).rows.map((row) => [said(row.expected), said(row.got)]);

it("shows line by line what is there beside what must be, and where the two part", () => {
  expect(rows("[0, 1]\nend\n", "[0, 2]\nend\n")).toEqual([
    ["[0, [1]]", "[0, [2]]"],
    ["end", "end"],
  ]);
  expect(rows("a\nb", "a")).toEqual([
    ["a", "a"],
    ["b", null],
  ]);
  expect(rows("", "x\n")).toEqual([[null, "x"]]);
});

it("shows spaces where they are the difference, and forgets those that do not count", () => {
  expect(rows("a  b", "a b")).toEqual([["a·[·]b", "a·b"]]);
  expect(rows("a\tb", "a b")).toEqual([["a[→]b", "a[·]b"]]);
  expect(rows("ab", "a\u00a0b")).toEqual([["ab", "a[⍽]b"]]);
  expect(rows("x\n    y", "x\n  y")[1]).toEqual(["··[··]y", "··y"]);
  expect(rows("a b", "a c")).toEqual([["a [b]", "a [c]"]]);
  expect(beside(text("a\nb\n"), "a  \r\nb\n\n").rows.every(({ same }) => same)).toBe(true);
});

it("bounds what is long, around where it differs first", () => {
  const lines = Array.from({ length: 1000 }, (_, line) => `line ${line}`);
  const wrong = lines.map((line, at) => (at === 500 ? "oops" : line));
  const found = beside(text(lines.join("\n")), wrong.join("\n"));
  expect([found.before, found.rows.length, found.after]).toEqual([498, 12, 490]);
  expect(found.rows.map(({ same }) => same).indexOf(false)).toBe(2);
  const [row] = rows(`${"x".repeat(5000)}y`, `${"x".repeat(5000)}z`);
  expect(row?.[0]).toMatch(/^…x{100,}\[y\]$/);
  expect(row?.[1]?.length).toBeLessThan(130);
});

it.each(cases)(
  "finds a difference where the server does: $compare $printed | $expected",
  (each) => {
    const compare = each.compare as "text" | "tokens" | "numbers";
    const { rows } = beside({ expected: each.expected, compare, tolerance: 1e-6 }, each.printed);
    expect(rows.every((row) => row.same)).toBe(each.same);
  },
);

it("breaks lines as they were expected, as far as the words agree", () => {
  const shown = (expected: string, got: string) =>
    beside({ expected, compare: "tokens", tolerance: 0 }, got).rows.map((row) => [
      said(row.expected),
      said(row.got),
    ]);
  expect(shown("1 2\n3 4\n5", "1 2 3\n9\n5\n")).toEqual([
    ["1 2", "1 2"],
    ["3 [4]", "3 [9]"],
    ["5", "5"],
  ]);
  expect(shown("1 2\n3", "1\n2")).toEqual([
    ["1 2", "1 2"],
    ["3", null],
  ]);
  expect(shown("1", "1 2\n3")).toEqual([
    ["1", "1"],
    [null, "2"],
    [null, "3"],
  ]);
});
