/** The tests of a session and what came of them, from the server or from a recorded interviewers' log. */
import type { PrivateEntry, TestCase, TestsRead, TimelineEntry } from "../api";
import { Course } from "../problem/course";

/** What came of one test on the code of one instant. */
export interface Outcome {
  passed: boolean;
  status: string;
  exitCode: number | null;
  /** What it printed, where it failed and that was kept; then how many characters were not kept. */
  got: string | null;
  more: number;
  /** The end of what it wrote to standard error. */
  complaint: string;
}

export interface Attempt {
  /** The timeline entry whose code was tried. */
  at: number;
  /** When that was; null: nobody knows any more. */
  time: string | null;
  outcomes: readonly Outcome[];
}

export interface Suite {
  tests: readonly TestCase[];
  /** In the order of the timeline. */
  attempts: readonly Attempt[];
}

export function suiteOf({ tests, attempts }: Pick<TestsRead, "tests" | "attempts">): Suite {
  return {
    tests,
    attempts: attempts.map(({ at, time, results }) => ({
      at,
      time,
      outcomes: results.map(outcomeOf),
    })),
  };
}

function outcomeOf(result: Record<string, unknown>): Outcome {
  return {
    passed: result.passed === true,
    status: String(result.status ?? ""),
    exitCode: typeof result.exit_code === "number" ? result.exit_code : null,
    got: typeof result.got === "string" ? result.got : null,
    more: Number(result.got_more) || 0,
    complaint: String(result.complaint ?? ""),
  };
}

const WAYS = ["text", "tokens", "numbers"] as const;

/** The tests of a question; without a title they are of none. */
export interface TitledSuite {
  title: string;
  suite: Suite;
}

/** The tests of each question that hold at the end of a log, which may come from anybody's archive and say anything. */
export function recordedSuites(
  notes: readonly PrivateEntry[],
  entries: readonly TimelineEntry[],
): TitledSuite[] {
  const course = new Course(entries);
  const last = new Map<string | null, { title: string; entry: PrivateEntry }>();
  for (const entry of notes) {
    if (entry.kind !== "tests") continue;
    const posing = course.ofTests(entry.data);
    const title = String(posing?.data.title ?? "");
    last.set(posing?.folder ?? null, { title, entry });
  }
  return [...last.values()]
    .map(({ title, entry }) => ({ title, suite: suiteIn(notes, entry) }))
    .filter(({ suite }) => suite.tests.length > 0);
}

function suiteIn(notes: readonly PrivateEntry[], last: PrivateEntry): Suite {
  const tests = objectsIn(last.data.tests).map(
    ({ name, stdin, expected, compare, tolerance, by_question }) => ({
      name: String(name ?? ""),
      stdin: String(stdin ?? ""),
      expected: String(expected ?? ""),
      compare: WAYS.find((way) => way === compare) ?? "text",
      tolerance: Number(tolerance) || 0,
      by_question: by_question === true,
    }),
  );
  const found = new Map<number, Attempt>();
  for (const { kind, data } of notes) {
    if (kind !== "test.result" || data.of !== last.seq) continue;
    const outcomes = objectsIn(data.results).map(outcomeOf);
    const [at, time] = [Number(data.anchor), typeof data.time === "string" ? data.time : null];
    if (outcomes.length === tests.length) found.set(at, { at, time, outcomes });
  }
  return { tests, attempts: [...found.values()].sort((one, other) => one.at - other.at) };
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value)
    ? value.filter((each) => typeof each === "object" && each !== null)
    : [];
}

export function firstPassed({ attempts }: Suite, test: number): Attempt | null {
  return attempts.find((attempt) => passes(attempt, test)) ?? null;
}

/** Since when it passes, without having failed in between; null: it does not. */
export function passesSince({ attempts }: Suite, test: number): Attempt | null {
  const failed = attempts.findLastIndex((attempt) => !passes(attempt, test));
  return attempts[failed + 1] ?? null;
}

/** Where it went from passing to failing for the last time. */
export function lastBroke({ attempts }: Suite, test: number): Attempt | null {
  const broke = (attempt: Attempt, index: number) =>
    !passes(attempt, test) && passes(attempts[index - 1], test);
  return attempts.findLast(broke) ?? null;
}

export function passes(attempt: Attempt | undefined, test: number): boolean {
  return attempt?.outcomes[test]?.passed === true;
}

/** How many tests pass on the newest code that was tried; null: none was. */
export function passing({ attempts }: Suite): number | null {
  const last = attempts.at(-1);
  return last ? countOf(last) : null;
}

function countOf({ outcomes }: Attempt): number {
  return outcomes.filter(({ passed }) => passed).length;
}

/** The instants at which other tests pass than before, with how many do. */
export function turns({ attempts }: Suite): { at: number; passing: number }[] {
  return attempts
    .filter(({ outcomes }, index) =>
      outcomes.some(({ passed }, test) => passed !== passes(attempts[index - 1], test)),
    )
    .map((attempt) => ({ at: attempt.at, passing: countOf(attempt) }));
}
