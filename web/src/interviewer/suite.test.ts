import { expect, it } from "vitest";
import type { PrivateEntry, TimelineEntry } from "../api";
import {
  firstPassed,
  lastBroke,
  passesSince,
  passing,
  recordedSuites,
  type Suite,
  suiteOf,
  turns,
} from "./suite";

const suite = (...steps: boolean[][]): Suite => ({
  tests: (steps[0] ?? []).map(() => ({
    name: "",
    stdin: "",
    expected: "",
    compare: "text",
    tolerance: 0,
    by_question: false,
  })),
  attempts: steps.map((passed, index) => ({
    at: index + 1,
    time: null,
    outcomes: passed.map((each) => ({
      ...{ passed: each, status: "exited", exitCode: 0, got: null, more: 0, complaint: "" },
    })),
  })),
});
const only = (notes: readonly PrivateEntry[]) => recordedSuites(notes, [])[0]?.suite;
const one = (...steps: boolean[]) => suite(...steps.map((each) => [each]));

it("finds when a test first passed, since when it does, and when it broke", () => {
  expect(firstPassed(one(false, true, true), 0)?.at).toBe(2);
  expect(firstPassed(one(false), 0)).toBeNull();
  expect(passesSince(one(true, false, true, true), 0)?.at).toBe(3);
  expect(passesSince(one(true, false), 0)).toBeNull();
  expect(lastBroke(one(false, true, false, true, false, false), 0)?.at).toBe(5);
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
  const read = only([
    entry(1, "tests", { anchor: 3, tests: [test, test] }),
    entry(2, "test.result", { anchor: 3, of: 1, results: [{ passed: true }, { passed: true }] }),
    entry(3, "tests", { anchor: 9, tests: [test] }),
    entry(4, "test.result", { anchor: 9, of: 3, results: [{ passed: true }] }),
    entry(5, "note", { anchor: 9, text: "hm" }),
    entry(6, "test.result", { anchor: 5, of: 3, results: [{ passed: false }] }),
  ]);
  expect(read?.tests).toMatchObject([test]);
  expect(
    read?.attempts.map(({ at, outcomes }) => [at, ...outcomes.map(({ passed }) => passed)]),
  ).toEqual([
    [5, false],
    [9, true],
  ]);
  expect(only([])).toBeUndefined();
  const odd = [
    entry(1, "tests", { tests: [null, { name: {} }, 3] }),
    entry(2, "test.result", { of: 1, results: "all" }),
    entry(3, "test.result", { of: 1 }),
  ];
  expect(only(odd)?.attempts).toEqual([]);
  expect(only(odd)?.tests.every(({ name }) => typeof name === "string")).toBe(true);
});

it("knows what was printed instead, and when that code came to be, whoever recorded it", () => {
  const result = {
    passed: false,
    status: "exited",
    duration_ms: 3,
    exit_code: 1,
    got: "5",
    got_more: 2,
    complaint: "!",
  };
  const attempt = { at: 4, time: "2026-11-24T09:14:02Z", results: [result] };
  const compare = { compare: "text" as const, tolerance: 0, by_question: false };
  const tests = [{ name: "", stdin: "", expected: "4", ...compare }];
  const read = suiteOf({ tests, attempts: [attempt] });
  const outcome = {
    passed: false,
    status: "exited",
    exitCode: 1,
    got: "5",
    more: 2,
    complaint: "!",
  };
  expect(read.attempts).toEqual([{ at: 4, time: attempt.time, outcomes: [outcome] }]);
  const common = { at: attempt.time, participant_id: "ana" };
  const log = [
    { ...common, seq: 1, kind: "tests", data: { tests } },
    {
      ...common,
      seq: 2,
      kind: "test.result",
      data: { of: 1, anchor: 4, time: attempt.time, results: [result] },
    },
  ];
  expect(only(log)?.attempts).toEqual(read.attempts);
});

it("keeps the tests of each question apart, and what came of them", () => {
  const at = "2026-11-24T09:30:00Z";
  const entries = [
    { seq: 2, kind: "problem", at, participant_id: null, data: { folder: "", title: "Double" } },
    { seq: 8, kind: "problem", at, participant_id: null, data: { folder: "b/", title: "Triple" } },
  ] as unknown as TimelineEntry[];
  const note = (seq: number, kind: string, data: object) =>
    ({ seq, kind, at, participant_id: "ana", data: { name: "Ana", ...data } }) as PrivateEntry;
  const tests = [{ name: "one", stdin: "", expected: "4" }];
  const found = recordedSuites(
    [
      note(1, "tests", { anchor: 2, problem: 2, tests }),
      note(2, "test.result", { anchor: 3, of: 1, results: [{ passed: true }] }),
      note(3, "tests", { anchor: 8, problem: 8, tests }),
      note(4, "test.result", { anchor: 9, of: 3, results: [{ passed: false }] }),
    ],
    entries,
  );
  expect(found.map(({ title }) => title)).toEqual(["Double", "Triple"]);
  expect(found.map(({ suite }) => passing(suite))).toEqual([1, 0]);
});
