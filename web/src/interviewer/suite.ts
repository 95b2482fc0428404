/** The tests of a session and what came of them, from the server or from a recorded interviewers' log. */
import type { PrivateEntry, TestCase, TestsRead } from "../api";

export interface Attempt {
  /** The timeline entry whose code was tried. */
  at: number;
  passed: readonly boolean[];
}

export interface Suite {
  tests: readonly TestCase[];
  /** In the order of the timeline. */
  attempts: readonly Attempt[];
}

export function suiteOf({ tests, attempts }: TestsRead): Suite {
  return {
    tests,
    attempts: attempts.map(({ at, results }) => ({ at, passed: results.map(({ passed }) => passed) })),
  };
}

/** The tests that hold at the end of a log, which may come from anybody's archive and say anything. */
export function recordedSuite(notes: readonly PrivateEntry[]): Suite {
  const last = notes.findLast(({ kind }) => kind === "tests");
  const tests = objectsIn(last?.data.tests).map(({ name, stdin, expected }) => ({
    name: String(name ?? ""),
    stdin: String(stdin ?? ""),
    expected: String(expected ?? ""),
  }));
  const found = new Map<number, Attempt>();
  for (const { kind, data } of notes) {
    if (kind !== "test.result" || data.of !== last?.seq) continue;
    const passed = objectsIn(data.results).map((each) => each.passed === true);
    if (passed.length === tests.length) found.set(Number(data.anchor), { at: Number(data.anchor), passed });
  }
  return { tests, attempts: [...found.values()].sort((one, other) => one.at - other.at) };
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];
}

export function firstPassed({ attempts }: Suite, test: number): number | null {
  return attempts.find(({ passed }) => passed[test])?.at ?? null;
}

/** Where it went from passing to failing for the last time. */
export function lastBroke({ attempts }: Suite, test: number): number | null {
  const at = attempts.findLastIndex(
    ({ passed }, index) => !passed[test] && attempts[index - 1]?.passed[test] === true,
  );
  return attempts[at]?.at ?? null;
}

/** How many tests pass on the newest code that was tried; null: none was. */
export function passing({ attempts }: Suite): number | null {
  const last = attempts.at(-1);
  return last ? last.passed.filter(Boolean).length : null;
}

/** The instants at which other tests pass than before, with how many do. */
export function turns({ attempts }: Suite): { at: number; passing: number }[] {
  return attempts
    .filter(({ passed }, index) => {
      const before = attempts[index - 1]?.passed;
      return passed.some((each, test) => each !== (before?.[test] ?? false));
    })
    .map(({ at, passed }) => ({ at, passing: passed.filter(Boolean).length }));
}
