import { expect, it } from "vitest";
import type { PrivateEntry } from "../api";
import { firstPassed, lastBroke, passing, recordedSuite, type Suite, turns } from "./suite";

const suite = (...steps: boolean[][]): Suite => ({
  tests: (steps[0] ?? []).map(() => ({ name: "", stdin: "", expected: "" })),
  attempts: steps.map((passed, index) => ({ at: index + 1, passed })),
});
const one = (...steps: boolean[]) => suite(...steps.map((each) => [each]));

it("finds when a test first passed and when it broke", () => {
  expect(firstPassed(one(false, true, true), 0)).toBe(2);
  expect(firstPassed(one(false), 0)).toBeNull();
  expect(lastBroke(one(false, true, false, true, false, false), 0)).toBe(5);
  expect(lastBroke(one(false, true), 0)).toBeNull();
});

it("counts what passes now, and tells where that changed", () => {
  const grown = suite([false, false], [true, false], [true, false], [false, true], [true, true]);
  expect(passing(grown)).toBe(2);
  expect(passing(suite())).toBeNull();
  expect(turns(grown)).toEqual([
    { at: 2, passing: 1 },
    { at: 4, passing: 1 },
    { at: 5, passing: 2 },
  ]);
});

it("reads the tests that hold at the end of a log, in the order of the timeline", () => {
  const entry = (seq: number, kind: PrivateEntry["kind"], data: object): PrivateEntry => ({
    ...{ seq, kind, at: "2026-11-24T09:30:00Z", participant_id: "ana" },
    data: { name: "Ana", ...data },
  });
  const test = { name: "", stdin: "", expected: "4" };
  const read = recordedSuite([
    entry(1, "tests", { anchor: 3, tests: [test, test] }),
    entry(2, "test.result", { anchor: 3, of: 1, results: [{ passed: true }, { passed: true }] }),
    entry(3, "tests", { anchor: 9, tests: [test] }),
    entry(4, "test.result", { anchor: 9, of: 3, results: [{ passed: true }] }),
    entry(5, "note", { anchor: 9, text: "hm" }),
    entry(6, "test.result", { anchor: 5, of: 3, results: [{ passed: false }] }),
  ]);
  expect(read.tests).toEqual([test]);
  expect(read.attempts).toEqual([
    { at: 5, passed: [false] },
    { at: 9, passed: [true] },
  ]);
  expect(recordedSuite([])).toEqual({ tests: [], attempts: [] });
  const odd = [
    entry(1, "tests", { tests: [null, { name: {} }, 3] }),
    entry(2, "test.result", { of: 1, results: "all" }),
    entry(3, "test.result", { of: 1 }),
  ];
  expect(recordedSuite(odd).attempts).toEqual([]);
  expect(recordedSuite(odd).tests.every(({ name }) => typeof name === "string")).toBe(true);
});
